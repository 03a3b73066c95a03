"""What a customer or visitor did: their visits with the events of each, on a customer's page and on a visitor's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from nicegui import ui

from regulars.collect import sessions
from regulars.collect.sessions import SessionRow
from regulars.collect.sessions.words import bot_words
from regulars.collect.track import reading, sources
from regulars.collect.track.domain.shaping import event_key
from regulars.collect.track.pages import shown
from regulars.collect.track.queries import EventFilters
from regulars.collect.track.reading import EventRow
from regulars.console import panel, parts, screen, shell
from regulars.console.view import Screen

_AT_ONCE = 60
_IN_PANEL = 12
_VISITS_AT_ONCE = 20
_EVENTS_OF_A_VISIT = 40


@dataclass(frozen=True, slots=True)
class _Told:
    """An event as a visit asks for it."""

    timestamp: datetime
    session_id: str | None
    event_key: int
    row: EventRow


@dataclass(frozen=True, slots=True)
class _Visits:
    """Visits of somebody with their events, both the newest first; whether there are older ones; and what sources are called."""

    visits: Sequence[tuple[SessionRow, Sequence[EventRow]]]
    more: bool
    names: Mapping[str, str]


@panel("customer", permission="read_customers", order=60)
def customer_events(s: Screen) -> None:
    """The last events of the customer whose page this is; nothing where there are none."""
    customer_id = unquote(s.path["customer_id"])

    def show(found: _Visits) -> None:
        if found.visits:
            with parts.card(s.t("Visits and events"), s.t("The newest first; a click opens an event.")):
                _timeline(s, customer_id, found, _IN_PANEL)

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
    s.load(
        lambda: (_ask(s, visitor_id, _AT_ONCE), sessions.touches(s.warehouse, s.shop, visitor_id)),
        lambda found: _visitor(s, visitor_id, *found),
        skeleton="page",
    )


def _visitor(s: Screen, visitor_id: str, found: _Visits, came: sessions.Touches) -> None:
    if not found.visits:
        parts.empty(
            "person_search",
            s.t("No events of this visitor"),
            s.t("There are none, or they belong to a customer by now."),
            action=s.t("Watch live"),
            href=s.url("/events"),
        )
        return
    newest = found.visits[0][1][0]
    with parts.box("rg-tiles"):
        parts.tile(s.t("Events"), s.count(sum(visit.events for visit, _ in found.visits)) + ("+" if found.more else ""))
        parts.tile(s.t("Visits"), s.count(max(came.visits, len(found.visits))))
        parts.tile(s.t("Last seen"), shown.since_words(s, newest.timestamp), small=True)
        told = came.first.channel if came.first else None
        parts.tile(s.t("Came by"), s.word("channel", told) if told else "–", small=True)
    with parts.box("rg-grid"):
        with parts.card(s.t("Visits and events"), s.t("The newest first; a click opens an event."), classes="w-8"):
            _timeline(s, visitor_id, found, _AT_ONCE)
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
                    (s.t("Source"), found.names.get(newest.source_id, newest.source_id)),
                )
                if value
            )


def _ask(s: Screen, customer_id: str, limit: int, behind: Sequence[str] | None = None) -> _Visits:
    """The newest visits that hold so many events together, at least one."""
    wanted = sessions.SessionFilters(customer_id=customer_id)
    rows = sessions.listing(s.warehouse, s.shop, wanted, limit=_VISITS_AT_ONCE + 1, behind=behind)
    taken: list[SessionRow] = []
    for row in rows[:_VISITS_AT_ONCE]:
        if taken and sum(one.events for one in taken) >= limit:
            break
        taken.append(row)
    with s.records.reading() as uow:
        names = {source.source_id: source.name for source in sources.list_all(uow, s.caller, s.shop.shop_id)}
    return _Visits(_with_events(s, customer_id, taken), len(taken) < len(rows), names)


def _with_events(s: Screen, customer_id: str, taken: Sequence[SessionRow]) -> list[tuple[SessionRow, list[EventRow]]]:
    """Each visit with its events, cut as the table of visits is; of a very long one, the newest."""
    if not taken:
        return []
    start, end = min(row.started_at for row in taken), max(row.ended_at for row in taken) + timedelta(microseconds=1)
    wanted = EventFilters(customer_id=customer_id, start=start, end=end)
    events = reading.listing(s.warehouse, s.shop, wanted, limit=reading.MOST)
    told = [_Told(one.timestamp, one.session_id, event_key(s.shop.shop_id, one.source_id, one.message_id), one) for one in events]
    found = {sessions.key_text(visit.key): [one.row for one in reversed(visit.events)] for visit in sessions.cut(told)}
    if len(events) == reading.MOST:  # the beginnings were not read
        for row in taken:
            inside = [one for one in events if row.started_at <= one.timestamp <= row.ended_at]
            found.setdefault(row.session_key, [one for one in inside if row.session_id in (None, one.session_id)])
    return [(row, found[row.session_key]) for row in taken if found.get(row.session_key)]


def _timeline(s: Screen, customer_id: str, first: _Visits, limit: int) -> None:
    listed = parts.box()
    place = parts.box()

    def add(found: _Visits) -> None:
        with listed:
            for visit, events in found.visits:
                _visit(s, visit, events, found.names)
        place.clear()
        if found.more and found.visits:
            behind = sessions.place(found.visits[-1][0])
            with place:
                parts.button(
                    s.t("Older"), s.act(lambda: _ask(s, customer_id, limit, behind), add), icon="expand_more", kind="quiet"
                )

    add(first)


def _visit(s: Screen, visit: SessionRow, events: Sequence[EventRow], names: Mapping[str, str]) -> None:
    told = [s.word("channel", visit.channel)] if visit.channel else []
    told += [s.word("device", visit.device)] if visit.device and visit.device != "other" else []
    told += [s.duration(visit.ended_at - visit.started_at)] if visit.ended_at > visit.started_at else []
    told += [s.plural(visit.events, "{n} event", "{n} events")]
    with parts.box("rg-visit"):
        with parts.box("rg-row rg-between").style("gap: 2px 10px"):
            with parts.box("rg-row").style("gap: 8px"):
                parts.text(s.instant(visit.started_at), "rg-strong")
                if visit.is_bot:
                    parts.badge(s.t("Bot"), "warn").props["title"] = bot_words(s, visit)
            parts.text(" · ".join(told), "rg-small rg-faint")
        if visit.is_bot:
            parts.text(bot_words(s, visit), "rg-small rg-faint", "p")
        with parts.box("", "ol"):
            for event in events[:_EVENTS_OF_A_VISIT]:
                _line(s, event, names)
        if visit.events > _EVENTS_OF_A_VISIT:
            parts.text(
                s.t("and {n} earlier ones in this visit", n=s.count(visit.events - _EVENTS_OF_A_VISIT)), "rg-small rg-faint", "p"
            )


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
