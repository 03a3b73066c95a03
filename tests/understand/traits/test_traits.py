"""Traits of small shops counted by hand, and of a real one counted again in plain Python."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from regulars.understand import profiles, traits
from regulars.understand.questions.properties import TRAITS as PROPERTIES
from regulars.understand.traits.service import edges_of
from regulars.values.zones import zone
from regulars.warehouse import Warehouse
from tests.support.rows import put
from tests.understand.metrics import online_retail
from tests.understand.metrics.small_store import SmallStore, make_shop

SHOP = make_shop("Asia/Shanghai")


def computed(warehouse: Warehouse, shop: Any = SHOP) -> dict[str, dict[str, Any]]:
    """Every customer's row of traits."""
    profiles.refresh(warehouse, shop)
    traits.refresh(warehouse, shop)
    table = warehouse.table("customer_traits")
    return {row["customer_id"]: row for row in warehouse.rows(table.filter(table.shop_id == shop.shop_id))}


def lines(store: SmallStore, brands: Iterable[str]) -> None:
    """Give the newest lines these brands."""
    told = list(brands)
    for row, brand in zip(store.lines[-len(told) :], told, strict=True):
        row["brand"] = brand


def test_every_declared_trait_is_a_column_and_a_customer_property() -> None:
    assert tuple(traits.TRAITS) == PROPERTIES or set(traits.TRAITS) == set(PROPERTIES)
    for trait in traits.TRAITS.values():
        assert all(words["en"] and words["zh"] for words in (trait.label, trait.formula, trait.none)), trait.name


def test_value_rhythm_and_returns(warehouse: Warehouse) -> None:
    """mei: 10 + 30 placed, 20 cancelled, 8 refunded: net 32, kept 40, so a fifth of it came back. Gaps 10 and 20 days: 15."""
    store = SmallStore(SHOP)
    store.order("1", "mei", "2025-01-01 02:00", 1000).order("2", "mei", "2025-01-11 02:00", 3000)
    store.order("3", "mei", "2025-01-31 02:00", 2000, status="cancelled").order("4", "liu", "2025-02-10 02:00", 500)
    store.refund("2", "2025-01-20 02:00", 800, customer_id="mei").load(warehouse)

    mei, liu = (computed(warehouse)[name] for name in ("mei", "liu"))

    assert (mei["lifetime_value"], mei["average_order_value"], mei["order_count"]) == (32.0, 20.0, 3.0)
    assert (mei["recency_days"], mei["tenure_days"], mei["purchase_cycle_days"]) == (10.0, 40.0, 15.0)
    assert mei["return_rate"] == pytest.approx(0.2)
    assert (liu["purchase_cycle_days"], liu["return_rate"]) == (None, 0.0)


def test_preferences_have_share_and_lift(warehouse: Warehouse) -> None:
    """mei spends 30 of 40 on tea, the shop 40 of 100: share 3/4, lift 1.875. liu likes cups: 50 of 60, the shop 60 of 100."""
    store = SmallStore(SHOP)
    store.order("1", "mei", "2025-01-01 02:00", 4000, items=[("green", "Tea", 3, 1000), ("cup", "Cups", 1, 1000)])
    store.order("2", "liu", "2025-01-02 02:00", 6000, items=[("green", "Tea", 1, 1000), ("cup", "Cups", 5, 1000)])
    store.load(warehouse)

    found = computed(warehouse)

    mei, liu = found["mei"], found["liu"]
    assert (mei["preferred_category"], mei["preferred_category_share"]) == ("Tea", 0.75)
    assert mei["preferred_category_lift"] == pytest.approx(0.75 / 0.4)
    assert (liu["preferred_category"], liu["preferred_category_lift"]) == ("Cups", pytest.approx(5 / 6 / 0.6))
    assert mei["preferred_brand"] is None


