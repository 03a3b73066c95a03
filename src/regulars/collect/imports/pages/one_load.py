"""One load: its report, the columns as they were read, and its bad rows to repair here or in a spreadsheet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nicegui import ui

from regulars.collect.imports import quarantine, repairing, service
from regulars.collect.imports.domain.report import LoadReport
from regulars.collect.imports.pages.listing import STATUS_TONES
from regulars.collect.imports.pages.reports import columns_of, report_view, rule_words
from regulars.collect.imports.quarantine import BadRow
from regulars.collect.imports.service import LoadSummary
from regulars.console import parts, screen, shell
from regulars.console.drop import drop_zone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen

_PAGE = 25
_WORTH_A_RATE = 10_000


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page about a load shows."""

    summary: LoadSummary
    report: LoadReport | None
    bad: list[BadRow]


@screen("/data/loads/{load_id}", permission="load_data", title="Load", parent="/data")
def load_page(s: Screen) -> None:
    """What became of a load."""
    load_id = s.path["load_id"]
    offset = s.number("from_row", 0)

    def ask() -> Shown:
        with s.records.reading() as uow:
            summary = service.load_summary(uow, s.home, s.shop.shop_id, load_id)
            report = service.load_report(uow, s.shop.shop_id, load_id)
            bad = []
            if summary.bad_rows_open:
                bad = quarantine.bad_rows_of(uow, s.house.keyring, s.home, load_id, offset=offset, limit=_PAGE, language=s.language)
            return Shown(summary, report, bad)

    s.load(ask, lambda shown: _draw(s, shown, offset), skeleton="page")


def _draw(s: Screen, shown: Shown, offset: int) -> None:
    load = shown.summary
    note = f"{s.word('kind', load.kind)} · {s.instant(load.created_at)}"
    if shown.report and shown.report.seconds:
        note += " · " + s.duration(shown.report.seconds)
        if shown.report.rows >= _WORTH_A_RATE:
            note += " · " + s.t("{rate} rows a second", rate=s.short(round(shown.report.rows_per_second)))
    tools = shell.head(s, ", ".join(load.files), note, back=(s.t("Data"), s.url("/data")))
    with tools:
        parts.badge(s.word("load status", load.status), STATUS_TONES.get(load.status, ""))
    if s.query.get("fresh") and load.status == "done":
        with parts.notice(s.t("Loaded. Reports count the new rows now; segments and next orders follow in a moment."), tone="good"):
            parts.button(s.t("To the overview"), icon="insights", href=s.url("/"))
    if load.error:
        parts.notice(s.t("The load did not finish, and nothing of it was kept."), load.error, tone="bad")
    if shown.bad:
        _bad_rows(s, shown, offset)
    if shown.report is None:
        return
    report_view(s, shown.report)
    if shown.report.changes:
        _changes(s, shown.report)
    for file in shown.report.files:
        with parts.card(s.t("Columns of {file}", file=file.name), flush=True):
            columns_of(s, file)


def _changes(s: Screen, report: LoadReport) -> None:
    columns = [
        Column(s.t("Table")),
        *(Column(words, align="end") for words in (s.t("Added"), s.t("Changed"), s.t("Unchanged"), s.t("Removed"))),
    ]
    rows = [
        Row(
            [
                Cell(s.word("table", name)),
                *(Cell(s.count(number)) for number in (change.inserted, change.updated, change.unchanged, change.removed)),
            ]
        )
        for name, change in report.changes.items()
    ]
    with parts.card(s.t("What changed"), flush=True):
        sheet(columns, rows, caption=s.t("What changed"))


def _bad_rows(s: Screen, shown: Shown, offset: int) -> None:
    """The rows that wait: each with its reason and its cells to correct."""
    load = shown.summary
    edits: dict[str, dict[str, str | None]] = {}
    title = s.plural(load.bad_rows_open, "{n} row to repair", "{n} rows to repair")
    with parts.card(
        title, s.t("Correct the cells here, or download the rows, correct them in a spreadsheet and load that file."), flush=True
    ) as card:
        for row in shown.bad:
            _bad_row(s, row, edits)
    with card.tools:
        parts.button(s.t("Download"), lambda: _download(s, load.load_id), icon="download", kind="quiet")

    def repair() -> LoadReport:
        return service.repair(s.records, s.warehouse, s.home, s.shop, load.load_id, edits, caller=s.caller)

    def done(report: LoadReport) -> None:
        ui.navigate.to(s.url(f"/data/loads/{report.load_id}", fresh="1"))

    async def sent(paths: list[Path], names: list[str]) -> None:
        await s.act(
            lambda: service.repair_file(s.records, s.warehouse, s.home, s.shop, load.load_id, paths[0], caller=s.caller), done
        )()

    with card, parts.box("rg-bad-row"):
        drop_zone(
            s,
            s.t("Drop the corrected file here"),
            s.t("The file that was downloaded, with its first columns left as they are."),
            sent,
        )
    with card.foot():
        with parts.box("rg-pager"):
            if offset:
                parts.button(s.t("First page"), lambda: s.go(from_row=None), icon="first_page", kind="quiet")
            if offset + len(shown.bad) < load.bad_rows_open:
                parts.button(s.t("Next page"), lambda: s.go(from_row=offset + _PAGE), icon="chevron_right", kind="quiet")
        parts.button(s.t("Load the corrected rows"), s.act(repair, done, permission="load_data"), icon="play_arrow", kind="primary")


def _bad_row(s: Screen, row: BadRow, edits: dict[str, dict[str, str | None]]) -> None:
    says, mend = rule_words(s, row.reasons[0], row.says, row.mend)
    with parts.box("rg-bad-row"):
        with parts.box("rg-row rg-between"):
            parts.text(s.t("{file}, row {row}", file=row.file, row=s.count(row.row)), "rg-strong rg-small")
            parts.badge(says, "warn")
        parts.text(mend, "rg-small rg-faint", "p")
        with parts.box("rg-cells"):
            for column, value in row.cells.items():
                with parts.box("rg-field", "label"):
                    parts.text(column)
                    cell = ui.element("input")
                    cell.props("type=text maxlength=2000")
                    cell.props["value"] = value or ""
                    cell.on(
                        "change",
                        lambda event, row_id=row.bad_row_id, column=column: edits.setdefault(row_id, {}).update(
                            {column: str(event.args or "")}
                        ),
                        js_handler="(event) => emit(event.target.value)",
                    )


async def _download(s: Screen, load_id: str) -> None:
    def ask() -> str:
        with s.records.reading() as uow:
            return repairing.to_csv(quarantine.bad_rows_of(uow, s.house.keyring, s.home, load_id, limit=None, language=s.language))

    try:
        text = await s.ask(ask)
    except Exception as error:
        s.notify_error(error)
        return
    ui.download.content(text.encode(), f"rows-to-repair-{load_id[-8:]}.csv", "text/csv")
