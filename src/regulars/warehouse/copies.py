"""Copies of the warehouse in a folder of Parquet, for a cluster that answers reports."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from regulars.errors import InvalidInput, Unavailable
from regulars.warehouse import TABLES, Warehouse
from regulars.warehouse.engines.duckdb import DuckDB
from regulars.warehouse.engines.duckdb_copy import Copied, copy
from regulars.warehouse.engines.table_folder import TableFolder

__all__ = ["Copied", "copy_to", "counted", "folder_of"]


def copy_to(warehouse: Warehouse, folder: Path, *, clean: bool = False) -> list[Copied]:
    """Bring a folder of Parquet to what the warehouse holds now; see `engines.duckdb_copy`.

    Files that no longer count are removed: those of the last hour only with `clean`, as somebody may read them still.
    """
    if not isinstance(warehouse.engine, DuckDB):
        raise InvalidInput("only a DuckDB warehouse is copied", mend="run the command where the shop's own warehouse is")
    tables = TableFolder(folder)
    done = copy(warehouse.engine, tables, TABLES)
    tables.clean(at_once=clean)
    return done


def counted(copied: list[Copied], url: str) -> None:
    """Let the engine behind `url` count what was copied.

    Raises
    ------
    Unavailable : a table has another number of rows there.
    """
    there = Warehouse.open(url, create=False)
    try:
        for one in copied:
            rows = there.value(there.table(one.table).count())
            if rows != one.rows:
                raise Unavailable(
                    f"{url.split('?')[0]} counts {rows:,} rows in {one.table}, the warehouse has {one.rows:,}",
                    mend="see that all machines of the cluster have the folder mounted under this path",
                    code="copy_differs",
                )
    finally:
        there.close()


def folder_of(target: str, here: Path) -> Path:
    """The folder that a Spark URL, a file URL or a path means."""
    parts = urlsplit(target)
    match parts.scheme:
        case "spark" | "spark+local":
            from regulars.warehouse.engines.spark_sessions import Address

            return Address.parse(target).folder
        case "file":
            return Path(unquote(parts.path))
        case "":
            return here / Path(target).expanduser()
        case scheme:
            raise InvalidInput(
                f"a copy cannot be written to '{scheme}:'",
                mend="name a folder, or spark://host:7077/path/of/the/folder; to a store of objects, copy the folder with its own tool",
                code="bad_copy_target",
            )
