"""Reports: what can be asked, and what is kept."""

from __future__ import annotations

from urllib.parse import quote

from regulars.console import parts, screen, shell
from regulars.console.forms import sure
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand.reports import service
from regulars.understand.reports.domain.kept import SavedReport
from regulars.understand.reports.pages.words import GROUP_WORDS, GROUPS, KIND_ICONS, KIND_WORDS, NOTE_WORDS


@screen("/reports", permission="read_reports", nav="Reports", icon="query_stats", order=20, group="Understand")
def reports_page(s: Screen) -> None:
    """Every kind of question, and the saved ones."""
    shell.head(
        s, s.t("Reports"), s.t("Choose what you want to know. Every answer can be opened down to the customers behind a figure.")
    )
    known = {one.kind for one in service.every_report()}
    with s.records.reading() as uow:
        kept = service.shelf.listing(uow, s.shop.shop_id)
    if kept:
        _kept(s, kept)
    for group in GROUP_WORDS:
        kinds = [kind for kind in GROUPS[group] if kind in known]
        if not kinds:
            continue
        parts.text(s.t(group), "rg-strong", "h2")
        with parts.box("rg-choices"):
            for kind in kinds:
                with parts.box("rg-choice", "a") as made:
                    made.props["href"] = s.url(f"/reports/{kind}")
                    parts.icon(KIND_ICONS.get(kind, "query_stats"))
                    with parts.box():
                        parts.text(s.t(KIND_WORDS[kind]), "rg-strong", "p")
                        parts.text(s.t(NOTE_WORDS[kind]), "rg-small rg-muted rg-pretty", "p")


def _kept(s: Screen, kept: list[SavedReport]) -> None:
    with parts.card(s.t("Saved reports"), flush=True):
        columns = [
            Column(s.t("Name")),
            Column(s.t("Kind")),
            Column(s.t("Folder"), width="drop"),
            Column(s.t("Changed"), align="end"),
        ]
        may = s.may("manage_reports")
        if may:
            columns.append(Column("", align="end"))
        rows = []
        for one in kept:
            href = s.url("/reports/saved/" + quote(one.report_id))
            cells = [
                Cell(one.name, href=href),
                Cell(s.t(KIND_WORDS.get(one.kind, one.kind))),
                Cell(one.folder or "–"),
                Cell(s.day(one.changed_at)),
            ]
            if may:
                cells.append(Cell(s.t("Delete"), action="delete"))
            rows.append(Row(cells, key=one.report_id))
        sheet(columns, rows, caption=s.t("Saved reports"), kind="cards", on_open=lambda i, _: _throw_away(s, kept[i]))


def _throw_away(s: Screen, one: SavedReport) -> None:
    def act() -> None:
        with s.records.unit() as uow:
            service.shelf.throw_away(uow, s.caller, s.shop.shop_id, one.report_id)

    sure(
        s,
        s.t("Delete the saved report?"),
        s.t("Its tiles on dashboards and its schedules go with it. The figures themselves stay."),
        s.t("Delete"),
        act,
        done=lambda _: s.redraw(),
    )
