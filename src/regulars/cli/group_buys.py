"""`regulars group-buys`: offers to groups, the groups and their members, and money to be given back."""

from __future__ import annotations

from typing import Annotated

import typer

from regulars.cli.offering import instant, minor, shell
from regulars.cli.show import AsCsv, AsJson, Lang, Limit, ShopId, asked, table_lines

app = typer.Typer(no_args_is_help=True, help="Products at the price of a group.", epilog="Example: regulars group-buys list")

OfferId = Annotated[str, typer.Argument(metavar="OFFER", help="The group buy's id.")]


@app.command("list")
def list_(shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "") -> None:
    """Every group buy, and how its groups stand.

    Example: regulars group-buys list
    """
    from regulars.cli import offer_screens as screens
    from regulars.offer import group_buys as room
    from regulars.offer.group_buys.exports import offers_table

    with asked(shop, lang) as ask:
        with ask.house.records.reading() as uow:
            found = room.listing(uow, ask.shop.shop_id)
        ask.give(
            {"items": found, "next": None},
            as_json,
            lambda out: screens.group_buys(out, found),
            csv,
            lambda: table_lines(offers_table(found)),
        )


@app.command()
def groups(offer: OfferId, limit: Limit = 50, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "") -> None:
    """The groups of an offer as they stand now, the newest first.

    Example: regulars group-buys groups groupbuy_01k3w0
    """
    from regulars.cli import offer_screens as screens
    from regulars.offer import group_buys as room
    from regulars.offer.group_buys.exports import groups_table

    with asked(shop, lang) as ask:
        with ask.house.records.reading() as uow:
            found = room.groups(uow, ask.shop.shop_id, offer, limit=100_000 if csv else limit)
        ask.give(
            {"items": found, "next": None},
            as_json,
            lambda out: screens.groups(out, found),
            csv,
            lambda: table_lines(groups_table(found)),
        )


@app.command()
def group(
    group_id: Annotated[str, typer.Argument(metavar="GROUP", help="The group's id.")],
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """One group with its members.

    Example: regulars group-buys group g-771
    """
    from regulars.cli import offer_screens as screens
    from regulars.offer import group_buys as room

    with asked(shop, lang) as ask:
        with ask.house.records.reading() as uow:
            found = room.group(uow, ask.shop.shop_id, group_id)
        ask.give(found, as_json, lambda out: screens.members(out, found))


@app.command()
def refunds(
    every: Annotated[bool, typer.Option("--every", help="Also those that were given back.")] = False,
    done: Annotated[str, typer.Option("--done", metavar="REFUND", help="This one has been given back.")] = "",
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """Payments of groups that are to be given back.

    Example: regulars group-buys refunds --csv refunds.csv
    """
    from regulars.cli import offer_screens as screens
    from regulars.offer import group_buys as room
    from regulars.offer.group_buys.exports import refunds_table

    with asked(shop, lang) as ask:
        with ask.house.records.unit() as uow:
            if done:
                room.refunded(uow, ask.shop.shop_id, done)
            found = room.refunds(uow, ask.shop.shop_id, due=not every)
        ask.give(
            {"items": found, "next": None},
            as_json,
            lambda out: screens.refunds(out, found),
            csv,
            lambda: table_lines(refunds_table(found)),
        )


@app.command()
def make(
    product: Annotated[str, typer.Argument(metavar="PRODUCT", help="The product's number.")],
    name: Annotated[str, typer.Option("--name", help="What people call the offer.")],
    price: Annotated[str, typer.Option("--price", help="For each member, in the shop's currency.")],
    size: Annotated[int, typer.Option("--size", min=2, help="Members who must have paid.")],
    begins: Annotated[str, typer.Option("--begins", metavar="TIME", help="2026-11-11T00:00 on the shop's clock.")],
    ends: Annotated[str, typer.Option("--ends", metavar="TIME", help="When no more groups open.")],
    usual: Annotated[str, typer.Option("--usual-price", help="The price it is compared with.")] = "",
    window: Annotated[int, typer.Option("--window", min=60, help="Seconds from the leader's payment to the deadline.")] = 86_400,
    hold: Annotated[int, typer.Option("--hold", min=1, help="Seconds a seat is held unpaid.")] = 600,
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Offer a product at a group's price.

    Example: regulars group-buys make longjing-100 --name "Three for tea" --price 88 --size 3 --begins 2026-11-11T00:00 --ends 2026-11-18T00:00
    """
    from regulars.cli import offer_screens as screens
    from regulars.offer import group_buys as room

    with asked(shop, lang) as ask:
        with ask.house.records.unit() as uow:
            made = room.arrange(
                uow, shell(ask), ask.shop, name=name, product_id=product, price_minor=minor(ask, "--price", price), size=size,
                starts_at=instant(ask, "--begins", begins), ends_at=instant(ask, "--ends", ends), window_s=window, pay_ttl_s=hold,
                list_price_minor=minor(ask, "--usual-price", usual) if usual else None,
            )  # fmt: skip
        ask.give(made, as_json, lambda out: screens.group_buys(out, [made]))


@app.command()
def end(offer: OfferId, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Let no more groups open; open ones go on to their own deadline.

    Example: regulars group-buys end groupbuy_01k3w0
    """
    from regulars.cli import offer_screens as screens
    from regulars.offer import group_buys as room

    with asked(shop, lang) as ask:
        with ask.house.records.unit() as uow:
            made = room.end(uow, shell(ask), ask.shop.shop_id, offer)
        ask.give(made, as_json, lambda out: screens.group_buys(out, [made]))
