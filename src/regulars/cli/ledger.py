"""`regulars ledger`: customers' points and tiers, the programme in numbers, and counting it all from the journal anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from regulars.cli.show import AsJson, Lang, Limit, ShopId, asked, one_of

if TYPE_CHECKING:
    from regulars.cli.show import Ask

app = typer.Typer(no_args_is_help=True, help="Points and tiers of customers.", epilog="Example: regulars ledger balance 17850")

Customer = Annotated[str, typer.Argument(help="The customer.")]
Currency = Annotated[str, typer.Option("--currency", help="Which points, where the shop has several kinds.")]
_REASONS = ("goodwill", "complaint", "mistake", "missing", "abuse", "other")


@app.command()
def overview(currency: Currency = "points", shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """What is owed, earned, spent and lapses, month by month.

    Example: regulars ledger overview
    """
    from regulars.cli import ledger_screens as screens
    from regulars.offer import loyalty

    with asked(shop, lang) as ask:
        with ask.house.records.reading() as uow:
            found = loyalty.points_overview(uow, ask.shop, currency)
        ask.give(found, as_json, lambda out: screens.overview(out, found))


@app.command()
def balance(customer: Customer, currency: Currency = "points", shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """What a customer has, what is pending, and what lapses next.

    Example: regulars ledger balance 17850
    """
    from regulars.cli import ledger_screens as screens
    from regulars.offer import loyalty

    with asked(shop, lang) as ask:
        who = _who(ask, customer)
        with ask.house.records.reading() as uow:
            found = loyalty.balance(uow, ask.shop, who, currency)
        ask.give(found, as_json, lambda out: screens.balance(out, found))


@app.command()
def statement(
    customer: Customer, currency: Currency = "points", limit: Limit = 50, shop: ShopId = "", lang: Lang = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Every act of a customer's points, the newest first, with the balance after it.

    Example: regulars ledger statement 17850 --limit 20
    """
    from regulars.cli import ledger_screens as screens
    from regulars.offer import loyalty

    with asked(shop, lang) as ask:
        who = _who(ask, customer)
        with ask.house.records.reading() as uow:
            found = loyalty.statement(uow, ask.shop, who, currency, limit=limit)
        ask.give(found, as_json, lambda out: screens.statement(out, found))


@app.command()
def tier(customer: Customer, shop: ShopId = "", lang: Lang = "", as_json: AsJson = False) -> None:
    """Which tier a customer has, what is missing to rise, and what to keep it.

    Example: regulars ledger tier 17850
    """
    from regulars.cli import ledger_screens as screens
    from regulars.offer import loyalty

    with asked(shop, lang) as ask:
        who = _who(ask, customer)
        with ask.house.records.reading() as uow:
            found = loyalty.membership(uow, ask.shop, who)
        ask.give(found, as_json, lambda out: screens.tier(out, found))


@app.command(context_settings={"ignore_unknown_options": True})  # so that -200 is a number
def correct(
    customer: Customer,
    points: Annotated[int, typer.Argument(help="How many to give; negative to take. Taking stops at zero.")],
    reason: Annotated[str, typer.Option("--reason", help="goodwill, complaint, mistake, missing, abuse or other.")] = "goodwill",
    note: Annotated[str, typer.Option("--note", help="A few words for colleagues.")] = "",
    currency: Currency = "points", shop: ShopId = "", lang: Lang = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Give or take points by hand; large amounts wait for an operator's approval.

    Example: regulars ledger correct 17850 200 --reason goodwill
    """
    from regulars.access import Caller
    from regulars.cli import ledger_screens as screens
    from regulars.offer import loyalty

    one_of("--reason", reason, _REASONS)
    with asked(shop, lang) as ask:
        who = _who(ask, customer)
        shell = Caller.system("shell", ask.house.keyring)
        with ask.house.records.unit() as uow:
            made = loyalty.correct(uow, shell, ask.shop, who, points, reason, note=note, currency_id=currency)
        ask.give(made, as_json, lambda out: screens.corrected(out, made))


@app.command()
def rebuild(
    only_compare: Annotated[bool, typer.Option("--only-compare", help="Say what differs and change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Count every balance and lot of every shop from the journal anew, and mend what differs.

    Example: regulars ledger rebuild --only-compare
    """
    from regulars.cli import doors
    from regulars.offer import loyalty

    with doors.opened() as house:
        found = loyalty.rebuild(house.records, only_compare=only_compare)
    if as_json:
        doors.print_json(found)
    else:
        print(f"accounts     {found.accounts:,}")
        print(f"acts         {found.acts:,}")
        print(f"entries      {found.entries:,}")
        print(f"differences  {len(found.differences):,}{' (mended)' if found.differences and found.written else ''}")
        for one in found.differences[:20]:
            print(f"account {one.account_id}: {one.what} was {one.kept}, the journal makes it {one.counted}")
    if found.differences and not found.written:
        raise typer.Exit(1)


def _who(ask: Ask, customer: str) -> str:
    from regulars.offer import loyalty

    with ask.house.records.reading() as uow:
        return str(loyalty.owner_of(uow, ask.house.keyring, ask.shop.shop_id, customer))
