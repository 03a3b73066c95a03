"""Conditions on a customer as a tree: leaves ask one thing each, `all`, `any` and `not` put them together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from regulars.understand.questions import Condition, EventFilter, Moments, Property, Window

MeasureKind = Literal["count", "sum", "avg", "max"]
OrderMeasure = Literal["count", "amount", "units", "share", "top_share", "price_index"]

_JUST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Period:
    """When something must have happened: so many days back from the moment of judging, or between two dates.

    `within_days` D means as_of - D x 24 h < time <= as_of; `until_days_ago` moves the end as many days back.
    """

    within_days: float | None = None
    until_days_ago: float | None = None
    moments: Moments | None = None

    def at(self, as_of: datetime) -> Moments:
        """The half-open interval this means, judged at `as_of`."""
        end = as_of + _JUST if self.until_days_ago is None else as_of - timedelta(days=self.until_days_ago) + _JUST
        start = None if self.within_days is None else as_of - timedelta(days=self.within_days) + _JUST
        if self.moments is not None:
            start = self.moments.start
            end = end if self.moments.end is None else min(self.moments.end, end)
        return Moments(start, end)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many, or how much; without any bound: at least one."""

    at_least: float | None = None
    at_most: float | None = None
    exactly: float | None = None

    @property
    def open(self) -> bool:
        """Whether nothing was said."""
        return self.at_least is None and self.at_most is None and self.exactly is None

    def hold(self, value: float | None) -> bool:
        """Whether a measured value lies within; nothing to measure lies nowhere."""
        if value is None:
            return False
        if self.open:
            return value >= 1
        return (
            (self.at_least is None or value >= self.at_least)
            and (self.at_most is None or value <= self.at_most)
            and (self.exactly is None or value == self.exactly)
        )


@dataclass(frozen=True, slots=True)
class Attribute:
    """A property of the customer, as loaded or as identify calls told it."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Trait:
    """A number or word we worked out of the customer's orders."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Score:
    """What is predicted of the customer's next order."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag the customer carries."""

    tag: str


@dataclass(frozen=True, slots=True)
class Did:
    """Events that pass a filter in a period, counted or summed. `first`: the very first such event of all history is in it."""

    event: EventFilter
    bounds: Bounds = Bounds()
    period: Period = Period()
    measure: MeasureKind = "count"
    of: Property | None = None
    first: bool = False


@dataclass(frozen=True, slots=True)
class InTurn:
    """One thing after another, all of them at most `within` after the first, which lies in the period."""

    steps: tuple[EventFilter, ...]
    within: Window | None = None
    period: Period = Period()


@dataclass(frozen=True, slots=True)
class Stopped:
    """Did it at least so often before, within `before_days` where that is said, but not in the last `since_days` days."""

    event: EventFilter
    since_days: float
    before_days: float | None = None
    at_least: int = 1


@dataclass(frozen=True, slots=True)
class Regularly:
    """Did it in at least `weeks` of the last `of_weeks` weeks of 7 x 24 hours."""

    event: EventFilter
    weeks: int
    of_weeks: int


@dataclass(frozen=True, slots=True)
class Ordered:
    """Orders for which all conditions hold in a period: how many, how much, how large a share. `first`: the first of all is one."""

    where: tuple[Condition, ...] = ()
    bounds: Bounds = Bounds()
    period: Period = Period()
    measure: OrderMeasure = "count"
    by: str = ""  # of top_share: brand, category, product
    first: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """Is in another segment."""

    segment_id: str


@dataclass(frozen=True, slots=True)
class All:
    """Everything holds."""

    of: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Something of it holds."""

    of: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """It does not hold."""

    of: Node


Leaf: TypeAlias = Attribute | Trait | Score | Tag | Did | InTurn | Stopped | Regularly | Ordered | Member
Node: TypeAlias = Leaf | All | AnyOf | Not


@dataclass(frozen=True, slots=True)
class Definition:
    """Who belongs to a segment: a tree, over customers and visitors or over known customers only."""

    tree: Node
    known_only: bool = False


def leaves(node: Node) -> Iterator[Leaf]:
    """Every condition of a tree, in reading order."""
    match node:
        case All(of) | AnyOf(of):
            for one in of:
                yield from leaves(one)
        case Not(of):
            yield from leaves(of)
        case _:
            yield node


def named_segments(node: Node) -> list[str]:
    """The other segments a tree asks about."""
    return list(dict.fromkeys(leaf.segment_id for leaf in leaves(node) if isinstance(leaf, Member)))


def depth(node: Node) -> int:
    """How deeply groups are nested."""
    match node:
        case All(of) | AnyOf(of):
            return 1 + max((depth(one) for one in of), default=0)
        case Not(of):
            return depth(of)
        case _:
            return 0
