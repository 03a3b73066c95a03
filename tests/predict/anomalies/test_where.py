"""Where a change lies beyond what orders say themselves: devices, campaigns, prices, stock, reasons of refunds, and advertising."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from regulars.access import Shop
from regulars.errors import InvalidInput, NotEnoughData
from regulars.predict.anomalies import root_cause
from regulars.predict.anomalies.bases import BASES, UNSEARCHED
from regulars.predict.anomalies.watching import NOT_WATCHED, alarms
from regulars.predict.forecast import forecast
from regulars.understand.metrics import DAILY_METRICS, METRICS
from regulars.values.money import Money
from regulars.values.periods import Period
from regulars.warehouse import Warehouse
from tests.support.rows import put
from tests.understand.metrics.small_store import SmallStore, make_shop

FIRST = date(2025, 5, 1)
WEEK, BEFORE = Period(date(2025, 5, 15), date(2025, 5, 22)), Period(date(2025, 5, 8), date(2025, 5, 15))
Sold = Callable[[date, int], int | None]


def orders_of(shop: Shop, sold: Sold, days: int = 28, **more: Any) -> SmallStore:
    """Six orders a day; `sold(day, k)` is the price of order k's one product p<k % 3>, None where there is none."""
    store = SmallStore(shop)
    for i in range(days):
        day = FIRST + timedelta(days=i)
        for k in range(6):
            price = sold(day, k)
            if price is not None:
                items = [(f"p{k % 3}", "Tea" if k % 3 else "Cups", 1, price)]
                store.order(f"o{i}-{k}", f"c{k}", f"{day} 0{k + 1}:00", price, items=items, **more)
    return store


def visit(day: date, k: int, key: int, **more: Any) -> dict[str, Any]:
    """A visit of customer c<k>, ten minutes before the order."""
    began = datetime(day.year, day.month, day.day, k, 50)
    zero = dict.fromkeys(
        ("duration_s", "events", "pages", "product_views", "carts", "orders", "value_minor", "peak_pages", "peak_events"), 1
    )
    flags = {"is_known": True, "is_bounce": False, "is_seen": True, "is_bot": False, "is_history": False}
    return {
        "shop_id": "shop_1",
        "session_key": key,
        "customer_id": f"c{k}",
        "started_at": began,
        "ended_at": began,
        **zero,
        **flags,
        **more,
    }


def costs(day: date, campaign: str, cost: int, clicks: int = 100) -> dict[str, Any]:
    return {
        "shop_id": "shop_1", "spent_on": day, "channel": "paid", "source": "baidu", "campaign": campaign, "coupon_code": "",
        "impressions": 20 * clicks, "clicks": clicks, "cost_minor": cost, "currency": "CNY", "load_id": "load_1",
    }  # fmt: skip


@pytest.fixture
def shop() -> Shop:
    return make_shop()


def test_orders_lost_on_phones_are_found_by_the_visit_before_them(shop: Shop, warehouse: Warehouse) -> None:
    orders_of(shop, lambda day, k: None if day >= WEEK.start_on and k % 2 else 1_000).load(warehouse)
    days = [FIRST + timedelta(days=i) for i in range(28)]
    visits = [visit(day, k, 10 * i + k, device="mobile" if k % 2 else "desktop") for i, day in enumerate(days) for k in range(6)]
    put(warehouse, "sessions", visits)

    for metric in ("orders", "gmv"):
        found = root_cause(warehouse, shop, metric, WEEK, BEFORE)
        assert found.causes[0].where == {"device": "mobile"}, metric
        assert found.causes[0].share == 1
    assert any("device mobile" in line for line in found.text["en"])
    assert any("设备 mobile" in line for line in found.text["zh"])


def test_a_campaign_brings_orders_for_thirty_days_and_is_named_when_they_stop(shop: Shop, warehouse: Warehouse) -> None:
    orders_of(shop, lambda day, k: None if day >= WEEK.start_on and k >= 4 else 1_000).load(warehouse)
    put(warehouse, "sessions", [visit(FIRST, k, k, utm_campaign="spring", device="mobile") for k in (4, 5)])

    found = root_cause(warehouse, shop, "orders", WEEK, BEFORE)

    assert found.causes[0].where == {"campaign": "spring"}


def test_prices_raised_and_stock_run_out_are_parts_of_their_own(shop: Shop, warehouse: Warehouse) -> None:
    """p1 and p2 of two categories cost more and sell less; p0 goes on."""

    def sold(day: date, k: int) -> int | None:
        dear = day >= WEEK.start_on and k % 3 > 0
        return None if dear and k > 2 else 1_300 if dear else 1_000

    orders_of(shop, sold, seller_id=None).load(warehouse)
    found = root_cause(warehouse, shop, "units", WEEK, BEFORE)
    assert found.causes[0].where in ({"price": "raised"}, {"category": "Tea"})
    assert found.causes[0].share == 1

    put(warehouse, "product_snapshots", [
        {"shop_id": "shop_1", "product_id": one, "observed_at": datetime(2025, 5, 16), "stock": stock, "currency": "CNY"}
        for one, stock in (("p1", 0), ("p2", 0), ("p0", 9))
    ])  # fmt: skip
    again = root_cause(warehouse, shop, "units", WEEK, BEFORE)
    assert again.causes[0].share == 1
    assert {one.name: one.finding for one in again.hypotheses}["stock"] == "found"


