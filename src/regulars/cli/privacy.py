"""`regulars privacy`: one customer's copy and erasure, erasures after a restore, retention, and another master key."""

from __future__ import annotations

from typing import Annotated

import typer

from regulars.cli.doors import shell

app = typer.Typer(help="Personal data: copies, erasures, retention, keys.", no_args_is_help=True)

CustomerId = Annotated[str, typer.Argument(help="The customer's id.")]
ShopId = Annotated[str, typer.Option("--shop", help="Which shop, where there are several.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the API's object.")]


@app.command()
def export(
    customer_id: CustomerId,
    to: Annotated[str, typer.Option("--to", metavar="FILE", help="The file to write.")] = "customer.zip",
    shop: ShopId = "",
) -> None:
    """Everything about one customer from both stores, as JSON and CSV in one file.

    Example: regulars privacy export 17850 --to 17850.zip
    """
    from regulars.cli.doors import opened, path, the_shop
    from regulars.guard import privacy

    with opened() as house:
        of = the_shop(house, shop or None)
        with house.records.unit() as uow:
            answer = privacy.export_customer(uow, house.warehouse, shell(house), of.shop_id, customer_id)
        target = path(to)
        target.write_bytes(privacy.as_zip(answer))
    print(f"wrote {target}")


@app.command()
def erase(
    customer_id: CustomerId,
    sure: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    shop: ShopId = "",
    as_json: AsJson = False,
) -> None:
    """Forget one customer for ever; what remains is a certificate that names nobody.

    Example: regulars privacy erase 17850 --yes
    """
    from regulars.cli.doors import opened, print_json, the_shop
    from regulars.errors import InvalidInput
    from regulars.guard import privacy

    if not sure:
        raise InvalidInput("an erasure cannot be taken back", mend="give --yes when you are sure")
    with opened() as house:
        of = the_shop(house, shop or None)
        certificate = privacy.erase(house.records, house.warehouse, house.home, shell(house), of.shop_id, customer_id)
        if certificate.overwritten_at is None and privacy.finish_overwriting(house.records, house.warehouse):
            certificate = privacy.erase(house.records, house.warehouse, house.home, shell(house), of.shop_id, customer_id)
    if as_json:
        print_json(certificate)
    else:
        print(f"erased: certificate {certificate.erasure_id}, {sum(certificate.rows.values()):,} rows")


@app.command("replay-erasures")
def replay_erasures(
    listed: Annotated[str, typer.Argument(metavar="FILE", help="The list kept with the backup: erasures.jsonl.")] = "",
) -> None:
    """After a backup was put back: erase again whoever was erased since it was made.

    Example: regulars privacy replay-erasures /backup/erasures.jsonl
    """
    from regulars.cli.doors import opened, path
    from regulars.guard import privacy

    with opened() as house:
        file = path(listed) if listed else house.home / privacy.ERASURE_LIST
        again = privacy.replay_erasures(
            house.records, house.warehouse, house.home, shell(house), list(privacy.read_erasure_list(file))
        )
    print(f"erased again: {again}")


@app.command()
def expire(shop: ShopId = "", as_json: AsJson = False) -> None:
    """Delete now what is past its retention time; the server does so once a day.

    Example: regulars privacy expire
    """
    from regulars.cli.doors import opened, print_json, the_shop
    from regulars.guard import privacy

    with opened() as house:
        run = privacy.expire(house.records, house.warehouse, house.home, the_shop(house, shop or None).shop_id)
    if as_json:
        print_json(run)
    else:
        for name, stores in run.deleted.items():
            print(f"{name}: " + ", ".join(f"{count:,} in {store}" for store, count in stores.items()))
        if not run.deleted:
            print("nothing is past its time")


@app.command("rotate-key")
def rotate_key() -> None:
    """Change the master key and seal people anew; stop the server first. Pseudonyms and look-ups stay what they are.

    Example: regulars privacy rotate-key
    """
    from regulars.cli.doors import opened
    from regulars.cli.running import visit
    from regulars.errors import Conflict
    from regulars.guard import privacy

    if visit.get() is not None:
        raise Conflict("the server uses the master key", mend="stop `regulars serve`, then change the key")
    with opened() as house:
        done = privacy.rotate_key(house.records, house.home, shell(house))
    print(f"sealed anew: {done.customer_keys:,} customers, {done.texts:,} texts, {done.operators:,} operators")
    if done.in_environment:
        print("put the new key into REGULARS_MASTER_KEY before anything else is started")


@app.callback()
def personal() -> None:
    """Personal data."""
