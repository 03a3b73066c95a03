"""`regulars flash-sales`: what runs and how much of it is free, and arranging sales."""

from __future__ import annotations

from typing import Annotated

import typer

from regulars.cli.offering import instant, minor, shell
from regulars.cli.show import AsCsv, AsJson, Lang, Limit, ShopId, asked, one_of, table_lines

app = typer.Typer(
    no_args_is_help=True,
    help="Products at a price for a time, out of a stock of their own.",
    epilog="Example: regulars flash-sales list",
)

SaleId = Annotated[str, typer.Argument(metavar="SALE", help="The flash sale's id.")]


@app.command("list")
def list_(shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "") -> None:
    """Every flash sale, and how much of each is free now.

    Example: regulars flash-sales list --csv sales.csv
    """
    from regulars.cli import offer_screens as screens
    from regulars.offer import flash_sales as room
    from regulars.offer.flash_sales.exports import sales_table

    with asked(shop, lang) as ask:
        with ask.house.records.reading() as uow:
            found = room.listing(uow, ask.shop.shop_id)
        ask.give(
            {"items": found, "next": None},
            as_json,
            lambda out: screens.flash_sales(out, found),
            csv,
            lambda: table_lines(sales_table(found)),
        )


@app.command()
def reservations(
    sale: SaleId,
    status: Annotated[str, typer.Option("--status", help="reserved, sold, cancelled, expired, refund_required or refunded.")] = "",
    limit: Limit = 100, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False, csv: AsCsv = "",
) -> None:  # fmt: skip
    """Who holds or bought units of a sale, and whose money is to be given back.

    Example: regulars flash-sales reservations flash_01k3w0 --status refund_required
    """
    from typing import cast

    from regulars.cli import offer_screens as screens
    from regulars.offer import flash_sales as room
    from regulars.offer.flash_sales.exports import reservations_table

    if status:
        one_of("--status", status, room.STATES)
    with asked(shop, lang) as ask:
        with ask.house.records.reading() as uow:
            told = cast("room.State | None", status or None)
            found = room.reservations(uow, ask.shop.shop_id, sale, status=told, limit=100_000 if csv else limit)
        ask.give(
            {"items": found, "next": None},
            as_json,
            lambda out: screens.reservations(out, found),
            csv,
            lambda: table_lines(reservations_table(found)),
        )


@app.command()
def make(
    product: Annotated[str, typer.Argument(metavar="PRODUCT", help="The product's number.")],
    name: Annotated[str, typer.Option("--name", help="What people call the sale.")],
    price: Annotated[str, typer.Option("--price", help="In the shop's currency, such as 99.00.")],
    stock: Annotated[int, typer.Option("--stock", min=1, help="Units set aside for it.")],
    begins: Annotated[str, typer.Option("--begins", metavar="TIME", help="2026-11-11T20:00 on the shop's clock.")],
    ends: Annotated[str, typer.Option("--ends", metavar="TIME", help="2026-11-11T22:00 on the shop's clock.")],
    per_customer: Annotated[int, typer.Option("--per-customer", min=0, help="Units one customer may have; 0: any.")] = 0,
    usual: Annotated[str, typer.Option("--usual-price", help="The price it is compared with.")] = "",
    hold: Annotated[int, typer.Option("--hold", min=1, help="Seconds a reservation is held unpaid.")] = 900,
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Arrange a flash sale of one product.

    Example: regulars flash-sales make longjing-100 --name "Noon" --price 99 --stock 300 --begins 2026-11-11T12:00 --ends 2026-11-11T14:00
    """
    from regulars.cli import offer_screens as screens
    from regulars.offer import flash_sales as room

    with asked(shop, lang) as ask:
        with ask.house.records.unit() as uow:
            made = room.arrange(
                uow, shell(ask), ask.shop, name=name, product_id=product, price_minor=minor(ask, "--price", price), stock=stock,
                starts_at=instant(ask, "--begins", begins), ends_at=instant(ask, "--ends", ends), per_customer=per_customer or None,
                list_price_minor=minor(ask, "--usual-price", usual) if usual else None, ttl_s=hold,
            )  # fmt: skip
        ask.give(made, as_json, lambda out: screens.flash_sales(out, [made]))


@app.command()
def change(
    sale: SaleId,
    stock: Annotated[int, typer.Option("--stock", min=0, help="Another stock; 0: as it is.")] = 0,
    ends: Annotated[str, typer.Option("--ends", metavar="TIME", help="Another end, or `now`.")] = "",
    shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Change the stock or the end of a sale that is not over.

    Example: regulars flash-sales change flash_01k3w0 --ends now
    """
    from regulars.cli import offer_screens as screens
    from regulars.offer import flash_sales as room
    from regulars.values import clock

    with asked(shop, lang) as ask:
        end = None if not ends else clock.now() if ends == "now" else instant(ask, "--ends", ends)
        with ask.house.records.unit() as uow:
            made = room.change(uow, shell(ask), ask.shop.shop_id, sale, stock=stock or None, ends_at=end)
        ask.give(made, as_json, lambda out: screens.flash_sales(out, [made]))
