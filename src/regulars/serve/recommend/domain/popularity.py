"""What sells and what is looked at: counts that fade with time, and what rises beyond its usual."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Days after which an event counts half.
HALF_LIFE_DAYS = 7.0
#: Days of the short memory that tells what rises.
RISING_DAYS = 1.0
#: Events that an item must have had lately to be called rising, and how many are taken for chance.
RISING_FROM = 5
_USUAL = 5.0


def faded(
    items: npt.NDArray[np.int64], age_days: Floats, n_items: int, *, half_life: float = HALF_LIFE_DAYS, weight: Floats | None = None
) -> Floats:
    """The faded count of every item."""
    each = np.exp2(-np.maximum(age_days, 0.0) / half_life)
    return np.bincount(items, weights=each if weight is None else each * weight, minlength=n_items).astype(np.float64)


def rising(items: npt.NDArray[np.int64], age_days: Floats, n_items: int) -> Floats:
    """By how much an item is looked at more than usual: its rate in the last days against that of four weeks; 0 where too little is known."""
    lately = age_days <= 2 * RISING_DAYS
    recent = np.bincount(items[lately], minlength=n_items) / (2 * RISING_DAYS)
    usual = np.bincount(items[age_days <= 28], minlength=n_items) / 28.0
    ratio = (recent - usual) / np.sqrt(usual + _USUAL)
    return np.where(recent * 2 * RISING_DAYS >= RISING_FROM, np.maximum(ratio, 0.0), 0.0)
