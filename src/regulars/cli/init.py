"""`regulars init`: a data folder, its key, both stores, and the first shop."""

from __future__ import annotations

import typer


def init(
    shop: str = typer.Option("shop", help="Short id of the first shop (letters, digits, - and _)."),
    name: str = typer.Option("", help="The shop's name as people say it."),
    timezone: str = typer.Option("Asia/Shanghai", help="IANA zone that cuts the shop's days."),
    currency: str = typer.Option("CNY", help="ISO 4217 code of the shop's money."),
    as_json: bool = typer.Option(False, "--json", help="Print the shop as JSON."),
) -> None:
    """Create the data folder and the first shop. Running it again changes nothing.

    Example: regulars init --shop tea --name "Tea House" --timezone Asia/Shanghai --currency CNY
    """
    from regulars.access import shops
    from regulars.access.domain import Caller
    from regulars.cli.doors import opened, print_json

    with opened() as house:
        with house.records.unit() as uow:
            known = {each.shop_id: each for each in shops.list_all(uow)}
            made = known.get(shop) or shops.create(
                uow, Caller.system("shell", house.keyring), shop_id=shop, name=name or shop, timezone=timezone, currency=currency
            )
        if as_json:
            print_json(made)
            return
        print(f"{'ready' if shop in known else 'created'}: shop '{made.shop_id}' ({made.name}, {made.timezone}, {made.currency})")
        print(f"data folder: {house.home}")
        print("next: regulars load orders FILE --dry-run, then regulars serve")
