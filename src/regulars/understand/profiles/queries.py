"""Ibis expressions of customer profiles: history in numbers, lists, and what one customer likes and did."""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

import ibis
import ibis.expr.types as ir

from regulars.understand import lifecycle, rfm
from regulars.understand.lifecycle import Cuts, History
from regulars.understand.metrics.queries.scope import COUNTED, instant
from regulars.understand.profiles.domain import Filters
from regulars.warehouse import placeholder, unbound
from regulars.warehouse.derived import CUSTOMER_PROFILES

#: A text that is known, or filled in when the question is asked.
Text: TypeAlias = str | ir.StringValue

#: How far "a year" looks back in a profile.
YEAR_DAYS = 365


def profiles(orders: ir.Table, refunds: ir.Table, customers: ir.Table, history: History, cuts: Cuts) -> ir.Table:
    """One row per customer as of the cut-off: the columns of customer_profiles.

    Buyers come from the orders; customers known only by their own table follow as prospects.
    """
    known = lifecycle.known_orders(orders, history)
    buyers = _buyers(known, history)
    buyers = buyers.left_join(_returned(refunds, known, history), "customer_id").drop("customer_id_right")
    mine = one_row_each(customers.filter(customers.shop_id == history.scope.shop_id))
    facts = mine.select("customer_id", known_region=mine.region, known_channel=mine.channel)
    buyers = buyers.left_join(facts, "customer_id").drop("customer_id_right")
    as_of_on = ibis.literal(history.as_of_on)
    refunded = buyers.refunds_minor.coalesce(0)
    buyers = buyers.mutate(
        refunds_minor=refunded,
        net_minor=buyers.gmv_minor - buyers.cancelled_minor - refunded,
        repeat_year_minor=ibis.greatest(buyers.bought_year_minor - buyers.returned_year_minor.coalesce(0), 0),
        days_since_last=as_of_on.delta(buyers.last_on, unit="day").cast("float64"),
        days_since_first=as_of_on.delta(buyers.first_on, unit="day"),
        region=buyers.region.coalesce(buyers.known_region),
        channel=buyers.channel.coalesce(buyers.known_channel),
    )
    buyers = rfm.scored(buyers)
    buyers = buyers.mutate(stage=lifecycle.stage(buyers.days_since_first, buyers.days_since_last, cuts))
    return ibis.union(_shaped(buyers, history), _shaped(_prospects(facts, known), history))


def prospects_only(customers: ir.Table, history_shop_id: str, as_of: ir.TimestampScalar) -> ir.Table:
    """The profiles of a shop without a single order."""
    mine = one_row_each(customers.filter(customers.shop_id == history_shop_id))
    rows = mine.select("customer_id", "region", "channel").mutate(**_nothing_ordered())
    return _columns(rows.mutate(shop_id=ibis.literal(history_shop_id), as_of=as_of))


def one_row_each(customers: ir.Table) -> ir.Table:
    """Region and channel of each customer; of rows that were merged the customer's own comes first, then by the ids they had."""
    place = customers.named_as.coalesce("")
    return customers.group_by("customer_id").aggregate(
        region=customers.region.argmin(place, where=customers.region.notnull()),
        channel=customers.channel.argmin(place, where=customers.channel.notnull()),
    )


def _buyers(known: ir.Table, history: History) -> ir.Table:
    """One row per buyer: totals, and the gaps between its purchase days. One pass over the orders, folded into days first."""
    days = known.group_by("customer_id", "purchase_on").aggregate(
        first_at=known.ordered_at.min(),
        last_at=known.ordered_at.max(),
        orders=known.count(),
        gmv_minor=known.total_minor.sum(),
        cancelled_minor=known.total_minor.sum(where=known.status == "cancelled").coalesce(0),
        units=known.units.sum(),
        region=known.region.argmax(known.ordered_at, where=known.region.notnull()),
        channel=known.channel.argmax(known.ordered_at, where=known.channel.notnull()),
    )
    in_order = ibis.window(group_by=days.customer_id, order_by=days.purchase_on)
    days = days.mutate(place=ibis.row_number().over(in_order), before_on=days.purchase_on.lag(1).over(in_order))
    days = days.mutate(gap_days=days.purchase_on.delta(days.before_on, unit="day").cast("float64"))
    days = days.mutate(middle=days.gap_days.median().over(ibis.window(group_by=days.customer_id)))
    since_days = ibis.literal(history.as_of_on).delta(days.purchase_on, unit="day")
    repeat_of_year = (days.place > 0) & (since_days < YEAR_DAYS)
    return days.group_by("customer_id").aggregate(
        first_order_at=days.first_at.min(),
        last_order_at=days.last_at.max(),
        first_on=days.purchase_on.min(),
        last_on=days.purchase_on.max(),
        orders=days.orders.sum(),
        gmv_minor=days.gmv_minor.sum(),
        cancelled_minor=days.cancelled_minor.sum(),
        bought_year_minor=(days.gmv_minor - days.cancelled_minor).sum(where=repeat_of_year).coalesce(0),
        units=days.units.sum(),
        region=days.region.argmax(days.last_at, where=days.region.notnull()),
        channel=days.channel.argmax(days.last_at, where=days.channel.notnull()),
        purchase_days=days.count(),
        gap_days_mean=days.gap_days.mean(),
        gap_days_median=days.middle.max(),
        gap_days_spread=(days.gap_days - days.middle).abs().median(),
        second_order_days=days.gap_days.max(where=days.place == 1),
    )


