"""`regulars rates`: what other currencies are worth in the shop's own, and what waits for a rate."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

app = typer.Typer(help="Exchange rates for orders in other currencies.", no_args_is_help=True)

Shop = Annotated[str, typer.Option("--shop", help="The shop, where there are several.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, as the API answers.")]


@app.command("list")
def list_(shop: Shop = "", as_json: Json = False) -> None:
    """Every rate, and the orders that wait for one.

    Example: regulars rates list
    """
    from regulars.cli import doors
    from regulars.collect.orders import rates
    from regulars.collect.orders.api import CurrencyRates

    with doors.opened() as house:
        found = doors.the_shop(house, shop or None)
        with house.records.reading() as uow:
            told = rates.told_rates(uow, found.shop_id)
        waiting = rates.waiting_orders(house.warehouse, found)
    if as_json:
        doors.print_json(CurrencyRates(rates=told, waiting=waiting))
        return
    for one in told:
        print(f"{one.currency}  from {one.from_on}  {one.rate:f} {found.currency}")
    for wait in waiting:
        print(f"{wait.currency}  {wait.orders:,} orders wait for a rate, {wait.first_at:%Y-%m-%d} to {wait.last_at:%Y-%m-%d}")
    if not told and not waiting:
        print("no rate is told and no order waits for one")


@app.command("set")
def set_(
    currency: Annotated[str, typer.Argument(help="ISO 4217 code, such as USD.")],
    rate: Annotated[str, typer.Argument(help="What one unit is worth in the shop's currency, such as 7.1034.")],
    from_on: Annotated[str, typer.Option("--from", help="The first day it holds, such as 2026-01-01.")],
    shop: Shop = "",
    as_json: Json = False,
) -> None:
    """Tell a rate; orders that waited for it are taken.

    Example: regulars rates set USD 7.1034 --from 2026-01-01
    """
    from regulars.access import Caller
    from regulars.cli import doors
    from regulars.collect.orders import rates

    with doors.opened() as house:
        found = doors.the_shop(house, shop or None)
        with house.records.unit() as uow:
            caller = Caller.system("shell", house.keyring)
            told = rates.tell_rate(uow, caller, found, currency=currency, rate=rate, from_on=_day(from_on))
    if as_json:
        doors.print_json(told)
    else:
        print(f"from {told.from_on} one {told.currency} is {told.rate:f} {found.currency}; the worker takes what waited for it")


@app.command()
def remove(
    currency: Annotated[str, typer.Argument(help="ISO 4217 code, such as USD.")],
    from_on: Annotated[str, typer.Option("--from", help="The day the rate begins.")],
    shop: Shop = "",
) -> None:
    """Take a rate back.

    Example: regulars rates remove USD --from 2026-01-01
    """
    from regulars.access import Caller
    from regulars.cli import doors
    from regulars.collect.orders import rates

    with doors.opened() as house:
        found = doors.the_shop(house, shop or None)
        with house.records.unit() as uow:
            rates.take_back_rate(uow, Caller.system("shell", house.keyring), found, currency=currency, from_on=_day(from_on))
    print("taken back")


def _day(text: str) -> date:
    from regulars.errors import InvalidInput

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"'{text[:20]}' is not a day", mend="write it as 2026-01-01", code="bad_day") from None
