"""Sales by group, counted by hand."""

from __future__ import annotations

import pytest

from regulars.errors import InvalidInput
from regulars.understand import metrics
from regulars.understand.metrics import BreakdownAnswer, BreakdownRow, breakdown_table
from regulars.values.money import Money
from regulars.warehouse import Warehouse
from tests.understand.metrics.small_store import SmallStore, days, make_shop

JANUARY = days("2025-01-01", "2025-01-31")


def yuan(minor: int) -> Money:
    return Money(minor, "CNY")


def named(answer: BreakdownAnswer) -> dict[str, BreakdownRow]:
    return {row.key: row for row in answer.rows}


@pytest.fixture
def store(warehouse: Warehouse) -> SmallStore:
    """January: tea 2x30 + 1x30 = 90 in two orders of two buyers, cups 4x10 = 40, nameless 5; December: tea 60."""
    store = SmallStore(make_shop("Asia/Shanghai"))
    store.order("o0", "ann", "2024-12-15 10:00", 6000, items=[("green", "Tea", 2, 3000)], channel="web", region="North")
    store.order("o1", "ann", "2025-01-05 10:00", 9000, items=[("green", "Tea", 2, 3000), ("cup", "杯子", 4, 1000)], channel="web")
    store.order(
        "o2", "ben", "2025-01-06 10:00", 3500, items=[("black", "Tea", 1, 3000), ("x", None, 1, 500)], channel="app", region="South"
    )
    store.order("o3", "ben", "2025-01-07 10:00", 9900, items=[("green", "Tea", 3, 3300)], status="unpaid")
    store.order("o4", None, "2025-01-07 10:00", 1000, channel="app", region="South")
    store.refund("o1", "2025-01-20 10:00", 3000, category="Tea", product_id="green")
    store.refund("o0", "2025-01-21 10:00", 700, category="Old", product_id="old")
    store.refund("o1", "2025-02-20 10:00", 3000, category="Tea", product_id="green")
    store.load(warehouse)
    return store


def test_categories_with_orders_buyers_refunds_and_the_month_before(warehouse: Warehouse, store: SmallStore) -> None:
    answer = metrics.breakdown(warehouse, store.shop, JANUARY, "category")

    assert [row.key for row in answer.rows] == ["Tea", "杯子", "(none)", "Old"]
    tea, old = named(answer)["Tea"], named(answer)["Old"]
    assert (tea.item_revenue, tea.units, tea.orders, tea.buyers) == (yuan(9000), 3, 2, 2)
    assert (tea.refunds, tea.previous_item_revenue) == (yuan(3000), yuan(6000))
    assert tea.share == round(90 / 135, 4)
    assert named(answer)["(none)"].item_revenue == yuan(500)
    assert (old.item_revenue, old.refunds, old.orders, old.buyers) == (
        yuan(0),
        yuan(700),
        0,
        0,
    )  # money back for what was sold before
    assert answer.other is None
    assert (answer.total.item_revenue, answer.total.refunds) == (yuan(13500), yuan(3700))
    assert (answer.total.orders, answer.total.buyers) == (3, 2)


def test_the_groups_beyond_the_limit_are_one_row(warehouse: Warehouse, store: SmallStore) -> None:
    answer = metrics.breakdown(warehouse, store.shop, JANUARY, "category", limit=1)

    assert [row.key for row in answer.rows] == ["Tea"]
    assert answer.groups == 4
    assert answer.other is not None
    assert (answer.other.key, answer.other.item_revenue, answer.other.units) == ("(other)", yuan(4500), 5)
    assert answer.other.orders is None  # the same order may be in several of them
    assert answer.total.item_revenue == yuan(13500)


@pytest.mark.parametrize(
    ("metric", "first"),
    [("item_revenue", "green"), ("units", "cup"), ("orders", "black"), ("buyers", "black"), ("refunds", "green")],
)
def test_products_are_ranked_by_any_metric_equal_ones_by_name(
    warehouse: Warehouse, store: SmallStore, metric: str, first: str
) -> None:
    answer = metrics.breakdown(warehouse, store.shop, JANUARY, "product", metric=metric)  # type: ignore[arg-type]

    assert answer.rows[0].key == first


def test_a_product_is_called_by_its_latest_name(warehouse: Warehouse, store: SmallStore) -> None:
    later = SmallStore(store.shop).order("o9", "ann", "2025-01-25 10:00", 3000, items=[("green", "Tea", 1, 3000)])
    later.lines[0]["product_name"] = "Green tea, new box"
    later.load(warehouse)

    assert named(metrics.breakdown(warehouse, store.shop, JANUARY, "product"))["green"].name == "Green tea, new box"


def test_channels_and_regions_know_gmv_but_no_refunds(warehouse: Warehouse, store: SmallStore) -> None:
    channels = named(metrics.breakdown(warehouse, store.shop, JANUARY, "channel"))
    regions = metrics.breakdown(warehouse, store.shop, JANUARY, "region", metric="gmv")

    assert (channels["web"].gmv, channels["web"].orders, channels["web"].buyers) == (yuan(9000), 1, 1)
    assert (channels["app"].gmv, channels["app"].orders, channels["app"].buyers) == (yuan(4500), 2, 1)
    assert channels["app"].refunds is None
    assert [row.key for row in regions.rows] == ["(none)", "South"]


@pytest.mark.parametrize("by", ["brand", "seller"])
def test_a_dimension_the_store_does_not_have_is_one_group(warehouse: Warehouse, store: SmallStore, by: str) -> None:
    answer = metrics.breakdown(warehouse, store.shop, JANUARY, by)  # type: ignore[arg-type]

    assert [row.key for row in answer.rows] == ["(none)"]
    assert answer.rows[0].item_revenue == yuan(13500)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"by": "colour"}, "cannot be broken down by 'colour'"),
        ({"by": "brand", "metric": "refunds"}, "cannot be ranked by 'refunds'"),
        ({"by": "category", "metric": "gmv"}, "cannot be ranked by 'gmv'"),
        ({"limit": 0}, "limit of 0"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    warehouse: Warehouse, store: SmallStore, arguments: dict[str, object], sentence: str
) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        metrics.breakdown(warehouse, store.shop, JANUARY, **arguments)  # type: ignore[arg-type]


def test_the_table_has_a_row_for_each_group_the_others_and_all(warehouse: Warehouse, store: SmallStore) -> None:
    table = breakdown_table(metrics.breakdown(warehouse, store.shop, JANUARY, "category", limit=2))

    assert [row[0] for row in table.rows] == ["Tea", "杯子", "(other)", "(all)"]
    assert {len(row) for row in table.rows} == {len(table.columns)}


def test_gift_cards_and_fees_are_one_group_behind_all_products(warehouse: Warehouse, store: SmallStore) -> None:
    card = SmallStore(store.shop).order("g1", "eve", "2025-01-25 10:00", 90000, items=[("card", "Tea", 1, 90000)])
    card.lines[0]["kind"] = "gift_card"
    card.orders[0]["units"] = 0
    card.load(warehouse)

    answer = metrics.breakdown(warehouse, store.shop, JANUARY, "product")
    few = metrics.breakdown(warehouse, store.shop, JANUARY, "product", limit=2)

    last = answer.rows[-1]
    assert (last.key, last.item_revenue, last.units, last.orders, last.buyers) == ("(not a product)", yuan(90000), 0, 1, 1)
    assert [row.key for row in few.rows] == ["green", "cup"]
    assert answer.total.item_revenue == yuan(103500)
    assert "(not a product)" not in [row.key for row in metrics.overview(warehouse, store.shop, JANUARY).top_products]
