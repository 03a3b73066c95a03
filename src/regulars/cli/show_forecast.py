"""`regulars show forecast`: any metric in the days to come."""

from __future__ import annotations

from typing import Annotated

import typer

from regulars.cli.show import AsCsv, AsJson, Lang, ShopId, asked, day_of, table_lines


def join(app: typer.Typer) -> None:
    """Give the group of reports these commands."""
    app.command()(forecast)


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
