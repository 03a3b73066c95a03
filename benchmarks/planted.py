"""A simulated shop in which it is known why customers left: a cause is planted, and most of those it strikes never order again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from regulars.access import Shop
from regulars.warehouse import TABLES, Warehouse
from regulars.warehouse.arrow import arrow_schema

BEGIN = datetime(2025, 1, 1, 12, tzinfo=UTC)
SHOP = Shop(shop_id="shop", name="planted", timezone="UTC", currency="CNY")
#: Causes that data of a shop can show.
CAUSES = ("delivery", "quality", "returns", "price", "service", "visits", "category")
_STRIKES = 0.10  # of orders, something goes wrong after
_LEAVES = 0.75  # of those it happened to
_LEAVES_ANYWAY = 0.01  # after any other order


@dataclass(frozen=True)
class Planted:
    """The shop, when it ends, and why each customer who was struck was."""

    warehouse: Warehouse
    ends_at: datetime
    cause: Mapping[str, str]  # customer -> the last cause that struck it
    struck_at: Mapping[str, datetime]


def planted(customers: int = 6_000, days: int = 420, seed: int = 11) -> Planted:
    """Customers with rhythms of 8 to 40 days; after one order in ten something happens, and three of four it happens to leave."""
    chance = np.random.default_rng(seed)
    rows: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("orders", "order_lines", "refunds", "reviews", "event_log", "sessions")
    }
    cause, struck_at = {}, {}
    for number in range(customers):
        one = _Customer(f"c{number:05}", chance, rows)
        one.live(days)
        if one.cause:
            cause[one.name], struck_at[one.name] = one.cause, BEGIN + timedelta(days=one.struck)
    warehouse = Warehouse.open("duckdb://:memory:")
    with warehouse.transaction():
        for name, made in rows.items():
            columns = TABLES[name].columns
            whole = [{column: row.get(column, _usual(kind)) for column, kind in columns.items()} for row in made]
            warehouse.append(name, pa.Table.from_pylist(whole, schema=arrow_schema(TABLES[name])))
    return Planted(warehouse, BEGIN + timedelta(days=days), cause, struck_at)


class _Customer:
    """One life in the shop."""

    def __init__(self, name: str, chance: np.random.Generator, rows: dict[str, list[dict[str, Any]]]) -> None:
        self.name, self.chance, self.rows = name, chance, rows
        self.cause, self.struck, self.orders = "", 0.0, 0
        self.favourite = f"category-{chance.integers(12)}"
        self.bargains = chance.uniform(0.1, 0.3)

    def live(self, days: int) -> None:
        rhythm, day = self.chance.uniform(8, 40), self.chance.uniform(0, days * 0.8)
        begun, visit_every = day, rhythm / 4
        quiet_from: float | None = None
        while day < days:
            struck = self.orders > 0 and self.chance.random() < _STRIKES
            kind = str(self.chance.choice(CAUSES)) if struck else ""
            self.order(day, kind)
            if struck:
                self.cause, self.struck = kind, day
                self.happened(day, kind, days)
            if self.chance.random() < (_LEAVES if struck else _LEAVES_ANYWAY):
                quiet_from = day + (0.0 if kind == "visits" else rhythm * 2)
                break
            if kind == "visits":
                quiet_from = day
            following = day + max(0.5, self.chance.gamma(3.0, rhythm / 3))
            if quiet_from is not None:
                self.visits(begun, quiet_from, visit_every, days)
                begun, quiet_from = following, None
            day = following
        self.visits(begun, min(days, quiet_from if quiet_from is not None else days), visit_every, days)

    def order(self, day: float, kind: str) -> None:
        self.orders += 1
        order_id = f"{self.name}-{self.orders}"
        at = _naive(day)
        total = int(self.chance.lognormal(9.6, 0.5))
        discount = 0 if kind == "price" else int(total * self.bargains * self.chance.uniform(0.7, 1.3))
        category = f"category-{12 + self.chance.integers(12)}" if kind == "category" else self.favourite
        took = 3 + self.chance.uniform(3, 8) if kind == "delivery" else self.chance.uniform(1, 3)
        parcel = {"shipped_at": _naive(day + 0.5), "promised_at": _naive(day + 3), "delivered_at": _naive(day + took)}
        shared = {"order_id": order_id, "customer_id": self.name, "ordered_at": at, "status": "placed", "currency": "CNY"}
        self.rows["orders"].append(
            {
                **shared,
                **parcel,
                "total_minor": total,
                "items_minor": total + discount,
                "discount_minor": discount,
                "units": Decimal(2),
                "line_count": 1,
            }
        )
        self.rows["order_lines"].append(
            {
                **shared, "line_key": len(self.rows["order_lines"]), "kind": "product", "product_id": f"{category}-{self.chance.integers(20)}",
                "category": category, "quantity": Decimal(2), "unit_price": Decimal(total) / 200, "amount_minor": total,
            }
        )  # fmt: skip
        if self.chance.random() < 0.3 and kind != "quality":
            self.review(day, int(self.chance.choice([3, 4, 5], p=[0.1, 0.3, 0.6])))
        if self.chance.random() < 0.01:
            self.refund(day)
        if self.chance.random() < 0.02:
            self.ticket(day)

    def happened(self, day: float, kind: str, days: int) -> None:
        """What can be seen of it, unless the data ends before."""
        soon = day + self.chance.uniform(0.5, 4)
        if soon >= days:
            return
        match kind:
            case "quality":
                self.review(soon - 0.4, 1)
            case "returns":
                self.refund(soon)
            case "service":
                self.ticket(soon)
                self.ticket(soon + 0.2)

    def review(self, day: float, stars: int) -> None:
        told = {"review_id": f"r{len(self.rows['reviews'])}", "rating": Decimal(stars), "reviewed_at": _naive(day + 0.4)}
        self.rows["reviews"].append({**told, "customer_id": self.name})

    def refund(self, day: float) -> None:
        told = {
            "refund_id": f"b{len(self.rows['refunds'])}",
            "line_key": 0,
            "order_id": f"{self.name}-{self.orders}",
            "kind": "return",
        }
        self.rows["refunds"].append(
            {**told, "customer_id": self.name, "refunded_at": _naive(day), "amount_minor": 5_000, "currency": "CNY"}
        )

    def ticket(self, day: float) -> None:
        told = {
            "message_id": f"t{len(self.rows['event_log'])}",
            "event": "Ticket Opened",
            "timestamp": _naive(day),
            "properties": "{}",
        }
        self.rows["event_log"].append({**told, "customer_id": self.name})

    def visits(self, start: float, end: float, every: float, days: int) -> None:
        day = start
        while day < min(end, days):
            told = {
                "session_key": len(self.rows["sessions"]),
                "customer_id": self.name,
                "is_known": True,
                "product_views": 4,
                "pages": 6,
            }
            self.rows["sessions"].append({**told, "started_at": _naive(day), "ended_at": _naive(day), "duration_s": 200})
            day += max(0.2, self.chance.exponential(every))


def _naive(day: float) -> datetime:
    return (BEGIN + timedelta(days=day)).replace(tzinfo=None)


def _usual(kind: str) -> Any:
    """What a column holds where nothing is told."""
    if not kind.startswith("!"):
        return None
    plain = kind.lstrip("!")
    return {"string": "shop", "boolean": False, "timestamp(6)": BEGIN.replace(tzinfo=None), "float64": 0.0}.get(plain, 0)
