"""The overview verb: what a growth manager sees first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from regulars.understand.metrics.breakdown import breakdown
from regulars.understand.metrics.domain import Bucket, DataSpan, MetricsAnswer, OverviewAnswer, Tile
from regulars.understand.metrics.findings import SETTLED_DAYS, BuyerCounts, findings
from regulars.understand.metrics.queries.buyers import buyer_counts
from regulars.understand.metrics.queries.groups import NONE
from regulars.understand.metrics.service import report, scope_of
from regulars.understand.metrics.span import chosen_period, data_span
from regulars.understand.metrics.tally import change
from regulars.values.periods import Period, Unit
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
    return warehouse.cached(("metrics.overview", shop, span, period, unit), lambda: _overview(warehouse, shop, span, period, unit))


def _overview(warehouse: Warehouse, shop: Shop, span: DataSpan, period: Period, unit: Unit) -> OverviewAnswer:
    full = report(warehouse, shop, period, unit)
    products = breakdown(warehouse, shop, period, "product", limit=10)
    categories = breakdown(warehouse, shop, period, "category", limit=10)
    most = breakdown(warehouse, shop, period, "product", limit=5, metric="refunds") if _minor_refunds(full) else None
    refunded = next((row for row in most.rows if row.item_revenue.minor > 0 and row.key != NONE), None) if most else None
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
        top_products=products.rows,
        top_categories=categories.rows if any(row.key != NONE for row in categories.rows) else (),
        findings=findings(full, _buyer_counts(warehouse, shop, span, period), refunded),
    )


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
    until = min(span.as_of, period.instants(shop.timezone)[1])
    row = warehouse.rows(
        buyer_counts(warehouse.table("orders"), scope_of(span, shop), period, until, until - timedelta(days=SETTLED_DAYS))
    )[0]
    return BuyerCounts(**{name: int(value or 0) for name, value in row.items()})


def _minor_refunds(full: MetricsAnswer) -> bool:
    """Whether any money went back in the period."""
    value = full.total("refunds").value
    return bool(getattr(value, "minor", 0))
