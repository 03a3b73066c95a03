"""Ibis expressions of root causes: the cube of sales in two periods, and what else happened in them. Nothing is executed here."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from regulars.understand.metrics import Scope, counted, instant, within
from regulars.values.periods import Period

NONE = "(none)"
#: A campaign counts as having brought an order for so many days after its last visit.
CAMPAIGN_DAYS = 30
_DAY_SECONDS = 86_400


def sold_items(orders: ir.Table, lines: ir.Table, sessions: ir.Table, scope: Scope, period: Period, before: Period) -> ir.Table:
    """Money and units of product lines per cell, now and before."""
    rows = _both(counted(lines, scope), "ordered_at", scope, period, before)
    rows = rows.filter(rows.kind == "product")
    rows = rows.left_join(_of_orders(orders, scope), "order_id")
    came = origins(orders, sessions, scope, period, before)
    rows = rows.left_join(came, rows.order_id == came.of_order)
    rows = rows.mutate(
        product=_told(rows.product_id), category=_told(rows.category), brand=_told(rows.brand), seller=_told(rows.seller_id),
        channel=_told(rows.channel), region=_told(rows.region), coupon=_told(rows.coupon),
        device=_told(rows.device), campaign=_told(rows.campaign),
    )  # fmt: skip
    keys = ["product", "category", "brand", "seller", "channel", "region", "coupon", "device", "campaign"]
    placed = rows.status == "placed"
    return rows.group_by(keys).aggregate(
        items=rows.amount_minor.sum(where=rows.is_now),
        items_before=rows.amount_minor.sum(where=~rows.is_now),
        placed_items=rows.amount_minor.sum(where=rows.is_now & placed),
        placed_items_before=rows.amount_minor.sum(where=~rows.is_now & placed),
        units=rows.quantity.sum(where=rows.is_now),
        units_before=rows.quantity.sum(where=~rows.is_now),
    )


def ordered(orders: ir.Table, sessions: ir.Table, scope: Scope, period: Period, before: Period) -> ir.Table:
    """Orders, their money, units, buyers, cancellations and deliveries per cell, now and before."""
    rows = counted(orders, scope)
    by_customer = ibis.window(group_by=rows.customer_id, order_by=[rows.ordered_at, rows.order_id])
    rows = rows.mutate(last_at=rows.ordered_at.lag(1).over(by_customer))
    rows = _both(rows, "ordered_at", scope, period, before)
    came = origins(orders, sessions, scope, period, before)
    rows = rows.left_join(came, rows.order_id == came.of_order)
    rows = rows.mutate(
        seller=_told(rows.seller_id), channel=_told(rows.channel), region=_told(rows.region), coupon=_told(rows.coupon_code),
        device=_told(rows.device), campaign=_told(rows.campaign),
    )  # fmt: skip
    cancelled, known = rows.status == "cancelled", rows.customer_id.notnull()
    first, again = known & rows.last_at.isnull(), known & rows.last_at.notnull()
    gap, trip = (rows.ordered_at.delta(rows.last_at, unit="second"), rows.delivered_at.delta(rows.ordered_at, unit="second"))
    arrived = rows.delivered_at.notnull()
    promised = arrived & rows.promised_at.notnull()
    sums: dict[str, ir.Scalar] = {}
    for suffix, when in (("", rows.is_now), ("_before", ~rows.is_now)):
        sums |= {
            f"orders{suffix}": rows.count(where=when),
            f"value{suffix}": rows.total_minor.sum(where=when),
            f"units{suffix}": rows.units.sum(where=when),
            f"cancelled{suffix}": rows.count(where=when & cancelled),
            f"cancelled_value{suffix}": rows.total_minor.sum(where=when & cancelled),
            f"discount{suffix}": rows.discount_minor.sum(where=when),
            f"gross{suffix}": rows.items_minor.sum(where=when),
            f"known{suffix}": rows.count(where=when & known),
            f"anonymous{suffix}": rows.count(where=when & ~known),
            f"anonymous_value{suffix}": rows.total_minor.sum(where=when & ~known),
            f"firsts{suffix}": rows.count(where=when & first),
            f"first_value{suffix}": rows.total_minor.sum(where=when & first),
            f"repeats{suffix}": rows.count(where=when & again),
            f"repeat_value{suffix}": rows.total_minor.sum(where=when & again),
            f"gaps{suffix}": rows.count(where=when & again),
            f"gap_days{suffix}": gap.sum(where=when & again) / _DAY_SECONDS,
            f"delivered{suffix}": rows.count(where=when & arrived),
            f"delivery_days{suffix}": trip.sum(where=when & arrived) / _DAY_SECONDS,
            f"promised{suffix}": rows.count(where=when & promised),
            f"late{suffix}": rows.count(where=when & promised & (rows.delivered_at > rows.promised_at)),
        }
    return rows.group_by(["seller", "channel", "region", "coupon", "device", "campaign"]).aggregate(**sums)


def given_back(orders: ir.Table, refunds: ir.Table, scope: Scope, period: Period, before: Period) -> ir.Table:
    """Money given back per product, category, reason and where its order came from, now and before; booked on the refund's day."""
    rows = _refunded(orders, refunds, scope, period, before)
    rows = rows.mutate(reason=_told(rows.reason))
    return rows.group_by(["product", "category", "seller", "channel", "region", "reason"]).aggregate(
        refunds=rows.amount_minor.sum(where=rows.is_now), refunds_before=rows.amount_minor.sum(where=~rows.is_now)
    )


