"""Costs, visits, credited orders and promotions by key, as Ibis expressions: tables in, tables out."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from regulars.understand.attribution import NOT_SET, AttributionQuery, credited, unmet
from regulars.understand.marketing.domain import By, MarketingQuery
from regulars.understand.metrics import UNPAID
from regulars.understand.questions import NONE, Asked, EventFilter, Moments, Property
from regulars.understand.questions.queries import events_of, instant, operand
from regulars.values.periods import Period
from regulars.values.platforms import PLATFORMS
from regulars.warehouse import unbound

_SEEN, _CLICKED = "Promotion Viewed", "Promotion Clicked"


def costs(query: MarketingQuery) -> ir.Table:
    """`key`, `name`, `impressions`, `clicks`, `cost`: what was spent in the period."""
    rows = unbound("ad_costs")
    rows = rows.filter(
        rows.shop_id == query.shop_id,
        rows.currency == query.currency,
        rows.spent_on >= ibis.date(query.period.start_on),
        rows.spent_on < ibis.date(query.period.end_on),
    )
    column = {"channel": rows.channel, "source": rows.source, "campaign": rows.campaign, "promotion": rows.coupon_code}[query.by]
    if query.by == "promotion":
        rows = rows.filter(column != "")
    value = column.nullif("").fill_null(NOT_SET)
    rows = rows.select("impressions", "clicks", "cost_minor", key=canonical(value, query.by), value=value)
    return rows.group_by("key").aggregate(
        name=rows.value.min(),
        impressions=rows.impressions.sum().fill_null(0),
        clicks=rows.clicks.sum().fill_null(0),
        cost=rows.cost_minor.sum(),
    )


def newest_cost(shop_id: str) -> ir.Table:
    """`last_on`: the last day with costs; null without any."""
    rows = unbound("ad_costs")
    return rows.filter(rows.shop_id == shop_id).aggregate(last_on=rows.spent_on.max())


def visits(query: MarketingQuery) -> ir.Table:
    """`key`, `name`, `visits`, `people`: visits of people that began in the period and tell where they came from."""
    rows = unbound("sessions")
    rows = rows.filter(rows.shop_id == query.shop_id, ~rows.is_bot, rows.is_seen, rows.channel.notnull())
    rows = _within(rows, rows.started_at, query.period, query.zone)
    value = {
        "channel": rows.channel,
        "source": ibis.coalesce(rows.utm_source, rows.referring_domain),
        "campaign": rows.utm_campaign,
    }[str(query.by)]
    value = ibis.coalesce(value, ibis.ifelse(rows.channel == "direct", "(direct)", NOT_SET))
    rows = rows.select("customer_id", key=canonical(value, query.by), value=value)
    return rows.group_by("key").aggregate(name=rows.value.min(), visits=rows.count(), people=rows.customer_id.nunique())


def brought(query: MarketingQuery, attributed: AttributionQuery) -> ir.Table:
    """`key`, `name` and the sums of orders, as the model shares them among what touched them."""
    rows = credited(attributed)
    share, minor = rows[f"share::{query.model}"], rows[f"minor::{query.model}"]
    rows = rows.select("conversion", value=rows.value, key=canonical(rows.value, query.by), share=share, minor=minor)
    rows = rows.filter(rows.share > 0)
    facts = order_facts(query)
    rows = rows.inner_join(facts, rows.conversion == facts.order_id)
    return rows.group_by("key").aggregate(
        name=rows.value.min(),
        orders=rows.share.sum(),
        new_customers=(rows.share * rows.is_new).sum(),
        revenue=rows.minor.sum(),
        **{part: (rows.share * rows[part]).sum() for part in ("net", "goods", "known", "items")},
    )


def untouched(query: MarketingQuery, attributed: AttributionQuery) -> ir.Table:
    """The same sums of the orders that nothing touched, in one row."""
    facts = order_facts(query)
    missed = unmet(attributed).select("conversion")
    rows = facts.semi_join(missed, facts.order_id == missed.conversion)
    return rows.aggregate(
        orders=rows.count(),
        new_customers=rows.is_new.sum(),
        revenue=rows.total_minor.sum(),
        **{part: rows[part].sum() for part in ("net", "goods", "known", "items")},
    ).mutate(key=ibis.literal(NONE), name=ibis.literal(NONE))


def behind(query: MarketingQuery, attributed: AttributionQuery, key: str) -> ir.Table:
    """The customers whose orders a key was given credit for."""
    if key == NONE:
        rows = unmet(attributed)
        return rows.filter(rows.customer_id.notnull()).select("customer_id").distinct()
    rows = credited(attributed)
    rows = rows.filter(canonical(rows.value, query.by) == key, rows[f"share::{query.model}"] > 0)
    return rows.select("customer_id").distinct()


def promotions(query: MarketingQuery) -> ir.Table:
    """`key`, `name` and the sums of the orders of the period with a coupon."""
    rows = order_facts(query)
    rows = rows.filter(rows.coupon_code.notnull(), rows.coupon_code != "")
    rows = rows.mutate(key=canonical(rows.coupon_code, "promotion"))
    return rows.group_by("key").aggregate(
        name=rows.coupon_code.min(),
        orders=rows.count(),
        people=rows.customer_id.nunique(),
        new_customers=rows.is_new.sum(),
        revenue=rows.total_minor.sum(),
        discount=rows.discount_minor.sum(),
        **{part: rows[part].sum() for part in ("net", "goods", "known", "items")},
    )


def used(query: MarketingQuery, key: str) -> ir.Table:
    """The customers who ordered with a coupon."""
    rows = order_facts(query)
    rows = rows.filter(rows.coupon_code.notnull(), canonical(rows.coupon_code, "promotion") == key, rows.customer_id.notnull())
    return rows.select("customer_id").distinct()


def displays(query: MarketingQuery, asked: Asked) -> ir.Table:
    """`key`, `name`, `impressions`, `clicks`, `people`: promotions seen and clicked in the shop."""
    start, end = query.period.instants(query.zone)
    filters = [EventFilter(_SEEN), EventFilter(_CLICKED)]
    shown = [Property("promotion_id"), Property("name")]
    rows = events_of(asked, filters=filters, properties=shown, moments=Moments(start, end))
    value = ibis.coalesce(*(operand(rows, one).text for one in shown))
    rows = rows.select("customer_id", "event", value=value)
    rows = rows.filter(rows.value.notnull())
    rows = rows.mutate(key=canonical(rows.value, "promotion"), seen=(rows.event == _SEEN).cast("int64"))
    return rows.group_by("key").aggregate(
        name=rows.value.min(), impressions=rows.seen.sum(), clicks=(1 - rows.seen).sum(), people=rows.customer_id.nunique()
    )


def order_facts(query: MarketingQuery) -> ir.Table:
    """The period's orders: whether each is its customer's first ever, and what its goods cost.

    `net` is the total without shipping and tax; `goods` the cost of goods of lines whose product's cost is known, `known` the item
    revenue of these lines, `items` that of all.
    """
    orders = unbound("orders")
    orders = orders.filter(orders.shop_id == query.shop_id, orders.status != UNPAID, orders.currency == query.currency)
    own = ibis.window(group_by=orders.customer_id, order_by=[orders.ordered_at, orders.order_id])
    first = (ibis.row_number().over(own) == 0) & orders.customer_id.notnull()
    rows = orders.select(
        "order_id",
        "customer_id",
        "ordered_at",
        "coupon_code",
        "total_minor",
        "discount_minor",
        is_new=first.cast("int64"),
        net=(orders.total_minor - orders.shipping_minor - orders.tax_minor).cast("float64"),
    )
    rows = _within(rows, rows.ordered_at, query.period, query.zone)
    goods = _goods(query)
    rows = rows.left_join(goods, rows.order_id == goods.of_order).drop("of_order")
    return rows.mutate(**{name: rows[name].fill_null(0.0) for name in ("goods", "known", "items")})


def _goods(query: MarketingQuery) -> ir.Table:
    lines, products = unbound("order_lines"), unbound("products")
    lines = lines.filter(lines.shop_id == query.shop_id, lines.kind == "product", lines.currency == query.currency)
    lines = _within(lines, lines.ordered_at, query.period, query.zone)
    products = products.filter(products.shop_id == query.shop_id, products.cost_minor.notnull())
    priced = products.select(of_product=products.product_id, each=products.cost_minor)
    rows = lines.left_join(priced, lines.product_id == priced.of_product)
    amount = rows.amount_minor.cast("float64")
    return rows.group_by(of_order=rows.order_id).aggregate(
        goods=(rows.quantity.cast("float64") * rows.each.cast("float64")).sum().fill_null(0.0),
        known=amount.sum(where=rows.each.notnull()).fill_null(0.0),
        items=amount.sum().fill_null(0.0),
    )


def margins(query: MarketingQuery) -> ir.Table:
    """`known`, `items`: item revenue of the period with a known cost, and all."""
    rows = order_facts(query)
    return rows.aggregate(known=rows.known.sum(), items=rows["items"].sum())


def canonical(value: ir.StringValue, by: By) -> ir.StringValue:
    """What is compared: without blanks around and without case; a platform by its one name."""
    plain = value.strip().lower()
    if by != "source":
        return plain
    return ibis.cases(*((plain.isin([name, *words]), name) for name, words in PLATFORMS.items()), else_=plain)


def _within(rows: ir.Table, moment: ir.TimestampValue, period: Period, zone: str) -> ir.Table:
    start, end = period.instants(zone)
    return rows.filter(moment >= instant(start), moment < instant(end))
