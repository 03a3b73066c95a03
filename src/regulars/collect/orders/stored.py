"""What files said of an order, put aside while messages speak of it too, and put back before the files speak again."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from regulars.collect.orders.domain import FROM_EVENTS, Imported, OrderFact
from regulars.collect.orders.queries import IMPORTED, SEPARATOR, of_orders
from regulars.values.answers import to_json
from regulars.warehouse.arrow import arrow_rows

if TYPE_CHECKING:
    from regulars.warehouse import Warehouse

Row = dict[str, Any]

#: Rows deleted by one statement.
_DELETED_AT_ONCE = 500
_SOURCE = "imports"
_NOT_KEPT = ("shop_id", "order_id", "customer_id")
_COPIED = ("customer_id", "ordered_at", "status")


@dataclass(slots=True)
class Known:
    """All that the warehouse holds about one order."""

    facts: list[OrderFact] = field(default_factory=list)
    before: Row | None = None  # the fact that keeps what files said
    header: Row | None = None
    lines: list[Row] = field(default_factory=list)
    refunds: list[Row] = field(default_factory=list)

    @property
    def imported(self) -> Imported | None:
        """What files said, as it was before any message."""
        booked = [row for row in self.refunds if row["load_id"] != FROM_EVENTS]
        of_files = [line for line in self.lines if line["load_id"] != FROM_EVENTS]
        if self.before is not None:
            kept = json.loads(self.before["told"])
            told = {"customer_id": self.before["customer_id"], "order_id": self.before["order_id"]}
            header = told | _read("orders", kept["header"])
            copied = {name: header[name] for name in _COPIED}
            shared = {"shop_id": self.before["shop_id"], "order_id": self.before["order_id"]}
            left = {line["line_key"] for line in of_files}
            gone = [_read("order_lines", line) for line in kept["lines"]]
            lines = [*of_files, *(line | shared for line in gone if line["line_key"] not in left)]
            return Imported(header, [line | copied for line in lines], booked)
        if self.header is None or self.header["load_id"] == FROM_EVENTS:
            return None
        return Imported(self.header, of_files, booked)


def read_known(warehouse: Warehouse, shop_id: str, order_ids: Sequence[str]) -> dict[str, Known]:
    """What is known of each of these orders."""
    known: dict[str, Known] = {order_id: Known() for order_id in order_ids}
    values = {"shop_id": shop_id, "order_ids": SEPARATOR.join(order_ids)}
    for row in warehouse.rows(of_orders("order_facts"), **values):
        order = known[row["order_id"]]
        if row["event"] == IMPORTED:
            order.before = row
        else:
            order.facts.append(OrderFact.from_row(row))
    for row in warehouse.rows(of_orders("orders"), **values):
        known[row["order_id"]].header = row
    for row in warehouse.rows(of_orders("order_lines"), **values):
        known[row["order_id"]].lines.append(row)
    for row in warehouse.rows(of_orders("refunds"), **values):
        known[row["order_id"]].refunds.append(row)
    return known


def kept_before(shop_id: str, order_id: str, imported: Imported, lines: Iterable[Row]) -> Row:
    """The fact that keeps what files said; of their lines, those that give way to the messages'."""
    standing = {line["line_key"] for line in lines if line["load_id"] != FROM_EVENTS}
    gone = [line for line in imported.lines if line["line_key"] not in standing]
    return {
        "shop_id": shop_id,
        "order_id": order_id,
        "source_id": _SOURCE,
        "message_id": order_id,
        "customer_id": imported.header["customer_id"],
        "event": IMPORTED,
        "told_at": imported.said_at.replace(tzinfo=None),
        "told": json.dumps(
            {"header": _written(imported.header), "lines": [_written(line, leaving=("ordered_at", "status")) for line in gone]},
            ensure_ascii=False,
            separators=(",", ":"),
        ),
    }


def put_back(warehouse: Warehouse, shop_id: str, order_ids: Sequence[str]) -> None:
    """Leave of these orders what files said, as if no message had told of them. The facts stay."""
    headers: list[Row] = []
    lines: list[Row] = []
    gone: dict[str, list[Row]] = defaultdict(list)
    for known in read_known(warehouse, shop_id, order_ids).values():
        imported = known.imported
        gone["order_lines"] += [line for line in known.lines if line["load_id"] == FROM_EVENTS]
        gone["refunds"] += [row for row in known.refunds if row["load_id"] == FROM_EVENTS]
        if known.before is not None:
            gone["order_facts"].append(known.before)
        if imported is not None:
            headers.append({"shop_id": shop_id} | imported.header)
            lines += imported.lines
        elif known.header is not None:
            gone["orders"].append(known.header)
    for table, rows in gone.items():
        delete_rows(warehouse, table, rows)
    merge_rows(warehouse, "orders", headers)
    merge_rows(warehouse, "order_lines", lines)


def merge_rows(warehouse: Warehouse, table: str, rows: Sequence[Mapping[str, Any]], *, update: bool = True) -> int:
    """Upsert rows; returns how many were new or changed."""
    if not rows:
        return 0
    counts = warehouse.merge(table, arrow_rows(warehouse.tables()[table], rows), update=update)
    return counts.inserted + counts.updated


def delete_rows(warehouse: Warehouse, table: str, rows: Sequence[Mapping[str, Any]]) -> int:
    """Delete rows of one shop by their keys."""
    keys = warehouse.tables()[table].key
    removed = 0
    for start in range(0, len(rows), _DELETED_AT_ONCE):
        part = rows[start : start + _DELETED_AT_ONCE]
        named = [SEPARATOR.join(str(row[key]) for key in keys) for row in part]

        def among(t: Any, named: list[str] = named) -> Any:
            text = t[keys[0]]
            for key in keys[1:]:
                text = text + SEPARATOR + t[key].cast("string")
            return text.isin(named)

        removed += warehouse.delete(table, among)
    return removed


def _written(row: Mapping[str, Any], *, leaving: tuple[str, ...] = ()) -> Row:
    """A row as JSON values, without whose it is; decimals as exact texts."""
    kept = {name: value for name, value in row.items() if value is not None and name not in (*_NOT_KEPT, *leaving)}
    return {name: str(value) if isinstance(value, Decimal) else to_json(value) for name, value in kept.items()}


def _read(table: str, told: Mapping[str, Any]) -> Row:
    """The row that `_written` wrote, with nulls where nothing was."""
    from regulars.warehouse import TABLES

    row: Row = {}
    for name, kind in TABLES[table].columns.items():
        value = told.get(name)
        if name in _NOT_KEPT:
            continue
        if value is not None and kind.lstrip("!").startswith("decimal"):
            value = Decimal(value)
        elif value is not None and kind.lstrip("!").startswith("timestamp"):
            value = datetime.fromisoformat(value).replace(tzinfo=None)
        row[name] = value
    return row
