"""The builder of a report: choose what to count on the left, see the answer on the right; save it, compare it, put it on a board."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from nicegui import ui

from regulars.console import parts, screen, shell
from regulars.console.forms import Dialog, choice_field, text_field
from regulars.console.view import Screen
from regulars.errors import RegularsError
from regulars.understand.questions import Desk
from regulars.understand.reports import service
from regulars.understand.reports.arriving import ArrivingEvent, events
from regulars.understand.reports.domain.kept import Annotation, SavedReport
from regulars.understand.reports.pages.beside import answers, choose
from regulars.understand.reports.pages.drawing import Place
from regulars.understand.reports.pages.fields import Builder, cleaned, conditions, draw_field
from regulars.understand.reports.pages.schedules import schedule_dialog
from regulars.understand.reports.pages.shapes import OVER_EVENTS, SHAPES
from regulars.understand.reports.pages.under_way import how_to_provide
from regulars.understand.reports.pages.whose import of_whom, segments_of
from regulars.understand.reports.pages.words import KIND_WORDS, NOTE_WORDS


def url_of(s: Screen, kind: str, question: Mapping[str, Any]) -> str:
    """The builder's address of a question."""
    return s.url(f"/reports/{kind}", q=json.dumps(question, ensure_ascii=False, separators=(",", ":")))


@screen("/reports/saved/{report_id}", permission="read_reports", title="Saved report", parent="/reports")
def saved_page(s: Screen) -> None:
    """A saved report, open to be changed."""
    with s.records.reading() as uow:
        kept = service.shelf.get(uow, s.shop.shop_id, unquote(s.path["report_id"]))
    _page(s, kept.kind, kept)


@screen("/reports/{kind}", permission="read_reports", title="Report", parent="/reports")
def builder_page(s: Screen) -> None:
    """A question of one kind."""
    kind = unquote(s.path["kind"])
    service.report_of(kind)
    _page(s, kind, None)


def _page(s: Screen, kind: str, kept: SavedReport | None) -> None:
    title = kept.name if kept else s.t(KIND_WORDS.get(kind, kind))
    note = s.t(NOTE_WORDS[kind]) if kind in NOTE_WORDS else ""
    tools = shell.head(s, title, note, back=(s.t("Reports"), s.url("/reports")))
    desk = Desk(s.warehouse, s.shop)
    question = _question(s, kind, kept)
    s.load(
        lambda: (events(desk), segments_of(s)),
        lambda both: _built(s, desk, kind, kept, question, *both, tools),
        skeleton="page",
    )


def _question(s: Screen, kind: str, kept: SavedReport | None) -> dict[str, Any]:
    try:
        told = json.loads(s.query.get("q", ""))
    except ValueError:
        told = None
    if isinstance(told, dict):
        return told
    return copy.deepcopy(dict(kept.question if kept else service.report_of(kind).example))


def _built(
    s: Screen,
    desk: Desk,
    kind: str,
    kept: SavedReport | None,
    question: dict[str, Any],
    found: list[ArrivingEvent],
    segments: list[tuple[str, str]],
    tools: ui.element,
) -> None:
    if kind in OVER_EVENTS and not found:
        with parts.card():
            how_to_provide(s, "no_events")
        return
    b = Builder(s, desk, question, found, lambda: s.redraw_part("form"), segments)
    with tools:
        _tools(s, desk, kind, kept, question, segments)
    with parts.box("rg-grid"):
        with parts.box("w-4"):
            s.part("form", lambda: _form(b, kind))
        with parts.box("w-8"):
            s.part("answer", lambda: _answer(s, desk, kind, question, segments))


def _form(b: Builder, kind: str) -> None:
    s = b.s
    with parts.card(s.t("Question")), parts.box("rg-stack").style("gap: 14px"):
        for field in SHAPES.get(kind, ()):
            draw_field(b, field)
        if kind in OVER_EVENTS:
            with parts.box("rg-field"):
                parts.text(s.t("Only where"))
                conditions(b, b.question, None)
            of_whom(b)
        with parts.box("rg-row"):
            parts.button(s.t("Show"), lambda: _show(s, b.question), kind="primary", icon="play_arrow")


