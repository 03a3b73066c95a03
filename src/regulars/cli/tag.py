"""`regulars tag`: the shop's tags, made, given to customers or a file of them, and taken away."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from regulars.cli.doors import shell
from regulars.cli.show import AsJson, Lang, ShopId, asked

app = typer.Typer(no_args_is_help=True, help="Tags of customers.", epilog="Example: regulars tag give vip 14646 17850")

Name = Annotated[str, typer.Argument(help="The tag, by name or id.")]
Ids = Annotated[list[str], typer.Argument(metavar="[CUSTOMER]...", help="Customers.")]
File = Annotated[str, typer.Option("--file", metavar="FILE", help="A file with one customer a line.")]


@app.command("list")
def list_(shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Every tag with how many customers have it.

    Example: regulars tag list
    """
    from regulars.cli import trait_screens as screens
    from regulars.understand import traits as room

    with asked(shop, lang) as ask:
        with ask.house.records.reading() as uow:
            found = room.tags(uow, ask.house.warehouse, ask.shop.shop_id)
        ask.give(found, as_json, lambda out: screens.tags(out, found))


@app.command()
def make(
    name: Annotated[str, typer.Argument(help="Unique in the shop.")],
    where: Annotated[
        list[str], typer.Option("--where", metavar="CONDITION", help="Who gets it: lifetime_value>=5000; may be repeated.")
    ] = [],  # noqa: B006
    segment: Annotated[str, typer.Option("--segment", help="Only members of this segment get it.")] = "",
    tree: Annotated[
        str, typer.Option("--tree", metavar="JSON", help="Who gets it, as a tree of conditions like a segment's `where_tree`.")
    ] = "",
    meaning: Annotated[str, typer.Option("--meaning", help="What it means.")] = "",
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Make a tag, by hand only or with a rule.

    Example: regulars tag make vip --where "lifetime_value>=5000"
    """
    from regulars.cli import trait_screens as screens
    from regulars.understand import traits as room
    from regulars.understand.questions import Desk
    from regulars.understand.reports import writing

    with asked(shop, lang) as ask:
        conditions = [writing.condition(one) for one in where]
        rule: dict[str, Any] = {"where": conditions, "segment": segment or None, "where_tree": _tree(tree)}
        warehouse = ask.house.warehouse
        with ask.house.records.unit() as uow:
            made = room.make_tag(
                uow,
                shell(ask.house),
                Desk(warehouse, ask.shop),
                name=name,
                description=meaning,
                rule=rule if any(rule.values()) else None,
            )
        with ask.house.records.reading() as uow:
            room.retag(uow, warehouse, ask.shop)
            made = room.tag_of(uow, warehouse, ask.shop.shop_id, made.tag_id)
        ask.give(made, as_json, lambda out: screens.tags(out, [made]))


@app.command()
def give(name: Name, customers: Ids = [], file: File = "", shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:  # noqa: B006
    """Give a tag by hand; unknown customers are named and left out.

    Example: regulars tag give vip 14646 17850
    """
    _change(name, [*customers, *_lines(file)], [], shop, lang, as_json)


@app.command()
def take(name: Name, customers: Ids = [], file: File = "", shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:  # noqa: B006
    """Take a tag away from those who have it by hand.

    Example: regulars tag take vip 14646
    """
    _change(name, [], [*customers, *_lines(file)], shop, lang, as_json)


@app.command()
def delete(name: Name, shop: ShopId = "", lang: Lang = "") -> None:
    """Delete a tag; everybody loses it.

    Example: regulars tag delete vip
    """
    from regulars.understand import traits as room

    with asked(shop, lang) as ask:
        with ask.house.records.unit() as uow:
            room.delete_tag(uow, shell(ask.house), ask.shop.shop_id, name)
        with ask.house.records.reading() as uow:
            room.retag(uow, ask.house.warehouse, ask.shop)


def _change(name: str, add: list[str], remove: list[str], shop: str, lang: str, as_json: bool) -> None:
    from regulars.understand import traits as room

    with asked(shop, lang) as ask:
        warehouse = ask.house.warehouse
        with ask.house.records.unit() as uow:
            done = room.tag_customers(uow, warehouse, shell(ask.house), ask.shop.shop_id, name, add=add, remove=remove)
        with ask.house.records.reading() as uow:
            room.retag(uow, warehouse, ask.shop)
        said = f"{done.added} added, {done.removed} removed" + (
            f"; unknown: {', '.join(done.unknown[:20])}" if done.unknown else ""
        )
        ask.give(done, as_json, lambda out: out.line(said))


def _tree(text: str) -> Any:
    from regulars.errors import InvalidInput

    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidInput(f"this tree is not JSON: {error}", mend="correct that place", code="bad_json") from None


def _lines(file: str) -> list[str]:
    from regulars.cli.doors import path
    from regulars.errors import InvalidInput

    if not file:
        return []
    try:
        return path(file).read_text(encoding="utf-8-sig").split()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"{file} cannot be read: {error}", mend="name a text file with one customer a line", code="bad_file"
        ) from None
