"""What one customer did, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping

from nicegui import ui

from regulars.console import parts
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.guard import consent
from regulars.understand import segments
from regulars.understand.profiles.domain import Timeline, TimelineEntry
from regulars.understand.profiles.one import timeline
from regulars.understand.profiles.timelines import KINDS, Kind

_KIND_ICONS = {
    "order": "shopping_bag", "refund": "undo", "review": "star_outline", "registered": "person_add", "event": "ads_click",
    "segment": "groups", "consent": "how_to_reg",
}  # fmt: skip
#: What can be chosen, and the kinds of entries it shows.
_SHOWN: Mapping[str, tuple[Kind, ...]] = {
    "all": KINDS,
    "orders": ("order", "refund"),
    "events": ("event",),
    "segments": ("segment",),
    "consents": (),
    "other": ("review", "registered"),
}
_WITH_CONSENTS = ("all", "consents")


def history(s: Screen, customer_id: str) -> None:
    """One list of all that happened, a choice of what is shown, and a button for what is older."""
    with parts.box("rg-stack").style("gap: 10px"):
        s.part("history", lambda: _chosen(s, customer_id))


def _chosen(s: Screen, customer_id: str) -> None:
    shown = s.choice("shown", tuple(_SHOWN), "all")

    def choose(value: str) -> None:
        s.set_query(shown=None if value == "all" else value)
        s.redraw_part("history")

    choices = [(one, s.word("shown", one)) for one in _SHOWN]
    parts.select(s.t("What is shown"), choices, shown, choose)

    def ask() -> tuple[Timeline, list[TimelineEntry], dict[str, str]]:
        with s.records.reading() as uow:
            names = {one.segment_id: one.called(s.language) for one in segments.listing(uow, s.shop.shop_id)}
            given = consent.history(uow, s.shop.shop_id, customer_id) if shown in _WITH_CONSENTS else []
        return _page(s, customer_id, shown, None), [_consented(one) for one in given], names

    s.load(ask, lambda found: _list(s, customer_id, shown, *found), skeleton="card")


def _page(s: Screen, customer_id: str, shown: str, cursor: str | None) -> Timeline:
    if not _SHOWN[shown]:
        return Timeline([], None)
    return timeline(s.warehouse, s.shop, customer_id, cursor=cursor, kinds=_SHOWN[shown])


def _consented(one: consent.Consent) -> TimelineEntry:
    return TimelineEntry("consent", one.happened_at, one.consent_id, status=one.state, name=one.purpose, text=one.channel or "")


def _list(
    s: Screen, customer_id: str, shown: str, first: Timeline, given: list[TimelineEntry], names: Mapping[str, str]
) -> None:  # fmt: skip
    if not first.entries and not given:
        parts.empty("history", s.t("Nothing yet"), s.t("Nothing of this kind is known of this customer."))
        return
    listed, place, waiting = parts.box("rg-time"), parts.box(), list(given)

    def add(page: Timeline) -> None:
        # Consents stand in their place among the others: those older than the page wait for theirs.
        last = page.entries[-1].at if page.next and page.entries else None
        due = [one for one in waiting if last is None or one.at >= last]
        waiting[:] = [one for one in waiting if one not in due]
        with listed:
            for entry in sorted([*page.entries, *due], key=lambda one: one.at, reverse=True):
                _entry(s, entry, names)
        place.clear()
        if page.next:
            with place:
                parts.button(
                    s.t("Older"),
                    s.act(lambda: _page(s, customer_id, shown, page.next), add),
                    icon="expand_more",
                    kind="quiet",
                )

    add(first)


def _entry(s: Screen, entry: TimelineEntry, names: Mapping[str, str]) -> None:
    bad = entry.kind == "refund" or entry.status == "cancelled"
    with parts.box(f"rg-time-item {'bad' if bad else 'good' if entry.kind == 'order' else ''}"):
        parts.icon(_KIND_ICONS.get(entry.kind, "circle"))
        with parts.box():
            with parts.box("rg-row").style("gap: 8px"):
                parts.text(_title(s, entry, names), "rg-strong rg-wrap")
                if entry.kind in ("order", "refund", "review"):
                    parts.text(entry.id, "rg-faint rg-small rg-wrap")
                    if entry.status and entry.status not in ("placed", "return"):
                        parts.badge(s.word("status", entry.status), "warn")
            parts.text(s.instant(entry.at), "rg-small rg-faint", "div")
            if entry.text:
                words = s.word("channel", entry.text) if entry.kind == "consent" else entry.text
                parts.text(words, "rg-small rg-muted rg-wrap", "div")
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


def _title(s: Screen, entry: TimelineEntry, names: Mapping[str, str]) -> str:
    match entry.kind:
        case "event":
            return entry.name or ""
        case "segment":
            name = names.get(entry.name or "") or s.t("A segment that is gone")
            return s.t("Entered {segment}", segment=name) if entry.status == "entered" else s.t("Left {segment}", segment=name)
        case "consent":
            return f"{s.word('purpose', entry.name or '')}: {s.word('consent', entry.status or '')}"
    return s.word("timeline", entry.kind)


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
