"""RFM over HTTP."""

from __future__ import annotations

from regulars.understand.rfm import service
from regulars.understand.rfm.domain import RfmAnswer
from regulars.web import Api, Door

api = Api(tags=["Understand"])


@api.get("/v1/rfm", permission="read_reports", answer=RfmAnswer, summary="Buyers by recency, frequency and monetary value")
def get_rfm(door: Door) -> RfmAnswer:
    """Ten named segments and eight value types with customers, money and what to do; the R x F grid; how the scores are cut.

    Members of a segment: `GET /v1/customers?segment=...` (or `value_type=...`).
    """
    return service.report(door.warehouse, door.shop, language=door.language)
