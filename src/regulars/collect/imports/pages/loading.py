"""Loading files: choose them, see what would happen, say what a column is, load with progress."""

from __future__ import annotations

import asyncio
import logging
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from nicegui import ui

from regulars.collect.imports import intake, service
from regulars.collect.imports.domain.chinese import say
from regulars.collect.imports.domain.fields import FIELDS, KINDS, Kind
from regulars.collect.imports.domain.options import DateOrder, LoadOptions, parse_rates, parse_statuses
from regulars.collect.imports.domain.report import LoadReport
from regulars.collect.imports.pages.listing import field_name
from regulars.collect.imports.pages.reports import report_view
from regulars.console import forms, parts, screen, shell
from regulars.console.drop import drop_zone
from regulars.console.view import Screen
from regulars.errors import RegularsError

log = logging.getLogger(__name__)

_DATE_ORDER_WORDS = {"ymd": "year, month, day", "dmy": "day, month, year", "mdy": "month, day, year"}
_SAMPLES = 3


@dataclass
class Draft:
    """What is being prepared on one open page."""

    kind: Kind
    paths: list[Path] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    maps: dict[str, str] = field(default_factory=dict)
    said: forms.Values = field(default_factory=dict)
    report: LoadReport | None = None
    steps: ui.element | None = None
    looks: int = 0  # how often the files were looked at; only the latest look is drawn

    def options(self) -> LoadOptions:
        """What the person has said so far.

        Raises
        ------
        InvalidInput : a rate or a meaning of a status is not of the right form.
        """
        said = self.said
        return LoadOptions(
            maps=dict(self.maps),
            timezone=said.get("timezone") or None,
            currency=(said.get("currency") or "").strip().upper() or None,
            date_order=said.get("date_order") or None,
            duplicates="keep" if said.get("keep_duplicates") else "once",
            rates=parse_rates(_words(said.get("rates"))),
            statuses=parse_statuses(_words(said.get("statuses"))),
            replace_orders=bool(said.get("replace_orders")),
            sheet=said.get("sheet") or None,
            encoding=said.get("encoding") or None,
        )


@dataclass
class Watch:
    """How far a running plan or load is, told from its own thread."""

    note: str = ""
    done: int | None = None
    total: int | None = None
    stop: threading.Event = field(default_factory=threading.Event)

    def tell(self, note: str, done: int | None, total: int | None) -> None:
        """Take a message of the verb."""
        self.note, self.done, self.total = note, done, total


def _words(text: Any) -> list[str]:
    return [part.strip() for part in str(text or "").replace("\n", ",").split(",") if part.strip()]


@screen("/data/load", permission="load_data", title="Load files", parent="/data")
def load_page(s: Screen) -> None:
    """Files in."""
    kind: Kind = s.choice("kind", tuple(KINDS), "orders")  # type: ignore[assignment]
    draft = Draft(kind)
    shell.head(
        s, s.t("Load files"), s.t("Nothing is written before you have seen what would happen."), back=(s.t("Data"), s.url("/data"))
    )
    steps = parts.box()
    _steps(s, steps, 1)
    with parts.box("rg-filters"):
        parts.segmented(
            s.t("Kind of file"),
            ((value, s.word("kind", value)) for value in KINDS),
            kind,
            lambda value: s.go(kind=value),
        )
    hints = {
        "orders": s.t(
            "CSV, TSV, XLSX, JSON lines or Parquet, also packed. Exports of Shopify, WooCommerce, Taobao and Tmall are recognised."
        ),
        "customers": s.t("One customer a row. Names and contacts are kept encrypted, apart from the figures."),
        "products": s.t("One product a row; with prices, categories and stock where you have them."),
        "events": s.t(
            "One event a row, or Segment messages as JSON lines. Taobao and Tmall behaviour files are recognised. It triggers nothing."
        ),
        "reviews": s.t("One review a row. Its words are kept encrypted, apart from the figures."),
        "costs": s.t(
            "What each campaign cost on each day. Exports of Google, Meta, TikTok, Ocean Engine, Alimama and Baidu are recognised."
        ),
        "competition": s.t("What a competitor asked for a product, or sold of a category, on a day."),
    }
    stage = parts.box("rg-stack").style("gap: 16px")

    async def arrived(paths: list[Path], names: list[str]) -> None:
        draft.paths, draft.names, draft.maps, draft.report = paths, names, {}, None
        await _check(s, draft, stage)

    draft.steps = steps
    drop_zone(s, s.t("Drop files here, or choose them"), hints[kind], arrived).move(target_index=3)
    stage.move(target_index=4)


