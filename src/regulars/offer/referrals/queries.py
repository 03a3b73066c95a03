"""Orders of customers who were brought, as they stand now: placed ones, net of what was given back."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir


def orders_of(orders: ir.Table, refunds: ir.Table, shop_id: str, currency: str, customer_ids: Sequence[str]) -> ir.Table:
    """One row per placed order of these customers: customer_id, order_id, ordered_at, net_minor."""
    mine = orders.filter(
        orders.shop_id == shop_id,
        orders.currency == currency,
        orders.status == "placed",
        orders.customer_id.isin(list(customer_ids)),
    )
    back = refunds.filter(refunds.shop_id == shop_id, refunds.order_id.notnull())
    back = back.group_by("order_id").aggregate(back_minor=back.amount_minor.sum())
    joined = mine.left_join(back, "order_id")
    return joined.select(
        mine.customer_id, mine.order_id, mine.ordered_at, net_minor=mine.total_minor - ibis.coalesce(back.back_minor, 0)
    )
