"""One daily series: the shape of its week, its level and trend, what holidays do to it, and where that leads.

A day is expected to be `level x weekday x holiday`. The weekday's factor is the median over past weeks of the day's share of its
week, the mean of a short and a long memory; the level is smoothed exponentially on what remains, with errors clipped so that one odd
day moves it little, and runs as the mean of a slow speed, a quicker one and one with a damped trend (no speed is best for every
shop); a holiday's factor is what its earlier years did, shrunk towards no effect as far as ordinary days are noisy. Days of holidays
move neither level nor weekdays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from regulars.predict.forecast.calendar import HolidayDay

Array = np.ndarray[Any, np.dtype[np.float64]]

#: Speeds of the level, and of the trend beside them.
SPEEDS = ((0.05, 0.0), (0.15, 0.0), (0.1, 0.1))
#: What is left of a trend from one day to the next.
DAMPING = 0.9
#: Weeks that the shape of a week is taken from: as it is now, and as it is over a year.
MEMORIES = (4, 52)
#: Days that the level is smoothed over and holidays are looked for in, at most.
DAYS = 1_400
#: An error counts up to so many times the usual one.
CLIP = 3.0
#: How far holidays of shops move a day, as a share of it: the prior deviation that effects are shrunk by.
HOLIDAY_DEVIATION = 0.5
#: A day of the week counts up to so many times a usual one.
HEAVIEST = 2.0
#: A weekday below this share of a usual day is one on which the shop is closed.
CLOSED = 0.05


@dataclass(frozen=True)
class Projection:
    """What follows the last day of a series."""

    expected: Array  # shape (ahead,)
    level: float
    shape: Array  # shape (season,): factor of the place in the week, the place after the last day first
    effects: dict[tuple[str, int], float]  # holiday and offset -> factor
    seen: dict[tuple[str, int], int]  # in how many years


def project(values: Array, days: Sequence[HolidayDay | None], ahead: int, season: int = 7) -> Projection:
    """Go on from a series.

    Parameters
    ----------
    values : shape (n,), one value a day, none missing; n at least two seasons.
    days : length n + ahead, the holiday of each day, past and coming.
    season : 7 for days; 1 for a series without a week (weeks, months).
    """
    n = len(values)
    special = np.array([day is not None for day in days[:n]], dtype=bool)
    if n - int(special.sum()) < 2 * season:
        special[:] = False
    shape = week_shape(values, special, season)
    place = (np.arange(n) - n) % season
    factor = shape[place]
    flow, usual = _flow(values, factor, special)
    effects, seen = _effects(values, usual, days, special)
    k = np.arange(ahead)
    expected = flow.ahead(ahead) * shape[k % season]
    expected = expected * np.array([effects.get((d.name, d.offset), 1.0) if d is not None else 1.0 for d in days[n : n + ahead]])
    return Projection(expected, flow.level, shape, effects, seen)


def week_shape(values: Array, special: np.ndarray[Any, np.dtype[np.bool_]], season: int) -> Array:
    """Factor of each place in the week, the place after the last day first; they average 1.

    The median over weeks of the day's share of its week; the mean where more than a third of the days on which the shop is open at
    all sold nothing, as a median would then say that it never sells.
    """
    if season == 1:
        return np.ones(1)
    longest = min(len(values) // season, MEMORIES[-1])
    whole, sparse = _shape(values, special, season, longest)
    if sparse or longest <= MEMORIES[0]:
        return whole
    return (whole + _shape(values, special, season, MEMORIES[0])[0]) / 2


def _shape(values: Array, special: np.ndarray[Any, np.dtype[np.bool_]], season: int, weeks: int) -> tuple[Array, bool]:
    """The shape over the last weeks, and whether days without a sale are usual in them."""
    y = values[len(values) - season * weeks :].reshape(weeks, season)
    odd = special[len(values) - season * weeks :].reshape(weeks, season)
    kept = np.where(odd, np.nan, y)
    with np.errstate(all="ignore"):
        mean = np.where(np.all(odd, axis=1), np.nan, np.nansum(kept, axis=1) / np.maximum(np.sum(~odd, axis=1), 1))
    good = np.isfinite(mean) & (mean > 0)
    if not good.any():
        return np.ones(season), True
    share = kept[good] / mean[good, None]
    sparse = _sparse(kept[good])
    factor = np.array([_middle(share[:, at], sparse) for at in range(season)])
    total = factor.mean()
    return factor / total if total > 0 else np.ones(season), sparse


def _sparse(weeks: Array) -> bool:
    """Whether days without a sale are usual: more than a third of those of weekdays that sell at all."""
    some = np.nansum(weeks > 0, axis=0) > 0.2 * len(weeks)
    sold = weeks[:, some]
    return bool(sold.size) and float(np.nanmean(np.where(np.isnan(sold), np.nan, sold == 0))) > 1 / 3


def _middle(values: Array, sparse: bool) -> float:
    known = values[np.isfinite(values)]
    if not len(known):
        return 1.0
    return float(np.mean(known) if sparse else np.median(known))


@dataclass(frozen=True)
class _Flow:
    """Levels and trends at the end, one per speed."""

    levels: Array
    trends: Array

    @property
    def level(self) -> float:
        return float(self.levels.mean())

    def ahead(self, count: int) -> Array:
        """The level of each of the next days: the mean of the speeds', each with its trend dying away, never below nothing."""
        reach = np.cumsum(DAMPING ** np.arange(1, count + 1))
        paths = self.levels[:, None] + self.trends[:, None] * reach
        low = np.minimum(self.levels, 0.0)
        return np.asarray(np.maximum(paths, low[:, None]).mean(axis=0))


