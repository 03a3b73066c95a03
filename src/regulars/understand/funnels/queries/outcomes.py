"""What became of each customer: the deepest step, the times of the attempt that came there first, and the group it counts in."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from regulars.understand.funnels.domain import FunnelQuery
from regulars.understand.funnels.queries.attempts import attempts
from regulars.understand.funnels.queries.sets import sets
from regulars.understand.funnels.queries.stream import gaps, micros, rows_of, stream
from regulars.understand.questions import NONE
from regulars.warehouse.instants import microseconds


def outcomes(query: FunnelQuery) -> ir.Table:
    """One row per customer (with all_events: per customer and value) who entered and did not leave the funnel: `customer_id`, `depth`,
    `t1` ... `tn` (microseconds; null: not reached) and, with a breakdown, `value`.
    """
    found = sets(query) if query.order == "any" else _chosen(query)
    times = [f"t{k}" for k in range(1, query.count + 1)]
    by = query.breakdown
    if by is None:
        return found.select("customer_id", "depth", *times)
    if by.attribution == "all_events":
        values = stream(query).select("unit", "value").distinct()
    elif by.attribution == "step":
        values = _on_step(found, query, by.step)
    else:
        values = _touched(query, last=by.attribution == "last_touch")
    key = "unit" if by.attribution == "all_events" else "customer_id"
    joined = found.left_join(values, key)
    return joined.select("customer_id", "depth", *times, value=joined.value.fill_null(NONE))


def _chosen(query: FunnelQuery) -> ir.Table:
    """The attempt that comes first to the customer's deepest step, of equal ones the later.

    With `drop_customer` a customer whose deepest attempts are all tainted leaves.
    """
    tried = attempts(query)
    reached = ibis.coalesce(*[tried[f"t{k}"] for k in range(query.count, 0, -1)])
    drops = bool(gaps(query)) and query.exclusion_mode == "drop_customer"
    unit = ibis.window(group_by="unit")
    deepest = tried.depth.max().over(unit)
    if drops:
        deepest = ibis.greatest(deepest, tried.spoilt.fill_null(0))
    tried = tried.mutate(reached=reached, deepest=deepest)
    tried = tried.filter(tried.depth == tried.deepest)
    if drops:
        tried = tried.filter(~tried.tainted)
    first = ibis.row_number().over(ibis.window(group_by="unit", order_by=[tried.reached.asc(), tried.start.desc()]))
    tried = tried.mutate(first=first)
    return tried.filter(tried.first == 0)


def _touched(query: FunnelQuery, *, last: bool) -> ir.Table:
    """The first or last value that is not null among each customer's step events in range."""
    assert query.range.end is not None
    rows = rows_of(query)
    step = rows.m1
    for k in range(2, query.count + 1):
        step = step | rows[f"m{k}"]
    rows = rows.filter(step, rows.value.notnull())
    rows = rows.mutate(t=microseconds(rows.timestamp))
    rows = rows.filter(rows.t < micros(query.range.end))
    order = [rows.t.desc(), rows.event_key.desc()] if last else [rows.t.asc(), rows.event_key.asc()]
    rows = rows.mutate(nth=ibis.row_number().over(ibis.window(group_by="customer_id", order_by=order)))
    return rows.filter(rows.nth == 0).select("customer_id", "value")


def _on_step(found: ir.Table, query: FunnelQuery, step: int) -> ir.Table:
    """The value on the event that was used for a step."""
    rows = stream(query)
    rows = rows.filter(rows[f"m{step}"]).select("customer_id", "t", "event_key", "value")
    used = found.filter(found[f"t{step}"].notnull()).select("customer_id", at=found[f"t{step}"])
    joined = rows.join(used, "customer_id")
    joined = joined.filter(joined.t == joined["at"])
    first = ibis.row_number().over(ibis.window(group_by="customer_id", order_by=["event_key"]))
    joined = joined.mutate(nth=first)
    return joined.filter(joined.nth == 0).select("customer_id", "value")