def test_refunds_are_searched_by_product_and_reason_and_their_rate_by_product(shop: Shop, warehouse: Warehouse) -> None:
    store = orders_of(shop, lambda day, k: 1_000)
    for i in range(28):
        day = FIRST + timedelta(days=i)
        store.refund(f"o{i}-0", f"{day} 10:00", 100, product_id="p0", category="Cups", reason="unwanted")
        if WEEK.start_on <= day < WEEK.end_on:
            store.refund(f"o{i}-1", f"{day} 10:00", 900, product_id="p1", category="Tea", reason="damaged")
    store.load(warehouse)

    found = root_cause(warehouse, shop, "refunds", WEEK, BEFORE)
    rate = root_cause(warehouse, shop, "refund_rate", WEEK, BEFORE)

    assert next(iter(found.causes[0].where.values())) in ("p1", "Tea", "damaged")
    assert (found.causes[0].expected, found.causes[0].actual) == (Money(0, "CNY"), Money(6_300, "CNY"))
    assert rate.causes[0].where == {"product": "p1"}
    assert (rate.causes[0].expected, rate.causes[0].actual) == (0, 0.45)
    assert [one.name for one in found.hypotheses] == ["holiday"]


def test_costs_of_advertising_are_searched_by_campaign_and_forecast_after_their_last_day(shop: Shop, warehouse: Warehouse) -> None:
    orders_of(shop, lambda day, k: 1_000).load(warehouse)
    days = [FIRST + timedelta(days=i) for i in range(25)]
    put(warehouse, "ad_costs", [costs(day, "brand", 500) for day in days])
    put(warehouse, "ad_costs", [costs(day, "spring", 900 if day >= WEEK.start_on else 300) for day in days])

    found = root_cause(warehouse, shop, "ad_cost", WEEK, BEFORE)
    click = root_cause(warehouse, shop, "cost_per_click", WEEK, BEFORE)
    ahead = forecast(warehouse, shop, "ad_cost", days=7, calendar="none")

    assert found.causes[0].where == {"campaign": "spring"}
    assert (found.causes[0].expected, found.causes[0].actual) == (Money(2_100, "CNY"), Money(6_300, "CNY"))
    assert click.causes[0].where == {"campaign": "spring"}
    assert ahead.days[0].day == days[-1] + timedelta(days=1)
    assert Money(800, "CNY") <= ahead.days[0].expected <= Money(1_400, "CNY")  # type: ignore[operator]


def test_every_metric_is_searched_watched_and_forecast_or_says_why_not(shop: Shop, warehouse: Warehouse) -> None:
    orders_of(shop, lambda day, k: 1_000).load(warehouse)

    assert set(DAILY_METRICS) == set(METRICS) == BASES.keys() | UNSEARCHED.keys()
    assert not BASES.keys() & UNSEARCHED.keys()
    assert NOT_WATCHED.keys() < METRICS.keys()
    for metric, (reason, _) in UNSEARCHED.items():
        with pytest.raises(InvalidInput) as refused:
            root_cause(warehouse, shop, metric, WEEK, BEFORE)
        assert refused.value.code == "not_searchable"
        assert reason in refused.value.message
    for metric in BASES:
        with suppress(NotEnoughData):
            assert root_cause(warehouse, shop, metric, WEEK, BEFORE).basis == BASES[metric].name
    with pytest.raises(NotEnoughData) as missing:
        forecast(warehouse, shop, "ad_cost", days=7)
    assert missing.value.code == "nothing_loaded"


def test_costs_not_loaded_yet_raise_no_alarm_and_doubled_ones_do(shop: Shop, warehouse: Warehouse) -> None:
    orders_of(shop, lambda day, k: 1_000 + 10 * (k + day.day % 5), days=84).load(warehouse)
    days = [FIRST + timedelta(days=i) for i in range(84)]
    put(warehouse, "ad_costs", [costs(day, "brand", 2_000 + 20 * (day.day % 7)) for day in days[:81]])

    assert [one.metric for one in alarms(warehouse, shop)] == []

    put(warehouse, "ad_costs", [costs(day, "brand", 9_000) for day in days[81:]])
    found = {one.metric: one for one in alarms(warehouse, shop)}
    assert {"ad_cost", "cost_per_click"} <= found.keys()
    assert found["ad_cost"].direction == "up"
    assert "orders" not in found