def _steps(s: Screen, place: ui.element | None, at: int) -> None:
    if place is None:
        return
    place.clear()
    with place, parts.box("rg-steps") as row:
        row.props["aria-label"] = s.t("Steps")
        for number, words in enumerate((s.t("Choose files"), s.t("Look and correct"), s.t("Load")), start=1):
            with parts.box("done" if number < at else "on" if number == at else "", "span"):
                parts.text(str(number), tag="b")
                parts.text(words)


async def _check(s: Screen, draft: Draft, stage: ui.element) -> None:
    """The dry run, drawn into the stage; called again whenever the person changes a column or an option."""

    def plan(watch: Watch) -> LoadReport:
        return service.plan(
            s.records,
            s.home,
            s.shop,
            draft.kind,
            draft.paths,
            draft.options(),
            keyring=s.house.keyring,
            names=draft.names,
            tell=watch.tell,
        )

    draft.looks += 1
    mine = draft.looks
    stage.clear()
    with stage:
        failed: Exception | None = None
        report: LoadReport | None = None
        try:
            report = await _watched(s, plan, s.t("Looking at the files"))
        except Exception as error:
            failed = error
        if mine != draft.looks or stage.is_deleted:
            return  # the person changed something meanwhile; the look after that one draws the stage
        draft.report = report
        stage.clear()
        if failed is not None:
            s.say_error(failed)
        else:
            _steps(s, draft.steps, 2)
            _ready(s, draft, stage)
        if report is not None:
            report_view(s, report)
        if report is not None or isinstance(failed, RegularsError):
            _mapping(s, draft, stage)
            _options(s, draft, stage)
        stage.props(f"data-looks={mine}")


def _ready(s: Screen, draft: Draft, stage: ui.element) -> None:
    report = draft.report
    assert report is not None
    if report.already_loaded:
        with parts.notice(
            s.t("These files were loaded before, with the same settings."),
            s.t("Loading them again would change nothing."),
            tone="info",
        ):
            parts.button(s.t("Show that load"), icon="history", href=s.url(f"/data/loads/{report.already_loaded}"))
        return
    loaded = report.rows_by_outcome.get("loaded", 0)
    words = s.plural(loaded, "{n} row is ready to be loaded.", "{n} rows are ready to be loaded.")
    waiting = report.rows_by_outcome.get("quarantined", 0)
    more = (
        s.plural(
            waiting,
            "{n} row will wait in quarantine until it is repaired.",
            "{n} rows will wait in quarantine until they are repaired.",
        )
        if waiting
        else ""
    )
    with parts.notice(words, more, tone="good" if loaded else "warn"):
        if loaded or waiting:
            button = parts.button(s.t("Load now"), lambda: _load(s, draft, stage), icon="play_arrow", kind="primary")
            button.props("data-load-now")


async def _load(s: Screen, draft: Draft, stage: ui.element) -> None:
    def load(watch: Watch) -> LoadReport:
        s.caller.demand("load_data")
        return service.load(
            s.records,
            s.warehouse,
            s.home,
            s.shop,
            draft.kind,
            draft.paths,
            draft.options(),
            caller=s.caller,
            names=draft.names,
            tell=watch.tell,
        )

    stage.clear()
    with stage:
        _steps(s, draft.steps, 3)
        try:
            report = await _watched(s, load, s.t("Loading"))
        except Exception as error:
            stage.clear()
            s.say_error(error)
            _options(s, draft, stage)
            return
        for path in draft.paths:
            shutil.rmtree(path.parents[1], ignore_errors=True)
        ui.navigate.to(s.url(f"/data/loads/{report.load_id or report.already_loaded}", fresh="1"))


async def _watched(s: Screen, work: Callable[[Watch], LoadReport], title: str) -> LoadReport:
    """Run a verb in its own thread and show how far it is, with rows or bytes a second where they are known."""
    watch = Watch()
    with parts.card(title), parts.box("rg-stack"):
        note = parts.text(s.t("Starting"), "rg-small rg-muted", "p")
        with parts.box("rg-meter") as meter:
            bar = parts.box().style("width: 2%")
        meter.props("role=progressbar aria-valuemin=0 aria-valuemax=100")
        meter.props["aria-label"] = title
    task = asyncio.create_task(asyncio.to_thread(work, watch))
    begun = asyncio.get_running_loop().time()
    while not task.done():
        await asyncio.wait({task}, timeout=0.4)
        passed = asyncio.get_running_loop().time() - begun
        words = [_note(s, watch.note), s.duration(passed)]
        if watch.total and watch.done is not None:
            share = min(1.0, watch.done / watch.total)
            bar.style(f"width: {max(2, round(share * 100))}%")
            meter.props(f"aria-valuenow={round(share * 100)}")
            meter.classes(remove="rg-wait")
            words.insert(1, f"{s.size(watch.done)} / {s.size(watch.total)}")
            if 0.02 < share < 1 and passed > 2:
                words.append(s.t("about {time} left", time=s.duration(passed / share - passed)))
        else:
            meter.classes("rg-wait")
        note.say(" · ".join(word for word in words if word))
    return task.result()


