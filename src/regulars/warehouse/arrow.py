"""The warehouse's tables as Arrow schemas, for rows that are made in Python."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from regulars.warehouse.specs import TableSpec

_TYPES = {
    "string": pa.string(),
    "int64": pa.int64(),
    "int32": pa.int32(),
    "float64": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp(6)": pa.timestamp("us"),
    "date": pa.date32(),
}


def arrow_schema(table: TableSpec) -> pa.Schema:
    """The columns of a warehouse table as Arrow types; `!` marks what may not be null."""
    return pa.schema(
        [pa.field(name, _arrow_type(kind.lstrip("!")), nullable=not kind.startswith("!")) for name, kind in table.columns.items()]
    )


def arrow_rows(table: TableSpec, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows as an Arrow table with the columns of a warehouse table; what a row lacks is null."""
    return pa.Table.from_pylist([{name: row.get(name) for name in table.columns} for row in rows], schema=arrow_schema(table))


def _arrow_type(name: str) -> pa.DataType:
    if match := re.fullmatch(r"decimal\((\d+), (\d+)\)", name):
        return pa.decimal128(int(match[1]), int(match[2]))
    return _TYPES[name]
