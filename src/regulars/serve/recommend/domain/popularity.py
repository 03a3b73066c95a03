"""What sells and what is looked at: counts that fade with time, and what rises beyond its usual."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ages = npt.NDArray[np.float64] | npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64] | npt.NDArray[np.int32]

#: Days after which an event counts half.
HALF_LIFE_DAYS = 7.0
#: Days of the short memory that tells what rises.
RISING_DAYS = 1.0
#: Events that an item must have had lately to be called rising, and how many are taken for chance.
RISING_FROM = 5
#: Days whose rate is the usual one.
USUAL_DAYS = 28.0
_USUAL = 5.0
_AT_ONCE = 1_000_000


def faded(
    items: Numbers, age_days: Ages, n_items: int, *, half_life: float = HALF_LIFE_DAYS, weight: Floats | None = None
) -> Floats:
    """The faded count of every item."""
    found = np.zeros(n_items)
    for begin in range(0, len(items), _AT_ONCE):
        some = slice(begin, begin + _AT_ONCE)
        each = np.exp2(-np.maximum(age_days[some], 0.0) / half_life)
        found += np.bincount(items[some], weights=each if weight is None else each * weight[some], minlength=n_items)
    return found


def rising(items: Numbers, age_days: Ages, n_items: int) -> Floats:
    """By how much an item is looked at more than usual: its rate in the last days against that of four weeks; 0 where too little is known."""
    lately = age_days <= 2 * RISING_DAYS
    recent = np.bincount(items[lately], minlength=n_items) / (2 * RISING_DAYS)
    usual = np.bincount(items[age_days <= USUAL_DAYS], minlength=n_items) / USUAL_DAYS
    ratio = (recent - usual) / np.sqrt(usual + _USUAL)
    return np.where(recent * 2 * RISING_DAYS >= RISING_FROM, np.maximum(ratio, 0.0), 0.0)
