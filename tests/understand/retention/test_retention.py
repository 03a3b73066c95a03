"""First-order cohorts counted by hand, and against a second implementation on a real store."""

from __future__ import annotations

from datetime import date

import pytest

from regulars.errors import InvalidInput
from regulars.understand import retention
from regulars.understand.retention import CohortRow, RetentionAnswer, groups_table, ltv_table, retention_table
from regulars.values.money import Money
from regulars.warehouse import Warehouse
from tests.understand.metrics.online_retail import SHOP
from tests.understand.metrics.second import SecondCount
from tests.understand.metrics.small_store import SmallStore, days, make_shop

FIRST_QUARTER = days("2025-01-01", "2025-03-31")


def cells(row: CohortRow) -> list[int]:
    """Plain values, money in minor units."""
    return [cell.value.minor if isinstance(cell.value, Money) else cell.value for cell in row.cells]


def rows(answer: RetentionAnswer) -> dict[date, list[int]]:
    return {row.start_on: cells(row) for row in answer.cohorts}


@pytest.fixture
def store(warehouse: Warehouse) -> SmallStore:
    """Old `zoe` began in December. January: ann (again in February and twice in March), ben (never again). February: cat (March),
    whose first try stayed unpaid in January. One order has no buyer. The data ends on 20 March."""
    store = SmallStore(make_shop())
    store.order("z1", "zoe", "2024-12-30 10:00", 100).order("z2", "zoe", "2025-01-02 10:00", 100)
    store.order("a1", "ann", "2025-01-10 10:00", 1000, channel="web", items=[("t", "Tea", 1, 600), ("c", "Cups", 1, 400)])
    store.order("a2", "ann", "2025-02-10 10:00", 500, channel="app", items=[("c", "Cups", 1, 500)])
    store.order("a3", "ann", "2025-03-01 10:00", 200).order("a4", "ann", "2025-03-20 10:00", 300, status="cancelled")
    store.order("b1", "ben", "2025-01-20 10:00", 600, channel="app", items=[("c", "Cups", 1, 600)])
    store.order("c0", "cat", "2025-01-25 10:00", 900, status="unpaid")
    store.order("c1", "cat", "2025-02-10 10:00", 800, channel="web").order("c2", "cat", "2025-03-02 10:00", 400)
    store.order("n1", None, "2025-02-11 10:00", 700)
    store.load(warehouse)
    return store


def test_customers_by_month_of_their_first_order_ever(warehouse: Warehouse, store: SmallStore) -> None:
    answer = retention.retention(warehouse, store.shop, FIRST_QUARTER)

    assert rows(answer) == {date(2025, 1, 1): [2, 1, 1], date(2025, 2, 1): [1, 1], date(2025, 3, 1): [0]}
    assert [row.customers for row in answer.cohorts] == [2, 1, 0]
    assert [cell.share for cell in answer.cohorts[0].cells] == [1.0, 0.5, 0.5]
    assert answer.cohorts[2].cells[0].share is None


def test_orders_and_revenue_are_shares_of_the_first_period(warehouse: Warehouse, store: SmallStore) -> None:
    orders = retention.retention(warehouse, store.shop, FIRST_QUARTER, measure="orders")
    revenue = retention.retention(warehouse, store.shop, FIRST_QUARTER, measure="revenue")

    assert rows(orders)[date(2025, 1, 1)] == [2, 1, 2]
    assert rows(revenue)[date(2025, 1, 1)] == [1600, 500, 500]  # cancelled orders count, nothing is deducted
    assert [cell.share for cell in revenue.cohorts[0].cells] == [1.0, round(500 / 1600, 4), round(500 / 1600, 4)]


def test_a_cell_is_complete_when_its_month_is_over(warehouse: Warehouse, store: SmallStore) -> None:
    answer = retention.retention(warehouse, store.shop, FIRST_QUARTER)

    assert [[cell.complete for cell in row.cells] for row in answer.cohorts] == [[True, True, False], [True, False], [False]]


def test_the_curve_weighs_the_cohorts_that_lived_through_a_period(warehouse: Warehouse, store: SmallStore) -> None:
    curve = retention.retention(warehouse, store.shop, FIRST_QUARTER).curve

    assert [(point.period, point.share, point.cohorts, point.customers) for point in curve] == [(0, 1.0, 2, 3), (1, 0.5, 1, 2)]


def test_weeks_begin_on_the_shops_first_day(warehouse: Warehouse) -> None:
    """Sunday 5 January 2025: with Monday weeks it is the last day of a week, with Sunday weeks the first."""
    for shop_id, week_start, expected in (("mon", 0, {date(2024, 12, 30): [1, 1]}), ("sun", 6, {date(2025, 1, 5): [1, 0]})):
        store = SmallStore(make_shop(shop_id=shop_id, week_start=week_start))
        store.order("a", "ann", "2025-01-05 10:00", 100).order("b", "ann", "2025-01-06 10:00", 100)
        store.load(warehouse)

        answer = retention.retention(warehouse, store.shop, days("2025-01-05", "2025-01-12"), "week")

        assert {day: values for day, values in rows(answer).items() if values[0]} == expected