def _note(s: Screen, note: str) -> str:
    """What the verb says it is doing; the name of a file stays as it is."""
    for start in ("look at ", "read "):
        if note.startswith(start):
            return s.word("doing", start.strip()) + " " + note.removeprefix(start)
    return s.word("doing", note) if note else s.t("Starting")


def _mapping(s: Screen, draft: Draft, stage: ui.element) -> None:
    """Every column of every file with some of its cells, and what it stands for; a change looks again at once."""
    reports = {file.name: file for file in draft.report.files} if draft.report else {}
    for path, name in zip(draft.paths, draft.names, strict=True):
        try:
            seen = intake.look(path, draft.options())
        except RegularsError:
            continue
        report = reports.get(name)
        stands = (
            {one.column: one.field for one in report.columns} if report else {column: told for told, column in draft.maps.items()}
        )
        reads = {one.column: say(one.reads_as, s.language) for one in report.columns} if report else {}
        kind = report.kind if report else draft.kind
        with (
            parts.card(
                s.t("Columns of {file}", file=name),
                s.t("Say what a column is where it was not recognised; the form is kept for the next time."),
                flush=True,
            ),
            parts.box("rg-sheet-scroll"),
            ui.element("table").classes("rg-sheet cards"),
        ):
            with ui.element("thead"), ui.element("tr"):
                for words in (s.t("Column"), s.t("Stands for"), s.t("Sample"), s.t("Read as")):
                    parts.text(words, tag="th").props("scope=col")
            with ui.element("tbody"):
                for at, column in enumerate(seen.columns):
                    sample = [str(row[at]) for row in seen.sample if at < len(row) and row[at]][:_SAMPLES]
                    _column_row(s, draft, stage, kind, column, stands.get(column, ""), sample, reads.get(column, ""))


def _column_row(
    s: Screen, draft: Draft, stage: ui.element, kind: Kind, column: str, stands: str, sample: list[str], reads: str
) -> None:
    async def choose(value: str) -> None:
        if stands:
            draft.maps[stands] = ""
        if value:
            draft.maps[value] = column
        await _check(s, draft, stage)

    choices = [("", s.t("not read")), *((name, field_name(s, kind, name)) for name in FIELDS[kind])]
    if stands and stands not in FIELDS[kind]:
        choices.append((stands, field_name(s, kind, stands)))
    with ui.element("tr"):
        parts.text(column, "rg-strong rg-wrap", "td")
        with ui.element("td") as place:
            parts.select(s.t("What {column} stands for", column=column), choices, stands, choose)
        cells = (
            (place, s.t("Stands for")),
            (parts.text(" · ".join(sample), "rg-faint rg-wrap", "td"), s.t("Sample")),
            (parts.text(reads, "rg-small rg-muted", "td"), s.t("Read as")),
        )
        for cell, label in cells:
            cell.props["data-label"] = label


def _options(s: Screen, draft: Draft, stage: ui.element) -> None:
    said = draft.said
    with ui.element("details").classes("rg-card rg-more"):
        parts.text(s.t("More about these files"), tag="summary")
        with parts.box("rg-card-body rg-stack").style("gap: 16px"):
            with parts.box("rg-form"):
                orders = [
                    ("", s.t("Judge by the file")),
                    *((order, s.t(_DATE_ORDER_WORDS[order])) for order in get_args(DateOrder)),
                ]
                forms.choice_field(said, "date_order", s.t("Dates are written as"), orders)
                forms.text_field(said, "timezone", s.t("Time zone of the file"), placeholder=s.shop.timezone)
                forms.text_field(said, "currency", s.t("Currency of the file"), placeholder=s.shop.currency, most=3)
                forms.text_field(
                    said,
                    "rates",
                    s.t("Exchange rates"),
                    placeholder="USD=7.10",
                    hint=s.t("How much of the shop's currency one unit is worth."),
                )
                forms.text_field(
                    said,
                    "statuses",
                    s.t("Meaning of status words"),
                    placeholder="shipped=placed",
                    hint=s.t("placed, cancelled, unpaid, refunded or draft"),
                )
                forms.text_field(said, "sheet", s.t("Sheet of the spreadsheet"))
                forms.text_field(said, "encoding", s.t("Encoding"), placeholder="gb18030")
            forms.tick(
                said,
                "keep_duplicates",
                s.t("Equal rows are meant"),
                hint=s.t("Each counts. Otherwise rows equal in every column count once."),
            )
            forms.tick(
                said,
                "replace_orders",
                s.t("Replace stored orders"),
                hint=s.t("Lines of an order that these files do not hold are removed."),
            )
            with parts.box():
                parts.button(s.t("Look again"), lambda: _check(s, draft, stage), icon="refresh")
