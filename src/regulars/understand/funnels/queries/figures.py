"""Figures of outcomes: customers by step, their mean and median times, over the whole or by group."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from regulars.understand.funnels.domain import FunnelQuery, TrendQuery
from regulars.understand.funnels.queries.attempts import attempts
from regulars.understand.funnels.queries.sets import counted
from regulars.understand.funnels.queries.stream import stream
from regulars.understand.questions import Calendar


def by_step(found: ir.Table, steps: int) -> ir.Table:
    """Rows `value`, `k`, and what `summed` tells (microseconds from the step before; null at the first) of outcomes with a column `value`."""
    parts = []
    for k in range(1, steps + 1):
        came = found.filter(found.depth >= k)
        took = came[f"t{k}"] - came[f"t{k - 1}"] if k > 1 else ibis.null("int64")
        parts.append(came.select("value", k=ibis.literal(k, "int64"), took=took))
    each = ibis.union(*parts, distinct=False) if len(parts) > 1 else parts[0]
    return summed(each, ("value", "k"))


def summed(each: ir.Table, keys: tuple[str, ...]) -> ir.Table:
    """By keys the `customers`, the `total` of `took`, and sum and number of its one or two `middle` values, for an exact mean and median."""
    own = ibis.window(group_by=list(keys), order_by=["took"])
    each = each.mutate(nth=ibis.row_number().over(own), size=each.count().over(ibis.window(group_by=list(keys))))
    middle = (each.nth * 2 >= each["size"] - 2) & (each.nth * 2 <= each["size"])
    return each.group_by(list(keys)).aggregate(
        customers=each.count(),
        total=each.took.sum(),
        middle=each.took.sum(where=middle),
        middles=each.took.count(where=middle),
    )


def deepest_only(found: ir.Table, steps: int) -> ir.Table:
    """One row per customer and value, the deepest: for values that were put together."""
    reached = ibis.coalesce(*[found[f"t{k}"] for k in range(steps, 0, -1)])
    order = [found.depth.desc(), reached.asc()]
    found = found.mutate(nth=ibis.row_number().over(ibis.window(group_by=["customer_id", "value"], order_by=order)))
    return found.filter(found.nth == 0).drop("nth")


def entered_and_converted(query: TrendQuery, calendar: Calendar) -> ir.Table:
    """Rows `bucket`, `entered`, `converted`: customers, counted once in each bucket."""
    entered, converted = who_by_bucket(query, calendar)
    ins = entered.group_by("bucket").aggregate(entered=entered.count())
    outs = converted.group_by("bucket").aggregate(converted=converted.count())
    joined = ins.left_join(outs, "bucket")
    return joined.select("bucket", "entered", converted=joined.converted.fill_null(0))


def who_by_bucket(query: TrendQuery, calendar: Calendar) -> tuple[ir.Table, ir.Table]:
    """Rows `customer_id` and `bucket`, each once: who entered, and who has a complete attempt that starts there."""
    funnel = query.funnel
    rows = stream(funnel)
    first = rows.filter((rows.m1 if funnel.order != "any" else rows.place > 0) & rows.starts)
    entered = first.select("customer_id", bucket=_bucket(first.t, calendar)).distinct()
    done = _complete(funnel)
    converted = done.select("customer_id", bucket=_bucket(done.start, calendar)).distinct()
    return entered, converted


def _complete(funnel: FunnelQuery) -> ir.Table:
    """`customer_id` and `start` (microseconds) of every complete attempt."""
    if funnel.order != "any":
        tried = attempts(funnel)
        return tried.filter(tried.depth == funnel.count)
    rows = counted(funnel)
    rows = rows.filter(rows.filled == funnel.count)
    latest = [rows[f"l{k}"] for k in range(1, funnel.count + 1)]
    return rows.select("customer_id", start=ibis.least(*latest) if len(latest) > 1 else latest[0])


def _bucket(t: ir.IntegerValue, calendar: Calendar) -> ir.IntegerValue:
    """The number of the bucket that holds an instant in microseconds, compared with the buckets' starts."""
    starts = [int(one) for one in calendar.microseconds]
    if calendar.interval == "hour":
        return ibis.least(((t - starts[0]) // 3_600_000_000).cast("int64"), len(calendar) - 1)
    edges = [(t < end, i) for i, end in enumerate(starts[1:-1])]
    return ibis.cases(*edges, else_=len(calendar) - 1) if edges else ibis.literal(0, "int64")
