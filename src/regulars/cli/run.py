"""`regulars run`: do now what the worker of a server does by itself."""

from __future__ import annotations

import typer

app = typer.Typer(help="Do background work now: what the worker of `regulars serve` does by itself.", no_args_is_help=True)


@app.command()
def jobs() -> None:
    """Relay waiting events and do every job that is due, then end.

    Example: regulars run jobs
    """
    from regulars.cli.doors import opened

    with opened() as house:
        print(f"jobs done: {house.work_off(unhurried=True)}")


@app.command()
def relay(again: bool = typer.Option(False, "--again", help="Also try events that were given up after repeated failures.")) -> None:
    """Hand waiting events to the warehouse and to everybody who listens.

    Example: regulars run relay --again
    """
    from regulars.cli.doors import opened

    with opened() as house:
        if again:
            house.relay.unpark()
        print(f"events relayed: {house.relay.run()}")


@app.command()
def merge(
    from_id: str = typer.Argument(help="A customer number, e-mail or phone, or a device (v_...)."),
    to_id: str = typer.Argument(help="Another one who is the same customer."),
    shop: str = typer.Option("", "--shop", help="Which shop, where there are several."),
    as_json: bool = typer.Option(False, "--json", help="Print the API's object."),
) -> None:
    """Make two ids one customer by hand; `regulars run unmerge` takes it back.

    Example: regulars run merge mei@example.com 17850
    """
    from regulars.cli import merging

    merging.decide(
        shop, as_json, lambda room, uow, house, caller, shop_id: room.merge(uow, house.warehouse, caller, shop_id, from_id, to_id)
    )


@app.command()
def unmerge(
    merge_id: str = typer.Argument(help="As `regulars show identity --json` lists it."),
    shop: str = typer.Option("", "--shop", help="Which shop, where there are several."),
    as_json: bool = typer.Option(False, "--json", help="Print the API's object."),
) -> None:
    """Take a merge back, whoever made it; it stays so until the two are merged by hand.

    Example: regulars run unmerge WyJ2Xzg0MTBkMTNkNGI2ZjQ2YTk4MzE1IiwidTE3ODUwIl0
    """
    from regulars.cli import merging

    merging.decide(shop, as_json, lambda room, uow, _house, caller, shop_id: room.undo(uow, caller, shop_id, merge_id))


@app.command()
def merges(shop: str = typer.Option("", "--shop", help="Which shop, where there are several.")) -> None:
    """Bring every row of the warehouse to the customer its ids belong to.

    Example: regulars run merges
    """
    from regulars.cli.doors import opened, the_shop
    from regulars.collect import identity

    with opened() as house:
        shop_id = the_shop(house, shop or None).shop_id
        identity.apply(house.records, house.warehouse, shop_id)
        print(f"rows changed: {identity.settle_warehouse(house.records, house.warehouse, shop_id)}")


@app.command()
def churn(
    as_of: str = typer.Option(
        "", "--as-of", metavar="DATE", help="As it was known when this local day began [default: the end of the data]."
    ),
    seed: int = typer.Option(1, "--seed", help="Same data, same seed: the same numbers."),
    shop: str = typer.Option("", "--shop", help="Which shop, where there are several."),
    lang: str = typer.Option("", "--lang", help="zh or en [default: the shell's]."),
    as_json: bool = typer.Option(False, "--json", help="Print the API's object."),
) -> None:
    """Judge every customer who is still about: chance of leaving, expected loss, level, reasons.

    Example: regulars run churn --as-of 2011-09-09
    """
    from regulars.cli import churn_screens
    from regulars.cli.show import asked, day_of
    from regulars.predict import churn as room
    from regulars.values.zones import day_start

    with asked(shop, lang) as ask:
        day = day_of("--as-of", as_of)
        moment = None if day is None else day_start(day, ask.shop.timezone)
        found = room.score(ask.house.records, ask.house.warehouse, ask.shop, as_of=moment, seed=seed)
        ask.give(found, as_json, lambda out: churn_screens.scored(out, found))


@app.command("churn-levels")
def churn_levels(
    red: str = typer.Option(
        "", "--red", metavar="AMOUNT", help="Expected loss from which a customer is red; the three go together."
    ),
    orange: str = typer.Option("", "--orange", metavar="AMOUNT"),
    yellow: str = typer.Option("", "--yellow", metavar="AMOUNT"),
    capacity: int = typer.Option(0, "--capacity", min=0, help="Customers you can deal with a day."),
    margin: float = typer.Option(0.0, "--margin", min=0, max=100, help="Margin by what customers pay, in per cent."),
    shop: str = typer.Option("", "--shop", help="Which shop, where there are several."),
    lang: str = typer.Option("", "--lang", help="zh or en [default: the shell's]."),
    as_json: bool = typer.Option(False, "--json", help="Print the API's object."),
) -> None:
    """Set where warning levels begin, and judge everybody anew; without options, tell where they begin.

    Example: regulars run churn-levels --red 400 --orange 150 --yellow 60 --capacity 100
    """
    from regulars.access import Caller
    from regulars.cli import churn_screens
    from regulars.cli.show import asked
    from regulars.predict import churn as room

    with asked(shop, lang) as ask:
        told = {"red_minor": red, "orange_minor": orange, "yellow_minor": yellow}
        changes: dict[str, object] = {name: ask.minor(amount) for name, amount in told.items() if amount}
        if capacity:
            changes["capacity"] = capacity
        if margin:
            changes["margin_share"] = margin / 100
        with ask.house.records.unit() as uow:
            if changes:
                shell = Caller.system("shell", ask.house.keyring)
                found = room.set_levels(uow, ask.house.warehouse, shell, ask.shop, changes)
            else:
                found = room.levels(uow, ask.house.warehouse, ask.shop)
        ask.give(found, as_json, lambda out: churn_screens.levels(out, found))


@app.command()
def values(
    as_of: str = typer.Option(
        "", "--as-of", metavar="DATE", help="As it was known at the start of this local day, e.g. 2011-09-09 [default: now]."
    ),
    shop: str = typer.Option("", "--shop", help="Which shop, where there are several."),
) -> None:
    """Learn what customers are expected to bring, judge it by past cut-offs, and work out everybody's value.

    Example: regulars run values --as-of 2011-09-09
    """
    from regulars.cli.doors import opened, the_shop
    from regulars.cli.show import day_of
    from regulars.predict import lifetime_value
    from regulars.values.zones import day_start

    with opened() as house:
        meant = the_shop(house, shop or None)
        day = day_of("--as-of", as_of)
        at = None if day is None else day_start(day, meant.timezone)
        print(f"customers with a value: {lifetime_value.run(house.records, house.warehouse, meant, as_of=at)}")


@app.command()
def recommend(
    shop: str = typer.Option("", "--shop", help="Which shop, where there are several."),
    lang: str = typer.Option("", "--lang", help="zh or en [default: the shell's]."),
    as_json: bool = typer.Option(False, "--json", help="Print the API's object."),
) -> None:
    """Learn what is looked at next and bought next, and judge it against plain methods on the shop's own past.

    Example: regulars run recommend
    """
    from regulars.cli import recommend_screens
    from regulars.cli.show import asked
    from regulars.serve import recommend as room

    with asked(shop, lang) as ask:
        found = room.learn_all(ask.house.records, ask.house.warehouse, ask.shop)
        ask.give(found, as_json, lambda out: recommend_screens.quality(out, found))
