"""Overview, metrics, breakdowns and the catalogue over HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import Query, Response

from regulars.understand.metrics import breakdown, data_span, exports, overview, report
from regulars.understand.metrics.catalogue import METRICS
from regulars.understand.metrics.domain import (
    BreakdownAnswer,
    BreakdownRow,
    Bucket,
    ComparedPeriod,
    DataSpan,
    Dimension,
    Finding,
    MetricCatalogue,
    MetricsAnswer,
    MetricTotal,
    OverviewAnswer,
    Tile,
)
from regulars.understand.metrics.queries.groups import RankedBy
from regulars.understand.metrics.span import asked_period
from regulars.values.money import Money
from regulars.values.periods import Period, Unit
from regulars.web import Api, Door
from regulars.web.downloads import Format, csv_file

api = Api(tags=["Understand"])

From = Annotated[
    date | None, Query(alias="from", description="First local day; by default the first of the month 11 months before `to`")
]
To = Annotated[
    date | None, Query(description="Last local day, included; by default the day of the newest order", examples=["2026-10-31"])
]

_YEAR = Period(date(2025, 11, 1), date(2026, 11, 1))
_BEFORE = ComparedPeriod(_YEAR.previous(), True)
_SPAN = DataSpan(
    first_at=datetime(2024, 3, 2, 1, 12, tzinfo=UTC),
    last_at=datetime(2026, 10, 31, 14, 5, tzinfo=UTC),
    as_of=datetime(2026, 10, 31, 16, 0, tzinfo=UTC),
    orders=48_210,
    currency="CNY",
    other_currency_orders=0,
)
_GMV, _GMV_BEFORE = Money(981_240_500, "CNY"), Money(902_118_000, "CNY")
_OCTOBER = Bucket(
    date(2026, 10, 1), date(2026, 11, 1), True, {"gmv": Money(93_120_700, "CNY"), "orders": 2_310, "aov": Money(40_312, "CNY")}
)
_TEA = BreakdownRow(
    key="Tea",
    name="Tea",
    item_revenue=Money(402_113_900, "CNY"),
    share=0.4098,
    units=31_022,
    orders=12_400,
    buyers=6_120,
    refunds=Money(5_210_400, "CNY"),
    gmv=None,
    previous_item_revenue=Money(371_004_000, "CNY"),
    change=0.0839,
)
_METRICS = MetricsAnswer(
    shop_id="tea",
    currency="CNY",
    timezone="Asia/Shanghai",
    as_of=_SPAN.as_of,
    period=_YEAR,
    complete=True,
    previous=_BEFORE,
    last_year=_BEFORE,
    unit="month",
    other_currency_orders=0,
    totals=(MetricTotal("gmv", _GMV, _GMV_BEFORE, 0.0877, _GMV_BEFORE, 0.0877),),
    series=(_OCTOBER,),
)
_OVERVIEW = OverviewAnswer(
    shop_id="tea",
    currency="CNY",
    timezone="Asia/Shanghai",
    span=_SPAN,
    as_of=_SPAN.as_of,
    period=_YEAR,
    complete=True,
    previous=_BEFORE,
    last_year=_BEFORE,
    unit="month",
    tiles=(
        Tile("net_revenue", _GMV, _GMV_BEFORE, 0.0877, _GMV_BEFORE, 0.0877, date(2026, 10, 1), Money(93_120_700, "CNY"), 0.0312),
    ),
    series=(_OCTOBER,),
    top_products=(),
    top_categories=(_TEA,),
    findings=(
        Finding(
            "unknown_buyers",
            "bad",
            {"share": 0.069},
            {
                "en": "6.9% of orders have no known buyer; no customer report can count them.",
                "zh": "6.9% 的订单没有买家信息，无法计入任何客户分析。",
            },
        ),
    ),
)
_BREAKDOWN = BreakdownAnswer(
    shop_id="tea",
    currency="CNY",
    timezone="Asia/Shanghai",
    as_of=_SPAN.as_of,
    period=_YEAR,
    previous=_BEFORE,
    by="category",
    metric="item_revenue",
    groups=1,
    rows=(_TEA,),
    other=None,
    total=_TEA,
)


@api.get("/v1/overview", permission="read_reports", answer=OverviewAnswer, summary="What the store looks like", example=_OVERVIEW)
def get_overview(
    door: Door,
    first: From = None,
    to: To = None,
    by: Annotated[Unit | None, Query(description="Unit of the series; by default it follows the length of the period")] = None,
) -> OverviewAnswer:
    """Headline numbers with comparisons, their series, best products and categories, and findings in both languages."""
    return overview(door.warehouse, door.shop, asked_period(door.warehouse, door.shop, first, to), by)


@api.get(
    "/v1/metrics",
    permission="read_reports",
    answer=MetricsAnswer,
    summary="Metrics of a period, and their series",
    example=_METRICS,
)
def get_metrics(
    door: Door,
    first: From = None,
    to: To = None,
    by: Annotated[Unit, Query(description="What the series is cut into, in the shop's zone")] = "month",
    metrics: Annotated[
        str | None,
        Query(description="Names from `/v1/metrics/catalogue`, separated by commas; all by default", examples=["gmv,buyers"]),
    ] = None,
    format: Format = "json",
) -> MetricsAnswer | Response:
    """Totals beside the period before and the same period last year, and every metric by day, week or month.

    Every value follows its definition in the catalogue on its own orders: the buyers of the months do not add up to those of
    the year. `complete` is false for a bucket that is not over or that the period cuts. Changes are null where the data does
    not reach back to the first day of the period compared with (`covered`).
    """
    names = None if metrics is None else metrics.split(",")
    answer = report(door.warehouse, door.shop, asked_period(door.warehouse, door.shop, first, to), by, names)
    return csv_file(door, exports.metrics_table(answer), "metrics") if format == "csv" else answer


@api.get(
    "/v1/metrics/breakdown",
    permission="read_reports",
    answer=BreakdownAnswer,
    summary="Sales by category, product, brand, seller, channel or region",
    example=_BREAKDOWN,
)
def get_metrics_breakdown(
    door: Door,
    first: From = None,
    to: To = None,
    by: Annotated[Dimension, Query(description="What to group by")] = "category",
    metric: Annotated[
        RankedBy, Query(description="What to rank by; `refunds` for categories and products, `gmv` for channels and regions")
    ] = "item_revenue",
    limit: Annotated[int, Query(ge=1, le=1000, description="How many groups to show; the others are added up")] = 10,
    format: Format = "json",
) -> BreakdownAnswer | Response:
    """The largest groups beside the period before, the others as one row, and the sum of all.

    Item revenue is quantity x unit price, before order discounts, shipping and tax. "(none)" stands for what has no category
    (product, brand ...); gift cards and other items that are no products are the group "(not a product)", always the last.
    """
    period = asked_period(door.warehouse, door.shop, first, to)
    answer = breakdown(door.warehouse, door.shop, period, by, limit=limit, metric=metric)
    return csv_file(door, exports.breakdown_table(answer), f"sales-by-{by}") if format == "csv" else answer


@api.get(
    "/v1/metrics/catalogue",
    permission="read_reports",
    answer=MetricCatalogue,
    summary="What every metric means",
    example=MetricCatalogue((METRICS["aov"],)),
)
def get_metrics_catalogue(door: Door) -> MetricCatalogue:
    """Name, titles, formula in words, unit and grain of every metric, in both languages."""
    return MetricCatalogue(tuple(METRICS.values()))


@api.get("/v1/metrics/span", permission="read_reports", answer=DataSpan, summary="How far the orders reach", example=_SPAN)
def get_metrics_span(door: Door) -> DataSpan:
    """First and last order, how many there are, and the moment up to which reports judge them."""
    return data_span(door.warehouse, door.shop)
