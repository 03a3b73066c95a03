"""`regulars audit`: the trail of who changed what."""

from __future__ import annotations

import typer

app = typer.Typer(help="The trail of who changed what, and the proof that nobody touched it.", no_args_is_help=True)


@app.command()
def verify(as_json: bool = typer.Option(False, "--json", help="Print the result as JSON.")) -> None:
    """Recompute the chain of hashes; name the first row that was changed, removed or put in. Exit 1 if there is one.

    Example: regulars audit verify
    """
    from regulars.access import audit
    from regulars.cli.doors import opened, print_json

    with opened() as house, house.records.reading() as view:
        result = audit.verify(view, house.keyring)
    if as_json:
        print_json(result)
    elif result.ok:
        print(f"ok: {result.entries} entries, unbroken; head {result.head.seal[:16]}")
    else:
        print(f"WRONG at entry {result.damaged_sequence}: {result.reason}")
    raise typer.Exit(0 if result.ok else 1)


@app.callback()
def trail() -> None:
    """The audit trail."""
