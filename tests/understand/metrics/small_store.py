"""A store written by hand: orders, lines and refunds as short calls, loaded into a real warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from regulars.access import Shop
from regulars.values.periods import Period
from regulars.warehouse import TABLES, Warehouse

_ARROW = {
    "string": pa.string(),
    "int64": pa.int64(),
    "int32": pa.int32(),
    "float64": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp(6)": pa.timestamp("us"),
    "decimal(6, 2)": pa.decimal128(6, 2),
    "decimal(18, 3)": pa.decimal128(18, 3),
    "decimal(18, 4)": pa.decimal128(18, 4),
}


def arrow(table: str, rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Rows as the Arrow table a warehouse table takes; missing columns are null."""
    columns = TABLES[table].columns
    schema = pa.schema([(name, _ARROW[kind.lstrip("!")]) for name, kind in columns.items()])
    return pa.Table.from_pylist([{name: row.get(name) for name in columns} for row in rows], schema)


def at(text: str) -> datetime:
    """An instant in UTC: `at("2025-01-05 10:00")`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def days(first: str, last: str) -> Period:
    """From first to last day, both included."""
    return Period.between(date.fromisoformat(first), date.fromisoformat(last))


class SmallStore:
    """Collects rows, then `load()`s them. Amounts are in minor units."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.orders: list[dict[str, Any]] = []
        self.lines: list[dict[str, Any]] = []
        self.refunds: list[dict[str, Any]] = []

    def order(
        self,
        order_id: str,
        customer: str | None,
        when: str,
        total: int,
        *,
        status: str = "placed",
        items: Sequence[tuple[str | None, str | None, int | Decimal, int]] = (),
        **more: Any,
    ) -> SmallStore:
        """One order; `items` are (product, category, quantity, unit price in minor units)."""
        shared = {
            "shop_id": self.shop.shop_id,
            "order_id": order_id,
            "customer_id": customer,
            "ordered_at": at(when).replace(tzinfo=None),
            "status": status,
            "currency": more.pop("currency", self.shop.currency),
            "load_id": "load_1",
        }
        sold = int(sum(quantity * price for _, _, quantity, price in items)) if items else total
        order = {
            **shared,
            "total_minor": total,
            "items_minor": sold,
            "shipping_minor": 0,
            "tax_minor": 0,
            "discount_minor": 0,
            "units": Decimal(sum(quantity for _, _, quantity, _ in items)),
            "line_count": len(items),
            "source": "test",
        }
        self.orders.append({**order, **more})
        for index, (product, category, quantity, price) in enumerate(items):
            self.lines.append(
                {
                    **shared,
                    "line_key": index,
                    "kind": "product",
                    "product_id": product,
                    "product_name": f"The {product}",
                    "category": category,
                    "quantity": Decimal(quantity),
                    "unit_price": Decimal(price) / 100,
                    "amount_minor": int(quantity * price),
                }
            )
        return self

    def refund(self, order_id: str | None, when: str, amount: int, **more: Any) -> SmallStore:
        """Money given back."""
        self.refunds.append(
            {
                "shop_id": self.shop.shop_id,
                "refund_id": f"r{len(self.refunds)}",
                "line_key": 0,
                "order_id": order_id,
                "refunded_at": at(when).replace(tzinfo=None),
                "kind": "refund",
                "amount_minor": amount,
                "currency": self.shop.currency,
                "load_id": "load_1",
                **more,
            }
        )
        return self

    def load(self, warehouse: Warehouse) -> None:
        """Put the rows into the warehouse."""
        with warehouse.transaction():
            for table, rows in (("orders", self.orders), ("order_lines", self.lines), ("refunds", self.refunds)):
                if rows:
                    warehouse.append(table, arrow(table, rows))


def make_shop(zone: str = "UTC", **more: Any) -> Shop:
    """A shop in a zone."""
    return Shop(**{"shop_id": "shop_1", "name": "Small", "timezone": zone, "currency": "CNY", **more})
