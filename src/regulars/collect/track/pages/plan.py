"""The tracking plan: which events arrive, how often, what breaks their schema since when, and which names were meant otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import quote, unquote

from regulars.collect.track import plan, sources
from regulars.collect.track.pages import shown
from regulars.collect.track.pages.tabs import events_head
from regulars.collect.track.plan import EventDetail, PlannedEvent, TrackingPlan
from regulars.collect.track.sources import Source
from regulars.console import parts, screen, shell
from regulars.console.charts import Line, Plot, plot_card
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.values import clock

_STANDING_TONES: dict[str, Tone] = {"known": "good", "own": "info", "misspelt": "warn"}
_STANDING_WORDS = {"known": "Known event", "own": "Your own", "misspelt": "Nearly “{meant}”"}


@screen("/events/plan", permission="read_reports", title="Tracking plan", parent="/events")
def plan_page(s: Screen) -> None:
    """What arrives."""
    events_head(
        s, s.t("Which events arrive, how often and from how many customers in the last 30 days, and what is wrong with them.")
    )

    def ask() -> tuple[TrackingPlan, list[Source]]:
        with s.records.reading() as uow:
            return plan.tracking_plan(s.warehouse, s.shop), sources.list_all(uow, s.caller, s.shop.shop_id)

    s.load(ask, lambda found: _draw(s, *found), skeleton="table")


def _draw(s: Screen, found: TrackingPlan, senders: list[Source]) -> None:
    _warnings(s, found)
    with parts.card(s.t("Events"), s.span(found.start_on, found.end_on), flush=True):
        if not found.events:
            parts.empty(
                "schema",
                s.t("No events yet"),
                s.t("The plan is drawn from what arrives. Make a source to get its key and the lines for your shop."),
                action=s.t("Make a source"),
                href=s.url("/events/sources"),
            )
        else:
            _table(s, found.events)
    with parts.box("rg-grid"):
        if senders:
            with parts.card(
                s.t("What breaks its schema"),
                s.t("Taken with a warning, or put aside: for each source."),
                classes="w-6",
                flush=True,
            ):
                _modes(s, senders)
        if found.missing:
            with (
                parts.card(s.t("Not seen yet"), s.t("E-commerce events that reports understand and nobody sends."), classes="w-6"),
                parts.box("rg-row").style("gap: 6px"),
            ):
                for name in found.missing:
                    parts.badge(name, plain=True)


def _warnings(s: Screen, found: TrackingPlan) -> None:
    misspelt = [one for one in found.events if one.standing == "misspelt"]
    if misspelt:
        names = ", ".join(f"{one.event} → {one.meant}" for one in misspelt[:5])
        parts.notice(
            s.plural(len(misspelt), "{n} event is nearly another one.", "{n} events are nearly other ones."),
            s.t("Reports count them apart: {names}. Send the name on the right.", names=names),
            tone="warn",
        )


def event_url(s: Screen, name: str) -> str:
    """The page of one kind of event."""
    return s.url("/events/plan/" + quote(name, safe=""))


def _table(s: Screen, events: Sequence[PlannedEvent]) -> None:
    columns = [
        Column(s.t("Event")),
        Column(s.t("Standing")),
        Column(s.t("30 days")),
        Column(s.t("Events"), align="end"),
        Column(s.t("Customers"), align="end"),
        Column(s.t("Break their schema"), align="end"),
        Column(s.t("First"), align="end", width="drop"),
        Column(s.t("Last"), align="end"),
    ]
    rows = []
    for one in events:
        href = event_url(s, one.event)
        rows.append(
            Row(
                [
                    Cell(one.event, href=href, sub="" if one.type == "track" else s.word("event type", one.type)),
                    Cell(standing(s, one), badge=True, tone=_STANDING_TONES[one.standing]),
                    Cell(s.t("{n} in 30 days", n=s.count(one.events)), spark=one.days),
                    Cell(s.count(one.events)),
                    Cell(s.count(one.customers)),
                    Cell(
                        s.count(one.broken) if one.broken_since else "–",
                        tone="warn" if one.broken else "faint",
                        sub=s.t("since {day}", day=s.day(one.broken_since)) if one.broken_since else "",
                    ),
                    Cell(s.day(one.first_at)),
                    Cell(shown.since_words(s, one.last_at), hint=s.instant(one.last_at)),
                ],
                href=href,
                key=one.event,
            )
        )
    sheet(columns, rows, caption=s.t("Events"), kind="cards")


def standing(s: Screen, one: PlannedEvent) -> str:
    """Known, the shop's own, or nearly another."""
    return s.t(_STANDING_WORDS[one.standing]).format(meant=one.meant or "")


