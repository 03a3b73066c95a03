"""SQL: a field for one SELECT, what can be read beside it, and the rows below."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from nicegui import ui

from regulars.console import parts, screen, shell
from regulars.console.forms import long_field
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand.sql.domain import SqlAnswer
from regulars.understand.sql.service import ask, views
from regulars.values.csv import csv_lines, written
from regulars.warehouse.watching import Watch

_FIRST = "SELECT event, count(*) AS n\nFROM events\nGROUP BY event\nORDER BY n DESC"
_SHOWN = 500


@screen("/sql", permission="ask_sql", nav="SQL", icon="terminal", order=70, group="Understand")
def sql_page(s: Screen) -> None:
    """Ask what no report asks."""
    shell.head(s, "SQL", s.t("One SELECT over the shop's own rows: read-only, stopped after a minute, noted in the audit trail."))
    values: dict[str, Any] = {"sql": s.query.get("q", _FIRST)}
    with parts.box("rg-grid"):
        with parts.box("w-8"):
            with parts.card(s.t("Question")), parts.box("rg-stack").style("gap: 12px"):
                long_field(values, "sql", "SQL", lines=8, most=50_000)
                with parts.box("rg-row"):
                    parts.button(s.t("Run"), lambda: _run(s, place, values), icon="play_arrow", kind="primary")
            place = parts.box("rg-load").style("margin-top: 16px")
        with parts.box("w-4"), parts.card(s.t("What can be read")):
            for view in views():
                with ui.element("details").style("padding: 3px 0"):
                    parts.text(view.name, "rg-strong rg-mono", "summary")
                    parts.text(view.row, "rg-small rg-muted rg-pretty", "p")
                    for column in view.columns:
                        with parts.box("rg-row rg-between rg-small"):
                            parts.text(column.name, "rg-mono rg-wrap")
                            parts.text(column.type, "rg-faint")


def _run(s: Screen, place: Any, values: dict[str, Any]) -> None:
    watch = Watch()
    place.clear()
    with place, parts.card(), parts.box("rg-row rg-waiting"):
        parts.icon("hourglass_top")
        words = parts.text(s.t("Asking"), "rg-num rg-muted")
        parts.button(s.t("Cancel"), watch.cancel, icon="close")
    if len(values["sql"]) < 4_000:
        s.set_query(q=values["sql"])
    s.follow(_answer(s, place, words, watch, values["sql"]))


async def _answer(s: Screen, place: Any, words: parts.Text, watch: Watch, text: str) -> None:
    began = time.monotonic()
    work = asyncio.create_task(
        asyncio.to_thread(lambda: ask(s.records, s.warehouse, s.caller, s.shop, text, limit=10_000, watch=watch))
    )
    try:
        while not work.done():
            await asyncio.wait({work}, timeout=0.25)
            if place.is_deleted:
                watch.cancel()
                return
            told, percent = s.t("Asking for {time}", time=s.duration(time.monotonic() - began)), watch.progress()
            words.say(f"{told} · {percent:.0f}%" if percent else told)
        found = work.result()
    except Exception as error:
        place.clear()
        with place, parts.card():
            s.say_error(error)
        return
    place.clear()
    with place:
        _rows(s, found)


def _rows(s: Screen, found: SqlAnswer) -> None:
    told = s.plural(len(found.rows), "{n} row", "{n} rows") + (" +" if found.more else "")
    with parts.card(s.t("Answer"), f"{told} · {found.seconds:.2f} s", flush=True) as card:
        columns = [Column(name, align="end" if _numeric(found, i) else "") for i, name in enumerate(found.columns)]
        sheet(
            columns,
            [Row([Cell(written(cell)) for cell in row]) for row in found.rows[:_SHOWN]],
            caption=s.t("Answer"),
            kind="sticky",
        )
        if len(found.rows) > _SHOWN:
            parts.text(s.t("The first {n} are shown.", n=s.count(_SHOWN)), "rg-small rg-faint", "p").style("padding: 8px 16px")
    if s.may("export"):
        with card.tools:
            parts.button("", lambda: _save(found), icon="download", kind="quiet", title=s.t("Save data as CSV"))


def _numeric(found: SqlAnswer, i: int) -> bool:
    return all(row[i] is None or not isinstance(row[i], str) for row in found.rows[:50])


def _save(found: SqlAnswer) -> None:
    ui.download.content("".join(csv_lines(found.columns, found.rows)).encode(), "sql.csv", "text/csv")