def _show(s: Screen, question: dict[str, Any]) -> None:
    s.set_query(q=json.dumps(cleaned(question), ensure_ascii=False, separators=(",", ":")))
    s.redraw_part("answer")


def _answer(s: Screen, desk: Desk, kind: str, question: dict[str, Any], segments: list[tuple[str, str]]) -> None:
    title = s.t(KIND_WORDS.get(kind, kind))
    try:
        answers(s, desk, kind, cleaned(question), segments, title, _notes(s))
    except RegularsError as error:
        with parts.card(title):
            s.say_error(error)


def _notes(s: Screen) -> list[Annotation]:
    with s.records.reading() as uow:
        return service.boards.notes(uow, s.shop.shop_id)


def _tools(
    s: Screen, desk: Desk, kind: str, kept: SavedReport | None, question: dict[str, Any], segments: list[tuple[str, str]]
) -> None:
    timed = "range" in {field.name for field in SHAPES.get(kind, ())}
    choose(s, kind, question, segments, over_events=kind in OVER_EVENTS, timed=timed)
    if s.may("export"):
        parts.button(
            s.t("CSV"),
            s.act(
                lambda: service.ask(desk, kind, cleaned(question)), lambda found: Place(s, found, "").save(), permission="export"
            ),
            icon="download",
        )
    if not s.may("manage_reports"):
        return
    if kept is not None:
        parts.button(s.t("Send by e-mail"), lambda: schedule_dialog(s, kept), icon="schedule_send")
        parts.button(
            s.t("Save changes"),
            s.act(lambda: _change(s, desk, kept, question), s.t("Saved"), permission="manage_reports"),
            icon="save",
        )
    parts.button(
        s.t("Save as") if kept else s.t("Save"), lambda: _save_dialog(s, desk, kind, question), icon="bookmark_add", kind="primary"
    )


def _change(s: Screen, desk: Desk, kept: SavedReport, question: dict[str, Any]) -> SavedReport:
    with s.records.unit() as uow:
        return service.shelf.change(uow, s.caller, desk, kept.report_id, question=cleaned(question))


def _save_dialog(s: Screen, desk: Desk, kind: str, question: dict[str, Any]) -> None:
    values: dict[str, Any] = {"name": "", "folder": "", "board": ""}
    with s.records.reading() as uow:
        boards = service.boards.listing(uow, s.shop.shop_id)
        folders = sorted({one.folder for one in service.shelf.listing(uow, s.shop.shop_id) if one.folder})
    dialog = Dialog(s, s.t("Save the report"))
    with dialog:
        text_field(values, "name", s.t("Name"))
        text_field(values, "folder", s.t("Folder"), choices=folders)
        choice_field(
            values, "board", s.t("Put it on a dashboard"), [("", s.t("On none")), *((one.dashboard_id, one.name) for one in boards)]
        )

    def save() -> SavedReport:
        with s.records.unit() as uow:
            made = service.shelf.save(
                uow, s.caller, desk, name=values["name"], kind=kind, question=cleaned(question), folder=values["folder"]
            )
            if values["board"]:
                board = service.boards.get(uow, s.shop.shop_id, values["board"])
                tiles = [{"report_id": one.report_id, "width": one.width, "height": one.height} for one in board.tiles]
                service.boards.change(
                    uow, s.caller, s.shop.shop_id, board.dashboard_id, tiles=[*tiles, {"report_id": made.report_id}]
                )
        return made

    def done(made: SavedReport) -> None:
        dialog.close()
        ui.navigate.to(s.url("/reports/saved/" + quote(made.report_id)))

    dialog.buttons(s.t("Save"), s.act(save, done, permission="manage_reports"))
    dialog.open()