def _modes(s: Screen, senders: Sequence[Source]) -> None:
    for source in senders:
        with parts.box("rg-finding").style("align-items: center; justify-content: space-between"):
            parts.link(source.name, s.url(f"/events/sources/{source.source_id}"))
            if s.may("load_data"):
                parts.segmented(
                    s.t("What breaks its schema: {name}", name=source.name),
                    (("warn", s.t("Warn")), ("enforce", s.t("Enforce"))),
                    "enforce" if source.enforce_schema else "warn",
                    lambda value, source=source: _set_mode(s, source, value == "enforce"),  # type: ignore[misc]
                )
            else:
                parts.text(s.t("Enforced") if source.enforce_schema else s.t("Warns"), "rg-faint")


async def _set_mode(s: Screen, source: Source, enforce: bool) -> None:
    def change() -> None:
        with s.records.unit() as uow:
            sources.change(uow, s.caller, source.source_id, enforce_schema=enforce)

    def done(_: None) -> None:
        s.notify(s.t("Saved"))
        s.redraw()

    await s.act(change, done, permission="load_data")()


# --- one kind of event


@screen("/events/plan/{event:path}", permission="read_reports", title="Event", parent="/events")
def event_page(s: Screen) -> None:
    """One kind of event in full."""
    name = unquote(s.path["event"])
    tools = shell.head(s, name, back=(s.t("Tracking plan"), s.url("/events/plan")))

    def ask() -> tuple[EventDetail, dict[str, str]]:
        with s.records.reading() as uow:
            names = {source.source_id: source.name for source in sources.list_all(uow, s.caller, s.shop.shop_id)}
        return plan.event_detail(s.warehouse, s.shop, name, language=s.language), names

    def show(found: tuple[EventDetail, dict[str, str]]) -> None:
        with tools:
            summary = found[0].summary
            parts.badge(standing(s, summary), _STANDING_TONES[summary.standing])
            if s.may("read_customers"):
                parts.button(s.t("Watch live"), icon="sensors", href=s.url("/events", event=name))
        _event(s, *found)

    s.load(ask, show, skeleton="page")


def _event(s: Screen, found: EventDetail, names: dict[str, str]) -> None:
    one = found.summary
    if found.meaning:
        parts.text(found.meaning, "rg-muted rg-pretty", "p")
    if one.meant:
        parts.notice(
            s.t("Probably “{meant}” is meant.", meant=one.meant),
            s.t("Reports know that name; send it instead. What has arrived stays under the name it came with."),
            tone="warn",
        )
    with parts.box("rg-tiles"):
        parts.tile(
            s.t("Events in 30 days"), s.short(one.events), notes=(("", s.t("{n} in all", n=s.count(one.all_events)), "", ""),)
        )
        parts.tile(s.t("Customers and visitors"), s.short(one.customers))
        since = s.t("since {day}", day=s.day(one.broken_since)) if one.broken_since else s.t("never")
        parts.tile(
            s.t("Break their schema"),
            s.short(one.broken),
            notes=(("", since, "bad" if one.broken else "", ""),),
        )
        parts.tile(
            s.t("Last"),
            shown.since_words(s, one.last_at),
            small=True,
            notes=(("", s.t("first {day}", day=s.day(one.first_at)), "", ""),),
        )
    _course(s, one)
    if found.breaches:
        _breaches(s, found, names)
    with parts.box("rg-grid"):
        with parts.card(
            s.t("Properties as they arrive"),
            s.t("Of the newest {n} events: in how many each is there, and of which type.", n=s.count(found.looked_at)),
            classes="w-7",
            flush=True,
        ):
            _seen(s, found)
        with parts.box("w-5 rg-stack"):
            _expected(s, found)
            _senders(s, found, names)


