"""Dry runs: what rules would have given over past orders, counted by hand, and nothing written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from regulars.access.domain import Shop
from regulars.errors import NotEnoughData
from regulars.offer.loyalty.currencies import usual
from regulars.offer.loyalty.rehearsing import rehearse_earning, rehearse_tiers
from regulars.offer.loyalty.tier_program import Tier, TierProgram
from regulars.warehouse import Warehouse
from tests.support.rows import put

SHOP = Shop(shop_id="tea", name="Tea House", timezone="Asia/Shanghai", currency="CNY")
TIERS = TierProgram(
    tiers=(
        Tier(tier_id="member", name="Member", name_zh="", threshold=0),
        Tier(tier_id="silver", name="Silver", name_zh="", threshold=50_000),
    )
)


def order(order_id: str, customer_id: str | None, month: int, goods: int, **more: Any) -> dict[str, Any]:
    """An order of 2025, shipping on top."""
    return {
        "shop_id": "tea", "order_id": order_id, "customer_id": customer_id, "ordered_at": datetime(2025, month, 5, 4),
        "status": "placed", "currency": "CNY", "total_minor": goods + 1_000, "items_minor": goods, "shipping_minor": 1_000,
        "tax_minor": 0, "discount_minor": 0, "units": 1, "line_count": 1, "source": "test", "load_id": "l1", **more,
    }  # fmt: skip


@pytest.fixture
def sold(warehouse: Warehouse) -> Warehouse:
    """Four orders of two customers, one given back in part, one called off; and two that nobody earns by."""
    put(
        warehouse,
        "orders",
        [
            order("o1", "a", 1, 60_050),
            order("o2", "a", 6, 20_000),
            order("o3", "b", 7, 49_999),
            order("o4", "b", 8, 70_000, status="cancelled", cancelled_at=datetime(2025, 8, 6, 4)),
            order("o5", None, 9, 10_000),
            order("o6", "b", 9, 10_000, currency="USD"),
        ],
    )
    back = {"shop_id": "tea", "refund_id": "r1", "line_key": 1, "order_id": "o2", "customer_id": "a", "kind": "refund"}
    back |= {"refunded_at": datetime(2025, 6, 9, 4), "amount_minor": 5_000, "source": "test", "load_id": "l1"}
    put(warehouse, "refunds", [back])
    return warehouse


def test_an_earn_rule_is_tried_on_past_orders(sold: Warehouse) -> None:
    found = rehearse_earning(sold, SHOP, usual(SHOP), multiplier_bps=20_000)

    assert (found.orders, found.customers) == (4, 2)
    assert found.points == 2 * (600 + 150) + 1 + 999  # 60,050 earns 1,201 at twice the rate
    assert found.taken_back == 100 + 1_400
    assert found.worth.minor == found.points
    assert found.first_at == datetime(2025, 1, 5, 4, tzinfo=UTC)


def test_tiers_are_tried_on_past_orders(sold: Warehouse) -> None:
    found = rehearse_tiers(sold, SHOP, TIERS)

    assert {one.tier_id: one.customers for one in found.members} == {"member": 1, "silver": 1}
    assert (found.orders, found.customers, found.upgrades, found.taken_back) == (4, 2, 2, 1)


def test_without_orders_there_is_nothing_to_try(warehouse: Warehouse) -> None:
    with pytest.raises(NotEnoughData):
        rehearse_tiers(warehouse, SHOP, TIERS)
