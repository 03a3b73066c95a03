"""`regulars show events|sources|quarantine`: what arrived, who sends it, and what was put aside."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from regulars.cli.show import AsCsv, AsJson, From, Lang, Limit, ShopId, To, asked, day_of, one_of, screen_of_events, table_lines

if TYPE_CHECKING:
    from regulars.access import Caller
    from regulars.app import House


def join(app: typer.Typer) -> None:
    """Give the group of reports these commands."""
    app.command()(events)
    app.command()(sources)
    app.command()(quarantine)


def events(
    event: Annotated[list[str], typer.Option("--event", help="Only of this name; may be repeated.")] = [],  # noqa: B006
    source: Annotated[list[str], typer.Option("--source", help="Only of this source, by its number or name.")] = [],  # noqa: B006
    customer: Annotated[str, typer.Option("--customer", help="Only of this customer or visitor.")] = "",
    search: Annotated[str, typer.Option("--search", help="Part of a name, id or property.")] = "",
    broken: Annotated[bool, typer.Option("--broken", help="Only those that break their schema.")] = False,
    from_: From = "", to: To = "", limit: Limit = 20, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """Events as they are kept, the latest first.

    Example: regulars show events --event "Order Completed" --from 2026-11-01 --json
    """
    from regulars.collect.track import EventFilters, reading
    from regulars.collect.track.exports import events_table
    from regulars.web.paging import Page

    with asked(shop, lang) as ask:
        known = _named(ask.house, ask.shop.shop_id, source)
        first, last = day_of("--from", from_), day_of("--to", to)
        wanted = EventFilters(
            events=tuple(event),
            sources=known,
            customer_id=customer or None,
            text=search or None,
            broken=True if broken else None,
            start=_midnight(first, ask.shop.timezone),
            end=_midnight(last + timedelta(days=1) if last else None, ask.shop.timezone),
        )
        found = reading.listing(ask.house.warehouse, ask.shop, wanted, limit=limit)
        ask.give(
            Page(items=found),
            as_json,
            lambda out: screen_of_events().events(out, found),
            csv,
            lambda: table_lines(events_table(found)),
        )


def sources(shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Who may send events, and whether they do.

    Example: regulars show sources
    """
    from regulars.collect.track import sources as room
    from regulars.web.paging import Page

    with asked(shop, lang) as ask:
        with ask.house.records.reading() as uow:
            found = room.list_all(uow, _caller(ask.house), ask.shop.shop_id)
        ask.give(Page(items=found), as_json, lambda out: screen_of_events().sources(out, found))


def quarantine(
    state: Annotated[str, typer.Option("--state", help="open, replayed or discarded.")] = "open",
    reason: Annotated[str, typer.Option("--reason", help="Only for this reason, e.g. no_event_name.")] = "",
    source: Annotated[str, typer.Option("--source", help="Only of this source, by its number or name.")] = "",
    limit: Limit = 20, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Messages that could not be taken, with the reason; their text is not printed.

    Example: regulars show quarantine --reason no_event_name
    """
    from regulars.collect.track import quarantine as room
    from regulars.web.paging import Page

    one_of("--state", state, room.STATES)
    with asked(shop, lang) as ask:
        known = _named(ask.house, ask.shop.shop_id, [source] if source else [])
        with ask.house.records.reading() as uow:
            found = room.listing(
                uow,
                ask.house.keyring,
                ask.shop.shop_id,
                state=state,
                reason=reason or None,
                source_id=known[0] if known else None,
                limit=limit,
                language=ask.language,
            )
        ask.give(Page(items=found), as_json, lambda out: screen_of_events().quarantine(out, found))


def _named(house: House, shop_id: str, wanted: list[str]) -> tuple[str, ...]:
    """Sources by number or name."""
    from regulars.collect.track import sources as room
    from regulars.errors import NotFound

    with house.records.reading() as uow:
        known = room.list_all(uow, _caller(house), shop_id)
    numbers = []
    for told in wanted:
        found = [source.source_id for source in known if told in (source.source_id, source.name)]
        if not found:
            raise NotFound(f"there is no source '{told}'", mend="list them with `regulars show sources`", code="no_such_source")
        numbers += found
    return tuple(numbers)


def _midnight(day: date | None, zone: str) -> datetime | None:
    from zoneinfo import ZoneInfo

    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)) if day else None


def _caller(house: House) -> Caller:
    from regulars.access import Caller

    return Caller.system("shell", house.keyring)
