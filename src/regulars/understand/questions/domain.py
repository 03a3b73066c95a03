"""The nouns of a question over events: which events, whose, when, and how time is cut."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from regulars.values.periods import WeekStart

Scalar = str | int | float | bool
Op = Literal[
    "eq", "ne", "is_set", "not_set", "in", "not_in", "gt", "gte", "lt", "lte", "between", "contains", "not_contains", "starts_with"
]
Interval = Literal["hour", "day", "week", "month"]
WindowUnit = Literal["second", "minute", "hour", "day", "week"]

#: How a value is called that an event or customer lacks, and the small groups together.
NONE = "(none)"
OTHER = "(other)"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on a property.

    `key` names a property as it was told; `$` and a name stands for what we worked out of the event's circumstances
    (`$channel`, `$device`, `$region` ...). A missing property is null: `ne` and the other negations are true for it.
    """

    key: str
    op: Op = "eq"
    value: Scalar | tuple[Scalar, ...] | None = None
    on: Literal["event", "customer"] = "event"


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Events of one name (null: of any) for which all conditions hold."""

    event: str | None = None
    where: tuple[Condition, ...] = ()
    label: str | None = None  # how people call it; null: by the event's name

    @property
    def shown(self) -> str | None:
        """What it is called on screens; null: any event."""
        return self.label or self.event


@dataclass(frozen=True, slots=True)
class Property:
    """What a breakdown or a measure reads: a property of the event or of the customer."""

    key: str
    on: Literal["event", "customer"] = "event"


@dataclass(frozen=True, slots=True)
class Moments:
    """Instants in [start, end), aware; null: unbounded. An end that people include is one microsecond earlier than `end`."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """How long something may take."""

    value: int
    unit: WindowUnit

    @property
    def microseconds(self) -> int:
        """Its length; days and weeks are of 24 and 168 hours."""
        seconds = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}[self.unit]
        return self.value * seconds * 1_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose events a question reads, before any range: a shop's, of people, without bots unless they are wanted."""

    shop_id: str
    zone: str
    week_start: WeekStart = "monday"
    where: tuple[Condition, ...] = ()  # applies to every event first
    segment: str | None = None  # only of its members
    known_only: bool = False  # not those of visitors
    with_bots: bool = False
