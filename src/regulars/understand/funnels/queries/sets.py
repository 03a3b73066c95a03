"""A funnel in any order: the moment at which most of its steps first lie inside one window, and the events that fill them."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from regulars.understand.funnels.domain import FunnelQuery
from regulars.understand.funnels.queries.stream import ORDER, copies, gaps, stream


def sets(query: FunnelQuery) -> ir.Table:
    """One row per unit: `depth`, `t1` ... `tn` (microseconds, ascending; null: not reached)."""
    rows = counted(query)
    best = rows.group_by("unit").aggregate(depth=rows.filled.max())
    joined = rows.join(best, "unit")
    joined = joined.filter(joined.filled == joined.depth, joined.filled > 0)
    moments = joined.group_by("unit", "customer_id").aggregate(
        depth=joined.depth.max(), moment=joined.t.min(), run=joined.run.min()
    )
    filled = _filled(rows, moments, query)
    wide = filled.group_by("unit").aggregate(
        **{f"t{k}": filled.t.min(where=filled.rank == k - 1) for k in range(1, query.count + 1)}
    )
    return moments.select("unit", "customer_id", "depth").join(wide, "unit")


def counted(query: FunnelQuery) -> ir.Table:
    """The rows with `filled`, how many different steps lie in the window that ends there, and `since`, where that window begins.

    A set must not span an exclusion; with `window_after_range` its first event must lie in the range.
    """
    assert query.range.end is not None
    rows = stream(query)
    order = list(ORDER)
    run: list[str] = ["unit", "run"]
    excluded = gaps(query)
    through = ibis.window(group_by="unit", order_by=order, rows=(None, 0))
    spoils = rows[f"x{excluded[0]}"].cast("int64").sum().over(through) if excluded else ibis.literal(0, "int64")
    rows = rows.mutate(run=spoils)
    rows = rows.filter(rows.place > 0)
    rows = rows.mutate(since=rows.t - query.window.microseconds)
    for k, copy in enumerate(copies(query), start=1):
        own = ibis.window(group_by=[*run, f"m{k}"], order_by=order)
        mine = rows.t.lag(copy).over(own) if copy else rows.t
        rows = rows.mutate(own=ibis.cases((rows[f"m{k}"], mine)))
        last = rows.own.max().over(ibis.window(group_by=run, order_by=order, rows=(None, 0)))
        rows = rows.mutate(**{f"l{k}": last}).drop("own")
    latest_start = ibis.cases((rows.starts, rows.t)).max().over(ibis.window(group_by=run, order_by=order, rows=(None, 0)))
    rows = rows.mutate(latest_start=latest_start)
    inside = [(rows[f"l{k}"] >= rows.since).fill_null(False).cast("int64") for k in range(1, query.count + 1)]
    total = inside[0]
    for one in inside[1:]:
        total = total + one
    return rows.mutate(filled=ibis.cases(((rows.latest_start >= rows.since).fill_null(False), total), else_=0))


def _filled(rows: ir.Table, moments: ir.Table, query: FunnelQuery) -> ir.Table:
    """The earliest event of each step inside the window of the moment, ranked by time."""
    joined = rows.join(moments.select("unit", "moment", at_run="run"), "unit")
    joined = joined.filter(
        joined.run == joined.at_run, joined.t <= joined.moment, joined.t >= joined.moment - query.window.microseconds
    )
    parts = []
    for k, copy in enumerate(copies(query), start=1):
        own = joined.filter(joined[f"m{k}"])
        place = ibis.row_number().over(ibis.window(group_by="unit", order_by=list(ORDER)))
        own = own.select("unit", "t", nth=place)
        parts.append(own.filter(own.nth == copy).select("unit", "t", k=ibis.literal(k, "int64")))
    each = ibis.union(*parts, distinct=False) if len(parts) > 1 else parts[0]
    rank = ibis.row_number().over(ibis.window(group_by="unit", order_by=["t", "k"]))
    return each.mutate(rank=rank)
