"""`regulars connect`: let a platform's webhooks, a database or a stream be read from now on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from regulars.collect.platforms.wishes import DryRun, Wish

app = typer.Typer(help="Connect the shop's platform, its database or its stream.", no_args_is_help=True)

Shop = Annotated[str | None, typer.Option("--shop", help="The shop, where there are several.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, as the API answers.")]


@app.command()
def webhook(
    name: Annotated[str, typer.Argument(help="What the source is called.")],
    platform: Annotated[str, typer.Option(help="shopify, woocommerce or webhook (Standard Webhooks).")],
    secret_file: Annotated[str | None, typer.Option(help="A file with the secret the platform signs with.")] = None,
    mapping: Annotated[str | None, typer.Option(help="A JSON file that says where the fields stand (webhook only).")] = None,
    domain: Annotated[str | None, typer.Option(help="The storefront's domain, for the pages of products.")] = None,
    shop: Shop = None,
    json: Json = False,
) -> None:
    """Make an address for a platform's webhooks; a secret that is made here is told once.

    Example: regulars connect webhook "Tea House" --platform woocommerce
    """
    from regulars.access import Caller
    from regulars.cli import doors
    from regulars.collect.platforms import sources
    from regulars.web.bodies import strict_json

    with doors.opened() as house:
        found = doors.the_shop(house, shop)
        with house.records.unit() as uow:
            made = sources.add(
                uow,
                Caller.system("shell", house.keyring),
                shop_id=found.shop_id,
                name=name,
                platform=platform,
                secret=doors.file_text(secret_file).strip() if secret_file else None,
                domain=domain,
                mapping=strict_json(doors.file_text(mapping).encode()) if mapping else None,
            )
    if json:
        doors.print_json(made)
        return
    print(f"address: {made.source.path}   (on this installation's own address)")
    if not secret_file:
        print(f"secret:  {made.secret}   (told this once)")


@app.command()
def sql(
    name: Annotated[str, typer.Argument(help="What the connector is called.")],
    query: Annotated[str, typer.Option(help="One SELECT.")],
    cursor: Annotated[str, typer.Option(help="The column that only grows: a number, or the time of the last change.")],
    url: Annotated[str | None, typer.Option(help="The database; with a password, rather give --url-file.")] = None,
    url_file: Annotated[str | None, typer.Option(help="A file with the database's address.")] = None,
    takes: Annotated[str, typer.Option(help="orders, customers, products or events.")] = "orders",
    maps: Annotated[list[str] | None, typer.Option("--map", help="field=column; once for each.")] = None,
    status: Annotated[list[str] | None, typer.Option(help="What a status word means: shipped=placed; once for each.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Zone of times without an offset; by default the shop's.")] = None,
    currency: Annotated[str | None, typer.Option(help="Of amounts without a currency; by default the shop's.")] = None,
    every: Annotated[int, typer.Option(help="Minutes between runs.")] = 15,
    batch: Annotated[int, typer.Option(help="Rows read at once.")] = 2000,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would come.")] = False,
    shop: Shop = None,
    json: Json = False,
) -> None:
    """Read orders (or customers, products, events) from a database, now and every few minutes.

    Example: regulars connect sql shop-db --url-file db.txt --query "SELECT * FROM orders" --cursor updated_at --dry-run
    """
    from regulars.cli import doors
    from regulars.collect.platforms import wishes
    from regulars.errors import InvalidInput

    if (url is None) == (url_file is None):
        raise InvalidInput(
            "the database's address is missing", mend="give --url or --url-file, one of them", code="bad_database_url"
        )
    wish = wishes.Wish(
        name=name,
        takes=takes,
        url=url if url is not None else doors.file_text(url_file or "").strip(),
        query=query,
        cursor_column=cursor,
        mapping=_pairs("--map", maps or []),
        statuses=_pairs("--status", status or []),
        timezone=timezone,
        currency=currency,
        every_minutes=every,
        batch_rows=batch,
    )
    _connect(wish, shop, dry_run=dry_run, as_json=json)


@app.command()
def stream(
    name: Annotated[str, typer.Argument(help="What the connection is called.")],
    url: Annotated[str | None, typer.Option(help="The stream; with a password, rather give --url-file.")] = None,
    url_file: Annotated[str | None, typer.Option(help="A file with the stream's address.")] = None,
    batch: Annotated[int, typer.Option(help="Messages read at once.")] = 2000,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would come.")] = False,
    shop: Shop = None,
    json: Json = False,
) -> None:
    """Read messages in Segment form from a stream of NATS JetStream or a topic of Kafka, for as long as the server runs.

    Example: regulars connect stream shop-events --url kafka://localhost:9092/events --dry-run
    """
    from regulars.cli import doors
    from regulars.collect.platforms import wishes
    from regulars.errors import InvalidInput

    if (url is None) == (url_file is None):
        raise InvalidInput("the stream's address is missing", mend="give --url or --url-file, one of them", code="bad_stream_url")
    address = url if url is not None else doors.file_text(url_file or "").strip()
    wish = wishes.Wish(name=name, takes="stream", url=address, batch_rows=batch)
    _connect(wish, shop, dry_run=dry_run, as_json=json)


def _connect(wish: Wish, shop: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Make the connector that is wished for, or tell what it would bring."""
    from regulars.access import Caller
    from regulars.cli import doors
    from regulars.collect.platforms import connectors, wishes

    with doors.opened() as house:
        found = doors.the_shop(house, shop)
        caller = Caller.system("shell", house.keyring)
        if dry_run:
            trial = wishes.dry_run(house.records, house.home, caller, found, wish)
            doors.print_json(trial) if as_json else _say_trial(trial)
            return
        with house.records.unit() as uow:
            made = connectors.add(uow, house.records, house.home, caller, found, wish)
    if as_json:
        doors.print_json(made)
    elif made.takes == "stream":
        print(f"{made.connector_id} reads {made.place} while the server runs")
    else:
        print(f"{made.connector_id} reads {made.takes} from {made.place} every {made.every_minutes} minutes")


