"""Lifecycle over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Query

from regulars.understand.lifecycle import service
from regulars.understand.lifecycle.domain import LifecycleAnswer
from regulars.understand.metrics import asked_period
from regulars.web import Api, Door

api = Api(tags=["Understand"])


@api.get("/v1/lifecycle", permission="read_reports", answer=LifecycleAnswer, summary="New, active, dormant and churned customers")
def get_lifecycle(
    door: Door,
    from_: Annotated[date | None, Query(alias="from", description="First local day; its whole month is reported")] = None,
    to: Annotated[date | None, Query(description="Last local day; its whole month is reported")] = None,
) -> LifecycleAnswer:
    """Stages now, at every month's end, and the movement between them; with the cuts in use and those the shop's rhythm suggests.

    The cuts are settings of the shop: `PATCH /v1/shops/{shop_id}`.
    """
    period = asked_period(door.warehouse, door.shop, from_, to)
    return service.report(door.warehouse, door.shop, period=period, language=door.language)