def test_the_price_position_is_within_the_category(warehouse: Warehouse) -> None:
    """Teas at 1..5, pots at 100..500: the dearest tea and the dearest pot are both at 0.9, however the categories differ."""
    store = SmallStore(SHOP)
    teas = [(f"tea{i}", "Tea", 1, 100 * i) for i in range(1, 6)]
    pots = [(f"pot{i}", "Pots", 1, 10_000 * i) for i in range(1, 6)]
    store.order("all", "shop", "2025-01-01 02:00", 1, items=[*teas, *pots, ("odd", "Odd", 1, 5)])
    store.order("1", "cheap", "2025-01-02 02:00", 1, items=[pots[0], ("odd", "Odd", 1, 5)])
    store.order("2", "dear", "2025-01-02 02:00", 1, items=[teas[4]])
    store.load(warehouse)

    found = computed(warehouse)

    assert (found["cheap"]["price_position"], found["cheap"]["price_band"], found["cheap"]["upper_third_share"]) == (
        0.1,
        "low",
        0.0,
    )
    assert (found["dear"]["price_position"], found["dear"]["price_band"], found["dear"]["upper_third_share"]) == (0.9, "high", 1.0)
    assert (found["shop"]["price_position"], found["shop"]["price_band"]) == (pytest.approx(0.5), "middle")
    assert found["shop"]["upper_third_share"] == pytest.approx(0.4)


def test_brand_loyalty_is_staying_with_the_brand_of_the_time_before(warehouse: Warehouse) -> None:
    """Teas by A, A, B, then A and B together: stayed of (A), not (B), not A (the time before was B), but B: 2 of 4."""
    store = SmallStore(SHOP)
    for day, brands in enumerate((["A"], ["A"], ["B"], ["A", "B"]), 1):
        store.order(f"{day}", "mei", f"2025-01-0{day} 02:00", 100, items=[(f"tea{b}", "Tea", 1, 100) for b in brands])
        lines(store, brands)
    store.order("pot", "mei", "2025-01-05 02:00", 100, items=[("pot", "Pots", 1, 100)])
    lines(store, ["C"])
    store.order("once", "liu", "2025-01-05 02:00", 100, items=[("tea", "Tea", 1, 100)])
    lines(store, ["A"])
    store.load(warehouse)

    found = computed(warehouse)

    assert found["mei"]["brand_loyalty"] == pytest.approx(2 / 4)
    assert found["liu"]["brand_loyalty"] is None


def test_promotions_are_null_in_a_shop_that_tells_of_none(warehouse: Warehouse) -> None:
    other = make_shop("UTC", shop_id="shop_2")
    SmallStore(SHOP).order("1", "mei", "2025-01-01 02:00", 900, discount_minor=100, items_minor=1000).order(
        "2", "mei", "2025-01-02 02:00", 1000, items_minor=1000
    ).order("3", "liu", "2025-01-02 02:00", 1000, items_minor=1000).load(warehouse)
    SmallStore(other).order("1", "max", "2025-01-01 02:00", 900).load(warehouse)

    found = computed(warehouse)

    assert (found["mei"]["discount_order_share"], found["mei"]["discount_rate"]) == (0.5, pytest.approx(0.05))
    assert found["liu"]["discount_order_share"] == 0.0
    assert found["mei"]["coupon_order_share"] is None
    assert computed(warehouse, other)["max"]["discount_order_share"] is None


def test_hours_and_weekends_are_local(warehouse: Warehouse) -> None:
    """Friday 16:30 in UTC is Saturday half past midnight in Shanghai."""
    store = SmallStore(SHOP)
    store.order("1", "mei", "2025-01-03 16:30", 100, channel="app").order("2", "mei", "2025-01-06 16:40", 100, channel="app")
    store.order("3", "mei", "2025-01-07 02:00", 100, channel="web").load(warehouse)

    mei = computed(warehouse)["mei"]

    assert (mei["preferred_hour"], mei["preferred_hour_share"], mei["weekend_share"]) == (
        0.0,
        pytest.approx(2 / 3),
        pytest.approx(1 / 3),
    )
    assert (mei["preferred_channel"], mei["preferred_channel_share"]) == ("app", pytest.approx(2 / 3))


