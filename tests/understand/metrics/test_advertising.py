"""Metrics of what advertising cost and of prices against the market, counted by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from regulars.access import Shop
from regulars.understand import metrics
from regulars.values.money import Money
from regulars.warehouse import Warehouse
from tests.support.happenings import shop_of
from tests.support.rows import put
from tests.understand.metrics.small_store import SmallStore, days

MARCH = days("2026-03-01", "2026-03-31")


@pytest.fixture
def shop(warehouse: Warehouse) -> Shop:
    made = shop_of({"timezone": "Asia/Shanghai"}, "tea")
    store = SmallStore(made)
    store.order("o1", "ann", "2026-03-02 03:00", 10_000, items=[("green", "Tea", 2, 5_000)])
    store.order("o2", "ben", "2026-03-20 03:00", 6_000, items=[("cup", "Cups", 1, 6_000)])
    store.load(warehouse)
    costs = [(2, 3_000, 1_000, 50), (20, 1_000, None, None)]
    put(
        warehouse,
        "ad_costs",
        [
            {
                "shop_id": "tea",
                "spent_on": date(2026, 3, day),
                "cost_minor": cost,
                "impressions": shown,
                "clicks": clicks,
                "currency": "CNY",
            }
            for day, cost, shown, clicks in costs
        ],
    )
    seen = [(2, "green", "Alpha", 4_000), (3, "green", "Alpha", 4_500), (3, "green", "Beta", 3_500), (20, "cup", "Alpha", 6_000)]
    put(
        warehouse,
        "market_prices",
        [
            {"shop_id": "tea", "observed_on": date(2026, 3, day), "competitor": who, "subject": f"p:{product}", "product_id": product,
             "price_minor": price, "currency": "CNY"}
            for day, product, who, price in seen
        ],
    )  # fmt: skip
    return made


def test_costs_are_set_beside_all_orders_of_the_time(warehouse: Warehouse, shop: Shop) -> None:
    answer = metrics.report(warehouse, shop, MARCH, "week")

    found: dict[str, Any] = {one.metric: one.value for one in answer.totals}
    assert (found["ad_cost"], found["ad_impressions"], found["ad_clicks"], found["ad_click_rate"]) == (
        Money(4_000, "CNY"),
        1_000,
        50,
        0.05,
    )
    assert (found["cost_per_click"], found["cost_per_order"], found["cost_per_new_buyer"]) == (
        Money(80, "CNY"),
        Money(2_000, "CNY"),
        Money(2_000, "CNY"),
    )
    assert (found["ad_cost_share"], found["return_on_ad_spend"]) == (0.25, 4.0)
    assert [bucket.values["ad_cost"] for bucket in answer.series if bucket.values["ad_cost"] != Money(0, "CNY")] == [
        Money(3_000, "CNY"),
        Money(1_000, "CNY"),
    ]


def test_prices_stand_against_the_median_of_the_market(warehouse: Warehouse, shop: Shop) -> None:
    """Green: paid 50 against a median of 40 (45 and 35); cup: paid 60 against 60. Mean of 1.25 and 1."""
    answer = metrics.report(warehouse, shop, MARCH, "month", ["market_price_index", "market_products", "market_dearer_share"])

    assert [one.value for one in answer.totals] == [1.125, 2, 0.5]
    assert answer.series[0].values == {"market_price_index": 1.125, "market_products": 2, "market_dearer_share": 0.5}
    put(warehouse, "products", [{"shop_id": "tea", "product_id": "green", "price_minor": 3_000, "currency": "CNY"}])
    after = metrics.report(warehouse, shop, MARCH, "month", ["market_price_index"])
    assert after.totals[0].value == 0.875


def test_a_day_with_costs_and_no_order_has_them(warehouse: Warehouse, shop: Shop) -> None:
    put(
        warehouse,
        "ad_costs",
        [{"shop_id": "tea", "spent_on": date(2026, 3, 11), "campaign": "x", "cost_minor": 7, "currency": "CNY"}],
    )

    answer = metrics.report(warehouse, shop, days("2026-03-10", "2026-03-12"), "day", ["ad_cost", "orders", "cost_per_order"])

    assert [bucket.values["ad_cost"] for bucket in answer.series] == [Money(n, "CNY") for n in (0, 7, 0)]
    assert answer.total("cost_per_order").value is None