def test_cohorts_are_cut_in_the_shops_zone(warehouse: Warehouse) -> None:
    store = SmallStore(make_shop("Asia/Shanghai"))
    store.order("a", "ann", "2025-01-31 15:59", 100).order("b", "ben", "2025-01-31 16:00", 100)
    store.load(warehouse)

    answer = retention.retention(warehouse, store.shop, days("2025-01-01", "2025-02-28"))

    assert rows(answer) == {date(2025, 1, 1): [1, 0], date(2025, 2, 1): [1]}


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("category", {"Cups": [1, 0], "Tea": [1, 1], "(none)": [1]}),
        ("channel", {"web": [2, 1], "app": [1, 0]}),
        ("region", {"(none)": [3, 1]}),
    ],
)
def test_curves_by_the_first_order(warehouse: Warehouse, store: SmallStore, by: str, expected: dict[str, list[int]]) -> None:
    """By category: ann began with mostly tea, ben with cups, cat with an order without lines."""
    answer = retention.retention_by(warehouse, store.shop, FIRST_QUARTER, by)  # type: ignore[arg-type]

    found = {}
    for group in answer.groups:
        found[group.name] = [round((point.share or 0) * point.customers) for point in group.curve]
    assert found == expected


def test_small_groups_are_taken_together(warehouse: Warehouse, store: SmallStore) -> None:
    answer = retention.retention_by(warehouse, store.shop, FIRST_QUARTER, "category", limit=1)

    assert [(group.name, group.customers) for group in answer.groups] == [("(none)", 1), ("(other)", 2)]


def test_lifetime_value_is_cumulative_over_all_customers_of_the_cohort(warehouse: Warehouse, store: SmallStore) -> None:
    answer = retention.ltv(warehouse, store.shop, FIRST_QUARTER)

    assert [(row.start_on, row.customers, [cell.value.minor for cell in row.ltv]) for row in answer.cohorts] == [
        (date(2025, 1, 1), 2, [800, 1050, 1300]),
        (date(2025, 2, 1), 1, [800, 1200]),
    ]
    assert [cell.value.minor for cell in answer.average] == [800, 1050]  # (1600 + 800) / 3, then January alone


def test_a_store_without_orders_has_no_cohorts(warehouse: Warehouse) -> None:
    shop = make_shop()

    assert retention.retention(warehouse, shop).cohorts == ()
    assert retention.retention(warehouse, shop).curve == ()
    assert retention.retention_by(warehouse, shop, None, "category").groups == ()
    assert retention.ltv(warehouse, shop).cohorts == ()


def test_what_cannot_be_asked_is_refused(warehouse: Warehouse, store: SmallStore) -> None:
    with pytest.raises(InvalidInput, match="no measure 'profit'"):
        retention.retention(warehouse, store.shop, measure="profit")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="no unit 'day'"):
        retention.retention(warehouse, store.shop, unit="day")  # type: ignore[arg-type]
    SmallStore(store.shop).order("old", "old", "2015-01-01 10:00", 100).load(warehouse)
    with pytest.raises(InvalidInput, match="Cut it by month"):
        retention.retention(warehouse, store.shop, days("2015-01-01", "2025-03-31"), "week")


def test_tables_have_a_row_for_every_cell(warehouse: Warehouse, store: SmallStore) -> None:
    assert len(retention_table(retention.retention(warehouse, store.shop, FIRST_QUARTER)).rows) == 6
    assert len(ltv_table(retention.ltv(warehouse, store.shop, FIRST_QUARTER)).rows) == 5
    assert groups_table(retention.retention_by(warehouse, store.shop, FIRST_QUARTER, "channel")).columns[0] == "channel"


def test_the_triangle_of_a_real_store_agrees_with_a_second_count(
    online_retail_warehouse: Warehouse, second_count: SecondCount
) -> None:
    period = days("2010-12-01", "2011-12-09")
    second = second_count.cohorts()

    for measure in ("customers", "orders", "revenue"):
        answer = retention.retention(online_retail_warehouse, SHOP, period, "month", measure)  # type: ignore[arg-type]
        assert len(answer.cohorts) == 13
        for i, row in enumerate(answer.cohorts):
            months = [f"{later.start_on:%Y-%m}" for later in answer.cohorts[i:]]
            expected = [second.get((f"{row.start_on:%Y-%m}", month), {}).get(measure, 0) for month in months]
            assert cells(row) == expected, (measure, row.start_on)