def test_quantities_answer_to_the_price(warehouse: Warehouse) -> None:
    """Twice the price, a quarter of the quantity, each as often: ln(1/4) / ln 2 = -2; the usual price is the geometric mean."""
    store = SmallStore(SHOP)
    for i in range(6):
        store.order(f"c{i}", "mei", f"2025-01-0{i + 1} 02:00", 1, items=[("tea", "Tea", 8, 100)])
        store.order(f"d{i}", "mei", f"2025-02-0{i + 1} 02:00", 1, items=[("tea", "Tea", 2, 200)])
    store.order("x", "liu", "2025-02-01 02:00", 1, items=[("cup", "Cups", 2, 200)]).load(warehouse)

    found = computed(warehouse)

    assert found["mei"]["price_response"] == pytest.approx(-2)
    assert found["mei"]["paid_against_usual"] == pytest.approx(1)
    assert (found["liu"]["price_response"], found["liu"]["paid_against_usual"]) == (None, None)


def test_reviews_visits_and_what_was_given(warehouse: Warehouse) -> None:
    """6 visits lately, 9 in the 90 days before: 0.2 a day against 0.1, so (0.2 - 0.1) / 0.3."""
    end = datetime(2025, 6, 30, 12)
    store = SmallStore(SHOP)
    due = datetime(2025, 6, 12)
    for number, arrived in enumerate((due + timedelta(days=1), due, None), 1):
        late = {"delivered_at": arrived, "promised_at": due}
        store.order(f"{number}", "mei", "2025-06-10 02:00", 100, items=[("tea", "Tea", 1, 100)], **late)
    store.order("9", "mei", "2025-06-30 02:00", 100, items=[("tea", "Tea", 1, 100)]).load(warehouse)
    rated = [("mei", 5, None), ("mei", 2, None), ("liu", 4, False), ("ann", 5, None)]
    reviews = [
        {
            "shop_id": SHOP.shop_id,
            "review_id": str(i),
            "customer_id": who,
            "product_id": "tea",
            "rating": stars,
            "recommended": yes,
            "sentiment": stars / 10,
        }
        for i, (who, stars, yes) in enumerate(rated)
    ]
    put(warehouse, "reviews", reviews)
    days = [1, 2, 3, 4, 5, 6, *range(40, 49)]
    sessions = [
        {
            "shop_id": SHOP.shop_id, "session_key": i, "customer_id": "mei", "is_known": True, "is_seen": True,
            "started_at": end - timedelta(days=back), "device": "mobile" if i else "desktop", "region": "CN-31",
        }
        for i, back in enumerate(days)
    ]  # fmt: skip
    put(warehouse, "sessions", [*sessions, {**sessions[0], "session_key": 99, "is_bot": True}])
    told = {"shop_id": SHOP.shop_id, "type": "identify", "is_known": True, "customer_id": "mei"}
    put(warehouse, "events", [
        {**told, "message_id": "1", "timestamp": end, "properties": '{"occupation": "nurse", "gender": "m", "birth_year": 1990}'},
        {**told, "message_id": "2", "timestamp": end - timedelta(days=9), "properties": '{"occupation": "pilot"}'},
    ])  # fmt: skip
    put(warehouse, "customers", [{"shop_id": SHOP.shop_id, "customer_id": "mei", "gender": "f"}])

    found = computed(warehouse)

    mei = found["mei"]
    assert (mei["mean_rating"], mei["complaints"], mei["bought_rating"]) == (3.5, 1.0, 4.0)
    assert (mei["review_mood"], mei["late_delivery_share"]) == (pytest.approx(0.35), 0.5)
    assert (mei["sessions_30_days"], mei["engagement_trend"]) == (6.0, pytest.approx(1 / 3))
    assert (mei["preferred_device"], mei["home_region"]) == ("mobile", "CN-31")
    assert (mei["given_gender"], mei["given_occupation"], mei["given_age"], mei["given_city"]) == ("f", "nurse", 35.0, None)


