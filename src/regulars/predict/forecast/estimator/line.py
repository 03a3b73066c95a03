"""What is forecast: a daily series, or the ratio of two; and how far off forecasts of it were in the past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from regulars.predict.forecast.calendar import HolidayDay
from regulars.predict.forecast.estimator.week import Array, Projection, project

Days = Sequence[HolidayDay | None]


@dataclass(frozen=True)
class Ahead:
    """What was expected from one day on, and by how much a day usually is off, up to one common factor."""

    expected: Array  # shape (ahead,)
    scale: Array  # shape (ahead,), > 0
    projection: Projection  # of the series itself; of a ratio, of its denominator


class Line(Protocol):
    """A series that can be continued from any of its days."""

    @property
    def season(self) -> int:
        """Days of a week; 1: no week."""
        ...

    @property
    def values(self) -> Array:
        """Shape (n,); NaN where a ratio is over nothing."""
        ...

    def ahead(self, origin: int, days: Days, count: int) -> Ahead:
        """What the `count` days from `origin` on were expected to be, seeing only the days before it."""
        ...


@dataclass(frozen=True)
class Level:
    """One value a day: money or a count."""

    values: Array
    season: int = 7

    def ahead(self, origin: int, days: Days, count: int) -> Ahead:
        """The scale is the root of the expected value: large days vary more, in counts by their root."""
        made = project(self.values[:origin], days[: origin + count], count, self.season)
        return Ahead(made.expected, _scale(made.expected, made.level), made)


@dataclass(frozen=True)
class Ratio:
    """A numerator over a denominator, each forecast on its own."""

    numerator: Array
    denominator: Array
    season: int = 7

    @property
    def values(self) -> Array:
        """The ratio of each day."""
        return _over(self.numerator, self.denominator)

    def ahead(self, origin: int, days: Days, count: int) -> Ahead:
        """A ratio over few orders varies more than one over many."""
        above = project(self.numerator[:origin], days[: origin + count], count, self.season)
        below = project(self.denominator[:origin], days[: origin + count], count, self.season)
        expected = _over(above.expected, below.expected)
        usual = above.level / below.level if below.level > 0 else 1.0
        weight = np.sqrt(np.maximum(below.expected, 0.1 * max(below.level, 1e-12)) / max(below.level, 1e-12))
        return Ahead(expected, max(abs(usual), 1e-9) / weight, below)


def _scale(expected: Array, level: float) -> Array:
    size = max(abs(level), 1e-9)
    return np.asarray(np.sqrt(np.maximum(expected, 0.02 * size) * size))


def _over(above: Array, below: Array) -> Array:
    return np.where(below > 0, above / np.where(below > 0, below, 1.0), np.nan)


@dataclass(frozen=True)
class PastErrors:
    """How far off forecasts from earlier days were, in units of their scales."""

    origins: Sequence[int]
    errors: Array  # shape (origins, ahead); NaN: not over yet, or no value

    def before(self, origin: int) -> PastErrors:
        """Those of forecasts that were wholly over by then."""
        kept = [i for i, one in enumerate(self.origins) if one + self.errors.shape[1] <= origin]
        return PastErrors([self.origins[i] for i in kept], self.errors[kept])


def past_errors(line: Line, days: Days, count: int, *, least: int, step: int, most: int) -> PastErrors:
    """Forecast again from up to `most` earlier days, each `step` days before the next, seeing only what came before it."""
    n = len(line.values)
    origins = [n - step * k for k in range(most, 0, -1) if n - step * k >= least]
    rows: list[Any] = []
    for origin in origins:
        made = line.ahead(origin, days, count)
        row = np.full(count, np.nan)
        seen = min(count, n - origin)
        row[:seen] = (line.values[origin:][:seen] - made.expected[:seen]) / made.scale[:seen]
        rows.append(row)
    return PastErrors(origins, np.array(rows).reshape(len(origins), count))