def _course(s: Screen, one: PlannedEvent) -> None:
    today = clock.today(s.zone)
    places = [s.day(today - timedelta(days=back)) for back in range(len(one.days) - 1, -1, -1)]
    line = Line(s.t("Events"), list(one.days), [s.count(count) for count in one.days], kind="bar")
    plot_card(s, Plot(s.t("Events a day"), places, s.t("Day"), [line], unfinished=(len(places) - 1,)), height="low")


def _breaches(s: Screen, found: EventDetail, names: dict[str, str]) -> None:
    columns = [
        Column(s.t("Property")),
        Column(s.t("What is wrong")),
        Column(s.t("Source")),
        Column(s.t("Events"), align="end"),
        Column(s.t("Since"), align="end"),
        Column(s.t("Last"), align="end"),
    ]
    rows = [
        Row(
            [
                Cell(one.property or "–", mono=True),
                Cell(s.word("problem", one.problem)),
                Cell(names.get(one.source_id, one.source_id)),
                Cell(s.count(one.events)),
                Cell(s.instant(one.first_at)),
                Cell(s.instant(one.last_at)),
            ]
        )
        for one in found.breaches
    ]
    with parts.card(s.t("What breaks its schema"), flush=True):
        sheet(columns, rows, caption=s.t("What breaks its schema"), kind="cards")


def _seen(s: Screen, found: EventDetail) -> None:
    if not found.seen:
        parts.empty("data_object", s.t("No properties"), s.t("These events tell nothing but that they happened."))
        return
    expected = {one.name for one in found.expected}
    columns = [
        Column(s.t("Property")),
        Column(s.t("There in"), align="end"),
        Column(s.t("Type")),
        Column(s.t("Values"), align="end"),
    ]
    rows = []
    for one in found.seen:
        types = ", ".join(
            s.word("json type", kind) + (f" {s.share(share, 0 if share >= 0.01 else 1)}" if len(one.types) > 1 else "")
            for kind, share in one.types.items()
        )
        rows.append(
            Row(
                [
                    Cell(one.name, mono=True, hint=s.t("Built in") if one.name in expected else ""),
                    Cell(s.share(one.share, 0 if one.share in (0, 1) else 1), bar=one.share),
                    Cell(types, tone="warn" if len([kind for kind in one.types if kind != "null"]) > 1 else ""),
                    Cell(s.count(one.distinct), hint=s.t("Different values among those looked at")),
                ],
                key=one.name,
            )
        )
    sheet(columns, rows, caption=s.t("Properties as they arrive"), kind="cards")


def _expected(s: Screen, found: EventDetail) -> None:
    if not found.expected:
        return
    here = {one.name for one in found.seen}
    columns = [Column(s.t("Property")), Column(s.t("Type")), Column("")]
    rows = [
        Row(
            [
                Cell(one.name, mono=True, hint=one.meaning),
                Cell(s.word("property type", one.type)),
                Cell(s.t("needed"), badge=True, tone="good" if one.name in here else "bad") if one.required else Cell(""),
            ],
            key=one.name,
        )
        for one in found.expected
    ]
    with parts.card(s.t("Built-in schema"), flush=True):
        sheet(columns, rows, caption=s.t("Built-in schema"))


def _senders(s: Screen, found: EventDetail, names: dict[str, str]) -> None:
    columns = [Column(s.t("Source")), Column(s.t("Events"), align="end"), Column(s.t("Last"), align="end")]
    rows = [
        Row(
            [
                Cell(names.get(one.source_id, one.source_id), sub=one.library or ""),
                Cell(s.count(one.events)),
                Cell(shown.since_words(s, one.last_at)),
            ]
        )
        for one in found.sources
    ]
    with parts.card(s.t("Sent by"), flush=True):
        sheet(columns, rows, caption=s.t("Sent by"))
