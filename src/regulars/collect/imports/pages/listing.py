"""Data: every load with how it ended, and the forms of file that are known."""

from __future__ import annotations

from regulars.collect.imports import mappings, service
from regulars.collect.imports.domain.fields import FIELDS
from regulars.collect.imports.mappings import SavedMapping
from regulars.collect.imports.service import LoadSummary
from regulars.console import forms, parts, screen, shell
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen

STATUS_TONES: dict[str, Tone] = {"done": "good", "running": "info", "planned": "info", "undone": "", "failed": "bad"}
_SHOWN = 50


@screen("/data", permission="load_data", nav="Data", icon="storage", order=90, group="Collect")
def data_page(s: Screen) -> None:
    """What was loaded."""
    tools = shell.head(s, s.t("Data"), s.t("Files that were loaded, what became of every row, and what waits to be repaired."))
    with tools:
        parts.button(s.t("Load files"), icon="upload_file", kind="primary", href=s.url("/data/load"))

    def ask() -> tuple[list[LoadSummary], list[SavedMapping]]:
        with s.records.reading() as uow:
            return service.loads(uow, s.home, s.shop.shop_id, limit=_SHOWN), mappings.saved(uow, s.shop.shop_id)

    s.load(ask, lambda found: _draw(s, *found), skeleton="table")


def _draw(s: Screen, loads: list[LoadSummary], saved: list[SavedMapping]) -> None:
    waiting = sum(load.bad_rows_open for load in loads)
    if waiting:
        parts.notice(
            s.plural(
                waiting,
                "{n} row could not be read and waits to be repaired.",
                "{n} rows could not be read and wait to be repaired.",
            ),
            s.t("Open the load they belong to."),
            tone="warn",
        )
    with parts.card(s.t("Loads"), flush=True):
        if loads:
            _loads(s, loads)
        else:
            parts.empty(
                "upload_file",
                s.t("Nothing loaded yet"),
                s.t("Begin with the orders. Before anything is written you see what was recognised and what is wrong."),
                action=s.t("Load files"),
                href=s.url("/data/load"),
            )
    if saved:
        with parts.card(
            s.t("Known forms of file"), s.t("Files with these headers are read as they were the last time."), flush=True
        ):
            _mappings(s, saved)


def _loads(s: Screen, loads: list[LoadSummary]) -> None:
    columns = [
        Column(s.t("Files"), width="clip"),
        Column(s.t("Kind")),
        Column(s.t("Status")),
        Column(s.t("Rows"), align="end"),
        Column(s.t("Loaded"), align="end"),
        Column(s.t("To repair"), align="end"),
        Column(s.t("When"), align="end"),
    ]
    rows = []
    for load in loads:
        href = s.url(f"/data/loads/{load.load_id}")
        rows.append(
            Row(
                [
                    Cell(", ".join(load.files), href=href, hint=", ".join(load.files)),
                    Cell(s.word("kind", load.kind)),
                    Cell(
                        s.word("load status", load.status),
                        tone=STATUS_TONES.get(load.status, ""),
                        badge=True,
                        hint=load.error or "",
                    ),
                    Cell(s.count(load.rows)),
                    Cell(s.count(load.rows_by_outcome.get("loaded"))),
                    Cell(s.count(load.bad_rows_open), tone="warn" if load.bad_rows_open else "faint"),
                    Cell(s.instant(load.created_at)),
                ],
                href=href,
                key=load.load_id,
            )
        )
    sheet(columns, rows, caption=s.t("Loads"), kind="cards")


def _mappings(s: Screen, saved: list[SavedMapping]) -> None:
    columns = [
        Column(s.t("Name"), width="clip"),
        Column(s.t("Kind")),
        Column(s.t("Columns"), width="long"),
        Column(s.t("Last used"), align="end"),
        Column("", align="end"),
    ]
    rows = []
    for one in saved:
        words = "; ".join(f"{column} → {field_name(s, one.kind, field)}" for field, column in one.fields.items() if column)
        rows.append(
            Row(
                [
                    Cell(one.name),
                    Cell(s.word("kind", one.kind)),
                    Cell(words),
                    Cell(s.day(one.used_at)),
                    Cell(s.t("Forget"), action="forget"),
                ],
                key=one.fingerprint,
            )
        )

    def forget(index: int, _: str) -> None:
        def action() -> None:
            with s.records.unit() as uow:
                mappings.remove(uow, s.shop.shop_id, saved[index].fingerprint)

        words = s.t("Files of this form are judged by their headers again. What was loaded stays.")
        forms.sure(s, s.t("Forget this form?"), words, s.t("Forget"), action, done=lambda _: s.redraw())

    sheet(columns, rows, caption=s.t("Known forms of file"), kind="cards", on_open=forget)


def field_name(s: Screen, kind: str, name: str) -> str:
    """A field in the reader's language."""
    field = FIELDS[kind].get(name)  # type: ignore[index]
    if field is None:
        return s.word("field", name)
    return field.meaning_zh if s.language == "zh" else s.word("field", name)
