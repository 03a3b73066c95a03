"""Live: events as they arrive with search and filters, throughput, lag, what was put aside, and the health of every source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from regulars.collect.track import flow, plan, sources
from regulars.collect.track.flow import EventStream
from regulars.collect.track.pages import feed, health, shown
from regulars.collect.track.pages.tabs import events_head
from regulars.collect.track.queries import EventFilters
from regulars.collect.track.reading import EventRow
from regulars.collect.track.sources import Source
from regulars.console import parts, screen
from regulars.console.parts import Tone
from regulars.console.pulse import Pulse
from regulars.console.sheet import Sheet, sheet
from regulars.console.view import Screen

_SHOWN = 50
_FILTERS = ("q", "event", "source", "type", "who", "bots", "schema")
_TYPES = ("track", "page", "screen", "identify", "group", "alias")
#: A lag above this is worth a look.
_SLOW_MS = 2000.0
_BEHIND_BYTES = 64 * 1024 * 1024


@dataclass
class _Now:
    """What one look at the stream found."""

    stream: EventStream
    sources: Sequence[Source]
    lately: dict[str, tuple[int, int]]
    feed: feed.Feed | None = None  # whose news they are
    came: list[EventRow] = field(default_factory=list)
    kinds: Sequence[str] = ()


@screen("/events", permission="read_reports", title="Live events", nav="Events", icon="sensors", order=80, group="Collect")
def live_page(s: Screen) -> None:
    """What arrives, now."""
    tools = events_head(
        s, s.t("What your shop sends, as it arrives. The lag says how long an event takes from its answer to here.")
    )
    s.load(lambda: _first(s), lambda found: _draw(s, tools, found), skeleton="page")


def filters_of(s: Screen) -> EventFilters:
    """The filters of the address."""
    who, bots, schema = (
        s.choice("who", ("known", "visitors")),
        s.choice("bots", ("no", "only")),
        s.choice("schema", ("broken", "sound")),
    )
    return EventFilters(
        sources=(s.query["source"],) if s.query.get("source") else (),
        events=(s.query["event"],) if s.query.get("event") else (),
        type=s.choice("type", _TYPES) or None,
        known={"known": True, "visitors": False}.get(who),
        bots={"no": False, "only": True}.get(bots),
        broken={"broken": True, "sound": False}.get(schema),
        text=s.query.get("q") or None,
    )


def _look(s: Screen, listed: feed.Feed | None) -> _Now:
    with s.records.reading() as uow:
        found = sources.list_all(uow, s.caller, s.shop.shop_id)
        stream = flow.stream(uow, s.warehouse, s.shop, s.house.intake)
    return _Now(stream, found, flow.lately_by_source(s.warehouse, s.shop), listed, listed.look() if listed else [])


def _first(s: Screen) -> _Now:
    now = _look(s, None)
    now.kinds = plan.event_names(s.warehouse, s.shop)
    return now


class _Tile:
    """A headline number that follows the stream."""

    def __init__(self, name: str, href: str = "") -> None:
        with parts.tile(name, "", href=href) as made:
            pass
        self._element = made
        texts = [child for child in made.descendants() if isinstance(child, parts.Text)]
        self._value = texts[1]
        self._note_box = next(child for child in made.descendants() if "rg-tile-note" in child.classes)
        with self._note_box:
            self._note = parts.text("", "rg-delta flat")

    def tell(self, value: str, note: str = "", tone: Tone = "", hint: str = "") -> None:
        """Other words."""
        self._value.say(value)
        self._note.say(note)
        self._note.classes(replace=f"rg-delta {tone or 'flat'}")
        self._element.props["title"] = hint


class _Board:
    """Everything on the page that follows the stream."""

    def __init__(self, s: Screen) -> None:
        self.s = s
        self.step = s.choice("step", ("minutes", "seconds"), "minutes")
        self.tiles: dict[str, _Tile] = {}
        self.pulse: Pulse | None = None
        self.health: Sheet | None = None
        self.fault: ui.element | None = None
        self.left_out: parts.Text | None = None
        self.feed: feed.Feed | None = None
        self._said_fault = ""

    def draw(self, now: _Now) -> None:
        """Build it."""
        s = self.s
        self.fault = parts.box()
        self.fault.set_visibility(False)
        with parts.box("rg-tiles six"):
            self.tiles = {
                "minute": _Tile(s.t("Last minute")),
                "hour": _Tile(s.t("Last hour")),
                "lag": _Tile(s.t("Lag")),
                "backlog": _Tile(s.t("Waiting")),
                "aside": _Tile(s.t("Put aside"), s.url("/events/quarantine") if s.may("read_customers") else ""),
                "refused": _Tile(s.t("Turned away")),
            }
        self.left_out = parts.text("", "rg-small rg-faint", "p")
        with parts.box("rg-grid"):
            with parts.card(s.t("Arrivals"), s.t("Events received"), classes="w-7") as card:
                self.pulse = Pulse(s.t("Arrivals"))
            with card.tools:
                parts.segmented(
                    s.t("Arrivals"),
                    (("seconds", s.t("60 seconds")), ("minutes", s.t("60 minutes"))),
                    self.step,
                    lambda value: s.go(step=value),
                ).style("margin: 5px 8px 0 0")
            with parts.card(s.t("Health of sources"), classes="w-5", flush=True):
                if now.sources:
                    self.health = sheet(
                        health.columns(s), health.rows(s, now.sources, now.lately), caption=s.t("Sources"), kind="cards"
                    )
                else:
                    parts.empty(
                        "sensors",
                        s.t("Nobody sends events yet"),
                        s.t("Make a source to get its key and the lines for your shop."),
                        action=s.t("Make a source"),
                        href=s.url("/events/sources"),
                    )
        self.tell(now)

    def tell(self, now: _Now) -> None:
        """Other figures."""
        s, stream = self.s, now.stream
        self.tiles["minute"].tell(
            s.short(stream.events_last_minute), s.t("{n} a second", n=s.count(stream.events_last_minute / 60, 1))
        )
        self.tiles["hour"].tell(s.short(stream.events_last_hour), _duplicates(s, stream))
        slow = stream.lag_p95_ms is not None and stream.lag_p95_ms > _SLOW_MS
        self.tiles["lag"].tell(
            _lag(s, stream.lag_p50_ms),
            s.t("95 of 100 within {time}", time=_lag(s, stream.lag_p95_ms)) if stream.lag_p95_ms is not None else "",
            "bad" if slow else "",
            s.t("From the end of the request to the moment the event can be asked for, over the last 15 minutes"),
        )
        behind = stream.backlog_bytes > _BEHIND_BYTES
        self.tiles["backlog"].tell(
            s.size(stream.backlog_bytes) if stream.backlog_bytes else "0",
            s.t("to be loaded") if stream.backlog_bytes else s.t("everything is loaded"),
            "bad" if behind else "",
            _archived(s, stream),
        )
        self.tiles["aside"].tell(
            s.short(stream.quarantined_open), s.t("{n} in the last hour", n=s.count(stream.quarantined_last_hour))
        )
        refused = sum(stream.refused_requests.values())
        codes = ", ".join(f"{s.word('refusal', code)}: {s.count(count)}" for code, count in stream.refused_requests.items())
        self.tiles["refused"].tell(s.short(refused), s.t("requests in the last hour"), "bad" if refused else "", codes)
        self._left_out(stream)
        self._pulse(stream)
        if self.health is not None:
            self.health.fill(health.rows(s, now.sources, now.lately))
        if stream.fault != self._said_fault and self.fault is not None:
            self._said_fault = stream.fault
            self.fault.clear()
            self.fault.set_visibility(bool(stream.fault))
            if stream.fault:
                with self.fault:
                    parts.notice(
                        s.t("Loading stands still: {fault}", fault=stream.fault),
                        s.t("What arrives is kept in the journal and loaded when this is mended; nothing is lost."),
                        tone="bad",
                    )

    def _left_out(self, stream: EventStream) -> None:
        """What consent kept out, where there was any."""
        s, reasons = self.s, stream.uncollected_30_days
        assert self.left_out is not None
        self.left_out.set_visibility(bool(reasons))
        told = [f"{s.word('uncollected', reason)}: {s.count(count)}" for reason, count in reasons.items()]
        listed = ("、" if s.language == "zh" else ", ").join(told)
        total = s.count(sum(reasons.values()))
        self.left_out.say(s.t("Not collected for lack of consent in the last 30 days: {n} ({reasons})", n=total, reasons=listed))

    def _pulse(self, stream: EventStream) -> None:
        s = self.s
        assert self.pulse is not None
        moments = stream.seconds if self.step == "seconds" else stream.minutes
        total = sum(moment.events for moment in moments)
        words = [f"{shown.at_clock(s, moment.at)}  {s.count(moment.events)}" for moment in moments]
        span = s.t("60 seconds") if self.step == "seconds" else s.t("60 minutes")
        self.pulse.tell(
            [moment.events for moment in moments],
            words,
            label=s.t("{n} events in the last {span}", n=s.count(total), span=span),
            begins=shown.since_words(s, moments[0].at) if self.step == "minutes" else s.t("a minute ago"),
            ends=s.t("now"),
        )


def _draw(s: Screen, tools: ui.element, now: _Now) -> None:
    board = _Board(s)
    board.draw(now)
    if s.may("read_customers"):
        with parts.box("rg-filters"):
            _filters(s, now)
        s.part("events", lambda: _events(s, board, now.sources))

    def show(answer: object) -> None:
        assert isinstance(answer, _Now)
        board.tell(answer)
        if answer.feed is not None and answer.feed is board.feed:
            answer.feed.take(answer.came)

    timer = feed.follow(s, lambda: _look(s, board.feed), show)
    _pause(s, tools, timer)


def _events(s: Screen, board: _Board, known: Sequence[Source]) -> None:
    names = {source.source_id: source.name for source in known}
    listed = feed.Feed(s, filters_of(s), names, limit=_SHOWN, on_empty=lambda: _nothing(s, bool(names)))
    board.feed = None

    def show(found: list[EventRow]) -> None:
        with parts.card(flush=True) as card:
            listed.draw(found)
        with card.foot():
            parts.text(s.t("The newest {n} that pass the filters; a click opens one.", n=s.count(_SHOWN)))
        board.feed = listed

    s.load(listed.look, show, skeleton="table")


def _search(s: Screen, text: str) -> None:
    """Search as typed: only the list is drawn anew, so that the field keeps the cursor."""
    s.set_query(q=text.strip() or None)
    s.redraw_part("events")


def _pause(s: Screen, tools: ui.element, timer: ui.timer) -> None:
    tools.clear()
    with tools:
        sign = parts.text(s.t("Following"), "rg-live")

        def turn() -> None:
            timer.active = not timer.active
            sign.say(s.t("Following") if timer.active else s.t("Paused"))
            sign.classes(replace="rg-live" if timer.active else "rg-live paused")
            label.say(s.t("Pause") if timer.active else s.t("Go on"))
            icon.say("pause" if timer.active else "play_arrow")

        button = parts.button(s.t("Pause"), turn, icon="pause")
        icon, label = [child for child in button if isinstance(child, parts.Text)]
        if s.may("export") and s.may("read_customers"):
            asked = {"by": "received_at", "shop": s.shop.shop_id, **_api_filters(s)}
            parts.button(s.t("As JSON"), icon="data_object", href="/v1/events?" + urlencode(asked))


def _api_filters(s: Screen) -> dict[str, str]:
    """The filters under the names the API gives them."""
    wanted = filters_of(s)
    told: dict[str, Any] = {
        "event": wanted.events[0] if wanted.events else None,
        "source": wanted.sources[0] if wanted.sources else None,
        "type": wanted.type,
        "q": wanted.text,
        "known": wanted.known,
        "bots": wanted.bots,
        "broken": wanted.broken,
    }
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in told.items() if value is not None}


def _filters(s: Screen, now: _Now) -> None:
    parts.search(s.t("Event, customer, product or property"), s.query.get("q", ""), lambda text: _search(s, text))

    def pick(name: str, label: str, options: Sequence[tuple[str, str]]) -> None:
        parts.select(label, [("", label), *options], s.query.get(name, ""), lambda value: s.go(**{name: value or None}))

    if now.kinds:
        pick("event", s.t("All events"), [(name, name) for name in now.kinds])
    if len(now.sources) > 1:
        pick("source", s.t("All sources"), [(source.source_id, source.name) for source in now.sources])
    pick("type", s.t("All types"), [(kind, s.word("event type", kind)) for kind in _TYPES])
    pick("who", s.t("Everybody"), [("known", s.t("Known customers")), ("visitors", s.t("Visitors"))])
    pick("bots", s.t("With bots"), [("no", s.t("Without bots")), ("only", s.t("Only bots"))])
    pick("schema", s.t("Any schema"), [("broken", s.t("Breaks its schema")), ("sound", s.t("Keeps its schema"))])
    if any(s.query.get(name) for name in _FILTERS):
        parts.button(s.t("Clear filters"), lambda: s.go(**dict.fromkeys(_FILTERS)), icon="close", kind="quiet")


def _nothing(s: Screen, has_sources: bool) -> None:
    if any(s.query.get(name) for name in _FILTERS):
        parts.empty(
            "search_off",
            s.t("Nothing passes"),
            s.t("No event passes these filters. What arrives from now on and does will stand here."),
        )
    elif has_sources:
        parts.empty(
            "sensors",
            s.t("Waiting for the first event"),
            s.t("Open a source and put its lines into your shop. Events stand here a second or two after they were sent."),
            action=s.t("Open the sources"),
            href=s.url("/events/sources"),
        )
    else:
        parts.empty(
            "sensors",
            s.t("No events yet"),
            s.t("Make a source to get its key and the lines for your shop."),
            action=s.t("Make a source"),
            href=s.url("/events/sources"),
        )


def _duplicates(s: Screen, stream: EventStream) -> str:
    if not stream.duplicates_last_hour:
        return s.t("no duplicates")
    return s.plural(stream.duplicates_last_hour, "{n} duplicate left out", "{n} duplicates left out")


def _archived(s: Screen, stream: EventStream) -> str:
    n = s.count(stream.archive_files)
    if stream.compacted_at is None:
        return s.t("The archive of events has {n} files", n=n)
    return s.t(
        "The archive of events has {n} files; small ones were merged last at {time}", n=n, time=s.instant(stream.compacted_at)
    )


def _lag(s: Screen, milliseconds: float | None) -> str:
    if milliseconds is None:
        return "–"
    return f"{s.count(milliseconds, 0)} ms" if milliseconds < 1000 else f"{s.count(milliseconds / 1000, 1)} s"
