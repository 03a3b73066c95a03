"""Values filled into questions that are compiled once: always values, never SQL."""

from __future__ import annotations

import pytest

from regulars.warehouse import Warehouse, placeholder, unbound
from tests.understand.metrics.small_store import SmallStore, make_shop

ODD = [
    "ann",
    "o'hara",
    "'; drop table orders; --",
    "\\",
    "\\'",
    "\ue000customer_id\ue001",
    "\ue000nobody\ue001",
    "王梅",
    "",
    "a\nb",
]


def mine() -> object:
    orders = unbound("orders")
    return orders.filter(orders.customer_id == placeholder("customer_id")).select("order_id", "customer_id")


@pytest.mark.parametrize("customer", ODD)
def test_any_text_is_a_value(warehouse: Warehouse, customer: str) -> None:
    store = SmallStore(make_shop())
    for index, each in enumerate(ODD):
        store.order(f"o{index}", each, "2025-01-01 10:00", 100)
    store.load(warehouse)

    rows = warehouse.rows(mine(), customer_id=customer)

    assert rows == [{"order_id": f"o{ODD.index(customer)}", "customer_id": customer}]


def test_the_question_is_compiled_once(warehouse: Warehouse) -> None:
    warehouse.rows(mine(), customer_id="ann")
    compiled = len(warehouse._compiled)

    warehouse.rows(mine(), customer_id="ben")

    assert len(warehouse._compiled) == compiled
