"""How DuckDB is written to and opened: names, texts and types in its SQL, and a connection with the house's settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from regulars.warehouse.specs import TableSpec

#: Rows that DuckDB keeps and compresses together.
_ROW_GROUP = 122_880
_TYPES = {
    "string": "VARCHAR",
    "int64": "BIGINT",
    "int32": "INTEGER",
    "float64": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp(6)": "TIMESTAMP",
}


def quote(identifier: str) -> str:
    """An identifier, safe inside SQL text."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string literal, safe inside SQL text."""
    return "'" + text.replace("'", "''") + "'"


def column_type(ibis_type: str) -> str:
    """An Ibis type name (`!` marks what may not be null) as a DuckDB type."""
    name = ibis_type.lstrip("!")
    return _TYPES.get(name) or name.upper()


def told(table: TableSpec, alias: str, column: str) -> str:
    """A column as the row's source told it: a customer by the name it had before merges."""
    if column == "customer_id" and "named_as" in table.columns:
        return f"coalesce({alias}.named_as, {alias}.customer_id)"
    return f"{alias}.{quote(column)}"


def by_row_groups(rows: pa.Table) -> list[pa.Table]:
    """The same rows, those that fill row groups first, cut so that no thread leaves one half filled: it would be written again."""
    whole = rows.num_rows // _ROW_GROUP * _ROW_GROUP
    if not whole:
        return [rows]
    cut = pa.Table.from_batches(rows.combine_chunks().to_batches(max_chunksize=_ROW_GROUP), rows.schema)
    return [cut.slice(0, whole), cut.slice(whole)] if whole < rows.num_rows else [cut]


def connect(
    path: str, *, memory_limit: str | None = None, threads: int | None = None, temp: Path | None = None, read_only: bool = False
) -> duckdb.DuckDBPyConnection:
    """A connection with the house's settings: no downloads, UTC, bounded memory."""
    config: dict[str, Any] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "preserve_insertion_order": "false",
    }
    if memory_limit:
        config["memory_limit"] = memory_limit
    if threads:
        config["threads"] = str(threads)
    if temp:
        config["temp_directory"] = str(temp)
    connection = duckdb.connect(path, read_only=read_only, config=config)
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    return connection
