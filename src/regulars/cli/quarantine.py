"""`regulars quarantine`: messages that were put aside are looked at, sent again or discarded."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="Repair messages that were put aside; list them with `regulars show quarantine`.", no_args_is_help=True)

Shop = Annotated[str, typer.Option("--shop", help="The shop, where there are several.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, as the API answers.")]
Number = Annotated[str, typer.Argument(help="The message, by its number in `regulars show quarantine`.")]
File = Annotated[str | None, typer.Option("--file", help="A JSON file with the corrected message or delivery.")]


@app.command()
def check(quarantine_id: Number, file: File = None, shop: Shop = "", as_json: Json = False) -> None:
    """Would it be taken now: as it came, or as corrected?

    Example: regulars quarantine check q_ec757dcea32c9264180a3fbc --file corrected.json
    """
    from regulars.access import Caller
    from regulars.cli import doors
    from regulars.collect.track import repair

    with doors.opened() as house:
        found = doors.the_shop(house, shop or None)
        caller = Caller.system("shell", house.keyring)
        verdict = repair.check_one(house.records, caller, found, quarantine_id, _read(file))
    if as_json:
        doors.print_json(verdict)
    elif verdict.ok:
        print(f"it would be taken as {verdict.event or '-'}")
    else:
        detail = f" ({verdict.detail})" if verdict.detail else ""
        print(f"it would be put aside again: {verdict.says}{detail}; {verdict.mend}")
    raise typer.Exit(0 if verdict.ok else 1)


@app.command()
def replay(
    quarantine_id: Annotated[str, typer.Argument(help="One message; without it all that pass now.")] = "",
    file: File = None,
    reason: Annotated[str, typer.Option("--reason", help="Only of this reason.")] = "",
    source: Annotated[str, typer.Option("--source", help="Only of the source of this number.")] = "",
    shop: Shop = "",
    as_json: Json = False,
) -> None:
    """Send a message again, as it came or corrected; or all that would be taken now. Deliveries of platforms are read anew.

    Example: regulars quarantine replay --reason bad_payload
    """
    from regulars.access import Caller
    from regulars.cli import doors
    from regulars.collect.track import repair

    with doors.opened() as house:
        found = doors.the_shop(house, shop or None)
        caller, send = Caller.system("shell", house.keyring), repair.sender(house.journal, found)
        if quarantine_id:
            with house.records.unit() as uow:
                one = repair.replay_one(house.records, uow, caller, found, quarantine_id, _read(file), send)
            doors.print_json(one) if as_json else print(f"sent again: {one.quarantine_id}")
        else:
            many = repair.replay_many(house.records, caller, found, send, reason=reason or None, source_id=source or None)
            doors.print_json(many) if as_json else print(f"{many.replayed:,} sent again, {many.still_refused:,} stay")
        house.loader.run_once()


@app.command()
def discard(quarantine_id: Number, shop: Shop = "") -> None:
    """Say that a message is not to be repaired; its content is destroyed.

    Example: regulars quarantine discard q_ec757dcea32c9264180a3fbc
    """
    from regulars.access import Caller
    from regulars.cli import doors
    from regulars.collect.track import quarantine

    with doors.opened() as house:
        found = doors.the_shop(house, shop or None)
        with house.records.unit() as uow:
            quarantine.discard(uow, Caller.system("shell", house.keyring), found.shop_id, quarantine_id)
    print("discarded")


def _read(file: str | None) -> dict[str, object] | None:
    from regulars.cli.doors import file_text
    from regulars.collect.track import repair

    return repair.read(file_text(file)) if file else None