def _returned(refunds: ir.Table, known: ir.Table, history: History) -> ir.Table:
    """What each buyer was given back: ever, within the last 365 days, and since its last order."""
    rows = refunds.filter(refunds.shop_id == history.scope.shop_id, refunds.refunded_at < instant(history.as_of))
    if not history.scope.one_currency:
        rows = rows.filter(rows.currency == history.scope.currency)
    rows = rows.inner_join(known.group_by("customer_id").aggregate(last_order_at=known.ordered_at.max()), "customer_id")
    start = instant(history.as_of) - ibis.interval(days=YEAR_DAYS)
    return rows.group_by("customer_id").aggregate(
        refunds_minor=rows.amount_minor.sum(),
        returned_year_minor=rows.amount_minor.sum(where=rows.refunded_at >= start).coalesce(0),
        returned_since_minor=rows.amount_minor.sum(where=rows.refunded_at >= rows.last_order_at),
    )


def _prospects(facts: ir.Table, known: ir.Table) -> ir.Table:
    rows = facts.anti_join(known.select("customer_id").distinct(), "customer_id")
    rows = rows.select("customer_id", region=rows.known_region, channel=rows.known_channel)
    return rows.mutate(**_nothing_ordered())


def _nothing_ordered() -> dict[str, ir.Value]:
    empty = {name: ibis.null(kind.lstrip("!")) for name, kind in CUSTOMER_PROFILES.columns.items() if not kind.startswith("!")}
    for name in ("region", "channel"):
        empty.pop(name)
    zeros = {name: ibis.literal(0, "int64") for name in ("orders", "purchase_days", "gmv_minor", "refunds_minor", "net_minor")}
    return {**empty, **zeros, "units": ibis.literal(0, "int64"), "stage": ibis.literal(lifecycle.PROSPECT)}


def _shaped(rows: ir.Table, history: History) -> ir.Table:
    return _columns(rows.mutate(shop_id=ibis.literal(history.scope.shop_id), as_of=instant(history.as_of)))


def _columns(rows: ir.Table) -> ir.Table:
    return rows.select(**{name: rows[name].cast(kind.lstrip("!")) for name, kind in CUSTOMER_PROFILES.columns.items()})


# -- lists ----------------------------------------------------------------------------------------------------------

#: What a list is sorted by; every key is never null, so that a page can go on where the last one ended.
_LONG_AGO = "1900-01-01 00:00:00"


def sort_key(rows: ir.Table, sort: str) -> ir.Value:
    """The column a list is sorted by."""
    match sort:
        case "orders":
            return rows.orders
        case "last_order":
            return rows.last_order_at.coalesce(ibis.timestamp(_LONG_AGO))
        case "first_order":
            return rows.first_order_at.coalesce(ibis.timestamp(_LONG_AGO))
        case "aov":
            return (rows.gmv_minor / ibis.greatest(rows.orders, 1)).round().cast("int64")
        case "customer_id":
            return rows.customer_id
        case _:
            return rows.net_minor


def matching(profiles: ir.Table, next_orders: ir.Table, shop_id: str, filters: Filters) -> ir.Table:
    """The profiles that pass the filters."""
    rows = profiles.filter(profiles.shop_id == shop_id)
    tests: list[ir.BooleanValue] = []
    if filters.text:
        wanted = filters.text.strip().lower()
        tests.append(rows.customer_id.lower().contains(wanted) if len(wanted) >= 3 else rows.customer_id.lower().startswith(wanted))
    if filters.customer_ids is not None:
        tests.append(rows.customer_id.isin(list(filters.customer_ids)) if filters.customer_ids else ibis.literal(False))
    for column, value in (
        (rows.rfm_segment, filters.segment),
        (rows.stage, filters.stage),
        (rows.region, filters.region),
        (rows.channel, filters.channel),
    ):
        if value:
            tests.append(column == value)
    if filters.value_type:
        tests.append(rfm.value_type(rows.recency_score, rows.frequency_score, rows.monetary_score) == filters.value_type)
    if filters.min_orders is not None:
        tests.append(rows.orders >= filters.min_orders)
    if filters.max_orders is not None:
        tests.append(rows.orders <= filters.max_orders)
    if filters.min_net_minor is not None:
        tests.append(rows.net_minor >= filters.min_net_minor)
    if tests:
        rows = rows.filter(*tests)
    if filters.status:
        of_status = next_orders.filter(next_orders.shop_id == shop_id, next_orders.status == filters.status)
        rows = rows.semi_join(of_status.select("customer_id"), "customer_id")
    if filters.tag:
        tags = unbound("customer_tags")
        rows = rows.semi_join(tags.filter(tags.shop_id == shop_id, tags.tag == filters.tag).select("customer_id"), "customer_id")
    return rows