def _flow(values: Array, factor: Array, special: np.ndarray[Any, np.dtype[np.bool_]]) -> tuple[_Flow, Array]:
    """Smooth what remains without the week; also what was expected of every day before it came, shape (n,)."""
    n = len(values)
    start = max(n - DAYS, 0)
    usual = np.full(n, np.nan)
    opened = (factor > CLOSED) & ~special
    told = np.where(opened, values / np.where(factor > CLOSED, factor, 1.0), np.nan)
    first = told[start:][np.isfinite(told[start:])][:14]
    begin = float(np.median(first)) if len(first) else float(np.mean(values[start:]))
    seen = list(zip(told[start:].tolist(), np.minimum(factor[start:], HEAVIEST).tolist(), strict=True))
    levels, trends = [], []
    runs = np.zeros(n - start)
    for speed, slope in SPEEDS:
        level, trend, spread = begin, 0.0, 0.0
        for i, (x, f) in enumerate(seen):
            trend *= DAMPING
            level += trend
            runs[i] += level
            if x != x:
                continue
            error = x - level
            spread = spread or abs(error) + 0.1 * abs(level) + 1e-12
            error = min(max(error, -CLIP * spread), CLIP * spread)
            spread += 0.05 * (abs(error) - spread)
            level += speed * f * error  # days count by their share of a week, so that what is expected adds up to what was
            trend += speed * slope * f * error
        levels.append(level)
        trends.append(trend)
    usual[start:] = runs / len(SPEEDS) * factor[start:]
    return _Flow(np.array(levels), np.array(trends)), usual


def _effects(
    values: Array, usual: Array, days: Sequence[HolidayDay | None], special: np.ndarray[Any, np.dtype[np.bool_]]
) -> tuple[dict[tuple[str, int], float], dict[tuple[str, int], int]]:
    """What each day of a holiday did to sales, as a factor of what was usual."""
    known = np.isfinite(usual) & (usual > 0)
    if not special.any() or not known.any():
        return {}, {}
    plain = values[known & ~special] / usual[known & ~special] - 1
    noise = 1.4826 * float(np.median(np.abs(plain - np.median(plain)))) if len(plain) else 1.0
    ratios: dict[tuple[str, int], list[float]] = {}
    for i in np.flatnonzero(known & special).tolist():
        day = days[i]
        if day is not None:
            ratios.setdefault((day.name, day.offset), []).append(float(values[i] / usual[i]))
    weigh = (noise / HOLIDAY_DEVIATION) ** 2
    effects = {key: max(1 + len(seen) / (len(seen) + weigh) * (float(np.mean(seen)) - 1), 0.0) for key, seen in ratios.items()}
    return effects, {key: len(seen) for key, seen in ratios.items()}
