"""`regulars show recommendations`: what one shopper would be shown, why, and what was left out."""

from __future__ import annotations

from typing import Annotated

import typer

from regulars.cli.show import AsJson, Lang, ShopId, asked


def join(app: typer.Typer) -> None:
    """Give the group of reports this command."""
    app.command()(recommendations)


def recommendations(
    placement: Annotated[str, typer.Argument(metavar="[PLACEMENT]", help="home, next, similar, cart ...; `quality` for the evaluation.")] = "home",
    customer: Annotated[str, typer.Option("--customer", help="The buyer, as the shop names them.")] = "",
    visitor: Annotated[str, typer.Option("--visitor", help="The device, as its SDK names it.")] = "",
    context: Annotated[list[str], typer.Option("--context", help="A product the page or cart is about; may be repeated.")] = [],  # noqa: B006
    category: Annotated[str, typer.Option("--category", help="Only products of this category.")] = "",
    region: Annotated[str, typer.Option("--region", help="With `popular`: what sells there.")] = "",
    exclude: Annotated[list[str], typer.Option("--exclude", help="A product not to show; may be repeated.")] = [],  # noqa: B006
    size: Annotated[int, typer.Option("--size", min=1, max=100, help="How many products.")] = 10,
    why: Annotated[bool, typer.Option("--why", help="Also what was left out, and by which filter.")] = False,
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """What a shopper would be shown in a placement, with the reason of each product.

    Example: regulars show recommendations home --customer 17850 --why
    """
    from typing import cast

    from regulars.cli import recommend_screens as screens
    from regulars.serve import recommend as room

    with asked(shop, lang) as ask, ask.house.records.reading() as uow:
        if placement == "quality":
            found = room.quality(uow, ask.shop)
            ask.give(found, as_json, lambda out: screens.quality(out, found))
            return
        wanted = room.Wanted(
            placement=cast("room.Placement", placement),
            customer=customer or None,
            visitor=visitor or None,
            context=tuple(context),
            category=category or None,
            region=region or None,
            exclude=tuple(exclude),
            size=size,
        )
        house = ask.house
        told = room.explain(uow, house.records, house.warehouse, house.home, house.keyring, ask.shop, wanted, language=ask.language)
        ask.give(told if why else told.recommendation, as_json, lambda out: screens.listed(out, told, why=why))
