"""Costs, visits and orders of campaigns side by side, counted by hand.

campaign   cost    impressions clicks  visits  orders (last touch)        revenue
autumn     100.00       10,000    200       2  o1 (ann, new), o2 (ben)     300.00
brand       20.00          400     40       1  o3 (ann)                     50.00
lost        30.00        1,000      5       0  none
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from regulars.errors import InvalidInput, NotEnoughData
from regulars.understand.marketing import CAMPAIGNS
from regulars.understand.questions import Desk
from regulars.values.money import Money
from regulars.warehouse import Warehouse
from tests.support.happenings import happened, shop_of
from tests.support.rows import put

RANGE = {"from": "2026-03-01", "to": "2026-03-31"}


def cost(
    day: int, source: str, campaign: str, minor: int, impressions: int | None = None, clicks: int | None = None, **more: Any
) -> dict[str, Any]:
    return {"shop_id": "tea", "spent_on": date(2026, 3, day), "channel": "paid", "source": source, "campaign": campaign, "cost_minor": minor,
            "impressions": impressions, "clicks": clicks, "currency": "CNY", **more}  # fmt: skip


def visit(key: int, who: str, day: int, source: str, campaign: str | None) -> dict[str, Any]:
    at = datetime(2026, 3, day, 3)
    return {"shop_id": "tea", "session_key": key, "customer_id": who, "started_at": at, "ended_at": at, "channel": "paid", "utm_source": source,
            "utm_campaign": campaign, "is_seen": True}  # fmt: skip


def order(
    order_id: str, who: str, day: int, minor: int, product: str = "green", **more: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    at = datetime(2026, 3, day, 5)
    both = {"shop_id": "tea", "order_id": order_id, "customer_id": who, "ordered_at": at, "status": "placed", "currency": "CNY"}
    line = {"kind": "product", "product_id": product, "quantity": Decimal(1), "amount_minor": minor}
    return {**both, "total_minor": minor, "items_minor": minor, **more}, {**both, **line}


@pytest.fixture
def desk(warehouse: Warehouse) -> Desk:
    shop = shop_of({"timezone": "Asia/Shanghai"}, "tea")
    put(
        warehouse,
        "ad_costs",
        [
            cost(1, "google", "Autumn", 6_000, 6_000, 120),
            cost(2, "google", "Autumn", 4_000, 4_000, 80),
            cost(2, "baidu", "brand", 2_000, 400, 40),
            cost(2, "baidu", "lost", 3_000, 1_000, 5),
            cost(2, "", "", 1_000, coupon_code="SPRING"),
        ],
    )
    visits = [visit(1, "ann", 3, "google", "autumn"), visit(2, "ben", 4, "google", "AUTUMN "), visit(3, "ann", 9, "百度", "brand")]
    put(warehouse, "sessions", visits)
    placed = [
        order("o1", "ann", 3, 20_000),
        order("o2", "ben", 5, 10_000, coupon_code="spring", discount_minor=1_000),
        order("o3", "ann", 10, 5_000, coupon_code="SPRING", discount_minor=500),
        order("o4", "cat", 10, 7_000),
    ]
    put(warehouse, "orders", [head for head, _ in placed])
    put(warehouse, "order_lines", [line for _, line in placed])
    return Desk(warehouse, shop)


def answered(desk: Desk, **question: Any) -> Any:
    return CAMPAIGNS.answer(desk, CAMPAIGNS.read(desk, {"range": RANGE, **question}))


def yuan(minor: int) -> Money:
    return Money(minor, "CNY")


def test_campaigns_cost_and_bring_what_a_hand_count_says(desk: Desk) -> None:
    answer = answered(desk)

    assert [row.key for row in answer.rows] == ["autumn", "lost", "brand", "(not set)", "(none)"]
    autumn, lost, brand = answer.rows[:3]
    assert (autumn.name, autumn.impressions, autumn.clicks, autumn.click_rate) == ("Autumn", 10_000, 200, 0.02)
    assert (autumn.visits, autumn.visitors, autumn.orders, autumn.new_customers, autumn.revenue) == (2, 2, 2.0, 2.0, yuan(30_000))
    assert (autumn.cost, autumn.cost_per_click, autumn.cost_per_order) == (yuan(10_000), yuan(50), yuan(5_000))
    assert (autumn.cost_per_new_customer, autumn.return_on_ad_spend, autumn.return_on_investment) == (yuan(5_000), 3.0, 2.0)
    assert (brand.orders, brand.new_customers, brand.cost_per_new_customer, brand.return_on_ad_spend) == (1.0, 0.0, None, 2.5)
    assert (lost.visits, lost.orders, lost.return_on_investment) == (0, 0.0, -1.0)
    assert (answer.rows[4].orders, answer.rows[4].revenue) == (1.0, yuan(7_000))
    assert (answer.total.cost, answer.total.revenue, answer.total.orders) == (yuan(16_000), yuan(42_000), 4.0)
    assert (answer.unmatched, answer.unmatched_share) == (yuan(4_000), 0.25)
    assert (answer.basis, answer.margin_known) == ("revenue", 0.0)


def test_return_is_counted_from_margin_where_costs_of_goods_are_known(desk: Desk) -> None:
    put(desk.warehouse, "products", [{"shop_id": "tea", "product_id": "green", "cost_minor": 2_500, "currency": "CNY"}])

    answer = answered(desk)

    autumn = answer.rows[0]
    assert (answer.basis, answer.margin_known) == ("margin", 1.0)
    assert autumn.return_on_investment == 1.5  # (300 - 2 x 25 - 100) / 100


def test_platforms_are_one_under_all_their_names(desk: Desk) -> None:
    rows = {row.key: row for row in answered(desk, by="source").rows}

    assert (rows["baidu"].visits, rows["baidu"].cost, rows["baidu"].orders) == (1, yuan(5_000), 1.0)
    assert (rows["google"].visits, rows["google"].cost) == (2, yuan(10_000))


def test_channels_take_credit_by_the_model_asked_for(desk: Desk) -> None:
    put(desk.warehouse, "sessions", [visit(4, "ann", 2, "meta", "first")])

    last = {row.key: row for row in answered(desk).rows}
    first = {row.key: row for row in answered(desk, model="first").rows}

    assert last["first"].orders == 0
    assert (first["first"].orders, first["first"].revenue) == (2.0, yuan(25_000))


def test_promotions_are_counted_from_the_coupons_of_orders_and_from_what_was_shown(desk: Desk) -> None:
    seen = [
        {"customer": who, "event": event, "ts": "2026-03-02T03:00:00Z", "props": {"promotion_id": "Spring"}}
        for who, event in (("ann", "Promotion Viewed"), ("ben", "Promotion Viewed"), ("ben", "Promotion Clicked"))
    ]
    happened(desk.warehouse, desk.shop, seen)

    [spring] = answered(desk, by="promotion").rows

    assert (spring.key, spring.impressions, spring.clicks, spring.orders) == ("spring", 2, 1, 2.0)
    assert (spring.revenue, spring.discount, spring.cost) == (yuan(15_000), yuan(1_500), yuan(1_000))
    assert spring.return_on_investment == 5.6  # (150 - 10) / (10 + 15)


def test_who_is_behind_a_campaign_and_a_promotion(desk: Desk) -> None:
    def who(group: str, **question: Any) -> list[str]:
        query = CAMPAIGNS.read(desk, {"range": RANGE, **question})
        return sorted(row["customer_id"] for row in desk.warehouse.rows(CAMPAIGNS.customers(desk, query, {"group": group})))

    assert who("autumn") == ["ann", "ben"]
    assert who("(none)") == ["cat"]
    assert who("spring", by="promotion") == ["ann", "ben"]
    with pytest.raises(InvalidInput):
        who("(other)", limit=1)


def test_small_ones_are_added_up(desk: Desk) -> None:
    answer = answered(desk, limit=1)

    assert [row.key for row in answer.rows] == ["autumn", "(other)"]
    assert answer.rows[1].cost + answer.rows[0].cost == answer.total.cost
    assert CAMPAIGNS.table(answer).num_rows == 3


def test_without_costs_it_is_said_how_to_load_them(warehouse: Warehouse) -> None:
    desk = Desk(warehouse, shop_of(shop_id="empty"))

    with pytest.raises(NotEnoughData, match="no costs") as raised:
        answered(desk)
    assert raised.value.code == "no_costs"
