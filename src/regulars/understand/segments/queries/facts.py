"""What happened, per customer, for every condition at once: the events are read in one pass whatever the number of segments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce

import ibis
import ibis.expr.types as ir

from regulars.understand.questions import Asked, EventFilter, Moments, Property
from regulars.understand.questions.queries import events_of, instant, operand, passes
from regulars.understand.segments.domain.tree import Did, InTurn, Leaf, MeasureKind, Regularly, Stopped
from regulars.warehouse import unbound

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Counted:
    """Events in an interval, counted or measured; `first`: when the first of them was."""

    event: EventFilter
    moments: Moments
    measure: MeasureKind | str = "count"  # count, sum, avg, max, or first
    of: Property | None = None


@dataclass(frozen=True, slots=True)
class Weeks:
    """In how many of the last weeks."""

    event: EventFilter
    of_weeks: int
    until: datetime


Fact = Counted | Weeks


def facts_of(leaf: Leaf, as_of: datetime) -> tuple[Fact, ...]:
    """What has to be known of the events for a condition; nothing where it asks about something else."""
    match leaf:
        case Did(first=True):
            return (Counted(leaf.event, Moments(None, leaf.period.at(as_of).end), "first"),)
        case Did():
            return (Counted(leaf.event, leaf.period.at(as_of), leaf.measure, leaf.of),)
        case Stopped():
            now = as_of + timedelta(microseconds=1)
            turn = now - timedelta(days=leaf.since_days)
            since = None if leaf.before_days is None else now - timedelta(days=leaf.since_days + leaf.before_days)
            return Counted(leaf.event, Moments(since, turn)), Counted(leaf.event, Moments(turn, now))
        case Regularly():
            return (Weeks(leaf.event, leaf.of_weeks, as_of + timedelta(microseconds=1)),)
        case _:
            return ()


def in_one_pass(asked: Asked, facts: Sequence[Fact]) -> ir.Table:
    """One row per customer with any such event: `f0`, `f1` ... in the order of `facts`."""
    filters = [one.event for one in facts]
    measured = [one.of for one in facts if isinstance(one, Counted) and one.of is not None]
    rows = events_of(asked, filters=_names(filters), properties=[*_customers(filters), *measured], moments=_widest(facts))
    filters = list(dict.fromkeys(filters))
    # Each filter is tried once per event, and what it found is used by every fact that needs it.
    rows = rows.mutate(**{f"p{i}": passes(rows, one) for i, one in enumerate(filters)})
    number = {one: f"p{i}" for i, one in enumerate(filters)}
    return rows.group_by("customer_id").aggregate(
        **{f"f{i}": _measured(rows, rows[number[one.event]], one) for i, one in enumerate(facts)}
    )


def _measured(rows: ir.Table, passed: ir.BooleanValue, fact: Fact) -> ir.Scalar:
    if isinstance(fact, Weeks):
        ends = [fact.until - i * _WEEK for i in range(fact.of_weeks)]
        found = [(passed & _within(rows, Moments(end - _WEEK, end))).cast("int8").max() for end in ends]
        return reduce(lambda a, b: a + b, (one.coalesce(0).cast("int64") for one in found)).cast("float64")
    here = passed & _within(rows, fact.moments)
    if fact.measure == "count":
        return rows.count(where=here).cast("float64")
    if fact.measure == "first":
        return rows.timestamp.min(where=here)
    assert fact.of is not None
    value = operand(rows, fact.of).number
    match fact.measure:
        case "sum":
            return value.sum(where=here)
        case "avg":
            return value.mean(where=here)
        case _:
            return value.max(where=here)


def _within(rows: ir.Table, moments: Moments) -> ir.BooleanValue:
    tests = []
    if moments.start is not None:
        tests.append(rows.timestamp >= instant(moments.start))
    if moments.end is not None:
        tests.append(rows.timestamp < instant(moments.end))
    return reduce(lambda a, b: a & b, tests) if tests else ibis.literal(True)


def _widest(facts: Sequence[Fact]) -> Moments:
    """What all facts together need to see."""
    all_moments = [
        one.moments if isinstance(one, Counted) else Moments(one.until - one.of_weeks * _WEEK, one.until) for one in facts
    ]
    starts = [one.start for one in all_moments]
    ends = [one.end for one in all_moments]
    return Moments(
        None if None in starts else min(one for one in starts if one is not None),
        None if None in ends else max(one for one in ends if one is not None),
    )


def in_turn(asked: Asked, leaf: InTurn, as_of: datetime) -> ir.Table:
    """The customers who did one thing after another, each at a later instant: a running latest start of each step."""
    period, now = leaf.period.at(as_of), as_of + timedelta(microseconds=1)
    parts = []
    for k, step in enumerate(leaf.steps):
        rows = events_of(asked, filters=[step], moments=Moments(period.start, now))
        parts.append(rows.select("customer_id", "timestamp", step=ibis.literal(k, "int64")))
    rows = ibis.union(*parts, distinct=False)
    rows = rows.mutate(s0=ibis.cases(((rows.step == 0) & _within(rows, period), rows.timestamp)))
    for k in range(1, len(leaf.steps)):
        # Of one instant the later steps come first, so that nothing follows what happened at the same time.
        before = ibis.window(group_by="customer_id", order_by=[rows.timestamp, rows.step.desc()], rows=(None, -1))
        rows = rows.mutate(begun=rows[f"s{k - 1}"].max().over(before))
        here = rows.step == k
        if leaf.within is not None:
            here = here & (rows.timestamp <= rows.begun + ibis.interval(seconds=leaf.within.microseconds // 1_000_000))
        rows = rows.mutate(**{f"s{k}": ibis.cases((here, rows.begun))}).drop("begun")
    last = f"s{len(leaf.steps) - 1}"
    return rows.filter(rows[last].notnull()).select("customer_id").distinct()


def candidates(shop_id: str) -> ir.Table:
    """Everybody a segment may hold: whoever did or told anything, was loaded, or ordered; `known`: not a mere visitor."""
    events = unbound("events")
    events = events.filter(events.shop_id == shop_id, events.customer_id.notnull(), ~events.is_bot)
    seen = events.group_by("customer_id").aggregate(known=events.is_known.cast("int64").max())
    found = [seen.select(customer_id=seen.customer_id.cast("string"), known=seen.known)]
    for name in ("customers", "customer_profiles", "orders"):
        rows = unbound(name)
        rows = rows.filter(rows.shop_id == shop_id, rows.customer_id.notnull())
        found.append(rows.select(customer_id=rows.customer_id.cast("string"), known=ibis.literal(1, "int64")).distinct())
    everybody = ibis.union(*found)
    return everybody.group_by("customer_id").aggregate(known=everybody.known.max())


def _names(filters: Iterable[EventFilter]) -> list[EventFilter]:
    """Only by name: the finer conditions are tried once, in the pass itself."""
    return list(dict.fromkeys(EventFilter(one.event) for one in filters))


def _customers(filters: Iterable[EventFilter]) -> list[Property]:
    return list(dict.fromkeys(Property(one.key, "customer") for each in filters for one in each.where if one.on == "customer"))