def page(rows: ir.Table, sort: str, descending: bool, after: tuple[ir.Value, str] | None, limit: int) -> ir.Table:
    """`limit` rows after a place in the order; customers with equal keys follow by their number."""
    keyed = rows.mutate(sort_key=sort_key(rows, sort))
    if after is not None:
        value, customer_id = after
        beyond = keyed.sort_key < value if descending else keyed.sort_key > value
        keyed = keyed.filter(beyond | ((keyed.sort_key == value) & (keyed.customer_id > customer_id)))
    first = keyed.sort_key.desc() if descending else keyed.sort_key.asc()
    return keyed.order_by(first, keyed.customer_id.asc()).limit(limit)


def choices(profiles: ir.Table, shop_id: str, column: str, limit: int) -> ir.Table:
    """The commonest values of a column (of profiles, or of tags) with their customers."""
    rows = profiles.filter(profiles.shop_id == shop_id, profiles[column].notnull())
    counts = rows.group_by(value=rows[column]).aggregate(customers=rows.count())
    return counts.order_by(counts.customers.desc(), counts.value.asc()).limit(limit)


# -- one customer ---------------------------------------------------------------------------------------------------
# Questions about one customer are built and compiled once; shop and customer are filled in when they are asked.

SHOP, CUSTOMER, CURRENCY = placeholder("shop_id"), placeholder("customer_id"), placeholder("currency")


@cache
def row_of_one(table: str) -> ir.Table:
    """One customer's row of a table."""
    rows = unbound(table)
    rows = rows.filter(rows.shop_id == SHOP, rows.customer_id == CUSTOMER)
    return (rows.order_by(rows.named_as.coalesce("")) if "named_as" in rows.columns else rows).limit(1)


@cache
def favourites_of_one(by: str, limit: int) -> ir.Table:
    """What one customer buys most."""
    lines = bought_lines(unbound("order_lines"), SHOP, CURRENCY)
    return favourites(lines.filter(lines.customer_id == CUSTOMER), by, limit)


@cache
def refunds_of_one() -> ir.Table:
    """What one customer was given back since its last order."""
    return refunds_since_order(unbound("refunds"), row_of_one("customer_profiles"), SHOP)


def bought_lines(order_lines: ir.Table, shop_id: Text, currency: Text) -> ir.Table:
    """The product lines of known customers' counted orders."""
    return order_lines.filter(
        order_lines.shop_id == shop_id,
        order_lines.customer_id.notnull(),
        order_lines.kind == "product",
        order_lines.status.isin(COUNTED),
        order_lines.currency == currency,
    )


def favourites(lines: ir.Table, by: str, limit: int) -> ir.Table:
    """What is bought most, by amount: category or product, with how often, how many and its share of all."""
    rows = lines.filter(lines[by].notnull())
    per_order = rows.group_by(rows[by].name("id"), "order_id").aggregate(
        units=rows.quantity.sum(), amount=rows.amount_minor.sum(), name=rows["product_name" if by == "product_id" else by].max()
    )
    sums = per_order.group_by("id").aggregate(
        name=per_order.name.max(), orders=per_order.count(), units=per_order.units.sum(), amount=per_order.amount.sum()
    )
    sums = sums.mutate(whole=sums.amount.sum().over(ibis.window()))
    return sums.order_by(sums.amount.desc(), sums.id.asc()).limit(limit)


def favourite_products(lines: ir.Table) -> ir.Table:
    """Each customer's product bought in most orders (then by amount), one row per customer."""
    rows = lines.filter(lines.product_id.notnull())
    per_order = rows.group_by("customer_id", "product_id", "order_id").aggregate(
        amount=rows.amount_minor.sum(), name=rows.product_name.max()
    )
    sums = per_order.group_by("customer_id", "product_id").aggregate(
        name=per_order.name.max(), orders=per_order.count(), amount=per_order.amount.sum()
    )
    best = ibis.window(group_by=sums.customer_id, order_by=[sums.orders.desc(), sums.amount.desc(), sums.product_id.asc()])
    ranked = sums.mutate(place=ibis.row_number().over(best))
    top = ranked.filter(ranked.place == 0)
    return top.select("customer_id", "product_id", name=top.name.coalesce(top.product_id))


def refunds_since_order(refunds: ir.Table, customers: ir.Table, shop_id: Text) -> ir.Table:
    """What these customers (with their `last_order_at`) were given back since their last order, and when last."""
    rows = refunds.filter(refunds.shop_id == shop_id)
    rows = rows.inner_join(customers.select("customer_id", "last_order_at"), "customer_id")
    rows = rows.filter(rows.refunded_at >= rows.last_order_at)
    return rows.group_by("customer_id").aggregate(refunded_at=rows.refunded_at.max(), refunded_minor=rows.amount_minor.sum())
