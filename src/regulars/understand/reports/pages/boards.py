"""Dashboards: the ready-made ones of the six families of metrics, and the shop's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import quote, unquote

from nicegui import ui

from regulars.console import parts, screen, shell
from regulars.console.forms import Dialog, choice_field, sure, text_field
from regulars.console.view import Screen
from regulars.understand.questions import Desk
from regulars.understand.reports import service
from regulars.understand.reports.domain.answers import Answered
from regulars.understand.reports.domain.kept import Annotation, Dashboard, SavedReport
from regulars.understand.reports.domain.ready import BOARDS, ReadyBoard, ready
from regulars.understand.reports.pages.builder import url_of
from regulars.understand.reports.pages.drawing import Place, draw
from regulars.understand.reports.pages.under_way import ask_here

#: Titles and notes of the ready-made boards; `tests/understand/reports` holds the list complete.
READY_WORDS = (
    "Traffic", "Who comes, from where, and where they land.", "Visits and visitors", "Visits by channel", "Landing pages", "Devices",
    "New, returning and dormant", "Behaviour", "What people do in the shop, and whether they come back.", "From a look to an order",
    "Active customers", "Retention", "Conversion over time", "Abandoned carts", "Paths", "Sales",
    "What is sold, to whom, and what rises or fades.", "Net revenue", "Average order value", "Sales by category", "Sales by region",
    "Best products", "Price bands", "Stock and how long it lasts", "New and returning buyers", "Rising and fading products", "Marketing",
    "Which channels and campaigns bring visits and orders.", "Visits by campaign", "Credit for orders", "Sales by channel",
    "Cost and return", "Cost by platform", "Promotions", "Advertising cost", "Price against the market", "Satisfaction",
    "What customers say, return and complain of.", "Reviews over time", "Reviews by category", "Refund reasons",
    "Complaints in reviews", "Reasons of tickets", "First answer to tickets", "Refund rate", "Cancellation rate",
    "Delivery against promise", "Delivery by region", "Delivery time", "Competition", "Own prices and shares against the market.",
    "Own prices against the market", "Prices by category", "Share of the market", "Price changes of competitors",
)  # fmt: skip
_HEIGHTS = {"small": 200, "medium": 320, "tall": 440}
_CHART = {"small": "low", "medium": "", "tall": "tall"}


@screen("/dashboards", permission="read_reports", nav="Dashboards", icon="dashboard", order=15, group="Understand")
def boards_page(s: Screen) -> None:
    """All boards; the first of the ready-made ones is open."""
    _page(s, "traffic")


@screen("/dashboards/{board}", permission="read_reports", title="Dashboard", parent="/dashboards")
def board_page(s: Screen) -> None:
    """One board."""
    _page(s, unquote(s.path["board"]))


def _page(s: Screen, key: str) -> None:
    with s.records.reading() as uow:
        own = service.boards.listing(uow, s.shop.shop_id)
        made = ready(key)
        board = None if made else service.boards.get(uow, s.shop.shop_id, key)
        kept = {one.report_id: one for one in service.shelf.listing(uow, s.shop.shop_id)}
        notes = service.boards.notes(uow, s.shop.shop_id, dashboard_id=board.dashboard_id if board else None)
    title = s.t(made.title) if made else board.name if board else ""
    tools = shell.head(s, title, s.t(made.note) if made else "")
    with tools:
        if made is not None:
            _tools_of_ready(s, made)
        elif board is not None:
            _tools(s, board, kept)
    _tabs(s, key, own)
    if made is not None:
        _ready(s, made, notes)
    elif board is not None:
        _own(s, board, kept, notes)
    _noted(s, board, notes)


def _tabs(s: Screen, key: str, own: Sequence[Dashboard]) -> None:
    with parts.box("rg-tabs", "nav") as row:
        row.props["aria-label"] = s.t("Dashboards")
        for href, words, here in [
            *((f"/dashboards/{one.key}", s.t(one.title), one.key == key) for one in BOARDS),
            *(("/dashboards/" + quote(one.dashboard_id), one.name, key in (one.dashboard_id, one.name)) for one in own),
        ]:
            tab = parts.link(words, s.url(href))
            if here:
                tab.props("aria-current=page")


def _ready(s: Screen, made: ReadyBoard, notes: Sequence[Annotation]) -> None:
    with parts.box("rg-grid"):
        for tile in made.tiles:
            with parts.box(f"w-{tile.width}"):
                _tile(
                    s,
                    tile.kind,
                    tile.question,
                    s.t(tile.title),
                    tile.height,
                    notes,
                    url_of(s, tile.kind, tile.question),
                )


def _own(s: Screen, board: Dashboard, kept: Mapping[str, SavedReport], notes: Sequence[Annotation]) -> None:
    if not board.tiles:
        with parts.card():
            parts.empty(
                "dashboard_customize",
                s.t("An empty dashboard"),
                s.t("Ask a report, save it, and put it here; or add saved ones with the button above."),
                action=s.t("Reports"),
                href=s.url("/reports"),
            )
        return
    with parts.box("rg-grid"):
        for tile in board.tiles:
            one = kept.get(tile.report_id)
            if one is not None:
                with parts.box(f"w-{tile.width}"):
                    _tile(s, one.kind, one.question, one.name, tile.height, notes, s.url("/reports/saved/" + quote(one.report_id)))


def _tile(
    s: Screen, kind: str, question: Mapping[str, Any], title: str, height: str, notes: Sequence[Annotation], href: str
) -> None:
    def show(found: Answered) -> None:
        with parts.box("rg-tile-box"):
            draw(Place(s, found, title, height=_CHART[height], notes=notes, href=href))

    ask_here(s, kind, question, show, height=_HEIGHTS[height], title=title)


def _tools_of_ready(s: Screen, made: ReadyBoard) -> None:
    if not s.may("manage_reports"):
        return
    parts.button(s.t("Note"), lambda: _note_dialog(s, None), icon="flag")
    parts.button(
        s.t("Make it mine"),
        s.act(lambda: _copy(s, made), lambda board: _go(s, board), permission="manage_reports"),
        icon="content_copy",
    )
    parts.button(s.t("New dashboard"), lambda: _new_dialog(s), icon="add", kind="primary")


def _copy(s: Screen, made: ReadyBoard) -> Dashboard:
    """A ready-made board as saved reports, to be changed."""
    desk = Desk(s.warehouse, s.shop)
    known = {one.kind for one in service.every_report()}
    with s.records.unit() as uow:
        names = {one.name for one in service.shelf.listing(uow, s.shop.shop_id)}
        boards = {one.name for one in service.boards.listing(uow, s.shop.shop_id)}
        tiles = []
        for tile in made.tiles:
            if tile.kind not in known:
                continue
            name = _free(s.t(tile.title), names)
            kept = service.shelf.save(
                uow, s.caller, desk, name=name, kind=tile.kind, question=tile.question, folder=s.t(made.title)
            )
            names.add(name)
            tiles.append({"report_id": kept.report_id, "width": tile.width, "height": tile.height})
        return service.boards.make(uow, s.caller, s.shop.shop_id, name=_free(s.t(made.title), boards), tiles=tiles)


def _free(name: str, taken: set[str]) -> str:
    return next(one for one in (name, *(f"{name} {n}" for n in range(2, 1000))) if one not in taken)


def _go(s: Screen, board: Dashboard) -> None:
    ui.navigate.to(s.url("/dashboards/" + quote(board.dashboard_id)))


def _new_dialog(s: Screen) -> None:
    values: dict[str, Any] = {"name": ""}
    dialog = Dialog(s, s.t("New dashboard"))
    with dialog:
        text_field(values, "name", s.t("Name"))

    def make() -> Dashboard:
        with s.records.unit() as uow:
            return service.boards.make(uow, s.caller, s.shop.shop_id, name=values["name"])

    dialog.buttons(s.t("Make"), s.act(make, lambda board: _go(s, board), permission="manage_reports"))
    dialog.open()


def _tools(s: Screen, board: Dashboard, kept: Mapping[str, SavedReport]) -> None:
    if not s.may("manage_reports"):
        return
    parts.button(s.t("Note"), lambda: _note_dialog(s, board), icon="flag")
    parts.button(s.t("Arrange"), lambda: _arrange(s, board, kept), icon="dashboard_customize", kind="primary")

    def act() -> None:
        with s.records.unit() as uow:
            service.boards.throw_away(uow, s.caller, s.shop.shop_id, board.dashboard_id)

    parts.button(
        "",
        lambda: sure(
            s,
            s.t("Delete the dashboard?"),
            s.t("The saved reports on it stay."),
            s.t("Delete"),
            act,
            done=lambda _: ui.navigate.to(s.url("/dashboards")),
        ),
        icon="delete",
        title=s.t("Delete the dashboard"),
    )


def _arrange(s: Screen, board: Dashboard, kept: Mapping[str, SavedReport]) -> None:
    """Which reports, how wide, how tall, in which order."""
    tiles: list[list[Any]] = [[one.report_id, one.width, one.height] for one in board.tiles if one.report_id in kept]
    values: dict[str, Any] = {"name": board.name, "add": ""}
    dialog = Dialog(s, s.t("Arrange the dashboard"), wide=True)
    with dialog:
        text_field(values, "name", s.t("Name"))
        rows = parts.box("rg-stack").style("gap: 8px")

    def again(change: Callable[[], Any]) -> Callable[[], None]:
        def act() -> None:
            change()
            fill()

        return act

    def fill() -> None:
        rows.clear()
        with rows:
            for i, tile in enumerate(tiles):
                with parts.box("rg-row").style("gap: 6px; flex-wrap: wrap"):
                    parts.text(kept[tile[0]].name, "rg-strong rg-wrap").style("flex: 1; min-width: 140px")
                    widths = [(str(w), s.t("{n} of 12", n=w)) for w in (3, 4, 6, 8, 12)]
                    parts.select(s.t("Width"), widths, str(tile[1]), partial(_sized, tile, 1))
                    heights = [("small", s.t("Low")), ("medium", s.t("Medium")), ("tall", s.t("Tall"))]
                    parts.select(s.t("Height"), heights, tile[2], partial(_sized, tile, 2))
                    if i:
                        up = again(partial(_up, tiles, i))
                        parts.button("", up, icon="arrow_upward", kind="quiet", title=s.t("Move up"))
                    parts.button("", again(partial(tiles.pop, i)), icon="close", kind="quiet", title=s.t("Remove"))
            left = [("", s.t("Add a saved report …")), *((key, one.name) for key, one in kept.items())]
            parts.select(
                s.t("Add a saved report …"), left, "", lambda v: again(lambda: tiles.append([v, 6, "medium"]))() if v else None
            )

    def keep() -> Dashboard:
        told = [{"report_id": one[0], "width": one[1], "height": one[2]} for one in tiles]
        with s.records.unit() as uow:
            return service.boards.change(uow, s.caller, s.shop.shop_id, board.dashboard_id, name=values["name"], tiles=told)

    fill()
    dialog.buttons(s.t("Save"), s.act(keep, dialog.done, permission="manage_reports"))
    dialog.open()


def _sized(tile: list[Any], place: int, value: str) -> None:
    tile[place] = int(value) if place == 1 else value


def _up(tiles: list[list[Any]], i: int) -> None:
    tiles.insert(i - 1, tiles.pop(i))


def _note_dialog(s: Screen, board: Dashboard | None) -> None:
    values: dict[str, Any] = {"day": "", "text": "", "scope": "shop"}
    dialog = Dialog(s, s.t("Note on a day"))
    with dialog:
        text_field(values, "day", s.t("Day"), kind="date")
        text_field(values, "text", s.t("What happened"), most=300)
        if board is not None:
            choice_field(
                values, "scope", s.t("Shown"), [("shop", s.t("On all charts of the shop")), ("board", s.t("On this dashboard"))]
            )

    def keep() -> Annotation:
        with s.records.unit() as uow:
            return service.boards.note(
                uow,
                s.caller,
                s.shop.shop_id,
                day=_day(values["day"]),
                text=values["text"],
                dashboard_id=board.dashboard_id if board is not None and values["scope"] == "board" else None,
            )

    dialog.buttons(s.t("Save"), s.act(keep, dialog.done, permission="manage_reports"))
    dialog.open()


def _day(text: str) -> date:
    from regulars.errors import InvalidInput

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput("the day is missing", mend="choose a day", code="bad_day") from None


def _noted(s: Screen, board: Dashboard | None, notes: Sequence[Annotation]) -> None:
    if not notes:
        return
    with (
        parts.card(s.t("Notes"), s.t("Drawn on the charts over time that show their day.")),
        parts.box("rg-stack").style("gap: 6px"),
    ):
        for one in sorted(notes, key=lambda note: note.day, reverse=True)[:20]:
            with parts.box("rg-row"):
                parts.text(s.day(one.day), "rg-num rg-faint").style("min-width: 110px")
                parts.text(one.text, "rg-wrap").style("flex: 1")
                if s.may("manage_reports"):
                    parts.button(
                        "",
                        s.act(partial(_take_back, s, one), lambda _: s.redraw()),
                        icon="close",
                        kind="quiet",
                        title=s.t("Remove the note"),
                    )


def _take_back(s: Screen, one: Annotation) -> None:
    with s.records.unit() as uow:
        service.boards.take_back_note(uow, s.caller, s.shop.shop_id, one.annotation_id)
