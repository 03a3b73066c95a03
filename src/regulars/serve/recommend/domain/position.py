"""How much a place is looked at: click propensities by position, learned from places that a lottery changed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
#: A propensity is told where the logarithm's standard error is at most this: the interval is a factor of 1.6 to either side.
LARGEST_ERROR = 0.25
_Z = 1.959963985
#: No click counts more than ten times: rarer places would decide everything.
CLIPPED = 0.1
_ROUNDS = 500
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Propensity:
    """How often a place is looked at, as a share of the first, with its 95 % interval; None where that would be too wide.

    `weight` is what a click there counts in learning: one over the propensity, at most ten.
    """

    position: int
    shown: int
    clicks: int
    propensity: float | None
    low: float | None
    high: float | None
    weight: float | None


def propensities(shown: Floats, clicks: Floats) -> tuple[Floats, Floats]:
    """The propensity of every position, the first being 1, and the standard error of its logarithm; NaN where nothing connects a position with the first.

    Parameters
    ----------
    shown, clicks : shape (groups, positions). In a group only a lottery decides the place: the randomly drawn products, and the
        products that the model had given one rank, which a drawn product above moves down by one.

    Returns
    -------
    Of the position-based model P(click) = propensity[position] * appeal[group] the likeliest values (clicks as Poisson counts), by
    fitting appeals and propensities in turn; errors from the information matrix, clicks being taken as independent.

    References
    ----------
    Craswell et al. (2008), the position model; Agarwal et al. (2019), "Estimating Position Bias without Intrusive Interventions",
    whose interventions are harvested here from the shifts of a randomised slot; Joachims, Swaminathan & Schnabel (2017).
    """
    n_positions = shown.shape[1] if shown.ndim == 2 else 0
    found, errors = np.full(n_positions, np.nan), np.full(n_positions, np.nan)
    linked = _linked(shown, clicks)
    if not len(linked):
        return found, errors
    told = shown[:, linked].astype(np.float64)
    chosen = clicks[:, linked].astype(np.float64)
    useful = ((told > 0).sum(axis=1) > 1) & (chosen.sum(axis=1) > 0)  # a group at one place tells of appeal alone
    told, chosen = told[useful], chosen[useful]
    theta = np.ones(len(linked))
    for _ in range(_ROUNDS):
        appeal = chosen.sum(axis=1) / np.maximum(told @ theta, 1e-12)
        new = chosen.sum(axis=0) / np.maximum(appeal @ told, 1e-12)
        new = new / new[0] if new[0] > 0 else new
        close = np.abs(new - theta).max() < _CLOSE
        theta = new
        if close:
            break
    found[linked] = theta
    errors[linked] = _errors(told * theta * appeal[:, None])
    return found, errors


def _errors(expected: Floats) -> Floats:
    """Standard errors of the logarithms of all positions' propensities, the first's being 0, from expected clicks."""
    groups, positions = expected.shape
    information = np.zeros((groups + positions - 1, groups + positions - 1))
    information[:groups, :groups] = np.diag(expected.sum(axis=1))
    information[groups:, groups:] = np.diag(expected.sum(axis=0)[1:])
    information[:groups, groups:] = expected[:, 1:]
    information[groups:, :groups] = expected[:, 1:].T
    variance = np.diag(np.linalg.pinv(information))[groups:]
    return np.concatenate([[0.0], np.sqrt(np.maximum(variance, 0.0))])


def _linked(shown: Floats, clicks: Floats) -> npt.NDArray[np.int64]:
    """The positions that groups with clicks connect with the first one."""
    if shown.ndim != 2 or not shown.size:
        return np.empty(0, np.int64)
    groups = (shown > 0) & (clicks.sum(axis=1) > 0)[:, None] & ((shown > 0).sum(axis=1) > 1)[:, None]
    known = np.zeros(shown.shape[1], bool)
    known[0] = bool(groups[:, 0].any() and clicks[groups[:, 0], 0].sum() > 0)
    while known.any():
        reached = groups[groups[:, known].any(axis=1)].any(axis=0) | known
        if (reached == known).all():
            break
        known = reached
    return np.flatnonzero(known)


def told(counts: Mapping[tuple[int, int | None], tuple[int, int]]) -> list[Propensity]:
    """Propensities from impressions and clicks by (position, the model's rank; None: drawn by lot).

    Where the interval would be wider than a factor of 1.6 to either side, or no click was ever moved, only the counts are told.
    """
    if not counts:
        return []
    n_positions = max(position for position, _ in counts)
    groups = sorted({rank or 0 for _, rank in counts})
    shown, clicks = np.zeros((len(groups), n_positions)), np.zeros((len(groups), n_positions))
    for (position, rank), (n, chosen) in counts.items():
        row = groups.index(rank or 0)
        shown[row, position - 1] += n
        clicks[row, position - 1] += chosen
    found, errors = propensities(shown, clicks)
    rows = []
    for place, (value, error) in enumerate(zip(found.tolist(), errors.tolist(), strict=True)):
        known = value > 0 and error <= LARGEST_ERROR
        rows.append(
            Propensity(
                position=place + 1,
                shown=int(shown[:, place].sum()),
                clicks=int(clicks[:, place].sum()),
                propensity=round(value, 6) if known else None,
                low=round(value * math.exp(-_Z * error), 6) if known else None,
                high=round(value * math.exp(_Z * error), 6) if known else None,
                weight=weight(value) if known else None,
            )
        )
    return rows


def weight(propensity: float) -> float:
    """What a click at a place counts: one over its propensity, clipped."""
    return round(1.0 / min(max(propensity, CLIPPED), 1.0), 6)
