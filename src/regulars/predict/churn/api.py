"""The churn warning over HTTP: the list, one customer, the trend, the four views, quality, levels, and what support says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Path, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from regulars.access import audit
from regulars.collect import identity
from regulars.predict.churn import examples, export, feedback, reading, service
from regulars.predict.churn.answers import CustomerRisk, Levels, Quality, Trend, Views, Warnings
from regulars.predict.churn.feedback import Feedback
from regulars.predict.churn.levels import Level
from regulars.predict.churn.reading import Filters
from regulars.predict.churn.reasons import ReasonGroup, View
from regulars.predict.churn.views import views
from regulars.values.clock import today
from regulars.web import Api, Door
from regulars.web.downloads import Format, csv_file
from regulars.web.paging import Cursor, Limit, Page, cursor_of, place_of

api = Api(tags=["Churn"])

CustomerId = Annotated[str, Path(max_length=200, description="The customer; ids that were merged go on resolving")]
LevelList = Annotated[list[Level] | None, Query(description="red, orange and yellow by default; give it several times for several")]
Cause = Annotated[ReasonGroup | None, Query(description="Only customers whose first cause this is; `rhythm`: none was found")]
InView = Annotated[View | None, Query(description="Only customers whose first cause belongs to this view")]
MinLoss = Annotated[int | None, Query(ge=0, le=2**53, description="At least so much expected loss, in minor units")]
Within = Annotated[bool, Query(description="Only as many as the shop can deal with a day")]
WithAnswered = Annotated[bool, Query(description="Those whose warning support has answered as well")]
Wrong = Literal["still_buys", "seasonal", "other_reason", "already_handled", "cannot_return", "no_customer", "other"]


class ChangedLevels(BaseModel):
    """What changes; null gives a setting back to us, what is left out stays. Levels are set together."""

    model_config = ConfigDict(extra="forbid")

    yellow_minor: int | None = Field(default=None, ge=1, le=2**53, description="Expected loss from which a customer is yellow")
    orange_minor: int | None = Field(default=None, ge=1, le=2**53, description="Orange, where leaving is as likely as staying")
    red_minor: int | None = Field(default=None, ge=1, le=2**53, description="Red, where leaving is as likely as staying")
    capacity: int | None = Field(default=None, ge=1, le=1_000_000, description="Customers that can be dealt with a day")
    margin_share: float | None = Field(default=None, gt=0, le=1, description="Margin by what customers pay, such as 0.35")
    horizon_days: int | None = Field(default=None, ge=7, le=365, description="Days without an order that count as leaving")


class SaidWrong(BaseModel):
    """Why a warning was wrong."""

    model_config = ConfigDict(extra="forbid")

    wrong_because: Wrong = Field(description="The reason")
    text: str = Field(default="", max_length=feedback.LONGEST_TEXT, description="In words; kept encrypted under the customer's key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A run that was asked for."""

    job_id: str


@api.get(
    "/v1/churn/warnings",
    permission="read_customers",
    answer=Warnings,
    summary="Customers who are about to leave",
    example=examples.WARNINGS,
)
def get_churn_warnings(
    door: Door,
    level: LevelList = None,
    reason: Cause = None,
    view: InView = None,
    min_loss_minor: MinLoss = None,
    within_capacity: Within = False,
    answered: WithAnswered = False,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=reading.MOST_ROWS, description="How many customers a page holds")] = 50,
    format: Format = "json",
) -> Warnings | StreamingResponse:
    """The worst first: level, probability, expected loss, at most three reasons with the fact behind each, and what to do.

    With `format=csv` the whole list is sent as a file that opens in spreadsheets, and the export is audited.
    """
    wanted = _filters(level, reason, view, min_loss_minor, within_capacity, answered)
    if format == "json":
        with door.reading() as uow:
            return reading.warned(uow, door.warehouse, door.shop, wanted, cursor=cursor, limit=limit, language=door.language)
    _audited(door, wanted)
    with door.reading() as uow:
        rows = reading.every_warned(uow, door.warehouse, door.shop, wanted, language=door.language)
    return StreamingResponse(
        export.warned_csv(rows, door.language),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{_file(door)}.csv"', "x-content-type-options": "nosniff"},
    )


@api.get(
    "/v1/churn/warnings.parquet",
    permission="export",
    media_type="application/vnd.apache.parquet",
    summary="Customers who are about to leave, as Parquet",
    example="PAR1...",
)
def get_churn_warnings_parquet(
    door: Door,
    level: LevelList = None,
    reason: Cause = None,
    view: InView = None,
    min_loss_minor: MinLoss = None,
    within_capacity: Within = False,
    answered: WithAnswered = False,
) -> Response:
    """The whole list for other systems; reasons as a list of structs, money in minor units. The export is audited."""
    door.caller.demand("read_customers")
    wanted = _filters(level, reason, view, min_loss_minor, within_capacity, answered)
    _audited(door, wanted)
    with door.reading() as uow:
        rows = reading.every_warned(uow, door.warehouse, door.shop, wanted, language=door.language)
    headers = {"content-disposition": f'attachment; filename="{_file(door)}.parquet"', "x-content-type-options": "nosniff"}
    return Response(export.warned_parquet(rows), media_type="application/vnd.apache.parquet", headers=headers)


