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
        print(f"jobs done: {house.work_off()}")


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
