"""Sources: who may send events, whether they do, and making a new one."""

from __future__ import annotations

from urllib.parse import urlsplit

from nicegui import ui

from regulars.collect.track import sources
from regulars.collect.track.pages.health import TONES, state_words
from regulars.collect.track.pages.shown import since_words
from regulars.collect.track.pages.tabs import events_head
from regulars.collect.track.sources import NewSource, Source
from regulars.console import forms, parts, screen
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen

_MADE_HERE = ("browser", "server", "webhook")


@screen("/events/sources", permission="read_reports", title="Sources of events", parent="/events")
def sources_page(s: Screen) -> None:
    """Who sends."""
    tools = events_head(s, s.t("Every site, app and program that may send events, each with a key of its own."))
    with tools:
        if s.may("load_data"):
            parts.button(s.t("Make a source"), lambda: make_source(s), icon="add", kind="primary")

    def ask() -> list[Source]:
        with s.records.reading() as uow:
            return sources.list_all(uow, s.caller, s.shop.shop_id)

    s.load(ask, lambda found: _draw(s, found), skeleton="table")


def _draw(s: Screen, found: list[Source]) -> None:
    with parts.card(s.t("Sources"), flush=True):
        if not found:
            parts.empty(
                "sensors",
                s.t("Nobody sends events yet"),
                s.t("Make a source: you get its key and the lines to put into your shop, and see the first events arrive."),
            )
            return
        columns = [
            Column(s.t("Name")),
            Column(s.t("Kind")),
            Column(s.t("State")),
            Column(s.t("Last event"), align="end"),
            Column(s.t("Events"), align="end"),
            Column(s.t("Duplicates"), align="end", hint=s.t("Sent again with the same message number; each was taken once.")),
            Column(s.t("Put aside"), align="end"),
            Column(s.t("Schema")),
        ]
        sheet(columns, [_row(s, source) for source in found], caption=s.t("Sources"), kind="cards")


def _row(s: Screen, source: Source) -> Row:
    href = s.url(f"/events/sources/{source.source_id}")
    return Row(
        [
            Cell(source.name, href=href),
            Cell(s.word("source kind", source.kind)),
            Cell(state_words(s, source), badge=True, tone=TONES[source.state]),
            Cell(since_words(s, source.last_event_at) if source.last_event_at else "–", hint=s.instant(source.last_event_at)),
            Cell(s.count(source.events)),
            Cell(s.count(source.duplicates), tone="" if source.duplicates else "faint"),
            Cell(s.count(source.quarantined), tone="warn" if source.quarantined else "faint"),
            Cell(s.t("Enforced") if source.enforce_schema else s.t("Warns")),
        ],
        href=href,
        key=source.source_id,
    )


def make_source(s: Screen) -> None:
    """Ask for a name and a kind; the new source's page shows key and lines."""
    values: forms.Values = {"name": "", "kind": "browser", "origins": ""}
    dialog = forms.Dialog(s, s.t("Make a source"))
    with dialog:
        forms.text_field(values, "name", s.t("Name"), hint=s.t("The site, app or program that will send"))
        place = parts.box("rg-stack")

        def more() -> None:
            place.clear()
            with place:
                if values["kind"] == "browser":
                    forms.text_field(
                        values,
                        "origins",
                        s.t("Only from these sites"),
                        hint=s.t("Such as https://www.example.com, several with commas; empty: from any site"),
                        most=2000,
                    )

        forms.choice_field(
            values, "kind", s.t("Kind"), [(kind, s.word("source kind", kind)) for kind in _MADE_HERE], on_change=more
        )
        place.move(target_index=2)
        more()

    def make() -> NewSource:
        with s.records.unit() as uow:
            return sources.create(
                uow,
                s.caller,
                shop_id=s.shop.shop_id,
                name=values["name"],
                kind=values["kind"],
                origins=origins_of(values["origins"]) if values["kind"] == "browser" else (),
            )

    def made(new: NewSource) -> None:
        dialog.close()
        ui.navigate.to(s.url(f"/events/sources/{new.source.source_id}"))

    dialog.buttons(s.t("Make the source"), s.act(make, made, permission="load_data"))
    dialog.open()


def origins_of(text: str) -> list[str]:
    """Sites as somebody typed them; a bare host is taken as https."""
    told = [one.strip().rstrip("/") for one in text.replace("\n", ",").split(",") if one.strip()]
    return [one if urlsplit(one).scheme else f"https://{one}" for one in told]
