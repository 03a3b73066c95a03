"""`regulars show forecast|anomalies|root-cause`: what is to come, what needs a look, and why something changed."""

from __future__ import annotations

from typing import Annotated

import typer

from regulars.cli.show import AsCsv, AsJson, From, Lang, Limit, ShopId, To, asked, day_of, table_lines


def join(app: typer.Typer) -> None:
    """Give the group of reports these commands."""
    app.command()(forecast)
    app.command()(anomalies)
    app.command("root-cause")(root_cause)


def forecast(
    metric: Annotated[str, typer.Argument(help="A metric's name, e.g. net_revenue.")] = "net_revenue",
    days: Annotated[int, typer.Option("--days", min=1, max=365, help="How many days ahead.")] = 28,
    share: Annotated[float, typer.Option("--share", help="Share of days the interval is to hold: .5, .8, .9, .95, .99.")] = 0.8,
    calendar: Annotated[str, typer.Option("--calendar", help="chinese, western or none [default: the shop's].")] = "",
    last_on: Annotated[str, typer.Option("--last-on", metavar="DATE", help="The last day seen, for a forecast of the past.")] = "",
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """What a metric is expected to be day by day, with an interval, and how right such forecasts were.

    Example: regulars show forecast orders --days 14
    """
    from regulars.cli import forecast_screens
    from regulars.predict import forecast as room

    with asked(shop, lang) as ask:
        answer = room.forecast(
            ask.house.warehouse, ask.shop, metric, days=days, share=share, calendar=calendar or None,  # type: ignore[arg-type]
            last_on=day_of("--last-on", last_on),
        )  # fmt: skip
        ask.give(
            answer,
            as_json,
            lambda out: forecast_screens.forecast(out, answer),
            csv,
            lambda: table_lines(room.forecast_table(answer)),
        )


def anomalies(limit: Limit = 20, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Which metrics left their interval and are worth money, and why.

    Example: regulars show anomalies --limit 5
    """
    from regulars.cli import forecast_screens
    from regulars.predict import anomalies as room

    with asked(shop, lang) as ask:
        with ask.house.records.reading() as uow:
            found = room.report(uow, ask.shop.shop_id, limit=limit)
        ask.give(found, as_json, lambda out: forecast_screens.anomalies(out, found))


def root_cause(
    metric: Annotated[str, typer.Option("--metric", help="A metric whose change can be searched, e.g. revenue, orders, aov.")] = "revenue",
    from_: From = "", to: To = "",
    before_from: Annotated[str, typer.Option("--before-from", metavar="DATE", help="First day compared with [default: just before].")] = "",
    before_to: Annotated[str, typer.Option("--before-to", metavar="DATE", help="Last day compared with, included.")] = "",
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Why a metric changed: where the change lies, price or volume, rate or mix, and which explanations the data bear out.

    Example: regulars show root-cause --metric revenue --from 2011-11-01 --to 2011-11-30
    """
    from regulars.cli import forecast_screens
    from regulars.errors import InvalidInput
    from regulars.predict import anomalies as room

    with asked(shop, lang) as ask:
        period = ask.period(from_, to)
        if period is None:
            raise InvalidInput("no period to explain", mend="give --from and --to", code="bad_period")
        before = ask.period(before_from, before_to) if before_from and before_to else None
        answer = room.root_cause(ask.house.warehouse, ask.shop, metric, period, before)
        ask.give(answer, as_json, lambda out: forecast_screens.root_cause(out, answer))
