"""One source: its key, the lines to install, the first events arriving, and everything that can be changed about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from regulars.collect.track import sources
from regulars.collect.track.pages import feed, health
from regulars.collect.track.pages.shown import since_words
from regulars.collect.track.pages.snippets import NOTE_WORDS, first_choice, snippets
from regulars.collect.track.pages.sources import origins_of
from regulars.collect.track.queries import EventFilters
from regulars.collect.track.reading import EventRow
from regulars.collect.track.sources import NewSource, Source
from regulars.console import forms, parts, screen, shell
from regulars.console.view import Screen

_FIRST = 20


@dataclass
class _Shown:
    """What the page knows of its source."""

    source: Source
    key: str | None
    feed: feed.Feed
    first: Sequence[EventRow]


@screen("/events/sources/{source_id}", permission="read_reports", title="Source of events", parent="/events")
def source_page(s: Screen) -> None:
    """Key, lines, first events."""
    s.load(lambda: _ask(s), lambda found: _draw(s, found), skeleton="page")


def _ask(s: Screen) -> _Shown:
    with s.records.reading() as uow:
        source = sources.get(uow, s.caller, s.path["source_id"])
        s.caller.demand_shop(source.shop_id)
        key = sources.write_key(uow, s.caller, source.source_id) if s.may("load_data") else None
    wanted = EventFilters(sources=(source.source_id,))
    listed = feed.Feed(s, wanted, {source.source_id: source.name}, limit=_FIRST, on_empty=lambda: _nothing_yet(s, source))
    return _Shown(source, key, listed, listed.look() if s.may("read_customers") else [])


def _draw(s: Screen, found: _Shown) -> None:
    source = found.source
    tools = shell.head(s, source.name, s.word("source kind", source.kind), back=(s.t("Sources"), s.url("/events/sources")))
    with tools:
        s.part("state", lambda: health.badge(s, found.source))
        if s.may("load_data"):
            parts.button(s.t("Edit"), lambda: _change(s, source), icon="tune")
            parts.button(s.t("Rotate the key"), lambda: _rotate(s, source), icon="autorenew")
            if source.disabled_at is None:
                parts.button(s.t("Disable"), lambda: _disable(s, source), icon="block", kind="danger")
            else:
                parts.button(s.t("Enable"), s.act(lambda: _set_disabled(s, source, False), lambda _: s.redraw()), icon="play_arrow")
    if source.disabled_at is not None:
        parts.notice(
            s.t("This source is disabled since {time}.", time=s.instant(source.disabled_at)),
            s.t("What it sends is refused with 401, and most programs then drop it."),
            tone="warn",
        )
    if source.old_key_until is not None:
        parts.notice(
            s.t("Two keys are live until {time}.", time=s.instant(source.old_key_until)),
            s.t("Put the new key below into your pages and programs before then; the older one ends by itself."),
            tone="info",
        )
    with parts.box("rg-grid"):
        with parts.card(s.t("Install"), s.t("The lines for your shop, with this source's key."), classes="w-8"):
            if found.key is None:
                parts.text(s.t("Your role does not include seeing the key."), "rg-small rg-faint", "p")
            else:
                _install(s, source, found.key)
        with parts.card(s.t("About"), classes="w-4"):
            s.part("facts", lambda: _facts(s, found.source))
    if not s.may("read_customers"):
        return
    with parts.card(s.t("Events arriving"), s.t("The newest of this source; the list follows by itself."), flush=True) as card:
        found.feed.draw(found.first)
    with card.tools:
        parts.text(s.t("Following"), "rg-live").style("margin: 6px 10px 0 0")

    def look() -> tuple[list[EventRow], Source]:
        with s.records.reading() as uow:
            return found.feed.look(), sources.get(uow, s.caller, source.source_id)

    def show(answer: object) -> None:
        assert isinstance(answer, tuple)
        found.feed.take(answer[0])
        if answer[1] != found.source:
            found.source = answer[1]
            s.redraw_part("state")
            s.redraw_part("facts")

    feed.follow(s, look, show)


def _nothing_yet(s: Screen, source: Source) -> None:
    if source.disabled_at is not None:
        parts.empty("block", s.t("Disabled"), s.t("Enable the source to take events again."))
        return
    parts.empty(
        "sensors",
        s.t("Waiting for the first event"),
        s.t(
            "Put the lines above into your shop, then open one of its pages or make a call. The event stands here a second or two later."
        ),
    )


def _install(s: Screen, source: Source, key: str) -> None:
    offered = snippets(s.base_url, key)
    with parts.box("rg-stack"):
        parts.text(s.t("Write key"), "rg-small rg-strong", "p")
        parts.code(key, s.t("Copy the key"), wrap=True).props("data-write-key")
        parts.text(
            s.t("It can only write events of this source, so it may stand in a page that everybody can read."),
            "rg-small rg-faint rg-pretty",
            "p",
        )
        chosen = s.choice("way", tuple(one.code for one in offered), first_choice(source.kind))
        picked = {"way": chosen}

        def lines() -> None:
            one = next(one for one in offered if one.code == picked["way"])
            parts.select(s.t("How your shop sends"), [(each.code, each.name) for each in offered], picked["way"], choose).classes(
                "rg-narrow-only"
            )
            parts.segmented(
                s.t("How your shop sends"), [(each.code, each.name) for each in offered], picked["way"], choose
            ).classes("rg-wide-only rg-seg-wrap")
            parts.text(s.t(NOTE_WORDS[one.note]), "rg-small rg-muted rg-pretty", "p")
            parts.code(one.lines, s.t("Copy")).props("data-lines")

        def choose(way: str) -> None:
            picked["way"] = way
            s.set_query(way=way)
            s.redraw_part("lines")

        s.part("lines", lines)


def _facts(s: Screen, source: Source) -> None:
    told = [
        (s.t("Events"), s.count(source.events)),
        (s.t("Duplicates"), s.count(source.duplicates)),
        (s.t("Put aside"), s.count(source.quarantined)),
        (s.t("Not collected for lack of consent"), s.count(source.uncollected)),
        (s.t("Last event"), since_words(s, source.last_event_at) if source.last_event_at else "–"),
        (s.t("Counts as silent after"), s.duration(source.silent_after_minutes * 60)),
        (s.t("Broken schema"), s.t("Put aside") if source.enforce_schema else s.t("Taken, with a warning")),
        (s.t("Sites"), ", ".join(source.origins) or s.t("Any")),
        (s.t("Made"), s.day(source.created_at)),
        (s.t("Source number"), source.source_id),
    ]
    with parts.box("rg-stack"):
        parts.facts(told)
        if source.quarantined and s.may("read_customers"):
            parts.link(s.t("What was put aside"), s.url("/events/quarantine", source=source.source_id))


def _change(s: Screen, source: Source) -> None:
    values: forms.Values = {
        "name": source.name,
        "origins": ", ".join(source.origins),
        "enforce": source.enforce_schema,
        "silent": str(source.silent_after_minutes),
    }
    lengths = sorted({5, 15, 60, 360, 1440, 4320, 10080, source.silent_after_minutes})
    dialog = forms.Dialog(s, s.t("Change the source"))
    with dialog:
        forms.text_field(values, "name", s.t("Name"))
        forms.text_field(
            values,
            "origins",
            s.t("Only from these sites"),
            hint=s.t("Such as https://www.example.com, several with commas; empty: from any site"),
            most=2000,
        )
        forms.choice_field(
            values,
            "silent",
            s.t("Counts as silent after"),
            [(str(minutes), s.duration(minutes * 60)) for minutes in lengths],
            hint=s.t("Without an event for so long, the source is shown as silent."),
        )
        forms.tick(
            values,
            "enforce",
            s.t("Put aside what breaks its schema"),
            hint=s.t("Otherwise such events are taken and marked; the tracking plan lists them."),
        )

    def change() -> Source:
        with s.records.unit() as uow:
            return sources.change(
                uow,
                s.caller,
                source.source_id,
                name=values["name"],
                origins=origins_of(values["origins"]),
                silent_after_minutes=int(values["silent"]),
                enforce_schema=bool(values["enforce"]),
            )

    dialog.buttons(s.t("Save"), s.act(change, dialog.done, permission="load_data"))
    dialog.open()


def _rotate(s: Screen, source: Source) -> None:
    values: forms.Values = {"hours": "72"}
    dialog = forms.Dialog(s, s.t("Rotate the key"))
    with dialog:
        parts.text(
            s.t("A new key is made. The one you have goes on for a while, so that pages and programs can follow."),
            "rg-muted rg-pretty",
            "p",
        )
        forms.choice_field(
            values,
            "hours",
            s.t("The older key ends after"),
            [(str(hours), s.duration(hours * 3600)) for hours in (1, 24, 72, 168, 720)],
        )

    def rotate() -> NewSource:
        with s.records.unit() as uow:
            return sources.rotate_key(uow, s.caller, source.source_id, overlap_hours=int(values["hours"]))

    dialog.buttons(s.t("Rotate the key"), s.act(rotate, dialog.done, permission="load_data"))
    dialog.open()


def _set_disabled(s: Screen, source: Source, disabled: bool) -> Source:
    s.caller.demand("load_data")
    with s.records.unit() as uow:
        return sources.change(uow, s.caller, source.source_id, disabled=disabled)


def _disable(s: Screen, source: Source) -> None:
    forms.sure(
        s,
        s.t("Disable this source?"),
        s.t(
            "What “{name}” sends is refused from now on, and most programs then drop it. You can enable it again.", name=source.name
        ),
        s.t("Disable"),
        lambda: _set_disabled(s, source, True),
        done=lambda _: s.redraw(),
    )
