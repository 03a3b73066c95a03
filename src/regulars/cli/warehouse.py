"""`regulars warehouse`: care of the analytical store, and of the archive it is made from."""

from __future__ import annotations

from typing import Annotated

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


@app.command()
def copy(
    to: Annotated[str, typer.Option("--to", metavar="URL", help="A folder, or spark://host:7077/path/of/the/folder.")],
    check: Annotated[bool, typer.Option("--check", help="Let Spark count every table afterwards.")] = False,
    clean: Annotated[bool, typer.Option("--clean", help="Remove files that no longer count at once, not after an hour.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the API's object.")] = False,
) -> None:
    """Copy all tables into a folder of Parquet, partitioned by shop and day; of a copy that is there, only what differs is written.

    Example: regulars warehouse copy --to spark://10.0.0.5:7077/mnt/regulars --check
    """
    from regulars.cli import doors
    from regulars.errors import InvalidInput
    from regulars.warehouse import copies

    folder = copies.folder_of(to, doors.path("."))
    if check and not to.startswith("spark"):
        raise InvalidInput("a folder does not count", mend="give --to the address of the Spark that reads it", code="bad_option")
    with doors.opened() as house:
        copied = copies.copy_to(house.warehouse, folder, clean=clean)
    if check:
        copies.counted(copied, to)
    if as_json:
        doors.print_json({"folder": str(folder), "tables": copied})
        return
    rows, written = sum(one.rows for one in copied), sum(one.written for one in copied)
    removed = sum(one.removed for one in copied)
    print(f"copied {len(copied)} tables with {rows:,} rows into {folder}: {written} partitions written, {removed} removed")
    if check:
        print(f"Spark counts the same {rows:,} rows")


@app.callback()
def warehouse() -> None:
    """The analytical store."""
