"""Carts as rows: opened by the first Product Added, ended by an order or by silence."""

from __future__ import annotations

from datetime import timedelta

import ibis
import ibis.expr.types as ir

from regulars.understand.questions import Calendar, EventFilter, Moments
from regulars.understand.questions.queries import bucket, events_of, instant, operand, within
from regulars.understand.shopping.domain import CartsQuery
from regulars.warehouse.instants import microseconds

ADDED, REMOVED, CHECKOUT, ORDERED = range(4)
_NAMES = ("Product Added", "Product Removed", "Checkout Started", "Order Completed")


def chosen(query: CartsQuery) -> ir.Table:
    """The events that carts are made of, and which `kind` of these each is."""
    properties = [query.breakdown] if query.breakdown else []
    rows = events_of(query.asked, filters=[EventFilter(name) for name in _NAMES], properties=properties, told_apart=True)
    rows = within(rows, Moments(end=query.as_of))
    rows = rows.mutate(kind=ibis.cases(*((rows.event == name, kind) for kind, name in enumerate(_NAMES)), else_=-1).cast("int64"))
    return rows.filter(rows.kind >= 0)


def told(rows: ir.Table) -> ir.StringValue:
    """What is told of: the same order, or the event by itself."""
    once = ibis.ifelse(rows.kind == ORDERED, rows.order_id, ibis.null("string"))
    return ibis.coalesce(once, ibis.literal("event ") + rows.event_key.cast("string"))


def amount(rows: ir.Table, currency: str) -> ir.IntegerValue:
    """What an event puts into the cart, or takes out, in minor units."""
    value = (rows.price.cast("float64") * rows.quantity.cast("float64").fill_null(1.0) * 100).round().cast("int64")
    value = ibis.ifelse(rows.currency.isnull() | (rows.currency == currency), value, 0).fill_null(0)
    return ibis.cases((rows.kind == ADDED, value), (rows.kind == REMOVED, -value), else_=0).cast("int64")


def noted(query: CartsQuery, currency: str) -> ir.Table:
    """The events that carts are made of, and the number `cart` of the stretch of the customer each lies in.

    A stretch ends with an order, or where the silence was as long as it takes. At the same instant things are added before they
    are removed, and an order comes last. An order told again is not told.
    """
    rows = chosen(query)
    again = ibis.row_number().over(ibis.window(group_by="told", order_by=["timestamp", "event_key"]))
    rows = rows.select(
        "customer_id",
        "kind",
        "event_key",
        "timestamp",
        told=told(rows),
        product_id=rows.product_id,
        moment=microseconds(rows.timestamp),
        amount=amount(rows, currency),
        group=operand(rows, query.breakdown).text if query.breakdown else ibis.null("string"),
    )
    orders = rows.filter(rows.kind == ORDERED)
    orders = orders.mutate(again=again)
    orders = orders.filter(orders.again == 0).drop("again")
    rows = rows.filter(rows.kind != ORDERED).union(orders)
    order = ibis.window(group_by="customer_id", order_by=["moment", "kind", "event_key"])
    rows = rows.mutate(before=rows.moment.lag().over(order), kind_before=rows.kind.lag().over(order))
    breaks = rows.before.isnull() | (rows.kind_before == ORDERED) | (rows.moment - rows.before >= query.silence)
    rows = rows.mutate(breaks=breaks.cast("int64"))
    running = ibis.window(group_by="customer_id", order_by=["moment", "kind", "event_key"], preceding=None, following=0)
    return rows.mutate(cart=rows.breaks.sum().over(running))


