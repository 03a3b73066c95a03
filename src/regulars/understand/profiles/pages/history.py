"""What one customer did, newest first, a page at a time."""

from __future__ import annotations

from nicegui import ui

from regulars.console import parts
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand.profiles.domain import Timeline, TimelineEntry
from regulars.understand.profiles.one import timeline

_KIND_ICONS = {"order": "shopping_bag", "refund": "undo", "review": "star_outline", "registered": "person_add"}


def history(s: Screen, customer_id: str, first: Timeline) -> None:
    """The list, and a button for what is older."""
    if not first.entries:
        parts.empty("history", s.t("Nothing yet"), s.t("No order, refund or review of this customer was loaded."))
        return
    listed = parts.box("rg-time")
    place = parts.box()

    def add(page: Timeline) -> None:
        with listed:
            for entry in page.entries:
                _entry(s, entry)
        place.clear()
        if page.next:
            with place:
                parts.button(
                    s.t("Older"),
                    s.act(lambda: timeline(s.warehouse, s.shop, customer_id, cursor=page.next), add),
                    icon="expand_more",
                    kind="quiet",
                )

    add(first)


def _entry(s: Screen, entry: TimelineEntry) -> None:
    bad = entry.kind == "refund" or entry.status == "cancelled"
    with parts.box(f"rg-time-item {'bad' if bad else 'good' if entry.kind == 'order' else ''}"):
        parts.icon(_KIND_ICONS.get(entry.kind, "circle"))
        with parts.box():
            with parts.box("rg-row").style("gap: 8px"):
                parts.text(s.word("timeline", entry.kind), "rg-strong")
                if entry.kind != "registered":
                    parts.text(entry.id, "rg-faint rg-small rg-wrap")
                if entry.status and entry.status not in ("placed", "return"):
                    parts.badge(s.word("status", entry.status), "warn")
            parts.text(s.instant(entry.at), "rg-small rg-faint", "div")
            if entry.rating is not None:
                parts.text(
                    s.t("{rating} stars for {product}", rating=s.count(entry.rating), product=entry.product_name or "–"),
                    "rg-small",
                    "div",
                )
            if entry.lines:
                _lines(s, entry)
        parts.text(
            ("−" if entry.kind == "refund" and entry.amount else "") + (s.money(entry.amount) if entry.amount else ""),
            "rg-num rg-strong",
        )


def _lines(s: Screen, entry: TimelineEntry) -> None:
    names = [line.name or line.product_id or s.t("Not given") for line in entry.lines[:3]]
    more = entry.line_count - len(names)
    words = ", ".join(names) + (" " + s.t("and {n} more", n=s.count(more)) if more > 0 else "")
    with ui.element("details").classes("rg-lines"):
        parts.text(words, "rg-small rg-muted", "summary")
        columns = [Column(s.t("Product"), width="clip"), Column(s.t("Quantity"), align="end"), Column(s.t("Amount"), align="end")]
        rows = [
            Row([Cell(line.name or line.product_id or "–"), Cell(s.count(line.quantity)), Cell(s.money(line.amount))])
            for line in entry.lines
        ]
        sheet(columns, rows, caption=s.t("Lines of {id}", id=entry.id))
