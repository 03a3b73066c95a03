"""`regulars show visits|sessions`: what brings people, and visit by visit."""

from __future__ import annotations

from typing import Annotated, get_args

import typer

from regulars.cli.show import AsCsv, AsJson, From, Lang, Limit, ShopId, To, asked, day_of, one_of, table_lines


def join(app: typer.Typer) -> None:
    """Give the group of reports these commands."""
    app.command()(visits)
    app.command()(sessions)


def visits(
    by: Annotated[str, typer.Option("--by", help="channel, source, campaign, landing, device, browser, os or region.")] = "channel",
    interval: Annotated[str, typer.Option("--interval", help="day, week or month; without it the whole period.")] = "",
    bots: Annotated[bool, typer.Option("--with-bots", help="Count bots as well.")] = False,
    from_: From = "", to: To = "", shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """What brings people: visits, bounce rate, conversion and revenue by channel, source, campaign ...

    Example: regulars show visits --by source --from 2026-11-01
    """
    from regulars.cli import visit_screens
    from regulars.collect import sessions as room
    from regulars.collect.sessions.exports import visits_table
    from regulars.values.periods import Unit

    one_of("--by", by, get_args(room.By))
    if interval:
        one_of("--interval", interval, get_args(Unit))
    with asked(shop, lang) as ask:
        warehouse = ask.house.warehouse
        period = room.asked_period(warehouse, ask.shop, day_of("--from", from_), day_of("--to", to))
        answer = room.report(warehouse, ask.shop, period, by=by, interval=interval or None, with_bots=bots)  # type: ignore[arg-type]
        ask.give(answer, as_json, lambda out: visit_screens.visits(out, answer), csv, lambda: table_lines(visits_table(answer)))


def sessions(
    customer: Annotated[str, typer.Option("--customer", help="Only of this customer or visitor.")] = "",
    channel: Annotated[list[str], typer.Option("--channel", help="Only by this channel, e.g. paid; may be repeated.")] = [],  # noqa: B006
    bots: Annotated[bool, typer.Option("--bots", help="Only those of bots.")] = False,
    from_: From = "", to: To = "", limit: Limit = 20, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """Visit by visit, the latest first: how it came, what it held, where it began and ended.

    Example: regulars show sessions --customer 17850
    """
    from regulars.cli import visit_screens
    from regulars.collect import sessions as room
    from regulars.collect.sessions.exports import sessions_table
    from regulars.values.periods import Period
    from regulars.web.paging import Page

    with asked(shop, lang) as ask:
        first, last = day_of("--from", from_), day_of("--to", to)
        zone = ask.shop.timezone
        wanted = room.SessionFilters(
            customer_id=customer or None,
            channels=tuple(channel),
            bots=True if bots else None,
            start=Period.between(first, first).instants(zone)[0] if first else None,
            end=Period.between(last, last).instants(zone)[1] if last else None,
        )
        found = room.listing(ask.house.warehouse, ask.shop, wanted, limit=limit)
        ask.give(
            Page(items=found),
            as_json,
            lambda out: visit_screens.sessions(out, found),
            csv,
            lambda: table_lines(sessions_table(found)),
        )
