"""Ibis expressions of root causes: the cube of sales in two periods, and what else happened in them. Nothing is executed here."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from regulars.understand.metrics import Scope, counted, instant, within
from regulars.values.periods import Period

NONE = "(none)"


def sold_items(orders: ir.Table, lines: ir.Table, scope: Scope, period: Period, before: Period) -> ir.Table:
    """Money and units of product lines per cell, now and before."""
    rows = _both(counted(lines, scope), scope, period, before)
    rows = rows.filter(rows.kind == "product")
    of_orders = orders.filter(orders.shop_id == scope.shop_id).select(
        "order_id", channel=_told(orders.channel), region=_told(orders.region), coupon=_told(orders.coupon_code)
    )
    rows = rows.left_join(of_orders, "order_id")
    rows = rows.mutate(
        product=_told(rows.product_id), category=_told(rows.category), brand=_told(rows.brand), seller=_told(rows.seller_id),
        channel=_told(rows.channel), region=_told(rows.region), coupon=_told(rows.coupon),
    )  # fmt: skip
    keys = ["product", "category", "brand", "seller", "channel", "region", "coupon"]
    placed = rows.status == "placed"
    return rows.group_by(keys).aggregate(
        items=rows.amount_minor.sum(where=rows.is_now),
        items_before=rows.amount_minor.sum(where=~rows.is_now),
        placed_items=rows.amount_minor.sum(where=rows.is_now & placed),
        placed_items_before=rows.amount_minor.sum(where=~rows.is_now & placed),
        units=rows.quantity.sum(where=rows.is_now),
        units_before=rows.quantity.sum(where=~rows.is_now),
    )


def ordered(orders: ir.Table, scope: Scope, period: Period, before: Period) -> ir.Table:
    """Orders, their money, units and cancellations per cell, now and before."""
    rows = _both(counted(orders, scope), scope, period, before)
    rows = rows.mutate(
        seller=_told(rows.seller_id), channel=_told(rows.channel), region=_told(rows.region), coupon=_told(rows.coupon_code)
    )
    cancelled = rows.status == "cancelled"
    sums: dict[str, ir.Scalar] = {}
    for suffix, when in (("", rows.is_now), ("_before", ~rows.is_now)):
        sums |= {
            f"orders{suffix}": rows.count(where=when),
            f"value{suffix}": rows.total_minor.sum(where=when),
            f"units{suffix}": rows.units.sum(where=when),
            f"cancelled{suffix}": rows.count(where=when & cancelled),
            f"discount{suffix}": rows.discount_minor.sum(where=when),
            f"gross{suffix}": rows.items_minor.sum(where=when),
        }
    return rows.group_by(["seller", "channel", "region", "coupon"]).aggregate(**sums)


def product_names(lines: ir.Table, scope: Scope, products: list[str]) -> ir.Table:
    """The newest name of each product."""
    rows = lines.filter(lines.shop_id == scope.shop_id, lines.product_id.isin(products), lines.product_name.notnull())
    return rows.group_by("product_id").aggregate(name=rows.product_name.argmax(rows.ordered_at))


def stock_seen(snapshots: ir.Table, scope: Scope, period: Period) -> ir.Table:
    """The lowest stock seen of each product in the period; one without a product tells that any was seen at all."""
    rows = snapshots.filter(snapshots.shop_id == scope.shop_id, snapshots.stock.notnull())
    rows = within(rows, rows.observed_at, *period.instants(scope.zone))
    return rows.group_by("product_id").aggregate(least=rows.stock.min())


def asked_elsewhere(prices: ir.Table, scope: Scope, period: Period, before: Period) -> ir.Table:
    """The lowest price competitors asked for each of our products, now and before."""
    rows = prices.filter(prices.shop_id == scope.shop_id, prices.price_minor.notnull(), prices.product_id.notnull())
    now = (rows.observed_on >= period.start_on) & (rows.observed_on < period.end_on)
    then = (rows.observed_on >= before.start_on) & (rows.observed_on < before.end_on)
    rows = rows.filter(now | then, rows.currency == scope.currency).mutate(is_now=now)
    return rows.group_by("product_id").aggregate(
        now=rows.price_minor.min(where=rows.is_now),
        then=rows.price_minor.min(where=~rows.is_now),
        competitor=rows.competitor.argmin(rows.price_minor, where=rows.is_now),
    )


def visits_by_channel(sessions: ir.Table, scope: Scope, period: Period, before: Period) -> ir.Table:
    """Visits of people by channel, now and before."""
    rows = sessions.filter(sessions.shop_id == scope.shop_id, sessions.is_seen, ~sessions.is_bot)
    (start, end), (first, last) = period.instants(scope.zone), before.instants(scope.zone)
    now = (rows.started_at >= instant(start)) & (rows.started_at < instant(end))
    then = (rows.started_at >= instant(first)) & (rows.started_at < instant(last))
    rows = rows.filter(now | then).mutate(is_now=now, source=_told(rows.channel))
    return rows.group_by("source").aggregate(now=rows.count(where=rows.is_now), then=rows.count(where=~rows.is_now))


def _both(rows: ir.Table, scope: Scope, period: Period, before: Period) -> ir.Table:
    (start, end), (first, last) = period.instants(scope.zone), before.instants(scope.zone)
    now = (rows.ordered_at >= instant(start)) & (rows.ordered_at < instant(end))
    then = (rows.ordered_at >= instant(first)) & (rows.ordered_at < instant(last))
    return rows.filter(now | then).mutate(is_now=now)


def _told(column: ir.StringValue) -> ir.StringValue:
    return ibis.coalesce(column.nullif(""), ibis.literal(NONE))
