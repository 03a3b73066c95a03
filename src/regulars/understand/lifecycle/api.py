"""Lifecycle over HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import Query, Response

from regulars.understand.lifecycle import exports, service
from regulars.understand.lifecycle.domain import Cuts, CutsSuggestion, LifecycleAnswer, LifecycleMonth, Movement, StageNow
from regulars.understand.lifecycle.words import stage_explanation
from regulars.understand.metrics import asked_period
from regulars.values.money import Money
from regulars.web import Api, Door
from regulars.web.downloads import Format, csv_file

api = Api(tags=["Understand"])

_CUTS = Cuts(30, 110, 219, "rhythm", "rhythm")
_EXAMPLE = LifecycleAnswer(
    as_of=datetime(2026, 10, 31, 16, 0, tzinfo=UTC),
    currency="CNY",
    cuts=_CUTS,
    suggestion=CutsSuggestion(
        110, 219, 12_425, 28.0, 110.0, 218.5, "Of 12,425 repeat orders of this shop, 90% came within 110 days ..."
    ),
    now=[StageNow("active", "Active", stage_explanation("active", _CUTS), 2_785, 0.642, 15_964, Money(747_390_973, "CNY"), 0.8993)],
    months=[
        LifecycleMonth(
            month=date(2026, 9, 1),
            end_on=date(2026, 9, 30),
            complete=True,
            customers=3_616,
            new=304,
            active=2_061,
            dormant=840,
            churned=411,
            joined=299,
            became_dormant=265,
            became_churned=157,
            reawakened=145,
            won_back=23,
            churn_rate=0.0516,
            win_back_rate=0.083,
            movements=[Movement("none", "new", 299), Movement("churned", "active", 23)],
        )
    ],
)


@api.get(
    "/v1/lifecycle",
    permission="read_reports",
    answer=LifecycleAnswer,
    summary="New, active, dormant and churned customers",
    example=_EXAMPLE,
)
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
