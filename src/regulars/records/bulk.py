"""Many rows written at once: to PostgreSQL as one statement with all of them in a JSON text, to SQLite row by row, which costs nothing there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, TextClause, Update, bindparam, insert, text, update
from sqlalchemy.dialects import postgresql

from regulars.records.columns import Json

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_encode = msgspec.json.Encoder().encode
Row = Mapping[str, Any]


def insert_many(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add rows that name the same columns."""
    if not rows:
        return
    if connection.dialect.name != "postgresql" or len(rows) == 1:
        connection.execute(insert(table), rows)
    else:
        connection.execute(_insertion(table, tuple(rows[0])), {"rows": _as_text(table, rows)})


def update_many(connection: Connection, table: Table, keys: tuple[str, ...], rows: Sequence[Row]) -> None:
    """Change rows, each found by its `keys`, to the other values it names; all of them name the same columns."""
    if not rows:
        return
    names = tuple(rows[0])
    if connection.dialect.name != "postgresql" or len(rows) == 1:
        found = [{f"key_{name}" if name in keys else name: value for name, value in row.items()} for row in rows]
        connection.execute(_change(table, keys, names), found)
    else:
        connection.execute(_changes(table, keys, names), {"rows": _as_text(table, rows)})


def _as_text(table: Table, rows: Sequence[Row]) -> str:
    kinds = {name: kind for name in rows[0] if isinstance(kind := table.c[name].type, Json)}
    if kinds:
        rows = [{**row, **{name: kind.process_bind_param(row[name], _DIALECT) for name, kind in kinds.items()}} for row in rows]
    return _encode(rows).decode()


@cache
def _insertion(table: Table, names: tuple[str, ...]) -> TextClause:
    columns = ", ".join(f'"{name}"' for name in names)
    return text(f'INSERT INTO "{table.name}" ({columns}) SELECT {columns} FROM {_recordset(table, names)}')


@cache
def _changes(table: Table, keys: tuple[str, ...], names: tuple[str, ...]) -> TextClause:
    values = ", ".join(f'"{name}" = r."{name}"' for name in names if name not in keys)
    found = " AND ".join(f't."{name}" = r."{name}"' for name in keys)
    return text(f'UPDATE "{table.name}" AS t SET {values} FROM {_recordset(table, names)} WHERE {found}')


@cache
def _change(table: Table, keys: tuple[str, ...], names: tuple[str, ...]) -> Update:
    found = [table.c[name] == bindparam(f"key_{name}") for name in keys]
    return update(table).where(*found).values({name: bindparam(name) for name in names if name not in keys})


def _recordset(table: Table, names: tuple[str, ...]) -> str:
    kinds = ", ".join(f'"{name}" {table.c[name].type.compile(_DIALECT)}' for name in names)
    return f"json_to_recordset(CAST(:rows AS json)) AS r({kinds})"
