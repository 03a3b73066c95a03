"""Saved reports, dashboards and notes over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from regulars.understand.reports import service
from regulars.understand.reports.api import examples
from regulars.understand.reports.api.asking import desk_of
from regulars.understand.reports.api.routes import api
from regulars.understand.reports.domain.answers import Answered
from regulars.understand.reports.domain.kept import Annotation, BoardTile, Dashboard, SavedReport
from regulars.web import Door
from regulars.web.downloads import Format, csv_file
from regulars.web.paging import Page

ReportId = Annotated[str, Path(max_length=120, description="The saved report, by id or name")]
BoardId = Annotated[str, Path(max_length=120, description="The dashboard, by id or name")]

SAVED = SavedReport(
    report_id="report_01m7zsbyk3",
    shop_id="tea",
    name="Orders by month",
    kind="metric",
    question=examples.QUESTION,
    folder="Weekly meeting",
    owner_id="operator_01m7zsbyk3",
    created_at=examples.AT,
    changed_at=examples.AT,
)
BOARD = Dashboard(
    dashboard_id="dashboard_01m7zsbyk3",
    shop_id="tea",
    name="Weekly meeting",
    tiles=(BoardTile("report_01m7zsbyk3", 6, "medium"),),
    owner_id="operator_01m7zsbyk3",
    created_at=examples.AT,
    changed_at=examples.AT,
)
NOTE = Annotation(
    annotation_id="note_01m7zsbyk3",
    shop_id="tea",
    day=date(2026, 10, 8),
    text="Autumn sale begins",
    dashboard_id=None,
    made_by="operator_01m7zsbyk3",
    made_at=examples.AT,
)


class NewReport(BaseModel):
    """A question and the name to keep it under."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=200, description="Unique in the shop")
    kind: str = Field(max_length=40, description="A kind of report")
    question: dict[str, Any] = Field(default_factory=dict, description="The question")
    folder: str = Field(default="", max_length=200, description="Where it stands in the list; empty for none")


class ChangedReport(BaseModel):
    """What changes of a saved report; the rest stays."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, max_length=200, description="Another name")
    question: dict[str, Any] | None = Field(default=None, description="Another question of the same kind")
    folder: str | None = Field(default=None, max_length=200, description="Another folder; empty for none")


class NewTile(BaseModel):
    """A saved report on a dashboard."""

    model_config = ConfigDict(extra="forbid")

    report_id: str = Field(max_length=120, description="The saved report, by id or name")
    width: Literal[3, 4, 6, 8, 12] = Field(default=6, description="Columns of twelve")
    height: Literal["small", "medium", "tall"] = Field(default="medium", description="How tall")


class NewDashboard(BaseModel):
    """A dashboard: its name and its tiles in reading order."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=200, description="Unique in the shop")
    tiles: list[NewTile] = Field(default_factory=list, max_length=40, description="In reading order")


class ChangedDashboard(BaseModel):
    """What changes of a dashboard; the rest stays."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, max_length=200, description="Another name")
    tiles: list[NewTile] | None = Field(default=None, max_length=40, description="All tiles, in reading order")


class NewNote(BaseModel):
    """A day and what happened on it."""

    model_config = ConfigDict(extra="forbid")

    day: date = Field(description="A local day of the shop")
    text: str = Field(max_length=400, description="What happened")
    dashboard_id: str | None = Field(default=None, max_length=120, description="Only on this dashboard; null for the whole shop")


@api.get(
    "/v1/saved_reports", permission="read_reports", answer=Page[SavedReport], summary="Saved reports", example=Page(items=[SAVED])
)
def get_saved_reports(door: Door) -> Page[SavedReport]:
    """By folder and name."""
    with door.reading() as uow:
        return Page(items=service.shelf.listing(uow, door.shop.shop_id))


@api.post(
    "/v1/saved_reports",
    permission="manage_reports",
    answer=SavedReport,
    status=201,
    summary="Save a report",
    example=SAVED,
    sends=NewReport(name="Orders by month", kind="metric", question=examples.QUESTION),
)
def post_saved_report(door: Door, new: NewReport) -> SavedReport:
    """Keep a question under a name. What cannot be understood is refused, as when it is asked."""
    with door.unit() as uow:
        return service.shelf.save(
            uow, door.caller, desk_of(door), name=new.name, kind=new.kind, question=new.question, folder=new.folder
        )


@api.get("/v1/saved_reports/{report_id}", permission="read_reports", answer=SavedReport, summary="A saved report", example=SAVED)
def get_saved_report(door: Door, report_id: ReportId) -> SavedReport:
    """Its question, folder and owner."""
    with door.reading() as uow:
        return service.shelf.get(uow, door.shop.shop_id, report_id)


@api.get(
    "/v1/saved_reports/{report_id}/answer",
    permission="read_reports",
    answer=Answered,
    summary="Open a saved report",
    example=examples.ANSWERED,
)
def get_saved_report_answer(door: Door, report_id: ReportId, format: Format = "json") -> Answered | Response:
    """Asks its question now."""
    with door.reading() as uow:
        kept = service.shelf.get(uow, door.shop.shop_id, report_id)
    answered = service.ask(desk_of(door), kept.kind, kept.question)
    return csv_file(door, service.kept_table(answered), kept.kind.replace("_", "-")) if format == "csv" else answered


@api.patch(
    "/v1/saved_reports/{report_id}",
    permission="manage_reports",
    answer=SavedReport,
    summary="Change a saved report",
    example=SAVED,
    sends=ChangedReport(folder="Weekly meeting"),
)
def patch_saved_report(door: Door, report_id: ReportId, changed: ChangedReport) -> SavedReport:
    """Dashboards and schedules show what it says from then on."""
    with door.unit() as uow:
        return service.shelf.change(
            uow, door.caller, desk_of(door), report_id, name=changed.name, question=changed.question, folder=changed.folder
        )


@api.delete("/v1/saved_reports/{report_id}", permission="manage_reports", status=204, summary="Throw a saved report away")
def delete_saved_report(door: Door, report_id: ReportId) -> Response:
    """Its tiles and schedules go with it."""
    with door.unit() as uow:
        service.shelf.throw_away(uow, door.caller, door.shop.shop_id, report_id)
    return Response(status_code=204)


@api.get("/v1/dashboards", permission="read_reports", answer=Page[Dashboard], summary="Dashboards", example=Page(items=[BOARD]))
def get_dashboards(door: Door) -> Page[Dashboard]:
    """The shop's own, by name."""
    with door.reading() as uow:
        return Page(items=service.boards.listing(uow, door.shop.shop_id))


