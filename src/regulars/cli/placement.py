"""`regulars placement`: how recommendations do in each place, how they are spread, and what each place tries and caps."""

from __future__ import annotations

from typing import Annotated

import typer

from regulars.cli.doors import shell
from regulars.cli.show import AsCsv, AsJson, From, Lang, ShopId, To, asked, day_of, one_of, table_lines

app = typer.Typer(
    no_args_is_help=True,
    help="Places of recommendations.",
    epilog="Example: regulars placement figures --by placement --by shown_by",
)

Where = Annotated[str, typer.Option("--placement", help="Only this one: home, next, similar, cart ...")]
Name = Annotated[str, typer.Argument(help="home, next, similar, cart ...")]


@app.command()
def figures(
    by: Annotated[list[str], typer.Option("--by", help="placement, position, model, arm, shown_by or day; may be repeated.")] = [],  # noqa: B006
    placement: Where = "", from_: From = "", to: To = "", shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """Lists served, products seen, clicks, orders and revenue, and the lift against random and popular products.

    Example: regulars placement figures --by placement --by day --csv figures.csv
    """
    from typing import cast

    from regulars.cli import placement_screens as screens
    from regulars.serve import recommend as room

    for one in by:
        one_of("--by", one, room.BYS)
    with asked(shop, lang) as ask:
        period = room.asked(ask.shop, day_of("--from", from_), day_of("--to", to))
        found = room.performance(
            ask.house.warehouse,
            ask.shop,
            period=period,
            by=cast("list[room.By]", by or ["placement"]),
            placement=cast("room.Placement", placement) if placement else None,
        )
        ask.give(
            found, as_json, lambda out: screens.figures(out, found), csv, lambda: table_lines(room.performance_table(found))
        )  # fmt: skip


@app.command()
def spread(
    k: Annotated[int, typer.Option("--first", min=1, max=100, help="Only the first places of each list.")] = 10,
    parts: Annotated[int, typer.Option("--parts", min=1, max=12, help="Into how many parts the period is cut.")] = 4,
    from_: From = "", to: To = "", shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """How impressions are spread over the catalogue: coverage, Gini, novelty, and the share of the best-selling 1 %.

    Example: regulars placement spread --parts 2
    """
    from regulars.cli import placement_screens as screens
    from regulars.serve import recommend as room

    with asked(shop, lang) as ask:
        period = room.asked(ask.shop, day_of("--from", from_), day_of("--to", to))
        found = room.spreads(ask.house.warehouse, ask.shop, period=period, k=k, parts=parts)
        ask.give(found, as_json, lambda out: screens.spread(out, found), csv, lambda: table_lines(room.spread_table(found)))


@app.command()
def places(shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """How much each place of a list is looked at, learned from lists with a random product.

    Example: regulars placement places
    """
    from regulars.cli import placement_screens as screens
    from regulars.serve import recommend as room

    with asked(shop, lang) as ask:
        found = room.propensities(ask.house.warehouse, ask.shop)
        ask.give(found, as_json, lambda out: screens.places(out, found))


@app.command("list")
def list_(shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """What each place tries and caps.

    Example: regulars placement list
    """
    from regulars.cli import placement_screens as screens
    from regulars.serve import recommend as room

    with asked(shop, lang) as ask, ask.house.records.reading() as uow:
        found = room.placements(uow, ask.shop.shop_id)
        ask.give(found, as_json, lambda out: screens.settings(out, found))


@app.command("set")
def set_(
    placement: Name,
    random: Annotated[float, typer.Option("--random", min=0, max=20, help="Percent of lists with one random product.")] = 0.0,
    popular: Annotated[float, typer.Option("--popular", min=0, max=20, help="Percent of lists in popular order.")] = 0.0,
    variant: Annotated[str, typer.Option("--variant", help="Another order for some visitors: v_stan or popular.")] = "",
    variant_share: Annotated[float, typer.Option("--variant-share", min=0, max=100, help="Percent of visitors who get it.")] = 50.0,
    per_visitor: Annotated[int, typer.Option("--per-visitor", min=0, help="Most views of one product by one visitor in a day; 0: no cap.")] = 0,
    share: Annotated[float, typer.Option("--share", min=0, max=100, help="Most percent of impressions for one product; 0: no cap.")] = 0.0,
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Set what a place tries and caps; what is not given is switched off.

    Example: regulars placement set home --random 2 --popular 2
    """
    from typing import cast

    from regulars.cli import placement_screens as screens
    from regulars.serve import recommend as room

    with asked(shop, lang) as ask, ask.house.records.unit() as uow:
        wanted = room.PlacementSetting(
            placement=cast("room.Placement", placement),
            random_bps=round(random * 100),
            popular_bps=round(popular * 100),
            variant=cast("room.Order", variant) if variant else None,
            variant_bps=round(variant_share * 100),
            most_per_visitor=per_visitor or None,
            most_share_bps=round(share * 100) or None,
        )
        made = room.set_placement(uow, shell(ask.house), ask.shop.shop_id, wanted)
        ask.give(made, as_json, lambda out: screens.settings(out, [made]))
