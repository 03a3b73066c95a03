"""Attempts at a funnel in order, strict or not, by window functions alone: for each its start and when it came to each step."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from regulars.understand.funnels.domain import FunnelQuery
from regulars.understand.funnels.queries.stream import ORDER, gaps, stream


def attempts(query: FunnelQuery) -> ir.Table:
    """One row per attempt, `unit` and `start`: `t1` ... (microseconds; null: not reached), `depth`, `tainted` (an exclusion came
    after its last step), and `spoilt` of its unit: the deepest step that a tainted attempt came to (0: none).

    `start_k` of an event is the latest start of an attempt that comes to step k there: the running maximum of the starts of those
    that have come to step k-1 before, as long as the window allows. What is excluded before step k begins a new run.
    """
    rows = _arrivals(stream(query), query)
    parts = []
    for k in range(1, query.count + 1):
        came = rows.filter(rows[f"s{k}"].notnull())
        following = came[f"n{k + 1}"] if k + 1 in gaps(query) else ibis.null("int64")
        parts.append(
            came.select("unit", "customer_id", start=came[f"s{k}"], k=ibis.literal(k, "int64"), t=came.t, following=following)
        )
    came = ibis.union(*parts, distinct=False) if len(parts) > 1 else parts[0]
    steps = range(1, query.count + 1)
    each = came.group_by("unit", "customer_id", "start").aggregate(
        depth=came.k.max(),
        **{f"t{k}": came.t.min(where=came.k == k) for k in steps},
        **{f"f{k}": came.following.min(where=came.k == k) for k in steps},
    )
    end = each.start + query.window.microseconds
    later = [(each.depth == k, (each[f"f{k}"] <= end).fill_null(False)) for k in steps]
    each = each.mutate(tainted=ibis.cases(*later, else_=False)).drop(*[f"f{k}" for k in steps])
    if query.order == "strict" or not gaps(query):  # what is excluded ends a strict attempt as anything else does
        return each.mutate(spoilt=ibis.literal(0, "int64"))
    return each.left_join(_spoilt(rows, query), "unit").drop("unit_right")


def _arrivals(rows: ir.Table, query: FunnelQuery) -> ir.Table:
    """The rows with `s1` ...: the start of the attempt that comes to step k there (null: none), and `n2` ...: when what is
    excluded before step k comes next.
    """
    window = query.window.microseconds
    excluded = gaps(query)
    for k in excluded:
        through = ibis.window(group_by="unit", order_by=list(ORDER), rows=(None, 0))
        ahead = ibis.window(group_by="unit", order_by=list(ORDER), rows=(1, None))
        rows = rows.mutate(
            **{
                f"g{k}": rows[f"x{k}"].cast("int64").sum().over(through),
                f"n{k}": ibis.cases((rows[f"x{k}"], rows.t)).min().over(ahead),
            }
        )
    rows = rows.mutate(s1=ibis.cases((rows.m1 & rows.starts, rows.t)))
    for k in range(2, query.count + 1):
        if query.order == "strict":
            rows = _carried(rows, k - 1)
            begun = rows[f"c{k - 1}"].lag(1).over(ibis.window(group_by="unit", order_by=list(ORDER)))
        else:
            run = ["unit", f"g{k}"] if k in excluded else ["unit"]
            before = ibis.window(group_by=run, order_by=list(ORDER), rows=(None, -1))
            begun = rows[f"s{k - 1}"].max().over(before)
        rows = rows.mutate(begun=begun)
        rows = rows.mutate(**{f"s{k}": ibis.cases((rows[f"m{k}"] & (rows.t - rows.begun <= window), rows.begun))}).drop("begun")
    return rows


def _carried(rows: ir.Table, k: int) -> ir.Table:
    """`ck`: the attempt that stands at step k after this row; an immediate repeat of the step does not end it."""
    order = list(ORDER)
    through = ibis.window(group_by="unit", order_by=order, rows=(None, 0))
    rows = rows.mutate(run=(~rows[f"m{k}"]).cast("int64").sum().over(through))
    inside = ibis.window(group_by=["unit", "run"], order_by=order, rows=(None, 0))
    carried = rows[f"s{k}"].max().over(inside)
    return rows.mutate(**{f"c{k}": ibis.cases((rows[f"m{k}"], carried))}).drop("run")


def _spoilt(rows: ir.Table, query: FunnelQuery) -> ir.Table:
    """The deepest step that an attempt came to with an exclusion on its way: it counts so far and goes no further."""
    window = query.window.microseconds
    before = ibis.window(group_by="unit", order_by=list(ORDER), rows=(None, -1))
    deepest: list[ir.Value] = []
    for k in gaps(query):
        rows = rows.mutate(**{f"b{k}": rows[f"s{k - 1}"].max().over(before)})
    for k in gaps(query):
        came = rows[f"m{k}"] & rows[f"s{k}"].isnull() & (rows.t - rows[f"b{k}"] <= window)
        deepest.append(ibis.cases((came.fill_null(False), k), else_=0))
    return rows.group_by("unit").aggregate(spoilt=(ibis.greatest(*deepest) if len(deepest) > 1 else deepest[0]).max())
