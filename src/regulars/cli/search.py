"""`regulars search`: try the search of a shop, see what shoppers search for, and say what means the same."""

from __future__ import annotations

from typing import Annotated

import typer

from regulars.cli.show import AsJson, From, Lang, Limit, ShopId, To, asked, one_of

app = typer.Typer(no_args_is_help=True, help="Search of products.", epilog='Example: regulars search find "green tea 100 g"')


@app.command()
def find(
    query: Annotated[str, typer.Argument(help="What a shopper types.")],
    where: Annotated[
        list[str], typer.Option("--filter", metavar="FACET:VALUE", help="brand:Hill; may be repeated.")
    ] = [],  # noqa: B006
    sort: Annotated[str, typer.Option("--sort", help="relevance, price, -price, newest or name.")] = "relevance",
    in_stock: Annotated[bool, typer.Option("--in-stock", help="Only what is in stock.")] = False,
    limit: Limit = 20, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """The products a shopper finds, and how the query was understood.

    Example: regulars search find "drlil 18v" --filter brand:Hill
    """
    from regulars.cli import search_screens as screens
    from regulars.serve import search as room

    one_of("--sort", sort, ("relevance", "price", "-price", "newest", "name"))
    with asked(shop, lang) as ask:
        house = ask.house
        answer = room.search(
            house.records, house.warehouse, house.home, ask.shop, query,
            filters=room.Filters(room.filters_of(where), in_stock=in_stock), sort=sort, size=min(limit, 100),
        )  # fmt: skip
        ask.give(answer, as_json, lambda out: screens.found(out, answer))


@app.command("asked")
def asked_for(
    view: Annotated[str, typer.Option("--view", help="top, without_result, without_click or exits.")] = "top",
    from_: From = "", to: To = "", limit: Limit = 20, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """What shoppers search for: the most asked, those without result or click, and those after which they leave.

    Example: regulars search asked --view without_result
    """
    from regulars.cli import search_screens as screens
    from regulars.serve import search as room

    one_of("--view", view, ("top", "without_result", "without_click", "exits"))
    with asked(shop, lang) as ask:
        answer = room.searches(ask.house.warehouse, ask.shop, period=ask.period(from_, to), view=view, most=limit)
        ask.give(answer, as_json, lambda out: screens.searches(out, answer))


@app.command()
def rules(shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """What operators want of searches: synonyms, pins, boosts, redirects.

    Example: regulars search rules
    """
    from regulars.cli import search_screens as screens
    from regulars.serve import search as room

    with asked(shop, lang) as ask:
        with ask.house.records.reading() as uow:
            found = room.rules_of(uow, ask.shop.shop_id)
        ask.give(found, as_json, lambda out: screens.rules(out, found))


@app.command()
def synonyms(
    words: Annotated[list[str], typer.Argument(metavar="WORD WORD...", help="Words or phrases that mean the same.")],
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say that words or phrases mean the same; each finds what the others find.

    Example: regulars search synonyms tv television "电视"
    """
    from regulars.access import Caller
    from regulars.cli import search_screens as screens
    from regulars.serve import search as room

    with asked(shop, lang) as ask:
        caller = Caller.system("shell", ask.house.keyring)
        with ask.house.records.unit() as uow:
            made = room.make_rule(uow, caller, ask.shop.shop_id, room.SynonymsBody(words=tuple(words)))
        ask.give(made, as_json, lambda out: screens.rules(out, [made]))


@app.command()
def rebuild(shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Make the index anew from the catalogue; it follows every change by itself, so this is rarely needed.

    Example: regulars search rebuild
    """
    from regulars.cli import search_screens as screens
    from regulars.serve import search as room

    with asked(shop, lang) as ask:
        products = room.rebuild(ask.house.warehouse, ask.house.home, ask.shop.shop_id)
        ask.give({"products": products}, as_json, lambda out: screens.rebuilt(out, products))