@api.get(
    "/v1/churn/customers/{customer_id}",
    permission="read_customers",
    answer=CustomerRisk,
    summary="One customer's risk",
    example=examples.RISK,
)
def get_churn_customer(door: Door, customer_id: CustomerId) -> CustomerRisk:
    """Its level with reasons, every change of level, and what was said of its warnings."""
    with door.reading() as uow:
        now = identity.customer_of(uow, door.shop.shop_id, customer_id)
        return reading.customer_risk(uow, door.warehouse, door.shop, now, language=door.language)


@api.post(
    "/v1/churn/customers/{customer_id}/feedback",
    permission="read_customers",
    answer=Feedback,
    status=201,
    summary="This warning was wrong, because",
    example=examples.SAID,
    sends=SaidWrong(wrong_because="still_buys", text="orders by phone since spring"),
)
def post_churn_feedback(door: Door, customer_id: CustomerId, said: SaidWrong) -> Feedback:
    """The warning leaves the list until it gets worse (it stays where only its reason was wrong). Who is no real customer is neither
    warned of nor learned from any more."""
    with door.unit() as uow:
        now = identity.customer_of(uow, door.shop.shop_id, customer_id)
        return service.contest(
            uow, door.warehouse, door.caller, door.shop, now, said.wrong_because, text=said.text, language=door.language
        )


@api.get(
    "/v1/churn/feedback",
    permission="read_customers",
    answer=Page[Feedback],
    summary="What support said of warnings",
    example=Page(items=[examples.SAID]),
)
def get_churn_feedback(
    door: Door,
    texts: Annotated[bool, Query(description="With the words; needs `see_personal_data`, and is audited")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Feedback]:
    """Newest first."""
    place = place_of(cursor, str)
    before = None if place is None else datetime.fromisoformat(place).astimezone(UTC)
    with door.reading() as uow:
        found = feedback.listing(uow, door.shop.shop_id, before=before, limit=limit + 1, language=door.language)
    shown = found[:limit]
    if texts:
        with door.unit() as uow:
            words = feedback.words_of(uow, door.caller, door.shop.shop_id, [one.feedback_id for one in shown])
        shown = [replace(one, text=words.get(one.feedback_id)) for one in shown]
    return Page(items=shown, next=cursor_of(shown[-1].said_at.isoformat()) if len(found) > limit else None)


@api.get("/v1/churn/trend", permission="read_reports", answer=Trend, summary="The book by level over time", example=examples.TREND)
def get_churn_trend(door: Door, format: Format = "json") -> Trend | Response:
    """Customers and expected loss at each level, run by run."""
    with door.reading() as uow:
        answer = reading.trend(uow, door.warehouse, door.shop, language=door.language)
    return csv_file(door, export.trend_table(answer), "churn-trend") if format == "csv" else answer


@api.get(
    "/v1/churn/views", permission="read_reports", answer=Views, summary="Four views of why customers leave", example=examples.VIEWS
)
def get_churn_views(door: Door, format: Format = "json") -> Views | Response:
    """Satisfaction, product quality, service experience, brand and price: warned customers and money, the products, categories and
    sellers behind them, and what leavers answered in surveys."""
    answer = views(door.warehouse, door.shop, language=door.language)
    return csv_file(door, export.views_table(answer), "churn-views") if format == "csv" else answer


@api.get("/v1/churn/quality", permission="read_reports", answer=Quality, summary="How good warnings are", example=examples.QUALITY)
def get_churn_quality(door: Door) -> Quality:
    """The model's figures at past cut-offs, and how many warnings support called wrong, by reason."""
    with door.reading() as uow:
        return reading.quality(uow, door.warehouse, door.shop, language=door.language)


@api.get(
    "/v1/churn/levels", permission="read_reports", answer=Levels, summary="Where warning levels begin", example=examples.LEVELS
)
def get_churn_levels(door: Door) -> Levels:
    """In the currency the shop sells in, with the capacity a day and the margin that expected loss is told by."""
    with door.reading() as uow:
        return reading.levels(uow, door.warehouse, door.shop)


@api.patch(
    "/v1/churn/levels",
    permission="manage_segments",
    answer=Levels,
    summary="Set where warning levels begin",
    example=examples.LEVELS,
    sends=ChangedLevels(yellow_minor=6_000, orange_minor=15_000, red_minor=40_000, capacity=200),
)
def patch_churn_levels(door: Door, changed: ChangedLevels) -> Levels:
    """Takes effect with a run that is asked for at once."""
    with door.unit() as uow:
        return service.set_levels(uow, door.warehouse, door.caller, door.shop, changed.model_dump(exclude_unset=True))


@api.post(
    "/v1/churn/runs",
    permission="manage_segments",
    answer=Asked,
    status=202,
    summary="Judge everybody now",
    example=Asked(job_id="job_4Z"),
)
def post_churn_run(door: Door) -> Asked:
    """What is done after each load and every night anyway."""
    with door.unit() as uow:
        return Asked(job_id=service.ask(uow, door.shop.shop_id))


def _filters(
    level: list[Level] | None, reason: str | None, view: str | None, least: int | None, within: bool, answered: bool
) -> Filters:
    return Filters(
        levels=tuple(level or ()), cause=reason, view=view, min_loss_minor=least, within_capacity=within, answered=answered
    )


def _audited(door: Door, wanted: Filters) -> None:
    door.caller.demand("export")
    with door.unit() as uow:
        told = {name: getattr(wanted, name) for name in Filters.__slots__}
        audit.record(uow, door.caller, "churn.exported", door.shop.shop_id, after=told, shop_id=door.shop.shop_id)


def _file(door: Door) -> str:
    return f"churn-warnings-{door.shop.shop_id}-{today(door.shop.timezone)}"
