"""Past orders as points and tiers see them: whose, when, net goods and what of them was given back."""

from __future__ import annotations

from datetime import datetime

import ibis
import ibis.expr.types as ir

from regulars.understand.metrics import COUNTED, instant
from regulars.warehouse import unbound


def past_orders(shop_id: str, since: datetime | None, currency: str) -> ir.Table:
    """One row an order of a known customer in the shop's currency, oldest first: `net_minor` without shipping and tax, `back_minor` refunded."""
    orders, refunds = unbound("orders"), unbound("refunds")
    mine = orders.filter(
        orders.shop_id == shop_id, orders.status.isin(list(COUNTED)), orders.customer_id.notnull(), orders.currency == currency
    )
    if since is not None:
        mine = mine.filter(mine.ordered_at >= instant(since))
    given = refunds.filter(refunds.shop_id == shop_id, refunds.order_id.notnull())
    given = given.group_by("order_id").aggregate(back=given.amount_minor.sum(), back_at=given.refunded_at.min())
    net = mine.total_minor - mine.shipping_minor - mine.tax_minor
    mine = mine.mutate(net_minor=ibis.greatest(net, 0).cast("int64")).left_join(given, "order_id")
    back = ibis.ifelse(mine.status == "cancelled", mine.net_minor, ibis.least(mine.back.fill_null(0).cast("int64"), mine.net_minor))
    found = mine.select("order_id", "customer_id", "ordered_at", "net_minor", back_minor=back.cast("int64"), back_at=mine.back_at)
    return found.order_by(["ordered_at", "order_id"])
