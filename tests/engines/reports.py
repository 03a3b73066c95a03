"""A small shop with orders, events and everything that is made from them, and the reports that are asked of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from regulars.access import Shop
from regulars.collect.sessions import making
from regulars.predict import next_purchase
from regulars.understand import metrics, profiles
from regulars.understand.lifecycle import report as lifecycle
from regulars.understand.questions import Desk, Report
from regulars.understand.retention import ltv, retention
from regulars.understand.rfm import report as rfm
from regulars.values.periods import Period
from regulars.warehouse import TABLES, Warehouse
from regulars.warehouse.arrow import arrow_rows
from tests.support.happenings import happened, shop_of

SHOP: Shop = shop_of({"timezone": "Europe/London"}, "tea")
_START = datetime(2025, 1, 5)
_DAYS = 420


def fill(warehouse: Warehouse) -> None:
    """Sixty customers over fourteen months: their orders, refunds and visits, and the tables made from these."""
    chance = random.Random(7)
    orders, lines, refunds, told = [], [], [], []
    for number in range(60):
        customer, at = f"c{number:02}", _START + timedelta(days=chance.random() * 200, minutes=1)
        for visit in range(chance.randint(1, 9)):
            told += _visit(chance, customer, at, visit)
            if chance.random() < 0.7:
                order_id, order_lines = f"o{len(orders)}", []
                for line in range(chance.randint(1, 3)):
                    quantity, price = chance.randint(1, 4), chance.choice([350, 1290, 2599])
                    order_lines.append(_line(customer, order_id, line, at, quantity, price))
                status = "cancelled" if chance.random() < 0.08 else "placed"
                orders.append(_order(customer, order_id, at, status, order_lines))
                lines += [row | {"status": status} for row in order_lines]
                if chance.random() < 0.1:
                    refunds.append(_refund(customer, order_lines[0], at + timedelta(days=3)))
            at += timedelta(days=chance.expovariate(1 / 35), hours=chance.random())
            if at > _START + timedelta(days=_DAYS):
                break
    for n in range(12):  # told late, so that a report of the last thirty days has some
        at = max(order["ordered_at"] for order in orders) - timedelta(days=n)
        told += [_ticket("Ticket Opened", n, at), *([_ticket("Ticket Answered", n, at + timedelta(hours=n))] if n % 4 else [])]
    happened(warehouse, SHOP, told)
    for table, rows in (("orders", orders), ("order_lines", lines), ("refunds", refunds)):
        warehouse.append(table, arrow_rows(TABLES[table], rows))
    reviews = [
        {"shop_id": "tea", "review_id": f"v{n}", "customer_id": row["customer_id"], "order_id": row["order_id"], "rating": n % 5 + 1,
         "product_id": row["product_id"], "category": row["category"], "reviewed_at": row["ordered_at"], "load_id": "l",
         "sentiment": n % 10 / 10, "topics": ("size", "late,size", None)[n % 3]}
        for n, row in enumerate(lines[::4])
    ]  # fmt: skip
    warehouse.append("reviews", arrow_rows(TABLES["reviews"], reviews))
    customers = [{"shop_id": "tea", "customer_id": f"c{n:02}", "region": f"r{n % 3}", "load_id": "l"} for n in range(60)]
    warehouse.append("customers", arrow_rows(TABLES["customers"], customers))
    _market(warehouse)
    derive(warehouse)


def derive(warehouse: Warehouse) -> None:
    """Make visits, profiles and next orders, on the engine itself."""
    making.rebuild(warehouse, "tea")
    profiles.refresh(warehouse, SHOP)
    next_purchase.refresh(warehouse, SHOP)


def _market(warehouse: Warehouse) -> None:
    """What advertising cost, what competitors asked and sold, and what our goods cost."""
    costs = [
        {"shop_id": "tea", "spent_on": date(2025, 12, 1 + n), "channel": "paid", "source": ("google", "baidu")[n % 2], "campaign": f"k{n % 3}",
         "coupon_code": "", "impressions": 1000 + n, "clicks": 10 + n, "cost_minor": 999 + n, "currency": "CNY", "load_id": "l"}
        for n in range(28)
    ]  # fmt: skip
    seen = [
        {"shop_id": "tea", "observed_on": date(2025, 10 + n % 3, 1 + n % 28), "competitor": f"rival {n % 4}", "subject": f"p:p{n % 7}",
         "product_id": f"p{n % 7}", "product_name": f"Tea p{n % 7}", "category": "leaf", "price_minor": 300 + 17 * n, "currency": "CNY",
         "available": n % 9 != 0, "sales_minor": 5000 * n, "load_id": "l"}
        for n in range(84)
    ]  # fmt: skip
    products = [
        {"shop_id": "tea", "product_id": f"p{n}", "name": f"Tea p{n}", "category": "leaf", "price_minor": 900 + n, "cost_minor": 300,
         "stock": n * n - 4, "currency": "CNY", "load_id": "l"}
        for n in range(6)
    ]  # fmt: skip
    for table, rows in (("ad_costs", costs), ("market_prices", seen), ("products", products)):
        warehouse.append(table, arrow_rows(TABLES[table], rows))


def _visit(chance: random.Random, customer: str, at: datetime, visit: int) -> list[dict[str, Any]]:
    steps = ["Page Viewed", "Product Viewed", "Product Added", "Order Completed"][: chance.randint(1, 4)]
    return [
        {
            "customer": customer,
            "event": step,
            "ts": f"{(at + timedelta(minutes=place * 2)).isoformat()}Z",
            "props": {"product_id": f"p{chance.randint(1, 5)}", "price": 12.5, "shade": chance.choice(["绿", "it's", None])},
        }
        for place, step in enumerate(steps)
    ]


def _ticket(event: str, number: int, at: datetime) -> dict[str, Any]:
    told = {
        "ticket_id": f"t{number}",
        "channel": "chat" if number % 2 else "mail",
        "reason": ("late", "尺码不合适", None)[number % 3],
    }
    return {"customer": f"c{number:02}", "event": event, "ts": f"{at.isoformat()}Z", "props": told}


def _line(customer: str, order_id: str, line: int, at: datetime, quantity: int, price: int) -> dict[str, Any]:
    product = f"p{price % 7}"
    return {
        "shop_id": "tea", "order_id": order_id, "line_key": line, "customer_id": customer, "ordered_at": at, "kind": "product",
        "product_id": product, "product_name": f"Tea {product}", "category": "leaf" if price > 1000 else "cup",
        "quantity": quantity, "unit_price": Decimal(price) / 100, "amount_minor": quantity * price, "currency": "CNY", "load_id": "l",
    }  # fmt: skip


def _order(customer: str, order_id: str, at: datetime, status: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    items = sum(row["amount_minor"] for row in lines)
    return {
        "shop_id": "tea", "order_id": order_id, "customer_id": customer, "ordered_at": at, "status": status, "currency": "CNY",
        "total_minor": items, "items_minor": items, "shipping_minor": 0, "tax_minor": 0, "discount_minor": 0,
        "units": sum(row["quantity"] for row in lines), "line_count": len(lines), "region": f"r{int(customer[1:]) % 3}",
        "channel": "web" if len(lines) > 1 else None, "cancelled_at": at + timedelta(days=1) if status == "cancelled" else None,
        "shipped_at": at + timedelta(days=1), "delivered_at": at + timedelta(days=2 + items % 3) if items % 5 else None,
        "promised_at": at + timedelta(days=3), "source": "t", "load_id": "l",
    }  # fmt: skip


def _refund(customer: str, line: dict[str, Any], at: datetime) -> dict[str, Any]:
    return {
        "shop_id": "tea", "refund_id": f"r-{line['order_id']}", "line_key": 0, "order_id": line["order_id"], "customer_id": customer,
        "refunded_at": at, "kind": "refund", "product_id": line["product_id"], "amount_minor": line["amount_minor"],
        "currency": "CNY", "reason": "size" if line["quantity"] > 1 else None, "load_id": "l",
    }  # fmt: skip


_PERIOD = Period(date(2025, 3, 1), date(2026, 1, 1))

#: By name, what is asked of a warehouse beside the reports that have a kind.
VERBS: dict[str, Callable[[Warehouse], Any]] = {
    "overview": lambda w: metrics.overview(w, SHOP, _PERIOD, None),
    "retention of revenue by week": lambda w: retention(w, SHOP, _PERIOD, "week", "revenue"),
    "lifetime value": lambda w: ltv(w, SHOP, _PERIOD),
    "rfm of a period": lambda w: rfm(w, SHOP, period=_PERIOD),
    "lifecycle": lambda w: lifecycle(w, SHOP),
    "customers": lambda w: profiles.search(w, SHOP, filters=profiles.Filters(text="c1", min_orders=1), sort="net", limit=50),
    "one customer": lambda w: profiles.customer(w, SHOP, "c07"),
    "act on": lambda w: next_purchase.act_on(w, SHOP, limit=20),
}


def ask(report: Report, warehouse: Warehouse) -> Any:
    """The answer to a report's own example."""
    desk = Desk(warehouse, SHOP)
    return report.answer(desk, report.read(desk, report.example))