def sold_and_given_back(
    orders: ir.Table, lines: ir.Table, refunds: ir.Table, scope: Scope, period: Period, before: Period
) -> ir.Table:
    """Money of product lines and money given back per cell, now and before, each in its own day."""
    keys = ["product", "category", "seller", "channel", "region"]
    sold = _both(counted(lines, scope), "ordered_at", scope, period, before)
    sold = sold.filter(sold.kind == "product").left_join(_of_orders(orders, scope), "order_id")
    sold = sold.select(
        "is_now", product=_told(sold.product_id), category=_told(sold.category), seller=_told(sold.seller_id),
        channel=_told(sold.channel), region=_told(sold.region), items=sold.amount_minor, refunds=ibis.literal(0, "int64"),
    )  # fmt: skip
    back = _refunded(orders, refunds, scope, period, before)
    back = back.select("is_now", *keys, items=ibis.literal(0, "int64"), refunds=back.amount_minor)
    rows = sold.union(back)
    return rows.group_by(keys).aggregate(
        items=rows["items"].sum(where=rows.is_now),
        items_before=rows["items"].sum(where=~rows.is_now),
        refunds=rows.refunds.sum(where=rows.is_now),
        refunds_before=rows.refunds.sum(where=~rows.is_now),
    )


def spent(costs: ir.Table, scope: Scope, period: Period, before: Period) -> ir.Table:
    """What advertising cost, how often it was shown and clicked, per channel, source, campaign and coupon, now and before."""
    rows = costs.filter(costs.shop_id == scope.shop_id, costs.currency == scope.currency)
    now = (rows.spent_on >= period.start_on) & (rows.spent_on < period.end_on)
    then = (rows.spent_on >= before.start_on) & (rows.spent_on < before.end_on)
    rows = rows.filter(now | then).mutate(is_now=now)
    rows = rows.mutate(
        channel=_told(rows.channel), source=_told(rows.source), campaign=_told(rows.campaign), coupon=_told(rows.coupon_code)
    )
    sums: dict[str, ir.Scalar] = {}
    for suffix, when in (("", rows.is_now), ("_before", ~rows.is_now)):
        sums |= {
            f"cost{suffix}": rows.cost_minor.sum(where=when),
            f"impressions{suffix}": rows.impressions.sum(where=when),
            f"clicks{suffix}": rows.clicks.sum(where=when),
        }
    return rows.group_by(["channel", "source", "campaign", "coupon"]).aggregate(**sums)