@api.post(
    "/v1/dashboards",
    permission="manage_reports",
    answer=Dashboard,
    status=201,
    summary="Make a dashboard",
    example=BOARD,
    sends=NewDashboard(name="Weekly meeting", tiles=[NewTile(report_id="Orders by month", width=6, height="medium")]),
)
def post_dashboard(door: Door, new: NewDashboard) -> Dashboard:
    """A board of saved reports."""
    with door.unit() as uow:
        return service.boards.make(
            uow, door.caller, door.shop.shop_id, name=new.name, tiles=[one.model_dump() for one in new.tiles]
        )


@api.get("/v1/dashboards/{dashboard_id}", permission="read_reports", answer=Dashboard, summary="A dashboard", example=BOARD)
def get_dashboard(door: Door, dashboard_id: BoardId) -> Dashboard:
    """Its tiles, in reading order."""
    with door.reading() as uow:
        return service.boards.get(uow, door.shop.shop_id, dashboard_id)


@api.patch(
    "/v1/dashboards/{dashboard_id}",
    permission="manage_reports",
    answer=Dashboard,
    summary="Change a dashboard",
    example=BOARD,
    sends=ChangedDashboard(tiles=[NewTile(report_id="Orders by month", width=12, height="tall")]),
)
def patch_dashboard(door: Door, dashboard_id: BoardId, changed: ChangedDashboard) -> Dashboard:
    """Another name, or all tiles anew."""
    tiles = None if changed.tiles is None else [one.model_dump() for one in changed.tiles]
    with door.unit() as uow:
        return service.boards.change(uow, door.caller, door.shop.shop_id, dashboard_id, name=changed.name, tiles=tiles)


@api.delete("/v1/dashboards/{dashboard_id}", permission="manage_reports", status=204, summary="Throw a dashboard away")
def delete_dashboard(door: Door, dashboard_id: BoardId) -> Response:
    """The saved reports on it stay."""
    with door.unit() as uow:
        service.boards.throw_away(uow, door.caller, door.shop.shop_id, dashboard_id)
    return Response(status_code=204)


@api.get(
    "/v1/annotations", permission="read_reports", answer=Page[Annotation], summary="Notes on time axes", example=Page(items=[NOTE])
)
def get_annotations(
    door: Door,
    dashboard: Annotated[str | None, Query(max_length=120, description="Those of this dashboard's id as well")] = None,
) -> Page[Annotation]:
    """By day."""
    with door.reading() as uow:
        return Page(items=service.boards.notes(uow, door.shop.shop_id, dashboard_id=dashboard))


@api.post(
    "/v1/annotations",
    permission="manage_reports",
    answer=Annotation,
    status=201,
    summary="Note something on a day",
    example=NOTE,
    sends=NewNote(day=date(2026, 10, 8), text="Autumn sale begins"),
)
def post_annotation(door: Door, new: NewNote) -> Annotation:
    """Drawn on every time axis that shows the day."""
    with door.unit() as uow:
        return service.boards.note(uow, door.caller, door.shop.shop_id, day=new.day, text=new.text, dashboard_id=new.dashboard_id)


@api.delete("/v1/annotations/{annotation_id}", permission="manage_reports", status=204, summary="Take a note back")
def delete_annotation(door: Door, annotation_id: Annotated[str, Path(max_length=60, description="The note")]) -> Response:
    """It is drawn no more."""
    with door.unit() as uow:
        service.boards.take_back_note(uow, door.caller, door.shop.shop_id, annotation_id)
    return Response(status_code=204)
