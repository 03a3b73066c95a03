"""Questions about a handful of orders, compiled once and filled with their numbers."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from regulars.collect.orders.domain import EVENTS
from regulars.events.ecommerce import folded
from regulars.warehouse import placeholder, unbound

#: Between order numbers in one filled-in text; no order number holds it.
SEPARATOR = "\x1f"

IMPORTED = "Order Imported"

#: What of a row of `events` an order needs.
EVENT_COLUMNS = (
    "source_id",
    "message_id",
    "event",
    "user_id",
    "anonymous_id",
    "timestamp",
    "order_id",
    "currency",
    "coupon",
    "properties",
)


def of_orders(name: str) -> ir.Table:
    """The rows of a table about the orders filled in as `order_ids`, in the shop `shop_id`; customers as their sources named them."""
    wanted = placeholder("order_ids").split(SEPARATOR).unnest().name("order_id").as_table()
    table = unbound(name)
    found = table.filter(table.shop_id == placeholder("shop_id")).semi_join(wanted, "order_id")
    return found.mutate(customer_id=found.named_as.fill_null(found.customer_id)).drop("named_as")


def orders_told(shop_ids: Sequence[str]) -> ir.Table:
    """Which orders messages have told of, in these shops."""
    facts = unbound("order_facts")
    return facts.filter(facts.shop_id.isin(list(shop_ids)), facts.event != IMPORTED).select("shop_id", "order_id").distinct()


def foreign_facts(shop_id: str) -> ir.Table:
    """What messages told of orders with a currency, customers as they were named."""
    facts = unbound("order_facts")
    found = facts.filter(facts.shop_id == shop_id, facts.event != IMPORTED, facts.told.contains('"currency"'))
    return found.mutate(customer_id=found.named_as.fill_null(found.customer_id)).drop("named_as")


def order_events(shop_id: str) -> ir.Table:
    """The events of the shop that make or change orders, in any spelling (as `regulars.events.ecommerce.folded` sees it)."""
    events = unbound("events")
    spelled = events.event.lower().re_replace("[^a-z0-9]", "")
    return events.filter(events.shop_id == shop_id, events.event.ilike("%order%"), spelled.isin([folded(name) for name in EVENTS]))


def months_of(events: ir.Table) -> ir.Table:
    """The months in which there are events, in order."""
    return events.select(month=events.timestamp.truncate("M")).distinct().order_by("month")


def in_month(events: ir.Table, month: object) -> ir.Table:
    """The events of one month, with all that an order needs of them."""
    rows = events.filter(events.timestamp.truncate("M") == ibis.literal(month, type="timestamp(6)"))
    return rows.select(
        "source_id",
        "message_id",
        "event",
        "user_id",
        "anonymous_id",
        "timestamp",
        "order_id",
        "value_minor",
        "currency",
        "coupon",
        "properties",
    )