def origins(orders: ir.Table, sessions: ir.Table, scope: Scope, period: Period, before: Period) -> ir.Table:
    """Per order `of_order`: the device of the buyer's last visit within a day before it, and the last campaign within 30 days."""
    rows = _both(counted(orders, scope), "ordered_at", scope, period, before)
    rows = rows.select("order_id", "customer_id", "ordered_at")
    seen = sessions.filter(sessions.shop_id == scope.shop_id, ~sessions.is_bot)
    seen = seen.select("session_key", "started_at", "device", "utm_campaign", who=seen.customer_id)
    met = rows.inner_join(seen, rows.customer_id == seen.who)
    met = met.filter(met.started_at <= met.ordered_at, met.started_at >= met.ordered_at - ibis.interval(days=CAMPAIGN_DAYS))
    newest = ibis.window(group_by="order_id", order_by=[ibis.desc("started_at"), ibis.desc("session_key")])
    visit = met.filter(met.device.notnull(), met.started_at >= met.ordered_at - ibis.interval(days=1))
    visit = visit.mutate(place=ibis.row_number().over(newest))
    visit = visit.filter(visit.place == 0).select(of_visit=visit.order_id, device=visit.device)
    named = met.filter(met.utm_campaign.notnull())
    named = named.mutate(place=ibis.row_number().over(newest))
    named = named.filter(named.place == 0).select(of_campaign=named.order_id, campaign=named.utm_campaign)
    both = rows.left_join(visit, rows.order_id == visit.of_visit)
    both = both.left_join(named, both.order_id == named.of_campaign)
    return both.select("device", "campaign", of_order=both.order_id)


def asked_prices(lines: ir.Table, scope: Scope, period: Period, before: Period) -> ir.Table:
    """Each product's median unit price now and before: quantities bought at once do not move it as they move a mean."""
    rows = _both(counted(lines, scope), "ordered_at", scope, period, before)
    rows = rows.filter(rows.kind == "product", rows.product_id.notnull(), rows.unit_price > 0)
    price = rows.unit_price.cast("float64")
    return rows.group_by("product_id").aggregate(now=price.median(where=rows.is_now), then=price.median(where=~rows.is_now))


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


def _of_orders(orders: ir.Table, scope: Scope) -> ir.Table:
    return orders.filter(orders.shop_id == scope.shop_id).select(
        "order_id", channel=_told(orders.channel), region=_told(orders.region), coupon=_told(orders.coupon_code)
    )


def _refunded(orders: ir.Table, refunds: ir.Table, scope: Scope, period: Period, before: Period) -> ir.Table:
    rows = refunds.filter(refunds.shop_id == scope.shop_id, refunds.currency == scope.currency)
    rows = _both(rows, "refunded_at", scope, period, before)
    placed = orders.filter(orders.shop_id == scope.shop_id)
    placed = placed.select(of_order=placed.order_id, seller=placed.seller_id, channel=placed.channel, region=placed.region)
    rows = rows.left_join(placed, rows.order_id == placed.of_order)
    return rows.mutate(
        product=_told(rows.product_id), category=_told(rows.category), seller=_told(rows.seller),
        channel=_told(rows.channel), region=_told(rows.region),
    )  # fmt: skip


def _both(rows: ir.Table, column: str, scope: Scope, period: Period, before: Period) -> ir.Table:
    (start, end), (first, last) = period.instants(scope.zone), before.instants(scope.zone)
    now = (rows[column] >= instant(start)) & (rows[column] < instant(end))
    then = (rows[column] >= instant(first)) & (rows[column] < instant(last))
    return rows.filter(now | then).mutate(is_now=now)


def _told(column: ir.StringValue) -> ir.StringValue:
    return ibis.coalesce(column.nullif(""), ibis.literal(NONE))
