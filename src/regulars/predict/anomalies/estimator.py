"""Loss-share search: the smallest parts of a cube in which a change lies, over one to three dimensions.

The loss of a cell is what it moved away from what was expected of it, in the direction of the whole. A part of the cube, fixed by
values of one to three dimensions, scores `its share of the loss - its share of the size - penalty per further dimension`; the best
one is a cause, its cells are taken out, and the search goes on until the causes hold enough of the loss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Codes = np.ndarray[Any, np.dtype[np.int64]]

#: Chosen on the 33 cases with even places of root_cause_rs: a further dimension must bring this much; causes hold so much together.
PENALTY, STOP = 0.01, 0.65
#: A further cause holds at least so much of the whole loss; more causes than this are no answer.
LEAST_SHARE, MOST_CAUSES, DEEPEST = 0.2, 3, 3


@dataclass(frozen=True)
class Part:
    """A part of the cube: dimension -> code, and its share of the whole change."""

    where: dict[int, int]
    share: float
    cells: np.ndarray[Any, np.dtype[np.bool_]]


def search(
    codes: Sequence[Codes],
    actual: Array,
    expected: Array,
    size: Array,
    *,
    most: int = MOST_CAUSES,
    stop: float = STOP,
    barred: Mapping[int, Sequence[int]] | None = None,
) -> list[Part]:
    """The parts in which the change lies, the strongest first; empty where nothing changed.

    Parameters
    ----------
    codes : one array of shape (n,) per dimension, the cells' values as numbers from 0.
    actual, expected : shape (n,), what each cell is, and what it would be had nothing changed.
    size : shape (n,), how large each cell is by itself: its expected value, or the denominator of a ratio. None below 0.
    barred : by dimension, the codes that no part is named by ("the price did not change" is no cause).
    """
    total = float((actual - expected).sum())
    if total == 0 or not len(actual):
        return []
    loss = (actual - expected) / total
    whole = float(size.sum())
    weight = size / whole if whole > 0 else np.zeros(len(size))
    left = np.ones(len(actual), dtype=bool)
    found: list[Part] = []
    while left.any() and len(found) < most:
        remaining = float(loss[left].sum())
        if remaining <= 0:
            break
        best: tuple[float, dict[int, int], Any] | None = None
        for depth in range(1, min(DEEPEST, len(codes)) + 1):
            for chosen in combinations(range(len(codes)), depth):
                key = _joined(codes, chosen)
                values, begins, place = np.unique(key, return_index=True, return_inverse=True)
                share = np.bincount(place, loss * left, len(values)) / remaining
                score = share - np.bincount(place, weight * left, len(values)) - PENALTY * (depth - 1)
                for one in chosen:
                    if barred and one in barred:
                        score[np.isin(codes[one][begins], barred[one])] = -np.inf
                at = int(np.argmax(score))
                if score[at] > -np.inf and (best is None or score[at] > best[0] + 1e-12):
                    cells = place == at
                    first = int(np.argmax(cells))
                    best = (float(score[at]), {one: int(codes[one][first]) for one in chosen}, cells)
        if best is None:
            break
        cells = best[2] & left
        share_of_all = float(loss[cells].sum())
        if found and share_of_all < LEAST_SHARE:
            break
        found.append(Part(best[1], share_of_all, cells))
        left &= ~cells
        if float(loss[~left].sum()) >= stop:
            break
    return found


def expected_of_ratio(above: Array, below: Array, now_below: Array) -> Array:
    """What each cell's numerator would be, had its ratio stayed: that of the whole where it was empty before."""
    whole = float(above.sum()) / float(below.sum()) if below.sum() > 0 else 0.0
    return now_below * np.where(below > 0, above / np.where(below > 0, below, 1.0), whole)


def _joined(codes: Sequence[Codes], chosen: Sequence[int]) -> Codes:
    key = codes[chosen[0]].copy()
    for one in chosen[1:]:
        key = key * (int(codes[one].max()) + 1) + codes[one]
    return key
