"""Ibis expressions of identity: when an id was first seen, and rows that do not agree with what their ids resolve to."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

if TYPE_CHECKING:
    from regulars.warehouse import Warehouse

_TIMES = {"orders": "ordered_at", "events": "timestamp", "customers": "registered_at", "reviews": "reviewed_at"}


def told(table: ir.Table, columns: tuple[str, ...]) -> ir.StringValue:
    """The id a row was told under."""
    return ibis.coalesce(*(table[column] for column in columns))


def first_seen(warehouse: Warehouse, shop_id: str, one: str) -> datetime | None:
    """When orders, events or the list of customers first tell of an id; naive UTC, the year 9999 where they do without a time."""
    seen = []
    for name, time in _TIMES.items():
        table, columns = warehouse.table(name), warehouse.tables()[name].told
        mine = table.filter(table.shop_id == shop_id, _any_is(table, columns, one))
        row = warehouse.rows(mine.aggregate(rows=mine.count(), at=mine[time].min()))[0]
        if row["rows"]:
            seen.append(row["at"] or datetime(9999, 1, 1))  # noqa: DTZ001 (the warehouse's times carry no zone)
    return min(seen, default=None)


def moved(table: ir.Table, shop_id: str, columns: tuple[str, ...]) -> ir.Table:
    """The ids whose rows belong to another customer than themselves, with that customer."""
    rows = table.filter(table.shop_id == shop_id)
    rows = rows.select(told=told(rows, columns), customer_id=rows.customer_id)
    return rows.filter(rows.told.notnull(), rows.told != rows.customer_id).distinct()


def unmoved(table: ir.Table, shop_id: str, columns: tuple[str, ...], ids: list[str]) -> ir.Table:
    """Those of the ids that have rows which still belong to themselves."""
    rows = table.filter(table.shop_id == shop_id)
    rows = rows.select(told=told(rows, columns), customer_id=rows.customer_id)
    return rows.filter(rows.told == rows.customer_id, rows.told.isin(ids)).select("told").distinct()


def _any_is(table: ir.Table, columns: tuple[str, ...], one: str) -> ir.BooleanValue:
    wanted: ir.BooleanValue = ibis.literal(False)
    for column in columns:
        wanted = wanted | (table[column] == one)
    return wanted
