"""Schedules over HTTP: what is sent to whom, and what became of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, Field

from regulars.understand.reports import service
from regulars.understand.reports.api import examples
from regulars.understand.reports.api.routes import api
from regulars.understand.reports.domain.scheduling import Cadence, Delivery, ReportSchedule, SendingTime
from regulars.web import Door
from regulars.web.paging import Page

ScheduleId = Annotated[str, Path(max_length=60, description="The schedule")]

SCHEDULE = ReportSchedule(
    schedule_id="schedule_01m7zsbyk3",
    shop_id="tea",
    report_id="report_01m7zsbyk3",
    rhythm=SendingTime("weekly", 8),
    operator_ids=("operator_01m7zsbyk3",),
    paused=False,
    next_at=examples.AT,
    made_by="operator_01m7zsbyk3",
    made_at=examples.AT,
)
DELIVERY = Delivery(due_at=examples.AT, operator_id="operator_01m7zsbyk3", state="sent", error=None, changed_at=examples.AT)


class NewRhythm(BaseModel):
    """When: at an hour of the shop's clock."""

    model_config = ConfigDict(extra="forbid")

    cadence: Cadence = Field(description="How often")
    hour: int = Field(ge=0, le=23, description="At this full hour of the shop's clock")
    weekday: int = Field(default=0, ge=0, le=6, description="Of a weekly one: 0 is Monday")
    day: int = Field(default=1, ge=1, le=31, description="Of a monthly one: a day the month lacks is its last")

    def rhythm(self) -> SendingTime:
        """As the room knows it."""
        return SendingTime(self.cadence, self.hour, self.weekday, self.day)


class NewSchedule(BaseModel):
    """A saved report, when, and to whom."""

    model_config = ConfigDict(extra="forbid")

    report_id: str = Field(max_length=120, description="The saved report, by id or name")
    rhythm: NewRhythm = Field(description="When")
    operator_ids: list[str] = Field(min_length=1, max_length=50, description="To the addresses of these operators")


class ChangedSchedule(BaseModel):
    """What changes; the rest stays."""

    model_config = ConfigDict(extra="forbid")

    rhythm: NewRhythm | None = Field(default=None, description="Another time")
    operator_ids: list[str] | None = Field(default=None, max_length=50, description="Other receivers")
    paused: bool | None = Field(default=None, description="Whether it rests")


@api.get(
    "/v1/report_schedules",
    permission="read_reports",
    answer=Page[ReportSchedule],
    summary="Scheduled reports",
    example=Page(items=[SCHEDULE]),
)
def get_report_schedules(door: Door) -> Page[ReportSchedule]:
    """The next one first."""
    with door.reading() as uow:
        return Page(items=service.schedules.listing(uow, door.shop.shop_id))


@api.post(
    "/v1/report_schedules",
    permission="manage_reports",
    answer=ReportSchedule,
    status=201,
    summary="Send a saved report by e-mail",
    example=SCHEDULE,
    sends=NewSchedule(
        report_id="Orders by month", rhythm=NewRhythm(cadence="weekly", hour=8, weekday=0), operator_ids=["operator_01m7zsbyk3"]
    ),
)
def post_report_schedule(door: Door, new: NewSchedule) -> ReportSchedule:
    """Figures in the mail; for receivers who may export also as a CSV file. Needs `export` beside `manage_reports`, and a mail server (`REGULARS_SMTP_URL`)."""
    with door.unit() as uow:
        return service.schedules.plan(
            uow,
            door.caller,
            door.shop,
            door.home,
            report_id=new.report_id,
            rhythm=new.rhythm.rhythm(),
            operator_ids=new.operator_ids,
        )


@api.patch(
    "/v1/report_schedules/{schedule_id}",
    permission="manage_reports",
    answer=ReportSchedule,
    summary="Change a schedule",
    example=SCHEDULE,
    sends=ChangedSchedule(paused=True),
)
def patch_report_schedule(door: Door, schedule_id: ScheduleId, changed: ChangedSchedule) -> ReportSchedule:
    """Another time, other receivers, a pause."""
    with door.unit() as uow:
        return service.schedules.change(
            uow,
            door.caller,
            door.shop,
            schedule_id,
            rhythm=changed.rhythm.rhythm() if changed.rhythm else None,
            operator_ids=changed.operator_ids,
            paused=changed.paused,
        )


@api.delete("/v1/report_schedules/{schedule_id}", permission="manage_reports", status=204, summary="End a schedule")
def delete_report_schedule(door: Door, schedule_id: ScheduleId) -> Response:
    """Nothing is sent any more."""
    with door.unit() as uow:
        service.schedules.end(uow, door.caller, door.shop.shop_id, schedule_id)
    return Response(status_code=204)


@api.get(
    "/v1/report_schedules/{schedule_id}/deliveries",
    permission="read_reports",
    answer=Page[Delivery],
    summary="What a schedule has sent",
    example=Page(items=[DELIVERY]),
)
def get_report_deliveries(door: Door, schedule_id: ScheduleId) -> Page[Delivery]:
    """The latest hundred, one per due moment and receiver. `unknown`: the line or the server broke while it was handed over; it is never sent again by itself."""
    with door.reading() as uow:
        return Page(items=service.schedules.deliveries(uow, door.shop.shop_id, schedule_id))
