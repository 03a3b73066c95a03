"""Cohort retention and lifetime value over HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import Query, Response

from regulars.understand.metrics import asked_period
from regulars.understand.retention import exports
from regulars.understand.retention.domain import (
    Cell,
    CohortRow,
    CohortUnit,
    CurvePoint,
    GroupBy,
    GroupCurve,
    GroupedRetentionAnswer,
    LtvAnswer,
    LtvCell,
    LtvRow,
    Measure,
    RetentionAnswer,
)
from regulars.understand.retention.service import ltv, retention, retention_by
from regulars.values.money import Money
from regulars.values.periods import Period
from regulars.web import Api, Door
from regulars.web.downloads import Format, csv_file

api = Api(tags=["Understand"])

From = Annotated[
    date | None, Query(alias="from", description="First local day; by default the first of the month 11 months before `to`")
]
To = Annotated[
    date | None, Query(description="Last local day, included; by default the day of the newest order", examples=["2026-10-31"])
]
By = Annotated[CohortUnit, Query(description="Length of a cohort and of the periods since")]

_AS_OF = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)
_TWO_MONTHS = Period(date(2026, 9, 1), date(2026, 11, 1))
_CURVE = (CurvePoint(0, 1.0, 2, 2_210), CurvePoint(1, 0.1844, 1, 1_204))
_RETENTION = RetentionAnswer(
    shop_id="tea",
    currency="CNY",
    timezone="Asia/Shanghai",
    as_of=_AS_OF,
    period=_TWO_MONTHS,
    unit="month",
    measure="customers",
    cohorts=(
        CohortRow(date(2026, 9, 1), date(2026, 10, 1), 1_204, (Cell(0, 1_204, 1.0, True), Cell(1, 222, 0.1844, True))),
        CohortRow(date(2026, 10, 1), date(2026, 11, 1), 1_006, (Cell(0, 1_006, 1.0, True),)),
    ),
    curve=_CURVE,
)
_GROUPS = GroupedRetentionAnswer(
    "tea", "Asia/Shanghai", _AS_OF, _TWO_MONTHS, "month", "category", (GroupCurve("Tea", 2_210, _CURVE),)
)
_LTV = LtvAnswer(
    shop_id="tea",
    currency="CNY",
    timezone="Asia/Shanghai",
    as_of=_AS_OF,
    period=_TWO_MONTHS,
    cohorts=(LtvRow(date(2026, 9, 1), 1_204, (LtvCell(0, Money(20_150, "CNY"), True), LtvCell(1, Money(26_480, "CNY"), True))),),
    average=(LtvCell(0, Money(20_150, "CNY"), True), LtvCell(1, Money(26_480, "CNY"), True)),
)


@api.get(
    "/v1/retention",
    permission="read_reports",
    answer=RetentionAnswer,
    summary="Do first-time buyers come back?",
    example=_RETENTION,
)
def get_retention(
    door: Door,
    first: From = None,
    to: To = None,
    by: By = "month",
    measure: Annotated[Measure, Query(description="What a cell counts")] = "customers",
    format: Format = "json",
) -> RetentionAnswer | Response:
    """Customers by the week or month of their first order ever, and what they ordered in each one since.

    `share` is of the cohort (customers), or of the same measure in period 0 (orders, revenue). `complete` is false while the
    calendar week or month of a cell is not over. `curve` weighs all cohorts that have lived through a period.
    """
    answer = retention(door.warehouse, door.shop, asked_period(door.warehouse, door.shop, first, to), by, measure)
    return csv_file(door, exports.retention_table(answer), "retention") if format == "csv" else answer


@api.get(
    "/v1/retention/groups",
    permission="read_reports",
    answer=GroupedRetentionAnswer,
    summary="Retention by the first order's category, channel or region",
    example=_GROUPS,
)
def get_retention_groups(
    door: Door,
    first: From = None,
    to: To = None,
    by: By = "month",
    group: Annotated[GroupBy, Query(description="Which trait of the first order")] = "channel",
    limit: Annotated[int, Query(ge=1, le=50, description="How many groups to show; the others are taken together")] = 6,
    format: Format = "json",
) -> GroupedRetentionAnswer | Response:
    """One curve per group of customers. The first category is the one with most item revenue in the first order."""
    period = asked_period(door.warehouse, door.shop, first, to)
    answer = retention_by(door.warehouse, door.shop, period, group, by, limit=limit)
    return csv_file(door, exports.groups_table(answer), f"retention-by-{group}") if format == "csv" else answer


@api.get(
    "/v1/ltv", permission="read_reports", answer=LtvAnswer, summary="What customers are worth, by first-order month", example=_LTV
)
def get_ltv(door: Door, first: From = None, to: To = None, format: Format = "json") -> LtvAnswer | Response:
    """Cumulative revenue per customer of each first-order month; all customers of the cohort are in the denominator."""
    answer = ltv(door.warehouse, door.shop, asked_period(door.warehouse, door.shop, first, to))
    return csv_file(door, exports.ltv_table(answer), "ltv") if format == "csv" else answer
