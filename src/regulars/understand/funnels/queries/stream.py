"""The events of a funnel as rows: whose, when, which steps they match, and which gaps they spoil."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import reduce

import ibis
import ibis.expr.types as ir

from regulars.understand.funnels.domain import FunnelQuery
from regulars.understand.questions import NONE, EventFilter, Moments, Property
from regulars.understand.questions.queries import events_of, operand, passes
from regulars.warehouse.instants import microseconds

#: By what the rows of one unit are put in order: time, then step, then a number that never changes.
ORDER = ("t", "place", "event_key")


def rows_of(query: FunnelQuery, *, told_apart: bool = False) -> ir.Table:
    """One row per event that matters: `customer_id`, `timestamp`, `event_key`, `value` (of the breakdown; null: none), booleans `m1` ...
    (matches step k) and `x2` ... (spoils the gap before step k; only where something is excluded there).

    A strict funnel reads every event, all others only those that match a step or an exclusion, unless these are `told_apart` later.
    """
    by = query.breakdown
    named = (*query.steps, *(one.event for one in query.exclusions))
    properties = [Property(one.key, "customer") for step in named for one in step.where if one.on == "customer"]
    rows = events_of(
        query.asked,
        filters=() if query.order == "strict" else named,
        properties=[*properties, *([by.by] if by is not None else [])],
        moments=Moments(query.range.start, reach(query)),
        told_apart=told_apart,
    )
    columns: dict[str, ir.Value] = {
        "customer_id": rows.customer_id,
        "timestamp": rows.timestamp,
        "event_key": rows.event_key,
        "value": operand(rows, by.by).text.nullif("") if by is not None else ibis.null("string"),
    }
    columns |= {f"m{k}": match for k, match in enumerate(_matches(rows, query), start=1)}
    columns |= {f"x{k}": any_of([passes(rows, one.event) for one in query.exclusions_of(k)]) for k in gaps(query)}
    found = rows.select(**columns)
    step = any_of([found[f"m{k}"] for k in range(1, query.count + 1)])
    return found.mutate(**{f"x{k}": found[f"x{k}"] & ~step for k in gaps(query)})


def stream(query: FunnelQuery) -> ir.Table:
    """`rows_of` made ready for windows: `unit` (the customer, or with all_events the customer and value), `t` (microseconds),
    `place` (the lowest step it matches, 0: none), `starts` (an attempt may begin here).
    """
    assert query.range.end is not None
    rows = rows_of(query)
    found = rows.mutate(
        t=microseconds(rows.timestamp),
        unit=rows.customer_id,
        place=ibis.cases(*[(rows[f"m{k}"], k) for k in range(1, query.count + 1)], else_=0),
    ).drop("timestamp")
    found = found.mutate(starts=found.t < micros(query.range.end))
    if query.order == "strict" or query.exclusions:
        # At an instant with steps, what is no step is ignored.
        met = found.place.max().over(ibis.window(group_by=["unit", "t"]))
        found = found.mutate(met=met)
        found = found.filter((found.place > 0) | (found.met == 0)).drop("met")
    if query.breakdown is not None and query.breakdown.attribution == "all_events":
        found = found.mutate(value=found.value.fill_null(NONE))
        found = found.mutate(unit=found.unit + "\x1f" + found.value)
    return found


def gaps(query: FunnelQuery) -> list[int]:
    """The steps before which something is excluded."""
    return [k for k in range(2, query.count + 1) if query.exclusions_of(k)]


def reach(query: FunnelQuery) -> datetime:
    """The first instant behind the last event that may matter."""
    assert query.range.end is not None
    if query.scope == "in_range":
        return query.range.end
    return query.range.end + timedelta(microseconds=query.window.microseconds)


def micros(moment: datetime) -> int:
    """An aware instant as microseconds since 1970."""
    delta = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def copies(query: FunnelQuery) -> list[int]:
    """For each step the number of earlier steps that ask for the very same events: each needs an event of its own."""
    asked = [(step.event, step.where) for step in query.steps]
    return [asked[:k].count(one) for k, one in enumerate(asked)]


def any_of(tests: list[ir.BooleanValue]) -> ir.BooleanValue:
    """Whether one of them is true."""
    return reduce(lambda a, b: a | b, tests)


def _matches(rows: ir.Table, query: FunnelQuery) -> list[ir.BooleanValue]:
    """Which steps each event matches. In any order it fills one only: that with the most conditions, of equal ones the first.

    Steps that ask for the very same events all match here; `copies` tells them apart.
    """
    plain = [passes(rows, one) for one in query.steps]
    if query.order != "any":
        return plain
    ranked = sorted(range(query.count), key=lambda k: (-_detail(query.steps[k]), k))
    made = list(plain)
    for position, k in enumerate(ranked):
        finer = [plain[other] for other in ranked[:position] if _may_meet(query.steps[other], query.steps[k])]
        if finer:
            made[k] = plain[k] & ~any_of(finer)
    return made


def _may_meet(one: EventFilter, other: EventFilter) -> bool:
    """Whether one event could pass both, and they are not the same question."""
    if (one.event, one.where) == (other.event, other.where):
        return False
    return one.event is None or other.event is None or one.event == other.event


def _detail(step: EventFilter) -> int:
    return len(step.where) * 2 + (step.event is not None)
