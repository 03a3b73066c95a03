"""The sums behind the metrics of advertising and of competitors' prices: the rows of `totals.tallies`, from other tables."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import ibis
import ibis.expr.types as ir

from regulars.understand.metrics.queries.scope import Scope, bucket, counted, within
from regulars.values.periods import Period, Unit

#: Columns of both beside `range` and `bucket`.
COST_SUMS = ("ad_cost", "ad_impressions", "ad_clicks")
PRICE_SUMS = ("products", "dearer", "price_index")


def cost_tallies(costs: ir.Table, scope: Scope, ranges: Sequence[Period], unit: Unit | None) -> ir.Table:
    """What advertising cost in each range (rows `range` = 0, 1, ...), and in each bucket of the first one (`range` = -1)."""
    mine = costs.filter(costs.shop_id == scope.shop_id, costs.currency == scope.currency)
    parts = []
    for index, day_cut in _cuts(ranges, unit):
        rows = _of_days(mine, mine.spent_on, ranges[max(index, 0)])
        rows = rows.mutate(bucket=_first(rows.spent_on, day_cut, scope))
        parts.append(
            rows.group_by("bucket")
            .aggregate(ad_cost=rows.cost_minor.sum(), ad_impressions=rows.impressions.sum(), ad_clicks=rows.clicks.sum())
            .mutate(range=ibis.literal(index, "int64"))
        )
    return _stacked(parts, COST_SUMS)


def price_tallies(
    market: ir.Table, products: ir.Table, lines: ir.Table, scope: Scope, ranges: Sequence[Period], unit: Unit | None
) -> ir.Table:
    """How many products competitors have too, how many of them are dearer here, and the mean of own price / median."""
    mine = market.filter(
        market.shop_id == scope.shop_id,
        market.currency == scope.currency,
        market.product_id.notnull(),
        market.price_minor > 0,
        market.available.fill_null(True),
    )
    products = products.filter(products.shop_id == scope.shop_id, products.price_minor > 0)
    listed = products.select(of_product=products.product_id, listed=products.price_minor)
    sold = counted(lines, scope)
    sold = sold.filter(sold.kind == "product", sold.quantity > 0, sold.product_id.notnull())
    parts = []
    for index, day_cut in _cuts(ranges, unit):
        period = ranges[max(index, 0)]
        rows = _of_days(mine, mine.observed_on, period)
        rows = rows.mutate(bucket=_first(rows.observed_on, day_cut, scope))
        newest = ibis.window(group_by=["bucket", "competitor", "product_id"], order_by=rows.observed_on.desc())
        rows = rows.mutate(place=ibis.row_number().over(newest))
        rows = rows.filter(rows.place == 0)
        medians = rows.group_by("bucket", "product_id").aggregate(median=rows.price_minor.cast("float64").median())
        start, end = period.instants(scope.zone)
        own = within(sold, sold.ordered_at, start, end)
        cut = ibis.literal(None, "date") if day_cut is None else bucket(own.ordered_at, day_cut, scope, start, end)
        own = own.mutate(bought=cut.coalesce(ibis.date(period.start_on)))
        paid = own.group_by("bought", sold_product=own.product_id).aggregate(
            paid=own.amount_minor.sum().cast("float64") / own.quantity.sum().cast("float64")
        )
        medians = medians.mutate(at=medians.bucket.coalesce(ibis.date(period.start_on)))
        found = medians.left_join(listed, medians.product_id == listed.of_product)
        found = found.left_join(paid, [found.product_id == paid.sold_product, found["at"] == paid.bought])
        found = found.mutate(own=found.listed.cast("float64").coalesce(found.paid))
        found = found.filter(found.own.notnull())
        parts.append(
            found.group_by("bucket")
            .aggregate(
                products=found.count(),
                dearer=(found.own > found.median).cast("int64").sum(),
                price_index=(found.own / found.median).mean(),
            )
            .mutate(range=ibis.literal(index, "int64"))
        )
    return _stacked(parts, PRICE_SUMS)


def has_rows(table: ir.Table, shop_id: str) -> ir.Table:
    """One row where the shop has any."""
    return table.filter(table.shop_id == shop_id).select("shop_id").limit(1)


def _cuts(ranges: Sequence[Period], unit: Unit | None) -> list[tuple[int, Unit | None]]:
    """Each range whole, and the first one cut into buckets."""
    whole: list[tuple[int, Unit | None]] = [(index, None) for index in range(len(ranges))]
    return whole if unit is None else [*whole, (-1, unit)]


def _of_days(rows: ir.Table, day: ir.DateValue, period: Period) -> ir.Table:
    return rows.filter(day >= ibis.date(period.start_on), day < ibis.date(period.end_on))


def _first(day: ir.DateValue, unit: Unit | None, scope: Scope) -> ir.DateValue:
    """The first day of the unit that holds a day; null where nothing is cut."""
    moment = day.cast("timestamp(6)")
    match unit:
        case None:
            return ibis.null("date")
        case "day":
            return moment.date()
        case "week" if scope.week_start == "sunday":
            return ((moment + ibis.interval(days=1)).truncate("W") - ibis.interval(days=1)).date()
        case _:
            return moment.truncate("W" if unit == "week" else "M").date()


def _stacked(parts: Sequence[ir.Table], columns: Sequence[str]) -> ir.Table:
    tables = [part.select("range", "bucket", *columns) for part in parts]
    return reduce(lambda a, b: a.union(b), tables)