def test_a_shop_with_visits_only_has_traits_too(warehouse: Warehouse) -> None:
    seen = {"shop_id": SHOP.shop_id, "session_key": 1, "customer_id": "mei", "is_known": True, "is_seen": True}
    put(warehouse, "sessions", [{**seen, "device": "tablet"}])

    mei = computed(warehouse)["mei"]

    assert (mei["preferred_device"], mei["lifetime_value"], mei["order_count"]) == ("tablet", None, None)


@pytest.mark.parametrize(
    ("values", "whole", "edges"),
    [
        ((0, 9, 0, 9), True, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ((0, 57, 0, 0.5), False, [0, *(i / 20 for i in range(1, 10)), 57]),
        ((3, 3, 3, 3), False, [3, 3]),
        ((-5, 50, 1, 1), False, [-5, 50]),
    ],
)
def test_bins_have_round_edges(values: tuple[float, float, float, float], whole: bool, edges: list[float]) -> None:
    assert edges_of(*values, whole_numbers=whole) == pytest.approx(edges)


def test_a_real_shop_counted_again(online_retail_warehouse: Warehouse) -> None:
    """UCI Online Retail: what its buyers are like, by loops over its rows."""
    store, shop = online_retail_warehouse, online_retail.SHOP
    found = computed(store, shop)
    orders = defaultdict(list)
    for row in store.rows(store.table("orders").select("customer_id", "ordered_at", "total_minor")):
        orders[row["customer_id"]].append(row)
    refunds: dict[str, int] = defaultdict(int)
    for row in store.rows(store.table("refunds").select("customer_id", "amount_minor")):
        refunds[row["customer_id"]] += row["amount_minor"]
    table = store.table("order_lines")
    bought = store.rows(table.filter(table.kind == "product").select("customer_id", "product_id", "quantity", "amount_minor"))
    bought = [row for row in bought if row["customer_id"] and row["amount_minor"] > 0]
    usual = defaultdict(list)
    for row in bought:
        row["x"], row["y"] = math.log(row["amount_minor"] / float(row["quantity"])), math.log(float(row["quantity"]))
        usual[row["product_id"]].append(row)
    answers = defaultdict(list)
    for rows in usual.values():
        x, y = statistics.fmean(r["x"] for r in rows), statistics.fmean(r["y"] for r in rows)
        if max(r["x"] for r in rows) > min(r["x"] for r in rows) + math.log(1.01):
            for row in rows:
                answers[row["customer_id"]].append((row["x"] - x, row["y"] - y))

    assert len(found) == len([who for who in orders if who])
    for who, row in found.items():
        mine = orders[who]
        gmv, back = sum(one["total_minor"] for one in mine), refunds[who]
        local = [one["ordered_at"].replace(tzinfo=UTC).astimezone(zone("Europe/London")) for one in mine]
        hours = [one.hour for one in local]
        hour = min(set(hours), key=lambda h, hours=hours: (-hours.count(h), h))  # type: ignore[misc]
        days = sorted({one.date() for one in local})
        gaps = [(b - a).days for a, b in pairwise(days)]
        assert row["lifetime_value"] == pytest.approx((gmv - back) / 100)
        assert row["average_order_value"] == pytest.approx(gmv / len(mine) / 100)
        assert row["purchase_cycle_days"] == (pytest.approx(statistics.median(gaps)) if gaps else None)
        assert row["preferred_hour"] == hour
        assert row["weekend_share"] == pytest.approx(sum(one.weekday() >= 5 for one in local) / len(mine))
        assert row["return_rate"] == (pytest.approx(back / gmv) if gmv else None)
        told = answers.get(who, [])
        square = statistics.fmean(x * x for x, _ in told) if told else 0
        if told:
            assert row["paid_against_usual"] == pytest.approx(math.exp(statistics.fmean(x for x, _ in told)))
        if len(told) >= 10 and square > 0.00101:
            assert row["price_response"] == pytest.approx(statistics.fmean(x * y for x, y in told) / square, rel=1e-6, abs=1e-9)
        elif len(told) < 10:
            assert row["price_response"] is None
