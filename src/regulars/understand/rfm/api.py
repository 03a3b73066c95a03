"""RFM over HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import Query, Response

from regulars.understand.metrics import asked_period
from regulars.understand.rfm import exports, service
from regulars.understand.rfm.domain import RfmAnswer, RfmCell, ScoreBand, SegmentRow, Thresholds
from regulars.understand.rfm.words import words
from regulars.values.money import Money
from regulars.web import Api, Door
from regulars.web.downloads import Format, csv_file

api = Api(tags=["Understand"])


def _row(code: str) -> SegmentRow:
    said = words(code)
    return SegmentRow(
        segment=code,
        name=said.name,
        explanation=said.explanation,
        handling=said.handling,
        customers=604,
        share=0.1392,
        orders=7_562,
        revenue=Money(418_827_856, "CNY"),
        revenue_share=0.504,
        average_recency_days=5.4,
        average_orders=12.52,
        revenue_per_customer=Money(693_424, "CNY"),
        aov=Money(55_384, "CNY"),
    )


_EXAMPLE = RfmAnswer(
    as_of=datetime(2026, 10, 31, 16, 0, tzinfo=UTC),
    currency="CNY",
    customers=4_338,
    revenue=Money(831_047_705, "CNY"),
    segments=[_row("champions")],
    value_types=[_row("important_value")],
    matrix=[RfmCell(5, 5, "champions", "Champions", 402, 0.0927, Money(350_120_000, "CNY"))],
    thresholds=[Thresholds("recency", "Recency", "days", [ScoreBand(5, 0, 12, 868), ScoreBand(4, 14, 32, 880)], "")],
)


@api.get(
    "/v1/rfm",
    permission="read_reports",
    answer=RfmAnswer,
    summary="Buyers by recency, frequency and monetary value",
    example=_EXAMPLE,
)
def get_rfm(
    door: Door,
    grouping: Annotated[Literal["segments", "value_types"], Query(description="What a CSV lists")] = "segments",
    first: Annotated[
        date | None,
        Query(alias="from", description="Only buyers who ordered from this local day on; given `to` alone, from 11 months before"),
    ] = None,
    to: Annotated[date | None, Query(description="Only buyers who ordered up to this local day, included")] = None,
    format: Format = "json",
) -> RfmAnswer | Response:
    """Ten named segments and eight value types with customers, money and what to do; the R x F grid; how the scores are cut.

    Members of a segment: `GET /v1/customers?segment=...` (or `value_type=...`).
    """
    answer = service.report(
        door.warehouse, door.shop, period=asked_period(door.warehouse, door.shop, first, to), language=door.language
    )
    return csv_file(door, exports.segments_table(answer, grouping), f"rfm-{grouping}") if format == "csv" else answer