@app.command("list")
def list_(shop: Shop = None, json: Json = False) -> None:
    """What is connected, and how it went.

    Example: regulars connect list
    """
    from regulars.access import Caller
    from regulars.cli import doors
    from regulars.collect.platforms import connectors, sources

    with doors.opened() as house:
        found = doors.the_shop(house, shop)
        caller = Caller.system("shell", house.keyring)
        with house.records.reading() as view:
            hooks = sources.list_all(view, caller, found.shop_id)
            reads = connectors.list_all(view, caller, found.shop_id)
            runs = connectors.newest_runs(view, [one.connector_id for one in reads])
    if json:
        doors.print_json({"webhook_sources": hooks, "connectors": reads, "runs": list(runs.values())})
        return
    for hook in hooks:
        print(
            f"{hook.source_id}  {hook.platform}  {hook.name}: {hook.accepted} in 7 days, {hook.quarantined} quarantined, {hook.refused} refused"
        )
    for one in reads:
        run = runs.get(one.connector_id)
        kind, unit = ("stream", "messages") if one.takes == "stream" else ("sql", "rows")
        waits = f", {one.lag} wait" if one.lag else ""
        how = f"{run.state}, {run.rows} {unit}{waits}" + (f": {run.error}" if run.error else "") if run else "never ran"
        print(f"{one.connector_id}  {kind}  {one.name} ({one.place}): {'paused' if one.paused else how}")
    if not hooks and not reads:
        print("nothing is connected; see `regulars connect --help`")


@app.command()
def run(connector_id: Annotated[str, typer.Argument(help="The connector.")], json: Json = False) -> None:
    """Run a connector now.

    Example: regulars connect run connector_01m7zsbyk3
    """
    from regulars.cli import doors
    from regulars.collect.platforms import pulling

    with doors.opened() as house:
        done = pulling.run_connector(house.records, house.home, house.keyring, connector_id)
    if json:
        doors.print_json(done)
    else:
        print(f"{done.rows:,} rows read, {done.messages:,} messages, {done.quarantined:,} put aside")


def _say_trial(trial: DryRun) -> None:
    from regulars.cli.printing import safe

    print(f"connected to {trial.place}; {trial.rows} {'rows' if trial.columns else 'messages'} looked at")
    for field, column in trial.mapping.items():
        print(f"  {field} = {safe(column)}")
    events: dict[str, int] = {}
    for message in trial.messages:
        name = str(message.get("event", message["type"]))
        events[name] = events.get(name, 0) + 1
    print("would come: " + (", ".join(f"{count} x {name}" for name, count in events.items()) or "nothing"))
    for problem in trial.problems:
        print(f"  problem: {safe(problem)}")


def _pairs(option: str, given: list[str]) -> dict[str, str]:
    from regulars.errors import InvalidInput

    found = {}
    for pair in given:
        name, mark, value = pair.partition("=")
        if not mark or not name.strip():
            raise InvalidInput(f"{option} {pair} is not name=value", mend=f"write {option} name=value", code="bad_option")
        found[name.strip()] = value.strip()
    return found
