"""What messages tell of parcels, whatever order they arrive in."""

from __future__ import annotations

import itertools
from datetime import datetime

from regulars.collect import orders
from regulars.warehouse import Warehouse
from tests.collect.orders.messages import SHOP, TEA, completed, refunded, rows, told


def test_parcels_make_one_delivery_in_any_order_of_arrival(warehouse: Warehouse) -> None:
    """Two parcels: the first leaves on the 6th, the last arrives on the 9th; the promised day ends at 15:59:59Z in Shanghai."""
    messages = [
        completed("o1", "2025-01-05T10:00", total=40, products=[TEA], promised_at="2025-01-08"),
        told("Order Shipped", "o1", "2025-01-06T08:00", customer=None),
        told("Order Shipped", "o1", "2025-01-07T08:00", customer=None, promised_at="2025-01-10T02:00:00Z"),
        told("Order Delivered", "o1", "2025-01-09T11:00", customer=None, delivered_at="2025-01-09T09:00:00Z"),
        told("Order Delivered", "o1", "2025-01-08T09:00", customer=None),
    ]
    seen = set()

    for turn in itertools.islice(itertools.permutations(messages), 0, 120, 7):
        for table in ("orders", "order_lines", "order_facts"):
            warehouse.delete(table, lambda t: t.shop_id == SHOP.shop_id)
        for message in turn:
            orders.project(warehouse, SHOP, [message])
        seen |= set(rows(warehouse, "orders", "customer_id", "shipped_at", "delivered_at", "promised_at"))

    assert seen == {("c1", datetime(2025, 1, 6, 8), datetime(2025, 1, 9, 9), datetime(2025, 1, 10, 2))}


def test_a_promised_day_lasts_to_its_end_and_a_delivery_alone_is_no_order(warehouse: Warehouse) -> None:
    orders.project(warehouse, SHOP, [told("Order Delivered", "o9", "2025-01-09T11:00")])
    orders.project(warehouse, SHOP, [completed("o1", "2025-01-05T10:00", total=40, estimated_delivery="2025-01-08")])

    assert rows(warehouse, "orders", "order_id", "promised_at") == [("o1", datetime(2025, 1, 8, 15, 59, 59))]


def test_a_refund_keeps_a_code_of_its_reason_and_no_words(warehouse: Warehouse) -> None:
    orders.project(
        warehouse,
        SHOP,
        [
            completed("o1", "2025-01-05T10:00", total=40, products=[TEA]),
            refunded("o1", "2025-01-07T10:00", total=5, refund_id="1", reason="The parcel arrived broken, call Anna 555-0100"),
            refunded("o1", "2025-01-08T10:00", total=5, refund_id="2", reason="because"),
            refunded("o1", "2025-01-09T10:00", total=5, refund_id="3"),
        ],
    )

    assert rows(warehouse, "refunds", "reason") == ["damaged", "other", None]
    assert not any("Anna" in told for told in rows(warehouse, "order_facts", "told"))
