"""What the warehouse holds of products: what messages told, and their rows."""

from __future__ import annotations

from collections.abc import Sequence

import ibis.expr.types as ir

from regulars.collect.catalog.domain import EVENTS
from regulars.warehouse import unbound

_TOLD = (
    "product_id", "event", "source_id", "message_id", "timestamp", "product_name", "category", "brand", "price", "currency", "properties",
)  # fmt: skip


def told(shop_id: str, product_ids: Sequence[str]) -> ir.Table:
    """Every message about these products."""
    events = unbound("events")
    mine = (events.shop_id == shop_id, events.event.isin(EVENTS), events.product_id.isin(list(product_ids)))
    return events.filter(*mine).select(*_TOLD)


def named(shop_id: str) -> ir.Table:
    """The products that messages told of."""
    events = unbound("events")
    mine = (events.shop_id == shop_id, events.event.isin(EVENTS), events.product_id.notnull())
    return events.filter(*mine).select("product_id").distinct()


def stored(shop_id: str, product_ids: Sequence[str]) -> ir.Table:
    """The rows of these products."""
    products = unbound("products")
    return products.filter(products.shop_id == shop_id, products.product_id.isin(list(product_ids)))
