"""Whether a series has left its interval: the last points beside a forecast that saw none of them.

A point is outside when it lies beyond the interval that holds 99.5 % of points. The series is outside when its last point is, and two
of its last three are on the same side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from regulars.errors import NotEnoughData
from regulars.predict import forecast
from regulars.predict.anomalies.estimator import Array

Direction = Literal["down", "up"]

SHARE, POINTS, NEEDED = 0.995, 3, 2


@dataclass(frozen=True, slots=True)
class Outside:
    """The last points of a series that has left its interval; arrays of shape (3,)."""

    direction: Direction
    real: Array
    expected: Array
    low: Array
    high: Array
    days: np.ndarray[Any, np.dtype[np.bool_]]  # which of them are outside on that side


def outside(
    values: Array, days: Sequence[forecast.HolidayDay | None], *, over: Array | None = None, season: int = 7
) -> Outside | None:
    """The last three points of a series that has left its interval; None where it has not, or carries no forecast.

    Parameters
    ----------
    values : shape (n,), of a ratio its numerator.
    days : the holiday of each point.
    over : the denominator of a ratio.
    season : points after which the series looks alike: 7 days, or 24 hours.
    """
    seen = len(values) - POINTS
    if seen < 1:
        return None
    try:
        fitted = forecast.Forecaster(season=season).fit(
            values[:seen], list(days), over=None if over is None else over[:seen], ahead=POINTS
        )
        made = fitted.predict(POINTS, SHARE)
    except NotEnoughData:
        return None
    low, high = made.interval(fitted.least_)
    real = values[seen:]
    if over is not None:
        real = np.where(over[seen:] > 0, real / np.where(over[seen:] > 0, over[seen:], 1.0), np.nan)
    under, beyond = real < low - 1e-9, real > high + 1e-9
    if not (under[-1] or beyond[-1]):
        return None
    side = under if under[-1] else beyond
    if int(side.sum()) < NEEDED:
        return None
    return Outside("down" if under[-1] else "up", real, made.expected, low, high, side)
