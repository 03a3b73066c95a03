"""How revenue is spread over buyers, and how many never came back: one row of counts."""

from __future__ import annotations

from datetime import datetime

import ibis
import ibis.expr.types as ir

from regulars.understand.metrics.queries.scope import Scope, counted, instant
from regulars.values.periods import Period


def buyer_counts(orders: ir.Table, scope: Scope, period: Period, until: datetime, settled_before: datetime) -> ir.Table:
    """Buyers of the period, what they and the tenth of them who spent most spent, and first-timers who never came back.

    Parameters
    ----------
    until : orders from here on are not looked at.
    settled_before : customers whose first order is older have had their time to come back.

    Returns
    -------
    one row: `buyers`, `spent`, `top_spent` (the first tenth, rounded up; ties by id), `settled`, `never_returned`.
    """
    start, end = period.instants(scope.zone)
    rows = counted(orders, scope)
    rows = rows.filter(rows.customer_id.notnull(), rows.ordered_at < instant(until))
    inside = (rows.ordered_at >= instant(start)) & (rows.ordered_at < instant(end))
    each = rows.group_by("customer_id").aggregate(
        spent=rows.total_minor.sum(where=inside),
        orders_inside=rows.count(where=inside),
        orders=rows.count(),
        first_at=rows.ordered_at.min(),
    )
    each = each.mutate(bought=each.orders_inside > 0, settled=each.first_at < instant(settled_before))
    ranked = each.mutate(
        rank=ibis.row_number().over(order_by=[each.bought.desc(), each.spent.desc(), each.customer_id.asc()]),
        buyers=each.bought.cast("int64").sum().over(ibis.window()),
    )
    in_top = ranked.bought & (ranked.rank * 10 < ranked.buyers)
    return ranked.aggregate(
        buyers=ranked.count(where=ranked.bought),
        spent=ranked.spent.sum(where=ranked.bought),
        top_spent=ranked.spent.sum(where=in_top),
        settled=ranked.count(where=ranked.settled),
        never_returned=ranked.count(where=ranked.settled & (ranked.orders == 1)),
    )
