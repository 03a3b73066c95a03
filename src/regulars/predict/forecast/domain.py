"""The nouns of a forecast: what was, what is expected, and how well such forecasts did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from regulars.understand.metrics import Value
from regulars.values.money import Money

#: Days that may be asked for, and shares of days an interval may be asked to hold.
MOST_DAYS = 365
SHARES = (0.5, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class PastDay:
    """What a day was."""

    day: date
    value: Value  # null: a ratio over nothing
    holiday: str | None  # its code


@dataclass(frozen=True, slots=True)
class ForecastDay:
    """What a day is expected to be."""

    day: date
    expected: Value
    low: Value
    high: Value
    holiday: str | None


@dataclass(frozen=True, slots=True)
class ForecastTotal:
    """What the days add up to; only of metrics whose days do."""

    expected: Value
    low: Value
    high: Value


@dataclass(frozen=True, slots=True)
class MarkedHoliday:
    """A holiday within the days shown, and what its earlier years did to the metric."""

    code: str
    title: Mapping[str, str]
    days: tuple[date, ...]
    effect: float | None  # of its own day: the change as a share; null: not seen in this history, so nothing is assumed
    years: int  # how often it was seen


@dataclass(frozen=True, slots=True)
class ForecastScore:
    """How forecasts from earlier days turned out, each made without what came later."""

    folds: int
    days: int  # each reached so far
    mase: float | None  # error over that of "the same weekday a week ago" within the history; below 1 is better
    naive_mase: float | None  # "the same weekday of the last week" on the same days
    wape: float | None  # error as a share of the values
    coverage: float | None  # share of days inside the interval


@dataclass(frozen=True, slots=True)
class ForecastAnswer:
    """A metric in the days to come."""

    shop_id: str
    metric: str
    unit: str  # money | count | ratio | days
    currency: str
    timezone: str
    as_of: datetime  # the end of the last day seen
    method: str  # weekday_level | level (the history is too short for a shape of the week)
    calendar: str  # chinese | western | none
    share: float  # of days that the interval is to hold
    history_from: date  # the first day that counts: after the last gap of 28 days without a sale
    history_days: int
    past: tuple[PastDay, ...]
    days: tuple[ForecastDay, ...]
    total: ForecastTotal | None
    holidays: tuple[MarkedHoliday, ...]
    score: ForecastScore


def value_of(number: float, unit: str, currency: str) -> Value:
    """A number of the estimator as a value of the metric: money from minor units, a ratio to four digits; null where it is none."""
    if number != number or number in (float("inf"), float("-inf")):
        return None
    if unit == "money":
        return Money(round(number), currency)
    return round(number, 4)
