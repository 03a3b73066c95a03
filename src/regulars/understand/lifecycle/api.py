"""Lifecycle over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import Query, Response

from regulars.understand.lifecycle import exports, service
from regulars.understand.lifecycle.domain import LifecycleAnswer
from regulars.understand.metrics import asked_period
from regulars.web import Api, Door
from regulars.web.downloads import Format, csv_file

api = Api(tags=["Understand"])


@api.get("/v1/lifecycle", permission="read_reports", answer=LifecycleAnswer, summary="New, active, dormant and churned customers")
def get_lifecycle(
    door: Door,
    first: Annotated[date | None, Query(alias="from", description="First local day; its whole month is reported")] = None,
    to: Annotated[date | None, Query(description="Last local day; its whole month is reported")] = None,
    listing: Annotated[Literal["months", "movements"], Query(description="What a CSV lists")] = "months",
    format: Format = "json",
) -> LifecycleAnswer | Response:
    """Stages now, at every month's end, and the movement between them; with the cuts in use and those the shop's rhythm suggests.

    The cuts are settings of the shop: `PATCH /v1/shops/{shop_id}`.
    """
    period = asked_period(door.warehouse, door.shop, first, to)
    answer = service.report(door.warehouse, door.shop, period=period, language=door.language)
    if format == "json":
        return answer
    table = exports.movements_table(answer) if listing == "movements" else exports.months_table(answer)
    return csv_file(door, table, f"lifecycle-{listing}")
