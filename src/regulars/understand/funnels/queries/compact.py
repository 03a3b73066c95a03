"""A funnel's rows as numbers for engines that stream them: sorted by customer, time and step, or to be sorted by who reads them."""

from __future__ import annotations

from functools import reduce

import ibis
import ibis.expr.types as ir

from regulars.understand.funnels.domain import FunnelQuery
from regulars.understand.funnels.queries.stream import gaps, rows_of
from regulars.understand.questions.native import epoch_us, hashed

#: Low bits of a packed number that hold the step.
STEP_BITS = 5


def packs(query: FunnelQuery) -> bool:
    """Whether customer, time and lowest step say everything: steps ask for the very same events or for others, and nothing else counts."""
    return query.order != "strict" and not query.exclusions and _apart(query) and query.count < 1 << STEP_BITS


def codes(query: FunnelQuery) -> list[int]:
    """Which steps (bit k-1: step k) an event matches whose lowest step is 0 (none), 1, 2 ..., in a funnel that `packs`."""
    asked = [(step.event, step.where) for step in query.steps]
    return [0, *(sum(1 << k for k, other in enumerate(asked) if other == one) for one in asked)]


def packed(query: FunnelQuery, *, valued: bool = False) -> ir.Table:
    """Columns `u` (a hash of the customer) and `at` (microseconds, and in the low bits the step), in any order, of a funnel that `packs`.

    With `valued` also `value` (text of the breakdown; null: none) and `key` (a number that never changes).

    Two customers of one hash would be taken for one: with ten million of them once in about 370,000 shops.
    """
    rows = rows_of(query, told_apart=True)
    rows = rows.mutate(place=_place(rows, query))
    rows = rows.filter(rows.place > 0)
    found = {"u": hashed(rows.customer_id), "at": epoch_us(rows.timestamp) * (1 << STEP_BITS) + rows.place}
    return rows.select(**found, value=rows.value, key=rows.event_key) if valued else rows.select(**found)


def compact(query: FunnelQuery) -> ir.Table:
    """Columns `u` (a hash of the customer), `t` (microseconds), `code` (bit k-1: matches step k), `spoils` (bit k-1: excluded before step k).

    Two customers of one hash would be taken for one: with ten million of them once in about 370,000 shops.
    """
    rows = rows_of(query)
    found = rows.select(
        u=hashed(rows.customer_id),
        t=epoch_us(rows.timestamp),
        code=_bits(rows, "m", list(range(1, query.count + 1))),
        spoils=_bits(rows, "x", gaps(query)),
        place=_place(rows, query).cast("int8"),
        event_key=rows.event_key,
    )
    return found.order_by(["u", "t", "place", *(["event_key"] if _overlap(query) else [])]).select("u", "t", "code", "spoils")


def _place(rows: ir.Table, query: FunnelQuery) -> ir.IntegerValue:
    """The lowest step an event matches; 0: none."""
    return ibis.cases(*[(rows[f"m{k}"], k) for k in range(1, query.count + 1)], else_=0).cast("int64")


def _bits(rows: ir.Table, prefix: str, steps: list[int]) -> ir.IntegerValue:
    if not steps:
        return ibis.literal(0, "int32")
    return reduce(lambda a, b: a + b, [rows[f"{prefix}{k}"].cast("int32") * (1 << (k - 1)) for k in steps]).cast("int32")


def _apart(query: FunnelQuery) -> bool:
    """Whether two steps are the same question, or no event is both."""
    asked = {(step.event, step.where) for step in query.steps}
    names = {name for name, _ in asked}
    return len(names) == len(asked) and (None not in names or len(names) == 1)


def _overlap(query: FunnelQuery) -> bool:
    """Whether an event may match several steps, so that the order of events at one instant matters."""
    names = [step.event for step in query.steps]
    return None in names or len(set(names)) < len(names)
