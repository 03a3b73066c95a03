"""The nouns of the activity room: who comes back, who is new, who fell asleep, and how often customers come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from regulars.understand.questions import Asked, Calendar, EventFilter, Interval, Moments, Property, Window

CohortType = Literal["recurring", "first_time", "first_ever"]
ReturnMode = Literal["on", "on_or_after"]
NewBasis = Literal["first_match", "first_seen"]
State = Literal["new", "returning", "resurrecting", "dormant"]

#: More groups than this make no readable chart.
MOST_GROUPS = 200
#: How many local days, the last one included, a weekly and a monthly active customer was seen in.
WEEK_DAYS, MONTH_DAYS = 7, 30


@dataclass(frozen=True, slots=True)
class Breakdown:
    """By what customers are told apart; the largest groups by cohort customers, the rest as one."""

    by: Property
    limit: int = 50


@dataclass(frozen=True, slots=True)
class RetentionQuery:
    """Customers with a cohort event in a bucket, and their return events in later buckets."""

    asked: Asked
    cohort_event: EventFilter
    return_event: EventFilter
    calendar: Calendar  # the buckets of rows and columns
    cohort_type: CohortType = "recurring"
    mode: ReturnMode = "on"
    min_return_count: int = 1  # return events needed inside one bucket
    breakdown: Breakdown | None = None


@dataclass(frozen=True, slots=True)
class RollingQuery:
    """Customers by their own first start, and their return events in windows counted from it."""

    asked: Asked
    cohort_event: EventFilter
    return_event: EventFilter
    range: Moments  # in which first starts lie
    calendar: Calendar  # its local days
    rolling: Window
    intervals: int
    cohort_type: CohortType = "first_time"
    min_return_count: int = 1
    breakdown: Breakdown | None = None


@dataclass(frozen=True, slots=True)
class LifecycleQuery:
    """Customers who did an event, by what they did in the bucket before and ever."""

    asked: Asked
    event: EventFilter
    range: Moments
    calendar: Calendar
    new_basis: NewBasis = "first_match"

    @property
    def read(self) -> tuple[Calendar, Moments]:
        """The buckets with the one before them, and the instants that are read."""
        calendar = self.calendar.extended(1)
        return calendar, Moments(calendar.starts[0], self.range.end)


@dataclass(frozen=True, slots=True)
class StickinessQuery:
    """In how many buckets of the range customers did an event."""

    asked: Asked
    event: EventFilter
    range: Moments
    calendar: Calendar
    cumulative: bool = False
    min_count: int = 1  # events needed inside one bucket


@dataclass(frozen=True, slots=True)
class ActiveQuery:
    """How many customers did an event per day, in the 7 and in the 30 days ending that day."""

    asked: Asked
    event: EventFilter
    range: Moments
    calendar: Calendar  # local days

    @property
    def read(self) -> tuple[Calendar, Moments]:
        """The days with the 29 before them, and the instants that are read."""
        calendar = self.calendar.extended(MONTH_DAYS - 1)
        return calendar, Moments(calendar.starts[0], self.range.end)


@dataclass(frozen=True, slots=True)
class RetentionRow:
    """One cohort. `values[0]` is its size, `values[k]` how many of it came back k buckets later."""

    bucket: str
    values: tuple[int, ...]
    shares: tuple[float | None, ...]  # of the cohort; null where it is empty
    complete: tuple[bool, ...]  # the bucket that a value counts is over


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The share that came back k intervals later, over all cohorts for which that bucket is over, weighted by size."""

    interval: int
    share: float | None
    customers: int  # in these cohorts


@dataclass(frozen=True, slots=True)
class RetentionGroup:
    """The cohorts of one value."""

    value: str
    customers: int  # cohort customers over all rows; one who is in several cohorts counts in each
    rows: tuple[RetentionRow, ...]
    curve: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True)
class RetentionAnswer:
    """The triangle; with a breakdown one per group instead, by name."""

    shop_id: str
    timezone: str
    as_of: datetime
    interval: Interval
    cohort_type: CohortType
    mode: ReturnMode
    buckets: tuple[str, ...]
    rows: tuple[RetentionRow, ...]
    curve: tuple[CurvePoint, ...]
    groups: tuple[RetentionGroup, ...]


@dataclass(frozen=True, slots=True)
class RollingValues:
    """Customers by window since their own first start."""

    value: str | None  # of the breakdown; null: everybody
    values: tuple[int, ...]  # [0]: whose first start lies in range; [k]: of these, who returned in window k
    complete: tuple[bool, ...]  # the window is over for all of them
    shares: tuple[float | None, ...]  # among those for whom the window is over, by whole start days
    eligible: tuple[int, ...]  # how many those are


@dataclass(frozen=True, slots=True)
class RollingAnswer:
    """Retention by windows of equal length."""

    shop_id: str
    timezone: str
    as_of: datetime
    range: Moments
    rolling: Window
    values: tuple[int, ...]
    complete: tuple[bool, ...]
    shares: tuple[float | None, ...]
    eligible: tuple[int, ...]
    groups: tuple[RollingValues, ...]


@dataclass(frozen=True, slots=True)
class LifecycleAnswer:
    """New, returning, resurrecting and dormant customers per bucket."""

    shop_id: str
    timezone: str
    as_of: datetime
    interval: Interval
    buckets: tuple[str, ...]
    new: tuple[int, ...]
    returning: tuple[int, ...]
    resurrecting: tuple[int, ...]
    dormant: tuple[int, ...]  # positive; charts draw it downwards
    complete: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class StickinessAnswer:
    """How many customers were active in exactly (cumulative: at least) k buckets; `values[k - 1]`."""

    shop_id: str
    timezone: str
    as_of: datetime
    interval: Interval
    cumulative: bool
    buckets_in_range: int
    customers: int  # active in at least one
    values: tuple[int, ...]
    shares: tuple[float | None, ...]  # of these customers
    complete: tuple[bool, ...]  # the range is over: no value can change


@dataclass(frozen=True, slots=True)
class ActiveAnswer:
    """Daily, weekly and monthly active customers per local day."""

    shop_id: str
    timezone: str
    as_of: datetime
    buckets: tuple[str, ...]
    dau: tuple[int, ...]
    wau: tuple[int, ...]  # in the 7 local days ending that day
    mau: tuple[int, ...]  # in the 30 local days ending that day
    dau_over_mau: tuple[float | None, ...]  # four digits; null where nobody was active in the month
    complete: tuple[bool, ...]
