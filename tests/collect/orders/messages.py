"""Messages about orders in short calls, and the tables they make, as plain rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from regulars.access import Shop
from regulars.warehouse import Warehouse

SHOP = Shop(shop_id="tea", name="Tea", timezone="Asia/Shanghai", currency="CNY")

TEA = {"product_id": "p1", "name": "Tea", "category": "Tea", "price": 20, "quantity": 2}
CUP = {"product_id": "p2", "name": "Cup", "category": "Cups", "price": "30.00", "quantity": 1}

_numbers = iter(range(1, 10**9))


def told(
    event: str, order_id: str | None, at: str, *, customer: str | None = "c1", message_id: str = "", **properties: Any
) -> dict[str, Any]:
    """A canonical message as the loader hands it over: `told("Order Completed", "o1", "2025-01-05T10:00", total=100)`."""
    return {
        "type": "track",
        "event": event,
        "messageId": message_id or f"m{next(_numbers)}",
        "source_id": properties.pop("source_id", "web"),
        "customer_id": customer,
        "timestamp": f"{at}:00Z",
        "properties": ({} if order_id is None else {"order_id": order_id}) | properties,
    }


def completed(order_id: str, at: str, **properties: Any) -> dict[str, Any]:
    return told("Order Completed", order_id, at, **properties)


def updated(order_id: str, at: str, **properties: Any) -> dict[str, Any]:
    return told("Order Updated", order_id, at, **properties)


def refunded(order_id: str, at: str, **properties: Any) -> dict[str, Any]:
    return told("Order Refunded", order_id, at, **properties)


def cancelled(order_id: str, at: str, **properties: Any) -> dict[str, Any]:
    return told("Order Cancelled", order_id, at, **properties)


def rows(warehouse: Warehouse, table: str, *columns: str) -> list[Any]:
    """A table's rows in order of its key: whole, or only some columns as tuples (one column as bare values)."""
    found = warehouse.table(table)
    chosen = warehouse.rows(found.order_by(list(warehouse.tables()[table].key)))
    if not columns:
        return chosen
    picked = [tuple(row[name] for name in columns) for row in chosen]
    return [each[0] for each in picked] if len(columns) == 1 else picked


def tables(warehouse: Warehouse, *, without: Sequence[str] = ()) -> Mapping[str, list[Any]]:
    """Orders, lines and refunds as they stand."""
    return {
        name: [{key: value for key, value in row.items() if key not in without} for row in rows(warehouse, name)]
        for name in ("orders", "order_lines", "refunds")
    }
