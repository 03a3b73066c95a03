"""`regulars search`: try the search of a shop, see what shoppers search for, and say what means the same."""

from __future__ import annotations

from typing import Annotated

import typer

from regulars.cli.show import AsCsv, AsJson, From, Lang, Limit, ShopId, To, asked, one_of, table_lines

app = typer.Typer(no_args_is_help=True, help="Search of products.", epilog='Example: regulars search find "green tea 100 g"')


@app.command()
def find(
    query: Annotated[str, typer.Argument(help="What a shopper types.")],
    where: Annotated[
        list[str], typer.Option("--filter", metavar="FACET:VALUE", help="brand:Hill; may be repeated.")
    ] = [],  # noqa: B006
    between: Annotated[
        list[str], typer.Option("--between", metavar="FACET:FROM..TO", help="weight:1..5; may be repeated.")
    ] = [],  # noqa: B006
    sort: Annotated[
        str, typer.Option("--sort", help="relevance, price, -price, newest, name, best_sellers or rating.")
    ] = "relevance",
    variants: Annotated[bool, typer.Option("--variants", help="List variants of one product each by itself.")] = False,
    in_stock: Annotated[bool, typer.Option("--in-stock", help="Only what is in stock.")] = False,
    limit: Limit = 20, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """The products a shopper finds, and how the query was understood.

    Example: regulars search find "drlil 18v" --filter brand:Hill
    """
    from regulars.cli import search_screens as screens
    from regulars.serve import search as room

    one_of("--sort", sort, room.SORTS)
    with asked(shop, lang) as ask:
        house = ask.house
        answer = room.search(
            house.records, house.warehouse, house.home, ask.shop, query,
            filters=room.Filters(room.filters_of(where), in_stock=in_stock, ranges=room.ranges_of(between)), sort=sort,
            size=min(limit, 100), grouped=not variants,
        )  # fmt: skip
        ask.give(answer, as_json, lambda out: screens.found(out, answer))


@app.command()
def why(
    query: Annotated[str, typer.Argument(help="What a shopper types.")],
    product_id: Annotated[str, typer.Argument(help="The product.")],
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Why a product stands where it does for a query: which words gave points, and what multiplied them.

    Example: regulars search why "green tea" longjing-100
    """
    from regulars.cli import search_screens as screens
    from regulars.serve import search as room

    with asked(shop, lang) as ask:
        house = ask.house
        answer = room.explain(house.records, house.warehouse, house.home, ask.shop, query, product_id)
        ask.give(answer, as_json, lambda out: screens.explained(out, answer))


@app.command()
def judge(
    file: Annotated[str, typer.Argument(metavar="FILE", help="CSV with the columns query, product_id and grade (0 to 10).")],
    replace: Annotated[bool, typer.Option("--replace", help="Forget what is not in the file.")] = False,
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Load judgements of products for queries; the same file again changes nothing.

    Example: regulars search judge judgements.csv
    """
    from regulars.access import Caller
    from regulars.cli import search_screens as screens
    from regulars.cli.doors import file_text
    from regulars.serve import search as room

    text = file_text(file)
    with asked(shop, lang) as ask:
        caller = Caller.system("shell", ask.house.keyring)
        with ask.house.records.unit() as uow:
            answer = room.keep_judgements(uow, caller, ask.shop.shop_id, text, replace=replace)
        ask.give(answer, as_json, lambda out: screens.judged(out, answer))


@app.command()
def judgements(shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "") -> None:
    """What people think of products for a query, as it was loaded.

    Example: regulars search judgements --csv judgements.csv
    """
    from regulars.cli import search_screens as screens
    from regulars.serve import search as room

    with asked(shop, lang) as ask:
        with ask.house.records.reading() as uow:
            found = room.judgements_of(uow, ask.shop.shop_id)
        ask.give(found, as_json, lambda out: screens.judgements(out, found), csv, lambda: table_lines(room.judgements_table(found)))


@app.command()
def compare(
    without: Annotated[
        list[str], typer.Option("--without", metavar="PART", help="spelling, synonyms, rules or learned; may be repeated.")
    ] = ["spelling", "synonyms", "rules"],  # noqa: B006
    on: Annotated[str, typer.Option("--on", help="clicked or judged.")] = "clicked",
    from_: From = "", to: To = "", shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """The search as it is and without some of its parts, judged by clicks or by people's judgements.

    Example: regulars search compare --on judged --without spelling
    """
    from regulars.cli import search_screens as screens
    from regulars.serve import search as room

    one_of("--on", on, ("clicked", "judged"))
    for part in without:
        one_of("--without", part, ("spelling", "synonyms", "rules", "learned"))
    with asked(shop, lang) as ask:
        house = ask.house
        answer = room.compare(
            house.records, house.warehouse, house.home, ask.shop, room.Options(), room.Options(**dict.fromkeys(without, False)),
            on=on, period=ask.period(from_, to),
        )  # fmt: skip
        ask.give(answer, as_json, lambda out: screens.compared(out, answer))


@app.command()
def learn(shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Learn the order of finds from clicks now, judge it, and let it answer if it won; a server does so every night.

    Example: regulars search learn
    """
    from regulars.cli import search_screens as screens
    from regulars.serve import search as room

    with asked(shop, lang) as ask:
        house = ask.house
        answer = room.learn(house.records, house.warehouse, house.home, ask.shop)
        ask.give(answer, as_json, lambda out: screens.order(out, answer))


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
