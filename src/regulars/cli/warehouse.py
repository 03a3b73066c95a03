"""`regulars warehouse`: care of the analytical store, and of the archive it is made from."""

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


@app.command()
def compact(json: bool = typer.Option(False, "--json", help="Print JSON.")) -> None:
    """Merge small files of the events archive into large ones now; a server does so every hour by itself.

    Example: regulars warehouse compact
    """
    from regulars.cli import doors
    from regulars.collect import track

    with doors.opened() as house:
        done = track.compact(house.records, house.warehouse, house.home)
    if json:
        doors.print_json(done)
        return
    print(f"{done.merged_parts:,} parts became {done.into:,}; {done.deleted_files:,} files were deleted")


@app.callback()
def warehouse() -> None:
    """The analytical store."""
