"""The nouns of the funnels room: what is asked, and what became of whom at each step."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from regulars.understand.questions import Asked, EventFilter, Interval, Moments, Property, Window

Order = Literal["ordered", "strict", "any"]
Scope = Literal["in_range", "window_after_range"]
ExclusionMode = Literal["drop_customer", "stop"]
Attribution = Literal["first_touch", "last_touch", "step", "all_events"]

MOST_STEPS = 30
#: More groups than this make no readable chart.
MOST_GROUPS = 50


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Events that spoil an attempt when they come strictly between steps j and j+1 for some after <= j < before."""

    event: EventFilter
    after_step: int
    before_step: int


@dataclass(frozen=True, slots=True)
class Breakdown:
    """By what customers are told apart.

    first_touch, last_touch: the first or last value among the customer's step events in range; step: the value on the event
    used for that step; all_events: every step event carries the value, so a customer may be in several groups.
    """

    by: Property
    attribution: Attribution = "first_touch"
    step: int = 1
    limit: int = 10


@dataclass(frozen=True, slots=True)
class FunnelQuery:
    """One funnel."""

    asked: Asked
    steps: tuple[EventFilter, ...]
    range: Moments
    window: Window
    order: Order = "ordered"
    scope: Scope = "window_after_range"
    exclusions: tuple[Exclusion, ...] = ()
    exclusion_mode: ExclusionMode = "drop_customer"
    breakdown: Breakdown | None = None

    @property
    def count(self) -> int:
        """How many steps."""
        return len(self.steps)

    def exclusions_of(self, step: int) -> list[Exclusion]:
        """Those that may come between the step before (1-based) and this one."""
        return [one for one in self.exclusions if one.after_step <= step - 1 < one.before_step]


@dataclass(frozen=True, slots=True)
class TrendQuery:
    """The conversion of those who entered in each bucket."""

    funnel: FunnelQuery
    interval: Interval


@dataclass(frozen=True, slots=True)
class TimeQuery:
    """How long customers took from one step to another."""

    funnel: FunnelQuery
    from_step: int
    to_step: int
    bins: int


@dataclass(frozen=True, slots=True)
class StepFigures:
    """What became of customers at one step (1-based)."""

    step: int
    name: str | None  # null: any event
    customers: int
    share_of_first: float | None  # null where nobody entered
    share_of_previous: float | None
    lost: int  # customers of the step before who did not come here
    avg_seconds_from_previous: float | None = None
    median_seconds_from_previous: float | None = None


@dataclass(frozen=True, slots=True)
class FunnelGroup:
    """The funnel of the customers who share a value."""

    value: str
    steps: tuple[StepFigures, ...]


@dataclass(frozen=True, slots=True)
class FunnelAnswer:
    """A funnel, whole and by group."""

    shop_id: str
    timezone: str
    as_of: datetime
    range: Moments
    complete: bool  # the range and the window after it are over: nobody can convert any more
    steps: tuple[StepFigures, ...]
    groups: tuple[FunnelGroup, ...] = ()
    worst_step: int | None = None  # to which the largest share of those before did not come


@dataclass(frozen=True, slots=True)
class TrendRow:
    """Those who entered in one bucket."""

    bucket: str
    entered: int
    converted: int
    rate_percent: float
    complete: bool  # the bucket and the window after it are over


@dataclass(frozen=True, slots=True)
class TrendAnswer:
    """Conversion over time."""

    shop_id: str
    timezone: str
    as_of: datetime
    interval: Interval
    rows: tuple[TrendRow, ...]


@dataclass(frozen=True, slots=True)
class TimeAnswer:
    """The distribution of times between two steps. A bin is (seconds at its start, customers)."""

    shop_id: str
    as_of: datetime
    from_step: int
    to_step: int
    customers: int
    average_seconds: float | None
    median_seconds: float | None
    bin_seconds: int
    bins: tuple[tuple[float, int], ...] = field(default=())
