"""What the warehouse holds of products: what messages told, and their rows."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
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


def stored_details(shop_id: str, product_ids: Sequence[str]) -> ir.Table:
    """The details of these products."""
    details = unbound("product_details")
    return details.filter(details.shop_id == shop_id, details.product_id.isin(list(product_ids)))


def whole(shop_id: str, product_ids: Sequence[str] | None = None) -> ir.Table:
    """Products with their details, one row each: of some, or of all that are not deleted."""
    products, details = unbound("products"), unbound("product_details")
    mine = products.filter(products.shop_id == shop_id)
    own = details.filter(details.shop_id == shop_id)
    if product_ids is not None:
        mine, own = (one.filter(one.product_id.isin(list(product_ids))) for one in (mine, own))
    else:
        mine = mine.filter(mine.status.isnull() | (mine.status != "deleted"))
    return (
        mine.left_join(own.drop("shop_id"), "product_id").drop("product_id_right", "load_id", "cost_minor").order_by("product_id")
    )


def page(shop_id: str, after: str | None, most: int) -> ir.Table:
    """So many of all products that are not deleted, from behind one of them on."""
    found = whole(shop_id)
    return (found if after is None else found.filter(found.product_id > after)).order_by("product_id").limit(most)


def marks(shop_id: str) -> ir.Table:
    """For every product that is not deleted a number that changes whenever anything of it does."""
    products, details = unbound("products"), unbound("product_details")
    mine = products.filter(products.shop_id == shop_id, products.status.isnull() | (products.status != "deleted"))
    row = mine.select(
        "product_id", of_row=_mark(mine, [name for name in products.columns if name not in ("shop_id", "load_id", "observed_at")])
    )
    own = details.filter(details.shop_id == shop_id)
    more = own.select("product_id", of_details=_mark(own, [name for name in details.columns if name not in ("shop_id", "told_at")]))
    joined = row.left_join(more, "product_id")
    return joined.select("product_id", "of_row", of_details=joined.of_details.coalesce(0))


def _mark(table: ir.Table, columns: Sequence[str]) -> ir.IntegerValue:
    texts = [table[name].cast("string").coalesce("\x02") for name in columns]
    return ibis.literal("\x1f").join(texts).hash()
