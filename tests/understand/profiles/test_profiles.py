"""Profiles: history in numbers, the list, and one customer's page."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest

from regulars.errors import InvalidInput, NotFound
from regulars.understand import profiles
from regulars.understand.profiles import CustomerRow, Filters, Sort
from regulars.warehouse import TABLES, Warehouse
from regulars.warehouse.arrow import arrow_rows
from tests.understand.metrics.small_store import SmallStore, arrow, at, make_shop

SHOP = make_shop("Asia/Shanghai")


def row_of(warehouse: Warehouse, customer_id: str) -> CustomerRow:
    (row,) = profiles.search(warehouse, SHOP, filters=Filters(customer_ids=(customer_id,))).rows
    return row


def test_a_history_in_numbers(warehouse: Warehouse) -> None:
    """mei ordered on 1, 11 (twice), 31 January and 1 March (cancelled): gaps 10, 20, 29 days; median 20, median deviation 9."""
    store = SmallStore(SHOP)
    items = [("green", "Tea", 2, 500)]
    store.order("1", "mei", "2025-01-01 02:00", 1000, items=items, region="Zhejiang", channel="app")
    store.order("2", "mei", "2025-01-11 02:00", 2000, items=items).order("3", "mei", "2025-01-11 09:00", 3000, items=items)
    store.order("4", "mei", "2025-01-31 02:00", 4000, items=items, region="Beijing")
    store.order("5", "mei", "2025-03-01 02:00", 5000, items=items, status="cancelled")
    store.order("6", "mei", "2025-03-02 02:00", 9999, items=items, status="unpaid")
    store.order("end", None, "2025-03-11 02:00", 100).refund("1", "2025-01-05 02:00", 300, customer_id="mei").load(warehouse)

    assert profiles.refresh(warehouse, SHOP) == 1

    row = row_of(warehouse, "mei")
    assert (row.orders, row.purchase_days, row.units) == (5, 4, 10)
    assert (row.gmv.minor, row.refunds.minor, row.net.minor) == (15_000, 300, 15_000 - 5_000 - 300)
    assert row.aov is not None
    assert row.aov.minor == 3_000
    assert (row.first_order_at, row.last_order_at) == (at("2025-01-01 02:00"), at("2025-03-01 02:00"))
    assert (row.days_since_last, row.gap_days_median) == (10, 20)
    assert (row.region, row.channel) == ("Beijing", "app")
    (stored,) = warehouse.rows(warehouse.table("customer_profiles"))
    assert (stored["gap_days_spread"], stored["second_order_days"]) == (9, 10)
    assert stored["gap_days_mean"] == pytest.approx(59 / 3)
    assert stored["repeat_year_minor"] == 2000 + 3000 + 4000 - 300
    assert stored["returned_since_minor"] is None


def test_two_orders_around_local_midnight_are_two_purchase_days(warehouse: Warehouse) -> None:
    store = SmallStore(SHOP).order("1", "mei", "2025-01-01 15:59", 100).order("2", "mei", "2025-01-01 16:00", 100)
    store.load(warehouse)

    profiles.refresh(warehouse, SHOP)

    assert row_of(warehouse, "mei").purchase_days == 2


def test_known_customers_without_an_order_are_prospects(warehouse: Warehouse) -> None:
    SmallStore(SHOP).order("1", "mei", "2025-01-01 02:00", 100).load(warehouse)
    people = [{"shop_id": SHOP.shop_id, "customer_id": each, "region": "Yunnan", "load_id": "l"} for each in ("mei", "liu")]
    warehouse.append("customers", arrow("customers", people))

    assert profiles.refresh(warehouse, SHOP) == 2

    liu = row_of(warehouse, "liu")
    assert (liu.stage, liu.orders, liu.last_order_at, liu.segment, liu.region) == ("prospect", 0, None, None, "Yunnan")
    assert row_of(warehouse, "mei").region == "Yunnan"
    answer = profiles.customer(warehouse, SHOP, "liu")
    assert (answer.rfm, answer.next_order, answer.rhythm.gaps, answer.timeline.entries) == (None, None, 0, [])


def test_a_shop_without_orders_has_only_prospects(warehouse: Warehouse) -> None:
    warehouse.append("customers", arrow("customers", [{"shop_id": SHOP.shop_id, "customer_id": "liu", "load_id": "l"}]))

    assert profiles.refresh(warehouse, SHOP) == 1
    assert row_of(warehouse, "liu").stage == "prospect"


def test_refreshing_again_replaces_and_leaves_other_shops_alone(warehouse: Warehouse) -> None:
    other = make_shop(shop_id="other")
    SmallStore(SHOP).order("1", "mei", "2025-01-01 02:00", 100).load(warehouse)
    SmallStore(other).order("1", "max", "2025-01-01 02:00", 100).load(warehouse)

    for shop in (SHOP, other, SHOP):
        profiles.refresh(warehouse, shop)

    assert profiles.search(warehouse, SHOP).total == 1
    assert [row.customer_id for row in profiles.search(warehouse, other).rows] == ["max"]
    with pytest.raises(NotFound):
        profiles.customer(warehouse, other, "mei")


def many(warehouse: Warehouse, count: int = 23) -> None:
    store = SmallStore(SHOP)
    for i in range(count):
        for k in range(1 + i % 3):
            store.order(f"o{i}-{k}", f"C{i:03}", f"2025-0{1 + (i + k) % 5}-10 0{i % 8}:00", 100 * (1 + i % 4))
    store.load(warehouse)
    warehouse.append("customers", arrow("customers", [{"shop_id": SHOP.shop_id, "customer_id": "zed", "load_id": "l"}]))
    profiles.refresh(warehouse, SHOP)


def test_pages_neither_overlap_nor_skip(warehouse: Warehouse) -> None:
    many(warehouse)

    for sort, descending in product(get_args(Sort), (True, False)):
        seen: list[str] = []
        cursor: str | None = None
        while True:
            page = profiles.search(warehouse, SHOP, sort=sort, descending=descending, cursor=cursor, limit=9)
            assert page.total == 24
            seen += [row.customer_id for row in page.rows]
            cursor = page.next
            if cursor is None:
                break
        whole = [row.customer_id for row in profiles.search(warehouse, SHOP, sort=sort, descending=descending, limit=100).rows]
        assert seen == whole
        assert len(set(seen)) == 24
        assert [row.customer_id for row in profiles.every_customer(warehouse, SHOP, sort=sort, descending=descending)] == whole


def test_filters_narrow_the_list_and_its_total(warehouse: Warehouse) -> None:
    many(warehouse)

    def found(**filters: object) -> list[str]:
        page = profiles.search(warehouse, SHOP, filters=Filters(**filters), sort="customer_id", limit=100)  # type: ignore[arg-type]
        assert page.total == len(page.rows)
        return [row.customer_id for row in page.rows]

    assert found(text="c01") == [f"C01{i}" for i in range(10)]
    assert found(text="C0") == [f"C0{i:02}" for i in range(23)]
    assert found(text="022") == ["C022"]
    assert found(text="'; drop table customers --") == []
    assert found(stage="prospect") == ["zed"]
    assert found(min_orders=3) == [f"C{i:03}" for i in range(2, 23, 3)]
    assert found(max_orders=0) == ["zed"]
    assert found(customer_ids=("C001", "nobody")) == ["C001"]
    assert found(customer_ids=()) == []
    assert found(min_net_minor=1200) == ["C011"]


@pytest.mark.parametrize(
    "wish",
    [
        {"sort": "name"},
        {"limit": 0},
        {"cursor": "not a cursor"},
        {"filters": Filters(segment="kings")},
        {"filters": Filters(stage="asleep")},
        {"filters": Filters(status="late")},
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(warehouse: Warehouse, wish: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as refused:
        profiles.search(warehouse, SHOP, **wish)  # type: ignore[arg-type]
    assert refused.value.mend


def test_a_cursor_of_another_order_is_refused(warehouse: Warehouse) -> None:
    many(warehouse)
    cursor = profiles.search(warehouse, SHOP, sort="net", limit=2).next

    with pytest.raises(InvalidInput, match="cursor"):
        profiles.search(warehouse, SHOP, sort="orders", cursor=cursor)


def test_choices_count_what_each_filter_would_show(warehouse: Warehouse) -> None:
    many(warehouse)

    answer = profiles.filter_choices(warehouse, SHOP, language="zh")

    assert sum(choice.customers for choice in answer.stages) == 24
    assert {choice.value: choice.name for choice in answer.stages}["prospect"] == "潜在客户"
    for choice in answer.segments:
        assert profiles.search(warehouse, SHOP, filters=Filters(segment=choice.value)).total == choice.customers


def test_a_customers_page_tells_everything_in_order(warehouse: Warehouse) -> None:
    store = SmallStore(SHOP)
    store.order("o1", "<script>", "2025-01-01 02:00", 1500, items=[("green", "Tea", 1, 1000), ("cup", "Ware", 1, 500)])
    store.order("o2", "<script>", "2025-02-01 02:00", 1000, items=[("green", "Tea", 1, 1000)])
    store.refund("o2", "2025-02-01 02:00", 1000, customer_id="<script>").load(warehouse)
    review = {"shop_id": SHOP.shop_id, "review_id": "v1", "customer_id": "<script>", "product_id": "green", "rating": None}
    warehouse.append("reviews", _reviews([{**review, "reviewed_at": at("2025-01-15 00:00").replace(tzinfo=None), "load_id": "l"}]))
    registered = {"registered_at": at("2024-12-01 00:00").replace(tzinfo=None), "tags": "vip, tea", "city": "Hangzhou"}
    person = {"shop_id": SHOP.shop_id, "customer_id": "<script>", "load_id": "l", **registered}
    warehouse.append("customers", arrow("customers", [person]))
    profiles.refresh(warehouse, SHOP)

    answer = profiles.customer(warehouse, SHOP, "<script>")

    assert answer.numbers.customer_id == "<script>"
    assert [(entry.kind, entry.id) for entry in answer.timeline.entries] == [
        ("refund", "r0"),
        ("order", "o2"),
        ("review", "v1"),
        ("order", "o1"),
        ("registered", "<script>"),
    ]
    assert [(line.product_id, line.amount.minor) for line in answer.timeline.entries[3].lines] == [("green", 1000), ("cup", 500)]
    assert [(each.id, each.amount.minor, each.share) for each in answer.favourite_products] == [
        ("green", 2000, 0.8),
        ("cup", 500, 0.2),
    ]
    assert [each.name for each in answer.favourite_categories] == ["Tea", "Ware"]
    assert (answer.city, answer.tags, answer.rhythm.text) == (
        "Hangzhou",
        ["vip", "tea"],
        "About 31 days between orders (only 1 gap)",
    )


def test_the_timeline_goes_on_where_the_page_before_ended(warehouse: Warehouse) -> None:
    store = SmallStore(SHOP)
    for i in range(9):
        store.order(f"o{i}", "mei", f"2025-01-0{1 + i // 2} 02:00", 100)
        store.refund(f"o{i}", f"2025-01-0{1 + i // 2} 02:00", 10, customer_id="mei")
    store.load(warehouse)
    profiles.refresh(warehouse, SHOP)
    seen: list[tuple[str, str]] = []
    cursor: str | None = None

    while True:
        page = profiles.timeline(warehouse, SHOP, "mei", cursor=cursor, limit=4)
        seen += [(entry.kind, entry.id) for entry in page.entries]
        cursor = page.next
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) == 18
    whole = profiles.timeline(warehouse, SHOP, "mei", limit=100).entries
    assert seen == [(entry.kind, entry.id) for entry in whole]
    assert [entry.at for entry in whole] == sorted((entry.at for entry in whole), reverse=True)


def test_a_stranger_is_not_found(warehouse: Warehouse) -> None:
    with pytest.raises(NotFound):
        profiles.customer(warehouse, SHOP, "nobody")


def _reviews(rows: list[dict[str, object]]) -> object:
    return arrow_rows(TABLES["reviews"], rows)
