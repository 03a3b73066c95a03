"""`regulars show warnings|churn`: who is about to leave and why, and how the book moves."""

from __future__ import annotations

from typing import Annotated

import typer

from regulars.cli.show import AsCsv, AsJson, Lang, Limit, ShopId, asked, table_lines


def join(app: typer.Typer) -> None:
    """Give the group of reports these commands."""
    app.command()(warnings)
    app.command()(churn)


def warnings(
    customer: Annotated[str, typer.Argument(metavar="[CUSTOMER]", help="One customer; without it, the list.")] = "",
    level: Annotated[list[str], typer.Option("--level", help="red, orange, yellow or green; may be repeated.")] = [],  # noqa: B006
    reason: Annotated[str, typer.Option("--reason", help="Only where this is the first cause, e.g. delivery.")] = "",
    view: Annotated[str, typer.Option("--view", help="satisfaction, product_quality, service_experience or brand_and_price.")] = "",
    min_loss: Annotated[str, typer.Option("--min-loss", help="At least so much expected loss, e.g. 500.")] = "",
    today: Annotated[bool, typer.Option("--today", help="Only as many as you can deal with a day.")] = False,
    answered: Annotated[bool, typer.Option("--answered", help="Those that support has answered as well.")] = False,
    cursor: Annotated[str, typer.Option("--cursor", help="`next` of the page before.")] = "",
    limit: Limit = 20, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """Who is about to leave, the worst first: level, expected loss, reasons with their facts, what to do.

    Example: regulars show warnings --level red --csv today.csv
    """
    from regulars.cli import churn_screens as screens
    from regulars.collect import identity
    from regulars.predict import churn as room
    from regulars.predict.churn.export import warned_csv

    with asked(shop, lang) as ask, ask.house.records.reading() as uow:
        warehouse = ask.house.warehouse
        if customer:
            now = identity.customer_of(uow, ask.shop.shop_id, customer)
            one = room.customer_risk(uow, warehouse, ask.shop, now, language=ask.language)
            ask.give(one, as_json, lambda out: screens.customer(out, one))
            return
        filters = room.Filters(
            levels=tuple(level), cause=reason or None, view=view or None,
            min_loss_minor=ask.minor(min_loss) if min_loss else None, within_capacity=today, answered=answered,
        )  # fmt: skip
        found = room.warned(uow, warehouse, ask.shop, filters, cursor=cursor or None, limit=limit, language=ask.language)
        every = lambda: warned_csv(  # noqa: E731
            room.every_warned(uow, warehouse, ask.shop, filters, language=ask.language), ask.language
        )
        ask.give(found, as_json, lambda out: screens.warnings(out, found), csv, every)


def churn(
    what: Annotated[str, typer.Argument(metavar="[WHAT]", help="trend, views or quality.")] = "trend",
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """How the whole book moves, why customers leave (four views), or how good the warnings are.

    Example: regulars show churn views
    """
    from regulars.cli import churn_screens as screens
    from regulars.cli.show import one_of
    from regulars.predict import churn as room
    from regulars.predict.churn.export import trend_table, views_table

    one_of("WHAT", what, ("trend", "views", "quality"))
    with asked(shop, lang) as ask, ask.house.records.reading() as uow:
        warehouse = ask.house.warehouse
        if what == "trend":
            trend = room.trend(uow, warehouse, ask.shop, language=ask.language)
            ask.give(trend, as_json, lambda out: screens.trend(out, trend), csv, lambda: table_lines(trend_table(trend)))
        elif what == "views":
            views = room.views(warehouse, ask.shop, language=ask.language)
            ask.give(views, as_json, lambda out: screens.views(out, views), csv, lambda: table_lines(views_table(views)))
        else:
            quality = room.quality(uow, warehouse, ask.shop, language=ask.language)
            ask.give(quality, as_json, lambda out: screens.quality(out, quality))
