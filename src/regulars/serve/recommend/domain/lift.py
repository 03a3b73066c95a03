"""How much better one way of showing products is than another: ratios of click rates, with intervals that heed who looked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
LiftState = Literal["better", "worse", "no_difference", "too_few"]
#: Below so many products seen, clicks, and visitors on either side nothing is said.
FEWEST_SEEN, FEWEST_CLICKS, FEWEST_VISITORS = 200, 10, 30
_Z = 1.959963985


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """A ratio of click-through minus one, its 95 % interval, and what that says; nothing where there is too little."""

    lift: float | None
    low: float | None
    high: float | None
    state: LiftState


def lift(seen: Floats, clicks: Floats, base_seen: Floats, base_clicks: Floats) -> Lift:
    """How the click-through of one side compares with the other's, by visitor.

    Parameters
    ----------
    seen, clicks, base_seen, base_clicks : shape (visitors,), what each visitor saw and clicked on each side; 0 where nothing.

    Returns
    -------
    `exp` of the log ratio with its linearised (delta method) error, whose terms are added up within each visitor: somebody who looks
    often, or on both sides, counts as one. `too_few` below 200 seen, 10 clicks and 30 visitors on either side.

    References
    ----------
    Deng, Knoblich & Lu (2018), "Applying the Delta Method in Metric Analytics".
    """
    sides = ((seen, clicks), (base_seen, base_clicks))
    for shown, chosen in sides:
        if shown.sum() < FEWEST_SEEN or chosen.sum() < FEWEST_CLICKS or (shown > 0).sum() < FEWEST_VISITORS:
            return Lift(lift=None, low=None, high=None, state="too_few")
    parts = [(chosen - chosen.sum() / shown.sum() * shown) / chosen.sum() for shown, chosen in sides]
    each = parts[0] - parts[1]
    n = int(((seen > 0) | (base_seen > 0)).sum())
    error = float(np.sqrt((each**2).sum() * n / (n - 1)))
    ratio = float(np.log(clicks.sum() / seen.sum()) - np.log(base_clicks.sum() / base_seen.sum()))
    low, high = float(np.exp(ratio - _Z * error) - 1), float(np.exp(ratio + _Z * error) - 1)
    state: LiftState = "better" if low > 0 else "worse" if high < 0 else "no_difference"
    return Lift(lift=round(float(np.exp(ratio) - 1), 6), low=round(low, 6), high=round(high, 6), state=state)
