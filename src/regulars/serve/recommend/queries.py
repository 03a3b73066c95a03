"""What the warehouse holds that recommendations are made of: views, order lines, products, and lists that were seen."""

from __future__ import annotations

import ibis.expr.types as ir

from regulars.warehouse import placeholder, unbound

#: Events that a session is made of.
VIEWS = ("Product Viewed", "Product Added")
#: A list that was seen, and a product of it that was chosen; both name the list in `list_id`.
SEEN, CHOSEN = "Product List Viewed", "Product Clicked"
LIST = "rec_"


def views(shop_id: str) -> ir.Table:
    """Who looked at what, when: products that people looked at or put into a cart."""
    events = unbound("events")
    mine = (events.shop_id == shop_id, events.event.isin(VIEWS), events.product_id.notnull(), events.customer_id.notnull())
    return events.filter(*mine, ~events.is_bot).select("customer_id", "product_id", "timestamp")


def loaded_since(shop_id: str) -> ir.Table:
    """The messages that came lately (`since`, an instant as text), to tell which of the journal's are in the warehouse already."""
    events = unbound("events")
    return events.filter(events.shop_id == shop_id, events.received_at >= placeholder("since").cast("timestamp")).select(
        "message_id"
    )


def lines(shop_id: str) -> ir.Table:
    """What was bought: products of orders that hold."""
    lines = unbound("order_lines")
    mine = (lines.shop_id == shop_id, lines.status == "placed", lines.kind == "product", lines.product_id.notnull())
    orders = unbound("orders")
    regions = orders.filter(orders.shop_id == shop_id).select("order_id", "region")
    bought = lines.filter(*mine, lines.quantity > 0).select("order_id", "customer_id", "product_id", "ordered_at")
    return bought.left_join(regions, "order_id").select("order_id", "customer_id", "product_id", "ordered_at", "region")


def products(shop_id: str) -> ir.Table:
    """The catalogue as it is."""
    products = unbound("products")
    columns = ("product_id", "name", "category", "brand", "seller_id", "price_minor", "currency", "stock", "status")
    return products.filter(products.shop_id == shop_id).select(*columns)


def names(shop_id: str) -> ir.Table:
    """What order lines and events call products, for shops without a catalogue."""
    lines = unbound("order_lines")
    bought = lines.filter(lines.shop_id == shop_id, lines.product_id.notnull(), lines.kind == "product")
    return bought.group_by("product_id").aggregate(
        name=bought.product_name.max(), category=bought.category.max(), brand=bought.brand.max()
    )


def answers_to_lists(shop_id: str) -> ir.Table:
    """Our lists that were seen or chosen from."""
    events = unbound("events")
    mine = (events.shop_id == shop_id, events.event.isin((SEEN, CHOSEN)), events.list_id.startswith(LIST), ~events.is_bot)
    return events.filter(*mine).select("event", "list_id", "product_id", "properties")


def segments_of(shop_id: str) -> ir.Table:
    """The segments that `customer_id` is in."""
    members = unbound("segment_members")
    return members.filter(members.shop_id == shop_id, members.customer_id == placeholder("customer_id")).select("segment_id")


def members(shop_id: str) -> ir.Table:
    """Who is in the segment `segment_id`."""
    members = unbound("segment_members")
    return members.filter(members.shop_id == shop_id, members.segment_id == placeholder("segment_id")).select("customer_id")
