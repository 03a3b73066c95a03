"""What a customer or visitor did: their visits with the events of each, on a customer's page and on a visitor's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from nicegui import ui

from regulars.collect.track import reading, sources
from regulars.collect.track.domain.visits import Visit, visits
from regulars.collect.track.pages import shown
from regulars.collect.track.queries import EventFilters
from regulars.collect.track.reading import EventRow
from regulars.console import panel, parts, screen, shell
from regulars.console.view import Screen

_AT_ONCE = 60
_IN_PANEL = 12


@panel("customer", permission="read_customers", order=60)
def customer_events(s: Screen) -> None:
    """The last events of the customer whose page this is; nothing where there are none."""
    customer_id = unquote(s.path["customer_id"])

    def show(found: tuple[list[EventRow], dict[str, str]]) -> None:
        events, names = found
        if events:
            with parts.card(s.t("Visits and events"), s.t("The newest first; a click opens an event.")):
                _timeline(s, customer_id, events, names, _IN_PANEL)

    s.load(lambda: _ask(s, customer_id, _IN_PANEL), show, skeleton="none")


@screen("/visitors/{visitor_id}", permission="read_customers", title="Visitor", parent="/customers")
def visitor_page(s: Screen) -> None:
    """A device that nobody has named yet."""
    visitor_id = unquote(s.path["visitor_id"])
    shell.head(
        s,
        s.t("Visitor"),
        s.t("A device whose owner has not signed in or ordered yet. When they do, these events become that customer's."),
        back=(s.t("Customers"), s.url("/customers")),
    )
    s.load(lambda: _ask(s, visitor_id, _AT_ONCE), lambda found: _visitor(s, visitor_id, *found), skeleton="page")


def _visitor(s: Screen, visitor_id: str, events: list[EventRow], names: dict[str, str]) -> None:
    if not events:
        parts.empty(
            "person_search",
            s.t("No events of this visitor"),
            s.t("There are none, or they belong to a customer by now."),
            action=s.t("Watch live"),
            href=s.url("/events"),
        )
        return
    found = visits(events)
    newest = events[0]
    with parts.box("rg-tiles"):
        parts.tile(s.t("Events"), s.count(len(events)) + ("+" if len(events) > _AT_ONCE else ""))
        parts.tile(s.t("Visits"), s.count(len(found)) + ("+" if len(events) > _AT_ONCE else ""))
        parts.tile(s.t("Last seen"), shown.since_words(s, newest.timestamp), small=True)
        told = next((event.channel for visit in reversed(found) for event in reversed(visit.events) if event.channel), None)
        parts.tile(s.t("Came by"), s.word("channel", told) if told else "–", small=True)
    with parts.box("rg-grid"):
        with parts.card(s.t("Visits and events"), s.t("The newest first; a click opens an event."), classes="w-8"):
            _timeline(s, visitor_id, events, names, _AT_ONCE)
        with parts.card(s.t("About"), classes="w-4"):
            parts.facts(
                (name, value)
                for name, value in (
                    (s.t("Visitor number"), visitor_id),
                    (s.t("Device"), s.word("device", newest.device) if newest.device else ""),
                    (s.t("System"), newest.os or ""),
                    (s.t("Browser"), newest.browser or ""),
                    (s.t("Language"), newest.locale or ""),
                    (s.t("Region"), newest.region or ""),
                    (s.t("Source"), names.get(newest.source_id, newest.source_id)),
                )
                if value
            )


def _ask(s: Screen, customer_id: str, limit: int) -> tuple[list[EventRow], dict[str, str]]:
    events = reading.listing(s.warehouse, s.shop, EventFilters(customer_id=customer_id), limit=limit + 1)
    with s.records.reading() as uow:
        return events, {source.source_id: source.name for source in sources.list_all(uow, s.caller, s.shop.shop_id)}


def _timeline(s: Screen, customer_id: str, events: Sequence[EventRow], names: Mapping[str, str], limit: int) -> None:
    listed = parts.box()
    place = parts.box()

    def add(found: Sequence[EventRow]) -> None:
        page = found[:limit]
        with listed:
            for visit in visits(page):
                _visit(s, visit, names)
        place.clear()
        if len(found) > limit:
            behind = reading.place(page[-1])

            def older() -> list[EventRow]:
                wanted = EventFilters(customer_id=customer_id)
                return reading.listing(s.warehouse, s.shop, wanted, limit=limit + 1, behind=behind)

            with place:
                parts.button(s.t("Older"), s.act(older, add), icon="expand_more", kind="quiet")

    add(events)


def _visit(s: Screen, visit: Visit[EventRow], names: Mapping[str, str]) -> None:
    first, last = visit.events[-1], visit.events[0]
    told = [s.word("channel", visit.channel)] if visit.channel else []
    told += [s.word("device", first.device)] if first.device and first.device != "other" else []
    told += [s.duration(last.timestamp - first.timestamp)] if last.timestamp > first.timestamp else []
    told += [s.plural(len(visit.events), "{n} event", "{n} events")]
    with parts.box("rg-visit"):
        with parts.box("rg-row rg-between").style("gap: 2px 10px"):
            parts.text(s.instant(first.timestamp), "rg-strong")
            parts.text(" · ".join(told), "rg-small rg-faint")
        with parts.box("", "ol"):
            for event in visit.events:
                _line(s, event, names)


def _line(s: Screen, event: EventRow, names: Mapping[str, str]) -> None:
    with parts.box("", "li"):
        parts.text(_clock(s, event.timestamp))
        with parts.box():
            with ui.element("button").classes("rg-link").props("type=button") as button:
                parts.text(event.event)
            button.on("click", lambda: shown.open_event(s, event, names), [])
            words = shown.about(event)
            if words:
                parts.text(words, "rg-small rg-faint", "div")


def _clock(s: Screen, moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(s.zone)):%H:%M:%S}"
