"""The overview verb: what a growth manager sees first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from regulars.understand.metrics.breakdown import breakdown, product_names
from regulars.understand.metrics.domain import BreakdownAnswer, BreakdownRow, Bucket, DataSpan, MetricsAnswer, OverviewAnswer, Tile
from regulars.understand.metrics.findings import SETTLED_DAYS, BuyerCounts, RefundedProduct, findings
from regulars.understand.metrics.queries.buyers import buyer_counts
from regulars.understand.metrics.queries.groups import NOT_A_PRODUCT, any_category, most_refunded
from regulars.understand.metrics.queries.scope import Scope
from regulars.understand.metrics.service import report, scope_of
from regulars.understand.metrics.span import chosen_period, data_span, last_day
from regulars.understand.metrics.tally import change
from regulars.values.money import Money
from regulars.values.periods import Period, Unit
from regulars.values.zones import day_start
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop

#: The headline numbers, in reading order.
HEADLINE = ("net_revenue", "orders", "buyers", "aov", "repeat_purchase_rate", "new_buyers", "returning_buyer_share", "refund_rate")


def overview(warehouse: Warehouse, shop: Shop, period: Period | None = None, unit: Unit | None = None) -> OverviewAnswer:
    """Headline numbers with comparisons, their series, the best products and categories, and what stands out.

    Parameters
    ----------
    period : local dates; None takes the last 12 months up to the newest order.
    unit : of the series; None takes days up to two months, weeks up to half a year, then months.

    Raises
    ------
    InvalidInput : an empty period, or more buckets than a chart can show.
    """
    span = data_span(warehouse, shop)
    period = chosen_period(span, shop, period)
    unit = unit or ("day" if period.days <= 62 else "week" if period.days <= 184 else "month")
    full = report(warehouse, shop, period, unit)
    scope = scope_of(span, shop)
    categories = _goods(breakdown(warehouse, shop, period, "category", limit=10)) if _has_categories(warehouse, scope) else ()
    return OverviewAnswer(
        shop_id=shop.shop_id,
        currency=span.currency,
        timezone=shop.timezone,
        span=span,
        as_of=span.as_of,
        period=period,
        complete=full.complete,
        previous=full.previous,
        last_year=full.last_year,
        unit=unit,
        tiles=tuple(_tile(full, metric) for metric in HEADLINE),
        series=full.series,
        top_products=_goods(breakdown(warehouse, shop, period, "product", limit=10)),
        top_categories=categories,
        findings=findings(full, _buyer_counts(warehouse, shop, span, period), _most_refunded(warehouse, scope, period)),
    )


def _goods(answer: BreakdownAnswer) -> tuple[BreakdownRow, ...]:
    return tuple(row for row in answer.rows if row.key != NOT_A_PRODUCT)


def _tile(full: MetricsAnswer, metric: str) -> Tile:
    total = full.total(metric)
    latest, before = _latest(full.series)
    return Tile(
        metric=metric,
        value=total.value,
        previous=total.previous,
        previous_change=total.previous_change,
        last_year=total.last_year,
        last_year_change=total.last_year_change,
        latest_on=latest.start_on if latest else None,
        latest=latest.values[metric] if latest else None,
        latest_change=change(latest.values[metric], before.values[metric]) if latest and before else None,
    )


def _latest(series: tuple[Bucket, ...]) -> tuple[Bucket | None, Bucket | None]:
    """The latest complete bucket and the complete one before it."""
    over = [bucket for bucket in series if bucket.complete]
    latest = over[-1] if over else None
    before = over[-2] if len(over) > 1 and latest and over[-2].end_on == latest.start_on else None
    return latest, before


def _buyer_counts(warehouse: Warehouse, shop: Shop, span: DataSpan, period: Period) -> BuyerCounts:
    """Up to the period's end, or the day of `as_of` where that is earlier."""
    day = min(last_day(span, shop).end_on, period.end_on)
    scope = scope_of(span, shop)

    def ask() -> BuyerCounts:
        until = day_start(day, shop.timezone)
        settled = day_start(day - timedelta(days=SETTLED_DAYS), shop.timezone)
        row = warehouse.rows(buyer_counts(warehouse.table("orders"), scope, period, until, settled))[0]
        return BuyerCounts(**{name: int(value or 0) for name, value in row.items()})

    return warehouse.cached(("metrics.buyers", scope, period, day), ask, of=("orders",))


def _most_refunded(warehouse: Warehouse, scope: Scope, period: Period) -> RefundedProduct | None:
    """The product with most refunds in the period among those that were sold in it."""

    def ask() -> RefundedProduct | None:
        most = warehouse.rows(most_refunded(warehouse.table("refunds"), warehouse.table("order_lines"), scope, period))
        if not most:
            return None
        product, refunds, sales = most[0]["product_id"], int(most[0]["refunds"]), int(most[0]["sales"])
        name = product_names(warehouse, scope, [product], period).get(product, product)
        return RefundedProduct(name, Money(refunds, scope.currency), Money(sales, scope.currency))

    return warehouse.cached(("metrics.most_refunded", scope, period), ask, of=("order_lines", "refunds"))


def _has_categories(warehouse: Warehouse, scope: Scope) -> bool:
    """Whether any order line has a category."""
    return warehouse.cached(
        ("metrics.has_categories", scope),
        lambda: bool(warehouse.rows(any_category(warehouse.table("order_lines"), scope))),
        of=("order_lines",),
    )
