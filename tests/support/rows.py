"""Rows of warehouse tables of which a test names only what matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from regulars.warehouse import TABLES, Warehouse
from regulars.warehouse.arrow import arrow_schema

_EMPTY = {"string": "", "boolean": False, "timestamp(6)": datetime(2026, 3, 1), "float64": 0.0}


def put(warehouse: Warehouse, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Append rows; columns that may be null are null unless told, the others empty or 0."""
    columns = TABLES[table].columns
    empty = {name: _nothing(kind) for name, kind in columns.items()}
    warehouse.append(table, pa.Table.from_pylist([empty | dict(row) for row in rows], schema=arrow_schema(TABLES[table])))


def _nothing(kind: str) -> Any:
    if not kind.startswith("!"):
        return None
    return _EMPTY.get(kind[1:], Decimal(0) if kind.startswith("!decimal") else 0)
