"""The nouns of the trends room: series of events over time, and the hours of the week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from regulars.understand.questions import Asked, EventFilter, Interval, Moments, Property
from regulars.understand.trends.formula import Formula

Measure = Literal["events", "customers", "per_customer", "sum", "avg", "min", "max", "p50", "p90", "p99"]
Compare = Literal["previous", "last_year"]

#: Measures of a numeric property.
OF_PROPERTY = ("sum", "avg", "min", "max", "p50", "p90", "p99")
#: Measures that are 0, not unknown, where nothing happened.
ZERO = ("events", "customers", "sum")
MOST_SERIES = 10
MOST_GROUPS = 50


@dataclass(frozen=True, slots=True)
class Series:
    """One series: which events, and what of them is measured. `letter` names it in the formula."""

    letter: str
    event: EventFilter
    measure: Measure = "events"
    of: Property | None = None


@dataclass(frozen=True, slots=True)
class TrendQuery:
    """Series over one range; with a breakdown one line per group and series."""

    asked: Asked
    series: tuple[Series, ...]
    range: Moments
    interval: Interval
    by: Property | None = None
    limit: int = 5
    compare: Compare | None = None
    formula: Formula | None = None
    cumulative: bool = False
    moving_average: int = 1  # buckets


@dataclass(frozen=True, slots=True)
class TrendLine:
    """One line. `previous` is the time compared with, bucket by bucket."""

    series: str  # its letter, or the formula
    label: str | None  # the event's name; null: any event
    group: str | None
    measure: str
    values: tuple[float | None, ...]
    total: float | None  # over the whole range: of customers, each counted once
    previous: tuple[float | None, ...] | None = None
    previous_total: float | None = None


@dataclass(frozen=True, slots=True)
class TrendAnswer:
    """Lines over the same buckets."""

    shop_id: str
    timezone: str
    as_of: datetime
    range: Moments
    interval: Interval
    buckets: tuple[str, ...]
    complete: tuple[bool, ...]
    lines: tuple[TrendLine, ...]


@dataclass(frozen=True, slots=True)
class HoursQuery:
    """When in the week something happens."""

    asked: Asked
    event: EventFilter
    range: Moments
    measure: Literal["events", "customers"] = "events"


@dataclass(frozen=True, slots=True)
class HoursAnswer:
    """`values[weekday][hour]` in local time, weekday 0 is Monday. Customers are counted once in each hour of the week."""

    shop_id: str
    timezone: str
    as_of: datetime
    range: Moments
    measure: str
    values: tuple[tuple[int, ...], ...]
    total: int
