"""The forecaster: fitted to a daily series or a ratio of two, it says what comes next, how sure that is, and how well it did so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from regulars.errors import InvalidInput, NotEnoughData
from regulars.predict.forecast.estimator.line import Days, Level, Line, PastErrors, Ratio, past_errors
from regulars.predict.forecast.estimator.spread import Spread, spread_of
from regulars.predict.forecast.estimator.week import Array, Projection

Method = Literal["weekday_level", "level"]

#: Fewer days than this carry no forecast; fewer than that no shape of the week.
LEAST_DAYS, LEAST_WEEKLY = 14, 28
#: So many days without a sale end a history: what came before says little of what comes after.
GAP_DAYS = 28
#: A series with fewer days that sold anything is no series.
LEAST_SOLD = 5
#: Past forecasts that intervals are made of, and the days they reach.
MOST_ORIGINS, MOST_AHEAD = 52, 56
#: Origins of the backtest told beside a forecast, and the days each reaches at most.
FOLDS, FOLD_DAYS = 6, 28


@dataclass(frozen=True)
class Predicted:
    """What is expected of the days after the last one."""

    expected: Array  # shape (ahead,)
    covariance: Array  # shape (ahead, ahead)
    reach: float  # deviations that hold `share`
    share: float

    def interval(self, least: float | None) -> tuple[Array, Array]:
        """Low and high of each day, not below `least`."""
        return self._around(self.expected, np.diag(self.covariance), least)

    def totals(self, least: float | None) -> tuple[Array, Array, Array]:
        """Running totals with low and high."""
        sums = np.cumsum(self.expected)
        variances = np.diagonal(np.cumsum(np.cumsum(self.covariance, axis=0), axis=1))
        return sums, *self._around(sums, variances, least)

    def _around(self, middle: Array, variance: Array, least: float | None) -> tuple[Array, Array]:
        off = self.reach * np.sqrt(np.maximum(variance, 0))
        low = middle - off
        return (low if least is None else np.maximum(low, least)), middle + off


@dataclass(frozen=True)
class Scored:
    """How forecasts from earlier days turned out."""

    folds: int
    ahead: int
    mase: float | None  # mean absolute error over that of "as a week ago" within the history before each fold
    naive_mase: float | None  # the same of "as in the week before", on the same folds
    wape: float | None  # sum of absolute errors over sum of absolute values
    coverage: float | None  # share of days inside the interval
    share: float


@dataclass
class Forecaster:
    """A forecaster of one series.

    Parameters
    ----------
    season : 7 for days of a shop; 1 for weeks, months, or a series too short for a week's shape.
    """

    season: int = 7
    line_: Line = field(init=False, repr=False)
    days_: Days = field(init=False, repr=False)
    spread_: Spread | None = field(init=False, default=None, repr=False)
    past_: PastErrors = field(init=False, repr=False)
    start_: int = field(init=False, default=0)
    least_: float | None = field(init=False, default=0.0)
    method_: Method = field(init=False, default="weekday_level")

    def fit(self, values: Array, days: Days, *, over: Array | None = None, ahead: int = MOST_AHEAD) -> Forecaster:
        """Learn from the past.

        Parameters
        ----------
        values : shape (n,), one value a day without a missing day; of a ratio its numerator.
        days : the holiday of each of the n days and of the days to come; shorter is filled with ordinary days.
        over : the denominator of a ratio.
        ahead : days that errors are looked at over.

        Raises
        ------
        NotEnoughData : too few days, too few with a value, or none in the last 28 days.
        InvalidInput : a value is not finite.
        """
        base = values if over is None else over
        if not (np.isfinite(values).all() and np.isfinite(base).all()):
            raise InvalidInput("a value of the series is no number", mend="give one finite value a day")
        start = history_start(base)
        values, base = values[start:], base[start:]
        n = len(base)
        _enough(base, self.season)
        if self.season > 1 and n < LEAST_WEEKLY:
            self.season = 1
        self.method_ = "weekday_level" if self.season > 1 else "level"
        self.start_ = start
        self.days_ = [*days[start:], *([None] * max(0, start + n - len(days)))]
        self.line_ = Level(values, self.season) if over is None else Ratio(values, base, self.season)
        self.least_ = 0.0 if float(values.min()) >= 0 else None
        least = max(LEAST_WEEKLY, 3 * self.season) if self.season > 1 else 7
        horizon = max(1, min(ahead, MOST_AHEAD, n // 3))
        step = 7 if n >= 8 * 7 else 3 if n >= 28 else 1
        self.past_ = past_errors(self.line_, self._days(n + horizon), horizon, least=least, step=step, most=MOST_ORIGINS)
        self.spread_ = spread_of(self.past_)
        return self

    def predict(self, ahead: int, share: float = 0.8, days: Days | None = None) -> Predicted:
        """What the next `ahead` days are expected to be, with the interval that holds the share `share` of them."""
        n = len(self.line_.values)
        if days is not None:
            self.days_ = [*self.days_[:n], *days]
        made = self.line_.ahead(n, self._days(n + ahead), ahead)
        expected = made.expected if self.least_ is None else np.maximum(made.expected, self.least_)
        if self.spread_ is None:
            raise NotEnoughData("no past forecast can be checked yet", mend="come back with a longer history", code="too_short")
        covariance = self.spread_.covariance(ahead) * np.outer(made.scale, made.scale)
        return Predicted(expected, covariance, self.spread_.reach(share), share)

    def projection(self, ahead: int = 1) -> Projection:
        """The level, the week's shape and the holidays' effects that the forecast is made of."""
        n = len(self.line_.values)
        return self.line_.ahead(n, self._days(n + ahead), ahead).projection

    def score(self, ahead: int, share: float = 0.8) -> Scored:
        """Forecasts from up to six earlier days, each seeing only what came before, beside what happened.

        Their intervals too are made of the errors known by then.
        """
        values, season = self.line_.values, max(self.season, 1)
        n = len(values)
        ahead = min(ahead, FOLD_DAYS, max(n // 4, 1))
        least = max(LEAST_WEEKLY if self.season > 1 else LEAST_DAYS // 2, 2 * season)
        origins = [n - ahead * k for k in range(FOLDS, 0, -1) if n - ahead * k >= least]
        errors, naive, off, size, inside, checked = [], [], 0.0, 0.0, 0, 0
        for origin in origins:
            made = self.line_.ahead(origin, self._days(origin + ahead), ahead)
            real = values[origin : origin + ahead]
            known = np.isfinite(real) & np.isfinite(made.expected)
            if not known.any():
                continue
            steps = np.abs(values[season:origin] - values[: origin - season])
            unit = float(np.nanmean(steps)) if np.isfinite(steps).any() else 0.0
            last = values[origin - season : origin]
            again = np.array([last[k % season] for k in range(ahead)])
            miss = np.abs(made.expected - real)
            if unit > 0:
                errors.append(float(np.mean(miss[known])) / unit)
                both = known & np.isfinite(again)
                if both.any():
                    naive.append(float(np.mean(np.abs(again - real)[both])) / unit)
            off, size = off + float(miss[known].sum()), size + float(np.abs(real[known]).sum())
            spread = spread_of(self.past_.before(origin))
            if spread is not None:
                width = spread.reach(share) * np.sqrt(np.diag(spread.covariance(ahead))) * made.scale
                inside += int((miss <= width)[known].sum())
                checked += int(known.sum())
        return Scored(
            folds=len(origins),
            ahead=ahead,
            mase=_mean(errors),
            naive_mase=_mean(naive),
            wape=off / size if size > 0 else None,
            coverage=inside / checked if checked else None,
            share=share,
        )

    def _days(self, count: int) -> Days:
        return [*self.days_[:count], *([None] * (count - len(self.days_)))]


def history_start(base: Array) -> int:
    """Where the history that counts begins: at the first value, or after the last gap of 28 days without any."""
    sold = np.flatnonzero(base != 0)
    if not len(sold):
        return len(base)
    gaps = np.flatnonzero(np.diff(sold) > GAP_DAYS)
    return int(sold[gaps[-1] + 1] if len(gaps) else sold[0])


def _enough(base: Array, season: int) -> None:
    """Refuse a history that carries no forecast."""
    n, sold = len(base), int(np.count_nonzero(base))
    need = LEAST_DAYS if season > 1 else 8
    if n < need:
        raise NotEnoughData(
            f"{n} days of unbroken history, a forecast needs {need}",
            mend="load older orders, or come back later",
            have=n,
            need=need,
        )
    if sold < LEAST_SOLD:
        raise NotEnoughData(
            f"only {sold} days have a value, a forecast needs {LEAST_SOLD}", mend="load more orders", have=sold, need=LEAST_SOLD
        )
    if season > 1 and not np.any(base[-GAP_DAYS:]):
        raise NotEnoughData(
            f"nothing in the last {GAP_DAYS} days, so there is no level to go on from", mend="load newer orders, or come back when there are some",
            code="no_recent_values", have=0, need=1,
        )  # fmt: skip


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None
