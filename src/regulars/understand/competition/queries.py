"""Prices of competitors beside ours, their changes and what was sold, as Ibis expressions."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir

from regulars.understand.competition.domain import MarketQuery
from regulars.understand.metrics import UNPAID
from regulars.understand.questions import NONE
from regulars.understand.questions.queries import instant
from regulars.values.zones import day_start
from regulars.warehouse import unbound
from regulars.warehouse.local_time import local_bucket

#: So long before the beginning of the time a price may have been seen and still be the one at the beginning.
_BEFORE_DAYS = 90


def newest(shop_id: str) -> ir.Table:
    """`last_on`: the last day anything was seen of a competitor; null without any."""
    rows = unbound("market_prices")
    return rows.filter(rows.shop_id == shop_id).aggregate(last_on=rows.observed_on.max())


def compared(query: MarketQuery) -> ir.Table:
    """One row per product that competitors have: our prices, theirs, our rank, and whether we became dearer lately."""
    now = _against(_others(query, query.period.start_on, query.period.end_on), _own(query, None))
    first = query.period.start_on
    begin = date.fromordinal(first.toordinal() - _BEFORE_DAYS)
    then = _against(_others(query, begin, date.fromordinal(first.toordinal() + 1)), _own(query, first))
    then = then.select(before=then.product, was_dearer=then.own > then.median)
    rows = now.left_join(then, now.product == then.before).drop("before")
    lately = (rows.own > rows.median) & ~rows.was_dearer.fill_null(True)
    rows = rows.mutate(dearer_lately=lately.fill_null(False), rank=ibis.ifelse(rows.own.notnull(), rows.below + 1, None))
    rows = rows.mutate(gap=rows.own / rows.median - 1, gap_to_lowest=rows.own / rows.lowest - 1)
    if query.category is not None:
        rows = rows.filter(rows.category == query.category)
    if query.product is not None:
        rows = rows.filter(rows["product"] == query.product)
    return rows


def by_category(query: MarketQuery, *, whole: bool) -> ir.Table:
    """The compared products by category, or all of them in one row."""
    rows = compared(query)
    rows = rows.filter(rows.own.notnull())
    rows = rows.mutate(key=ibis.literal("(all)") if whole else rows.category.nullif("").fill_null(NONE))
    return rows.group_by("key").aggregate(
        products=rows.count(),
        cheapest=(rows["rank"] == 1).cast("int64").sum(),
        cheaper=(rows.own < rows.median).cast("int64").sum(),
        dearer=(rows.own > rows.median).cast("int64").sum(),
        dearer_lately=rows.dearer_lately.cast("int64").sum(),
        index=(rows.own / rows.median).mean(),
        index_to_lowest=(rows.own / rows.lowest).mean(),
    )


def changes(query: MarketQuery) -> ir.Table:
    """`day`, `competitor`, `product`, `name`, `before`, `now`, `own`: prices that differ from the one seen before."""
    rows = _priced(query)
    rows = rows.filter(rows.observed_on < ibis.date(query.period.end_on))
    by_time = ibis.window(group_by=["competitor", "subject"], order_by=rows.observed_on)
    rows = rows.mutate(before=rows.price_minor.lag(1).over(by_time))
    rows = rows.filter(rows.observed_on >= ibis.date(query.period.start_on), rows.before.notnull(), rows.before != rows.price_minor)
    rows = _ours(query, rows)
    own = _own(query, None)
    own = own.select(of_product=own.product, own=own.own, our_name=own.name, our_category=own.category)
    rows = rows.left_join(own, rows["product"] == own.of_product)
    if query.product is not None:
        rows = rows.filter(rows["product"] == query.product)
    if query.category is not None:
        rows = rows.filter(rows.our_category.coalesce(rows.category) == query.category)
    return rows.select(
        "competitor",
        "product",
        "before",
        "own",
        day=rows.observed_on,
        name=rows.our_name.coalesce(rows.product_name, rows["product"]),
        now=rows.price_minor,
    )


def volumes(query: MarketQuery) -> ir.Table:
    """`bucket`, `category`, `competitor`, `share`, `sales`, `units`: what files tell of the market.

    Shares are averaged and volumes added; rows about a whole category go before those about its products.
    """
    rows = unbound("market_prices")
    rows = rows.filter(
        rows.shop_id == query.shop_id,
        rows.currency == query.currency,
        rows.observed_on >= ibis.date(query.period.start_on),
        rows.observed_on < ibis.date(query.period.end_on),
        rows.category.notnull(),
        rows.share.notnull() | rows.sales_minor.notnull() | rows.units.notnull(),
    )
    rows = rows.mutate(bucket=_cut(rows.observed_on, query))
    if query.category is not None:
        rows = rows.filter(rows.category == query.category)
    whole = rows.product_id.isnull()
    volumes = {name: rows[column].cast("float64") for name, column in (("sales", "sales_minor"), ("units", "units"))}
    return rows.group_by("bucket", "category", "competitor").aggregate(
        share=rows.share.cast("float64").mean(where=whole),
        **{name: column.sum(where=whole).coalesce(column.sum()) for name, column in volumes.items()},
    )


def sold(query: MarketQuery) -> ir.Table:
    """`bucket`, `category`, `sales`, `units`: what we sold."""
    rows = _lines(query)
    start, end = query.period.instants(query.zone)
    rows = rows.mutate(bucket=local_bucket(rows.ordered_at, query.unit, query.zone, start, end, query.week_start))
    rows = rows.filter(rows.category.notnull())
    return rows.group_by("bucket", "category").aggregate(sales=rows.amount_minor.sum(), units=rows.quantity.sum().cast("float64"))


def buyers(query: MarketQuery, group: str, *, of_category: bool) -> ir.Table:
    """Who bought a product, or of a category, in the time."""
    rows = _lines(query)
    rows = rows.filter(rows.customer_id.notnull(), (rows.category if of_category else rows.product_id) == group)
    return rows.select("customer_id").distinct()


def _lines(query: MarketQuery) -> ir.Table:
    rows = unbound("order_lines")
    start, end = query.period.instants(query.zone)
    return rows.filter(
        rows.shop_id == query.shop_id,
        rows.status != UNPAID,
        rows.currency == query.currency,
        rows.kind == "product",
        rows.ordered_at >= instant(start),
        rows.ordered_at < instant(end),
    )


def _cut(day: ir.DateValue, query: MarketQuery) -> ir.DateValue:
    moment = day.cast("timestamp(6)")
    match query.unit:
        case "day":
            return moment.date()
        case "week" if query.week_start == "sunday":
            return ((moment + ibis.interval(days=1)).truncate("W") - ibis.interval(days=1)).date()
        case _:
            return moment.truncate("W" if query.unit == "week" else "M").date()


def _priced(query: MarketQuery) -> ir.Table:
    """What competitors (not the shop itself) ask for products."""
    rows = unbound("market_prices")
    return rows.filter(
        rows.shop_id == query.shop_id,
        rows.currency == query.currency,
        rows.product_id.notnull(),
        rows.price_minor > 0,
        ~rows.competitor.lower().isin(list(query.own_names)),
    )


def _others(query: MarketQuery, start: date, end: date) -> ir.Table:
    """The newest price of each competitor and product seen in [start, end), where it can be had."""
    rows = _priced(query)
    rows = rows.filter(rows.observed_on >= ibis.date(start), rows.observed_on < ibis.date(end))
    newest_first = ibis.window(group_by=["competitor", "subject"], order_by=rows.observed_on.desc())
    rows = rows.mutate(place=ibis.row_number().over(newest_first))
    rows = rows.filter(rows.place == 0, rows.available.fill_null(True))
    return _ours(query, rows)


def _ours(query: MarketQuery, rows: ir.Table) -> ir.Table:
    """`product`: our number of the product; what a file knows by its name only is found by that name."""
    products = unbound("products")
    products = products.filter(products.shop_id == query.shop_id)
    by_id = products.select(own_id=products.product_id)
    named = products.filter(products.name.notnull())
    named = named.mutate(key=named.name.strip().lower())
    by_name = named.group_by("key").aggregate(named_id=named.product_id.min())
    rows = rows.mutate(name_key=rows.product_name.strip().lower())
    rows = rows.left_join(by_id, rows.product_id == by_id.own_id)
    rows = rows.left_join(by_name, rows.name_key == by_name["key"])
    return rows.mutate(product=ibis.coalesce(rows.own_id, rows.named_id, rows.product_id))


def _own(query: MarketQuery, then: date | None) -> ir.Table:
    """`product`, `name`, `category`, `listed`, `paid`, `own`: our prices now, or as they were when a day began."""
    products = unbound("products")
    products = products.filter(products.shop_id == query.shop_id)
    money = products.currency.isnull() | (products.currency == query.currency)
    rows = products.select("name", "category", product=products.product_id, listed=ibis.ifelse(money, products.price_minor, None))
    if then is not None:
        seen = unbound("product_snapshots")
        seen = seen.filter(
            seen.shop_id == query.shop_id, seen.price_minor.notnull(), seen.observed_at < instant(day_start(then, query.zone))
        )
        newest_first = ibis.window(group_by="product_id", order_by=seen.observed_at.desc())
        seen = seen.mutate(place=ibis.row_number().over(newest_first))
        seen = seen.filter(seen.place == 0).select(of_product=seen.product_id, then=seen.price_minor)
        rows = rows.left_join(seen, rows["product"] == seen.of_product).drop("of_product")
        rows = rows.mutate(listed=rows.then.coalesce(rows.listed)).drop("then")
    lines = _lines(query).filter(lambda t: t.product_id.notnull())
    paid = lines.group_by("product_id").aggregate(
        amount=lines.amount_minor.sum(),
        units=lines.quantity.sum().cast("float64"),
        line_name=lines.product_name.max(),
        line_category=lines.category.max(),
    )
    paid = paid.mutate(paid=ibis.ifelse(paid.units > 0, paid.amount / paid.units, None).round().cast("int64"))
    rows = rows.outer_join(paid, rows["product"] == paid.product_id)
    return rows.select(
        product=rows["product"].coalesce(rows.product_id),
        name=rows.name.coalesce(rows.line_name),
        category=rows.category.coalesce(rows.line_category),
        listed=rows.listed,
        paid=rows.paid,
        own=rows.listed.coalesce(rows.paid).cast("float64"),
    )


def _against(others: ir.Table, own: ir.Table) -> ir.Table:
    """Competitors' prices summed up by product, beside ours."""
    theirs = others.select(
        "competitor",
        of_product=others["product"],
        price=others.price_minor,
        seen_name=others.product_name,
        seen_category=others.category,
    )
    rows = theirs.left_join(own, theirs.of_product == own["product"])
    rows = rows.mutate(cheaper=(rows.price < rows.own).fill_null(False).cast("int64"))
    return rows.group_by(product=rows.of_product).aggregate(
        name=rows.name.max().coalesce(rows.seen_name.max(), rows.of_product.max()),
        category=rows.category.max().coalesce(rows.seen_category.max()),
        listed=rows.listed.max(),
        paid=rows.paid.max(),
        own=rows.own.max(),
        competitors=rows.count(),
        lowest=rows.price.min().cast("float64"),
        median=rows.price.cast("float64").median(),
        highest=rows.price.max().cast("float64"),
        below=rows.cheaper.sum(),
    )
