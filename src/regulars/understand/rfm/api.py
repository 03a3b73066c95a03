"""RFM over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Response

from regulars.understand.rfm import exports, service
from regulars.understand.rfm.domain import RfmAnswer
from regulars.web import Api, Door
from regulars.web.downloads import Format, csv_file

api = Api(tags=["Understand"])


@api.get("/v1/rfm", permission="read_reports", answer=RfmAnswer, summary="Buyers by recency, frequency and monetary value")
def get_rfm(
    door: Door,
    grouping: Annotated[Literal["segments", "value_types"], Query(description="What a CSV lists")] = "segments",
    format: Format = "json",
) -> RfmAnswer | Response:
    """Ten named segments and eight value types with customers, money and what to do; the R x F grid; how the scores are cut.

    Members of a segment: `GET /v1/customers?segment=...` (or `value_type=...`).
    """
    answer = service.report(door.warehouse, door.shop, language=door.language)
    return csv_file(door, exports.segments_table(answer, grouping), f"rfm-{grouping}") if format == "csv" else answer
