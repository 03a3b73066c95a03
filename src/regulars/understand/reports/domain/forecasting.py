"""What a goal may expect: the form in which a forecast of its line comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]

#: Buckets of history that a goal's line is asked for, as far as there are so many: days of a total, weeks of a level.
MOST_DAYS, MOST_WEEKS = 364, 104


@dataclass(frozen=True)
class Expected:
    """What is expected of the buckets after the last one seen."""

    expected: Array  # shape (n,)
    squares: Array  # shape (n, n): the covariance, times the square of the deviations that four of five stay within
    least: float | None  # nothing falls below it

    def totals(self) -> tuple[Array, Array]:
        """Expected running totals, and by how much they may be off either way, four times of five."""
        return np.cumsum(self.expected), _roots(np.diagonal(np.cumsum(np.cumsum(self.squares, axis=0), axis=1)))

    def levels(self) -> tuple[Array, Array]:
        """Expected values, and by how much they may be off."""
        return self.expected, _roots(np.diag(self.squares))


def _roots(squares: Array) -> Array:
    return np.asarray(np.sqrt(np.maximum(squares, 0)))