def carts(rows: ir.Table, query: CartsQuery, calendar: Calendar | None) -> ir.Table:
    """One row per cart opened in the range.

    `customer_id`, `cart`, `opened_at`, `status`, `checkout`, `value`, `took` (microseconds to the order; null: none), `group`,
    `bucket`.
    """
    whole = ibis.window(group_by=["customer_id", "cart"])
    rows = rows.mutate(opened=rows.moment.min(where=rows.kind == ADDED).over(whole))
    rows = rows.filter(rows.opened.notnull(), rows.moment >= rows.opened)
    found = rows.group_by("customer_id", "cart").aggregate(
        opened_at=rows.timestamp.min(where=rows.kind == ADDED),
        opened=rows.opened.max(),
        last=rows.moment.max(),
        ordered=(rows.kind == ORDERED).cast("int64").max(),
        checkout=(rows.kind == CHECKOUT).cast("int64").max(),
        value=ibis.greatest(rows.amount.sum(), 0),
        group=rows.group.max(where=(rows.kind == ADDED) & (rows.moment == rows.opened)),
    )
    if query.moments.start is not None:
        found = found.filter(found.opened_at >= instant(query.moments.start))
    if query.moments.end is not None:
        found = found.filter(found.opened_at < instant(query.moments.end))
    over = found.last + query.silence <= round(query.as_of.timestamp() * 1_000_000)
    found = found.mutate(
        status=ibis.cases((found.ordered == 1, "converted"), (over, "abandoned"), else_="open"),
        took=ibis.ifelse(found.ordered == 1, found.last - found.opened, ibis.null("int64")),
        bucket=bucket(found.opened_at, calendar).cast("int64") if calendar is not None else ibis.literal(0, "int64"),
    )
    return found.drop("opened", "last", "ordered")


def figures(found: ir.Table, by: str | None) -> ir.Table:
    """Counts by bucket, by group or of all (`cell`)."""
    found = found.mutate(cell=ibis.literal(0) if by is None else found[by])
    lost, won = found.status == "abandoned", found.status == "converted"
    each = found.group_by("cell", "customer_id").aggregate(
        carts=found.count(),
        abandoned=lost.cast("int64").sum(),
        converted=won.cast("int64").sum(),
        at_checkout=(lost & (found.checkout == 1)).cast("int64").sum(),
        value=ibis.ifelse(lost, found.value, 0).sum(),
        took=found.took.sum().fill_null(0),
    )
    return each.group_by("cell").aggregate(
        carts=each.carts.sum(),
        abandoned=each.abandoned.sum(),
        converted=each.converted.sum(),
        customers=each.count(),
        abandoned_customers=(each.abandoned > 0).cast("int64").sum(),
        at_checkout=each.at_checkout.sum(),
        value=each.value.sum(),
        took=each.took.sum(),
    )


def left(rows: ir.Table, found: ir.Table) -> ir.Table:
    """What lies in abandoned carts: `customer_id`, `cart`, `product_id`, `value`; products that were taken out again do not.

    What was taken out before the cart was opened is none of it.
    """
    lost = found.filter(found.status == "abandoned").select("customer_id", "cart", "opened_at")
    rows = rows.filter(rows.product_id.notnull(), rows.kind.isin([ADDED, REMOVED])).inner_join(lost, ["customer_id", "cart"])
    rows = rows.filter(rows.timestamp >= rows.opened_at)
    each = rows.group_by("customer_id", "cart", "product_id").aggregate(
        value=rows.amount.sum(), put=ibis.ifelse(rows.kind == ADDED, 1, -1).sum()
    )
    return each.filter(each.put > 0).drop("put")


def left_most(lying: ir.Table, limit: int) -> ir.Table:
    """Products by how many abandoned carts hold them."""
    each = lying.group_by("product_id", "customer_id").aggregate(carts=lying.count(), value=lying.value.sum())
    found = each.group_by("product_id").aggregate(carts=each.carts.sum(), customers=each.count(), value=each.value.sum())
    return found.order_by([found.carts.desc(), found.product_id.asc()]).limit(limit)


def ended_by(query: CartsQuery) -> timedelta:
    """How long the shortest-lived cart takes to be over."""
    return timedelta(microseconds=query.silence)
