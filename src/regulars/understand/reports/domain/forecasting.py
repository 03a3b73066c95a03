"""A simple honest forecast: a straight trend with a pattern of weekdays, and how far off it may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]

#: Fewer days, or other buckets, than this tell nothing; so many of the latest are looked at.
LEAST_DAYS, LEAST, MOST = 14, 8, 84
#: Of a normal distribution, four fifths lie within so many deviations.
_FOUR_FIFTHS = 1.2816


@dataclass(frozen=True)
class Forecast:
    """What is expected of the buckets after the last one seen."""

    expected: Array  # shape (n,)
    covariance: Array  # shape (n, n), of the sum of the model's and the buckets' own uncertainty

    def totals(self) -> tuple[Array, Array]:
        """Expected running totals, and by how much they may be off either way, four times of five."""
        variances = np.array([self.covariance[:k, :k].sum() for k in range(1, len(self.expected) + 1)])
        return np.cumsum(self.expected), _FOUR_FIFTHS * np.sqrt(np.maximum(variances, 0))

    def levels(self) -> tuple[Array, Array]:
        """Expected values, and by how much they may be off."""
        return self.expected, _FOUR_FIFTHS * np.sqrt(np.maximum(np.diag(self.covariance), 0))


def forecast(values: Sequence[float], last_on: date, ahead: int, *, daily: bool, least: float | None = 0.0) -> Forecast | None:
    """Go on from a series of whole buckets; None where it is too short.

    Parameters
    ----------
    values : the latest last.
    last_on : the day of the last one (its weekday counts where `daily`).
    least : nothing is expected to fall below.
    """
    seen = np.array(values[-MOST:], dtype=np.float64)
    n = len(seen)
    if n < (LEAST_DAYS if daily else LEAST) or not ahead:
        return None
    weekdays = daily and n >= 28
    first_on = last_on - timedelta(days=n - 1)
    x = _design(np.arange(n), first_on, weekdays)
    future = _design(np.arange(n, n + ahead), first_on, weekdays)
    solution, _, rank, _ = np.linalg.lstsq(x, seen, rcond=None)
    residuals = seen - x @ solution
    variance = float(residuals @ residuals) / max(n - int(rank), 1)
    inner = np.linalg.pinv(x.T @ x)
    covariance = variance * (future @ inner @ future.T + np.eye(ahead))
    expected = future @ solution
    return Forecast(expected if least is None else np.maximum(expected, least), covariance)


def _design(places: Array | np.ndarray[Any, np.dtype[np.int64]], first_on: date, weekdays: bool) -> Array:
    """Columns: one, place, and six of the seven weekdays."""
    columns = [np.ones(len(places)), places.astype(np.float64)]
    if weekdays:
        day = (first_on.weekday() + places) % 7
        columns += [(day == k).astype(np.float64) for k in range(1, 7)]
    return np.stack(columns, axis=1)
