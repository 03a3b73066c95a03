"""`regulars show traits|alike`: what customers are like, how a trait is spread, and who is like whom."""

from __future__ import annotations

from typing import Annotated

import typer

from regulars.cli.show import AsCsv, AsJson, Lang, Limit, ShopId, asked, table_lines


def join(app: typer.Typer) -> None:
    """Give the group of reports these commands."""
    app.command()(traits)
    app.command()(alike)


def traits(
    customer: Annotated[str, typer.Option("--customer", help="One customer's traits.")] = "",
    trait: Annotated[str, typer.Option("--trait", help="How this one is spread, e.g. return_rate.")] = "",
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """All traits with how many have them and the median; --csv writes every customer's.

    Example: regulars show traits --customer 14646
    """
    from regulars.cli import trait_screens as screens
    from regulars.understand import traits as room

    with asked(shop, lang) as ask:
        warehouse = ask.house.warehouse
        if customer:
            with ask.house.records.reading() as uow:
                one = room.customer_traits(uow, warehouse, ask.shop, customer, language=ask.language)
            ask.give(one, as_json, lambda out: screens.customer(out, one))
        elif trait:
            spread = room.distribution(warehouse, ask.shop, trait, language=ask.language)
            ask.give(
                spread, as_json, lambda out: screens.spread(out, spread, room.overview(warehouse, ask.shop).currency), csv,
                lambda: table_lines(room.distribution_table(spread)),
            )  # fmt: skip
        else:
            answer = room.overview(warehouse, ask.shop, language=ask.language)
            ask.give(
                answer,
                as_json,
                lambda out: screens.overview(out, answer),
                csv,
                lambda: room.values_csv(warehouse, ask.shop.shop_id),
            )


def alike(
    customer_id: Annotated[str, typer.Argument(help="The customer.")],
    limit: Limit = 10, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """The customers most like one, and what makes them so.

    Example: regulars show alike 14646 --limit 500 --csv alike.csv
    """
    from regulars.cli import trait_screens as screens
    from regulars.collect import identity
    from regulars.understand import traits as room

    with asked(shop, lang) as ask:
        with ask.house.records.reading() as uow:
            now = identity.customer_of(uow, ask.shop.shop_id, customer_id)
        answer = room.alike(ask.house.warehouse, ask.shop, now, limit=limit, language=ask.language)
        ask.give(answer, as_json, lambda out: screens.alike(out, answer), csv, lambda: table_lines(room.alike_table(answer)))
