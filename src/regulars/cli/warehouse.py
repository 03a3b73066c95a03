"""`regulars warehouse`: care of the analytical store."""

from __future__ import annotations

import typer

app = typer.Typer(help="Care of the analytical store.", no_args_is_help=True)


@app.command()
def rebuild() -> None:
    """Make the warehouse anew from the archive of loads and the told events; the old file stays until the new one is whole.

    Example: regulars warehouse rebuild
    """
    from regulars.app import rebuild_warehouse
    from regulars.cli.doors import set_up_logging
    from regulars.settings import Settings

    settings = Settings.load()
    set_up_logging(settings)
    loads, rows = rebuild_warehouse(settings)
    print(f"rebuilt from {loads} loads: {rows:,} rows")


@app.callback()
def warehouse() -> None:
    """The analytical store."""
