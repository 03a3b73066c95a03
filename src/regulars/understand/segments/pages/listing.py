"""The list of segments, and the ready-made ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from regulars.console import parts, screen, shell
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand.segments import service
from regulars.understand.segments.domain.kept import Segment, SizeDay
from regulars.understand.segments.domain.library import FAMILIES, LIBRARY, Ready
from regulars.understand.segments.domain.reading import definition
from regulars.understand.segments.words import sentence

TONES: dict[str, Tone] = {"dynamic": "good", "frozen": "info", "uploaded": "warn"}
_COURSE = 30


@screen("/segments", permission="read_reports", nav="Segments", icon="groups", order=55, group="Understand")
def segments_page(s: Screen) -> None:
    """Every segment with its size and course."""
    note = s.t("Which customers belong together, by what they are, did and bought. Kept up to date by themselves.")
    with shell.head(s, s.t("Segments"), note):
        parts.button(s.t("Compare"), icon="compare", href=s.url("/segments/compare"))
        parts.button(s.t("Ready-made"), icon="auto_awesome", href=s.url("/segments/library"))
        if s.may("manage_segments"):
            parts.button(s.t("New segment"), icon="add", kind="primary", href=s.url("/segments/new"))

    def ask() -> tuple[list[Segment], dict[str, list[SizeDay]]]:
        with s.records.reading() as uow:
            found = service.listing(uow, s.shop.shop_id)
            return found, {one.segment_id: service.sizes(uow, s.shop.shop_id, one.segment_id)[-_COURSE:] for one in found}

    s.load(ask, lambda both: _draw(s, *both), skeleton="table")


def _draw(s: Screen, found: Sequence[Segment], sizes: dict[str, list[SizeDay]]) -> None:
    if not found:
        with parts.card():
            parts.empty(
                "groups",
                s.t("No segment yet"),
                s.t("Begin with a ready-made one, such as high-value customers at risk, or build your own."),
                action=s.t("Ready-made"),
                href=s.url("/segments/library"),
            )
        return
    columns = [
        Column(s.t("Name"), width="long"),
        Column(s.t("Kind"), width="drop"),
        Column(s.t("Customers"), align="end"),
        Column(s.t("Course"), width="drop"),
        Column(s.t("Entered, left"), align="end", width="drop", hint=s.t("On the last day it was evaluated")),
        Column(s.t("Up to"), align="end", width="drop"),
    ]
    top = max((one.customers or 0 for one in found), default=0) or 1
    rows = []
    for one in found:
        course = sizes[one.segment_id]
        last = course[-1] if course else None
        moved = "" if last is None else f"+{s.count(last.entered)} / −{s.count(last.left)}"
        rows.append(
            Row(
                [
                    Cell(one.called(s.language), href=s.url(f"/segments/{one.segment_id}"), sub=told(s, one)),
                    Cell(s.word("segment kind", one.kind), tone=TONES[one.kind], badge=True),
                    Cell("…" if one.customers is None else s.count(one.customers), bar=(one.customers or 0) / top),
                    Cell("", spark=[day.customers for day in course]) if len(course) > 1 else Cell(""),
                    Cell(moved),
                    Cell("" if one.evaluated_at is None else s.day(one.evaluated_at - timedelta(microseconds=1))),
                ],
                href=s.url(f"/segments/{one.segment_id}"),
                key=one.segment_id,
            )
        )
    with parts.card(flush=True):
        sheet(columns, rows, caption=s.t("Segments"))


def told(s: Screen, one: Segment) -> str:
    """Who is in a segment, in words."""
    if one.where_tree is None:
        return s.t("An uploaded list of customers")
    return sentence(definition(one.where_tree, s.shop.timezone).tree, s.language)


@screen("/segments/library", permission="read_reports", title="Ready-made segments", parent="/segments")
def library_page(s: Screen) -> None:
    """Ready-made segments by family."""
    note = s.t("Each is a beginning: take it over, look at whom it holds, and change its conditions to fit the shop.")
    shell.head(s, s.t("Ready-made segments"), note, back=(s.t("Segments"), s.url("/segments")))

    def ask() -> set[str]:
        with s.records.reading() as uow:
            return {one.segment_id for one in service.listing(uow, s.shop.shop_id)}

    s.load(ask, lambda kept: _library(s, kept), skeleton="page")


def _library(s: Screen, kept: set[str]) -> None:
    for family in FAMILIES:
        name = s.word("segment family", family)
        with parts.card(name, flush=True):
            columns = [Column(s.t("Name")), Column(s.t("What it means"), width="long"), Column("", align="end")]
            rows = [_ready(s, one, one.library_id in kept) for one in LIBRARY if one.family == family]
            sheet(columns, rows, caption=name, kind="cards", on_open=lambda _, action: _take(s, action))


def _ready(s: Screen, one: Ready, is_kept: bool) -> Row:
    words = sentence(definition(one.where_tree, s.shop.timezone).tree, s.language)
    if is_kept:
        last = Cell(s.t("Look at it"), href=s.url(f"/segments/{one.library_id}"))
    else:
        may = s.may("manage_segments")
        last = Cell(s.t("Take over") if may else "", action=one.library_id if may else "")
    return Row([Cell(one.name(s.language)), Cell(one.means(s.language), sub=words), last], key=one.library_id)


async def _take(s: Screen, library_id: str) -> None:
    def make() -> list[Segment]:
        with s.records.unit() as uow:
            return service.from_library(uow, s.caller, s.shop, [library_id])

    def done(_: Any) -> None:
        parts.run_js("location.assign", s.url(f"/segments/{library_id}"))

    await s.act(make, done, permission="manage_segments")()
