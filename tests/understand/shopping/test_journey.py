"""New customers are followed from their entry to their first order, and those who are lost are found where they stopped."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from regulars.errors import InvalidInput
from regulars.understand.questions import Desk
from regulars.understand.shopping import NEW_CUSTOMER_JOURNEY
from regulars.understand.shopping.service.journey import journey
from regulars.warehouse import Warehouse
from tests.support.happenings import happened, shop_of
from tests.support.rows import put

T0 = datetime(2026, 3, 1)
RANGE = {"range": {"from": "2026-03-01", "to": "2026-03-03"}}


def did(customer: str, event: str, hour: float) -> dict[str, Any]:
    return {"customer": customer, "event": event, "ts": f"{(T0 + timedelta(hours=hour)).isoformat()}Z"}


def desk_with(warehouse: Warehouse, events: list[dict[str, Any]]) -> Desk:
    shop = shop_of(shop_id=uuid4().hex)
    happened(warehouse, shop, events)
    return Desk(warehouse, shop)


def answered(desk: Desk, **question: Any) -> Any:
    """The answer, the same by the quick way and by the portable one."""
    query = NEW_CUSTOMER_JOURNEY.read(desk, RANGE | question)
    answer = NEW_CUSTOMER_JOURNEY.answer(desk, query)
    assert journey(desk, query, general=True) == answer
    return answer


def behind(desk: Desk, cell: dict[str, Any], **question: Any) -> list[str]:
    query = NEW_CUSTOMER_JOURNEY.read(desk, RANGE | question)
    return sorted(row["customer_id"] for row in desk.warehouse.rows(NEW_CUSTOMER_JOURNEY.customers(desk, query, cell)))


@pytest.fixture
def desk(warehouse: Warehouse) -> Desk:
    """a orders after 1, 2 and 4 hours; b stops at the cart; c never looks; d orders without a cart; e registered long before."""
    return desk_with(
        warehouse,
        [
            did("a", "Signed Up", 0), did("a", "Product Viewed", 1), did("a", "Product Added", 2), did("a", "Order Completed", 4),
            did("b", "Signed Up", 0), did("b", "Product Viewed", 3), did("b", "Product Added", 4), did("b", "Coupon Denied", 5),
            did("c", "Signed Up", 30),
            did("d", "Signed Up", 0), did("d", "Page Viewed", 2), did("d", "Order Completed", 3),
            did("e", "Signed Up", -100), did("e", "Signed Up", 1), did("e", "Order Completed", 2),
            did("x", "Product Viewed", 24 * 50),
        ],
    )  # fmt: skip


def test_stages_losses_and_times_by_hand(desk: Desk) -> None:
    answer = answered(desk)

    assert [(one.stage, one.customers, one.of_entered, one.of_previous) for one in answer.stages] == [
        ("entry", 4, 1.0, None), ("browse", 3, 0.75, 0.75), ("cart", 3, 0.75, 1.0), ("order", 2, 0.5, 0.6667),
    ]  # fmt: skip
    assert [one.median_seconds_from_previous for one in answer.stages] == [None, 7200.0, 3600.0, 7200.0]
    assert [(one.after, one.customers, one.share, one.of_all_lost) for one in answer.losses] == [
        ("entry", 1, 0.25, 0.5), ("cart", 1, 0.3333, 0.5), ("browse", 0, 0.0, 0.0),
    ]  # fmt: skip
    assert [(one.event, one.customers) for one in answer.losses[1].did_last] == [("Coupon Denied", 1)]
    assert [(one.start, one.entered, one.reached, one.rate, one.complete) for one in answer.buckets] == [
        ("2026-03-01", 3, (3, 3, 2), 0.6667, True), ("2026-03-02", 1, (0, 0, 0), 0.0, True), ("2026-03-03", 0, (0, 0, 0), None, True),
    ]  # fmt: skip


def test_those_behind_a_stage_and_those_lost_there(desk: Desk) -> None:
    assert behind(desk, {"stage": "cart"}) == ["a", "b", "d"]
    assert behind(desk, {"lost_after": "cart"}) == ["b"]
    assert behind(desk, {"lost_after": "cart", "last_event": "Coupon Denied"}) == ["b"]
    assert behind(desk, {"start": "2026-03-02"}) == ["c"]
    assert behind(desk, {}) == ["a", "b", "c", "d"]


def test_what_comes_after_the_window_is_too_late(desk: Desk) -> None:
    answer = answered(desk, window="2h")

    assert [one.customers for one in answer.stages] == [4, 2, 1, 0]


def test_loaded_registrations_and_orders_of_files_count_too(warehouse: Warehouse) -> None:
    desk = desk_with(warehouse, [did("a", "Product Viewed", 2)])
    shop_id = desk.shop.shop_id
    put(warehouse, "customers", [{"shop_id": shop_id, "customer_id": who, "registered_at": T0} for who in "ab"])
    order = {"shop_id": shop_id, "order_id": "1", "customer_id": "a", "ordered_at": T0 + timedelta(hours=5), "status": "placed"}
    put(warehouse, "orders", [order])

    answer = answered(desk)

    assert [one.customers for one in answer.stages] == [2, 1, 1, 1]
    assert not answer.complete


def test_entries_and_stages_can_be_told(desk: Desk) -> None:
    stages = [{"name": "coupon", "events": ["Coupon Denied"]}]

    answer = answered(desk, entry="first_event", stages=stages)

    assert [(one.stage, one.customers) for one in answer.stages] == [("entry", 4), ("coupon", 1)]
    assert answered(desk, entry=["Product Viewed"], stages=stages).entered == 2


def test_both_ways_agree_on_histories_by_chance(warehouse: Warehouse) -> None:
    chance = random.Random(5)
    names = ["Signed Up", "Product Viewed", "Product Added", "Order Completed", "Coupon Denied", "Page Viewed"]
    desk = desk_with(
        warehouse,
        [did(f"c{n}", chance.choice(names), chance.choice([-30, 1, 5, 5, 9, 40, 60])) for n in range(40) for _ in range(6)],
    )
    shop_id = desk.shop.shop_id
    put(
        warehouse,
        "customers",
        [{"shop_id": shop_id, "customer_id": f"c{n}", "registered_at": T0 + timedelta(hours=3 * n - 9)} for n in range(20)],
    )
    order = {"shop_id": shop_id, "status": "placed"}
    put(
        warehouse,
        "orders",
        [order | {"order_id": str(n), "customer_id": f"c{n}", "ordered_at": T0 + timedelta(hours=n)} for n in range(30)],
    )

    for entry in ("registration", "first_event", ["Product Viewed"]):
        for window in ("4h", "2d", "30d"):
            assert answered(desk, entry=entry, window=window).entered


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ({"entry": "birth"}, "entry"),
        ({"stages": []}, "stages"),
        ({"stages": [{"name": "a", "events": ["x"]}] * 2}, "stages"),
        ({"window": "soon"}, "window"),
    ],
)
def test_what_cannot_be_understood_is_said_with_its_place(warehouse: Warehouse, question: Any, place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        NEW_CUSTOMER_JOURNEY.read(desk_with(warehouse, []), question)

    assert caught.value.message.startswith(place)
