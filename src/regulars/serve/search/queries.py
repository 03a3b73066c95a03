"""What the warehouse knows of searches: what was asked, what came of it, and what a customer buys."""

from __future__ import annotations

from datetime import datetime

import ibis
import ibis.expr.types as ir

from regulars.warehouse import json_text, unbound
from regulars.warehouse.instants import microseconds

SEARCHED = "Products Searched"
#: What shows that a search led somewhere.
CLICKS = ("Product Clicked", "Product Viewed", "Product Added", "Product Added to Wishlist")
#: What shows that the shopper went on in the shop.
_ONWARD = (*CLICKS, SEARCHED, "Product List Viewed", "Cart Viewed", "Checkout Started", "Order Completed")
_WITHIN = 30 * 60 * 1_000_000
_REWORDED_WITHIN = 5 * 60 * 1_000_000


def asked(shop_id: str, begin: datetime, end: datetime) -> ir.Table:
    """Every search with what came next within half an hour: `key`, `customer_id`, `results`, `clicked`, `product_id`, `left`."""
    events = unbound("events")
    mine = events.filter(
        events.shop_id == shop_id,
        events.event.isin(_ONWARD),
        events.timestamp >= ibis.literal(begin.replace(tzinfo=None)),
        events.timestamp < ibis.literal(end.replace(tzinfo=None)),
        ~events.is_bot,
        events.customer_id.notnull(),
    )
    rows = mine.select("customer_id", "event", "query", "product_id", "properties", "event_key", at=microseconds(mine.timestamp))
    ahead = ibis.window(group_by="customer_id", order_by=[rows.at, rows.event_key])
    rows = rows.mutate(
        next_event=rows.event.lead().over(ahead),
        next_at=rows.at.lead().over(ahead),
        next_product=rows.product_id.lead().over(ahead),
    )
    searches = rows.filter(rows.event == SEARCHED, rows.query.notnull())
    soon = (searches.next_at - searches.at <= _WITHIN).fill_null(False)
    found = searches.select(
        "customer_id",
        key=searches.query.strip().lower(),
        results=json_text(searches.properties, "results").try_cast("int64"),
        clicked=(soon & searches.next_event.isin(CLICKS)).fill_null(False),
        product_id=searches.next_product,
        left=~soon,
    )
    return found.filter(found.key != "")


def by_query(shop_id: str, begin: datetime, end: datetime) -> ir.Table:
    """For each query how often it was asked, by how many, without result, with a click, and as the last thing done."""
    rows = asked(shop_id, begin, end)
    each = rows.group_by("key", "customer_id").aggregate(
        asked=rows.count(),
        empty=(rows.results == 0).fill_null(False).cast("int64").sum(),
        clicked=rows.clicked.cast("int64").sum(),
        left=rows.left.cast("int64").sum(),
    )
    return each.group_by("key").aggregate(
        searches=each.asked.sum(),
        customers=each.count(),
        without_result=each.empty.sum(),
        clicks=each.clicked.sum(),
        exits=each.left.sum(),
    )


def clicked(shop_id: str, begin: datetime, end: datetime) -> ir.Table:
    """How often each product was clicked after each query."""
    rows = asked(shop_id, begin, end)
    hits = rows.filter(rows.clicked, rows.product_id.notnull())
    return hits.group_by("key", "product_id").aggregate(clicks=hits.count())


def reworded(shop_id: str, begin: datetime, end: datetime) -> ir.Table:
    """How many customers asked one thing, clicked nothing, and soon asked another and clicked: `key`, `other`, `customers`."""
    events = unbound("events")
    mine = events.filter(
        events.shop_id == shop_id,
        events.event.isin((SEARCHED, *CLICKS)),
        events.timestamp >= ibis.literal(begin.replace(tzinfo=None)),
        events.timestamp < ibis.literal(end.replace(tzinfo=None)),
        ~events.is_bot,
        events.customer_id.notnull(),
    )
    rows = mine.select("customer_id", "event", "event_key", key=mine.query.strip().lower(), at=microseconds(mine.timestamp))
    ahead = ibis.window(group_by="customer_id", order_by=[rows.at, rows.event_key])
    rows = rows.mutate(
        other=rows.key.lead().over(ahead),
        next_event=rows.event.lead().over(ahead),
        next_at=rows.at.lead().over(ahead),
        third_event=rows.event.lead(2).over(ahead),
        third_at=rows.at.lead(2).over(ahead),
    )
    found = rows.filter(
        rows.event == SEARCHED,
        rows.next_event == SEARCHED,
        rows.third_event.isin(CLICKS),
        rows.key != rows.other,
        rows.next_at - rows.at <= _REWORDED_WITHIN,
        rows.third_at - rows.next_at <= _WITHIN,
    )
    pairs = found.select("customer_id", "key", "other").distinct()
    return pairs.group_by("key", "other").aggregate(customers=pairs.count())


def bought(shop_id: str, customer_id: str) -> ir.Table:
    """How often a customer bought of each brand and category."""
    lines = unbound("order_lines")
    mine = lines.filter(
        lines.shop_id == shop_id, lines.customer_id == customer_id, lines.kind == "product", lines.status == "placed"
    )
    return mine.group_by("brand", "category").aggregate(times=mine.count())
