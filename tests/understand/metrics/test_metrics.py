"""Metrics counted by hand on small stores."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from regulars.errors import InvalidInput
from regulars.understand import metrics
from regulars.understand.metrics import Value
from regulars.values.money import Money
from regulars.values.periods import Period
from regulars.warehouse import Warehouse
from tests.understand.metrics.small_store import SmallStore, days, make_shop

JANUARY = days("2025-01-01", "2025-01-31")


def totals(warehouse: Warehouse, store: SmallStore, period: Period | None = JANUARY) -> dict[str, Value]:
    """The totals of a period, by name."""
    return {total.metric: total.value for total in metrics.report(warehouse, store.shop, period).totals}


def yuan(minor: int) -> Money:
    return Money(minor, "CNY")


@pytest.fixture
def store(warehouse: Warehouse) -> SmallStore:
    """Ann is old and comes twice, Ben is new and cancels, Cat is new and comes twice, one order is anonymous, one unpaid.

    January: GMV 100 + 200 + 80 + 40 + 60 + 30 = 510; cancelled 80; refunds 25 + 10 (one for a December order).
    """
    store = SmallStore(make_shop())
    store.order("o0", "ann", "2024-12-26 10:00", 5000)
    store.order("o1", "ann", "2025-01-05 10:00", 10000, items=[("pot", "Tea", 2, 3000), ("cup", None, 4, 1000)])
    store.order("o2", "ann", "2025-01-25 10:00", 20000)
    store.order("o3", "ben", "2025-01-10 10:00", 8000, status="cancelled")
    store.order("o4", "cat", "2025-01-11 10:00", 4000)
    store.order("o5", "cat", "2025-01-11 22:00", 6000)
    store.order("o6", None, "2025-01-12 10:00", 3000)
    store.order("o7", "dan", "2025-01-12 10:00", 99000, status="unpaid")
    store.refund("o0", "2025-01-03 10:00", 1000)
    store.refund("o1", "2025-01-20 10:00", 2500)
    store.refund("o2", "2025-02-02 10:00", 20000)
    store.load(warehouse)
    return store


def test_money_counts_cancelled_orders_in_gmv_and_books_refunds_on_their_own_day(warehouse: Warehouse, store: SmallStore) -> None:
    found = totals(warehouse, store)

    assert found["gmv"] == yuan(51000)
    assert found["cancelled"] == yuan(8000)
    assert found["refunds"] == yuan(3500)
    assert found["net_revenue"] == yuan(51000 - 8000 - 3500)
    assert found["refund_rate"] == round(35 / 510, 4)
    assert found["orders"] == 6
    assert found["cancelled_orders"] == 1
    assert found["cancellation_rate"] == round(1 / 6, 4)
    assert found["aov"] == yuan(8500)


def test_a_refund_in_another_month_belongs_to_that_month(warehouse: Warehouse, store: SmallStore) -> None:
    february = totals(warehouse, store, days("2025-02-01", "2025-02-28"))

    assert february["gmv"] == yuan(0)
    assert february["refunds"] == yuan(20000)
    assert february["net_revenue"] == yuan(-20000)
    assert february["refund_rate"] is None


def test_buyers_are_known_customers_new_by_their_first_order_ever(warehouse: Warehouse, store: SmallStore) -> None:
    found = totals(warehouse, store)

    assert found["buyers"] == 3  # ann, ben, cat; not the unknown one, not dan who never paid
    assert found["new_buyers"] == 2  # ben and cat
    assert found["returning_buyers"] == 1
    assert found["returning_buyer_share"] == round(1 / 3, 4)
    assert found["repeat_purchase_rate"] == round(2 / 3, 4)  # ann and cat
    assert found["orders_per_buyer"] == round(5 / 3, 4)
    assert found["revenue_per_buyer"] == yuan(16000)


def test_revenue_splits_into_first_repeat_and_unknown(warehouse: Warehouse, store: SmallStore) -> None:
    found = totals(warehouse, store)

    assert found["new_revenue"] == yuan(8000 + 4000)
    assert found["returning_revenue"] == yuan(10000 + 20000 + 6000)
    assert found["anonymous_revenue"] == yuan(3000)
    assert found["anonymous_share"] == round(1 / 6, 4)


def test_the_purchase_interval_reaches_back_before_the_range(warehouse: Warehouse, store: SmallStore) -> None:
    found = totals(warehouse, store)

    assert found["purchase_interval_days_mean"] == round((10 + 20 + 0.5) / 3, 4)  # ann 26 Dec -> 5 Jan -> 25 Jan; cat half a day
    assert found["purchase_interval_days_median"] == 10


def test_units_and_item_revenue_come_from_the_lines(warehouse: Warehouse, store: SmallStore) -> None:
    found = totals(warehouse, store)

    assert found["units"] == 6
    assert found["units_per_order"] == 1
    assert found["item_revenue"] == yuan(2 * 3000 + 4 * 1000 + 20000 + 8000 + 4000 + 6000 + 3000)


def test_a_store_without_orders_has_no_ratios_and_does_not_fail(warehouse: Warehouse) -> None:
    shop = make_shop()

    answer = metrics.report(warehouse, shop)

    assert metrics.data_span(warehouse, shop).empty
    assert answer.total("gmv").value == yuan(0)
    for name in (
        "aov",
        "refund_rate",
        "repeat_purchase_rate",
        "purchase_interval_days_mean",
        "revenue_per_buyer",
        "units_per_order",
    ):
        assert answer.total(name).value is None, name
    assert metrics.overview(warehouse, shop).findings == ()
    assert metrics.breakdown(warehouse, shop).rows == ()


def test_a_refund_before_any_order_is_shown(warehouse: Warehouse) -> None:
    store = SmallStore(make_shop()).refund(None, "2025-01-05 10:00", 700)
    store.load(warehouse)

    answer = metrics.report(warehouse, store.shop, JANUARY)

    assert answer.total("refunds").value == yuan(700)
    assert answer.series[0].values["refunds"] == yuan(700)


def test_two_orders_in_one_instant_are_a_first_and_a_second(warehouse: Warehouse) -> None:
    store = SmallStore(make_shop())
    store.order("b", "ann", "2025-01-05 10:00", 300).order("a", "ann", "2025-01-05 10:00", 200)
    store.load(warehouse)

    found = totals(warehouse, store)

    assert (found["buyers"], found["new_buyers"], found["repeat_purchase_rate"]) == (1, 1, 1.0)
    assert (found["new_revenue"], found["returning_revenue"]) == (yuan(200), yuan(300))
    assert found["purchase_interval_days_mean"] == 0


def test_shops_do_not_see_each_other(warehouse: Warehouse, store: SmallStore) -> None:
    other = SmallStore(make_shop(shop_id="shop_2")).order("o1", "ann", "2025-01-05 10:00", 700)
    other.load(warehouse)

    assert totals(warehouse, other)["gmv"] == yuan(700)
    assert totals(warehouse, other)["new_buyers"] == 1
    assert totals(warehouse, store)["gmv"] == yuan(51000)


def test_orders_in_another_currency_are_left_out_and_told(warehouse: Warehouse, store: SmallStore) -> None:
    SmallStore(store.shop).order("u1", "ann", "2025-01-06 10:00", 500, currency="USD").load(warehouse)

    answer = metrics.report(warehouse, store.shop, JANUARY)

    assert answer.total("gmv").value == yuan(51000)
    assert answer.total("orders").value == 6
    assert answer.other_currency_orders == 1


def test_a_shop_whose_orders_are_all_in_another_currency_is_reported_in_that_one(warehouse: Warehouse) -> None:
    store = SmallStore(make_shop()).order("u1", "ann", "2025-01-06 10:00", 500, currency="USD")
    store.load(warehouse)

    assert metrics.report(warehouse, store.shop, JANUARY).total("gmv").value == Money(500, "USD")


def test_totals_are_compared_with_the_period_before_and_the_same_one_last_year(warehouse: Warehouse) -> None:
    store = SmallStore(make_shop())
    store.order("a", "ann", "2024-01-01 10:00", 1000).order("b", "ann", "2024-02-10 10:00", 4000)
    store.order("c", "ann", "2025-01-10 10:00", 2000).order("d", "ann", "2025-02-10 10:00", 3000)
    store.load(warehouse)

    gmv = metrics.report(warehouse, store.shop, days("2025-02-01", "2025-02-28")).total("gmv")

    assert (gmv.value, gmv.previous, gmv.last_year) == (yuan(3000), yuan(2000), yuan(4000))
    assert (gmv.previous_change, gmv.last_year_change) == (0.5, -0.25)


def test_no_change_is_told_against_a_time_before_the_data_begins(warehouse: Warehouse, store: SmallStore) -> None:
    answer = metrics.report(warehouse, store.shop, JANUARY)

    assert not answer.previous.covered
    assert answer.total("gmv").previous == yuan(5000)
    assert answer.total("gmv").previous_change is None


@pytest.mark.parametrize(
    ("period", "last_year"),
    [
        (days("2024-02-29", "2024-02-29"), days("2023-02-28", "2023-02-28")),
        (days("2024-02-28", "2024-02-28"), days("2023-02-28", "2023-02-28")),
        (days("2024-02-01", "2024-02-29"), days("2023-02-01", "2023-02-28")),
        (days("2025-02-01", "2025-02-28"), days("2024-02-01", "2024-02-29")),
        (days("2024-02-29", "2024-03-01"), days("2023-02-28", "2023-03-01")),
    ],
)
def test_the_same_period_last_year_bends_around_leap_days(period: Period, last_year: Period) -> None:
    assert period.same_last_year() == last_year


def test_the_default_period_is_twelve_months_up_to_the_newest_order(warehouse: Warehouse, store: SmallStore) -> None:
    assert metrics.report(warehouse, store.shop).period == days("2024-12-26", "2025-01-25")

    store = SmallStore(store.shop).order("o9", "ann", "2025-12-24 10:00", 100)
    store.load(warehouse)
    assert metrics.report(warehouse, store.shop).period == days("2025-01-01", "2025-12-24")


def test_a_history_is_judged_at_its_own_end_and_a_living_store_now(warehouse: Warehouse, store: SmallStore) -> None:
    assert metrics.data_span(warehouse, store.shop).as_of.isoformat() == "2025-01-26T00:00:00+00:00"

    with time_machine.travel("2025-01-25T18:30:20Z", tick=False):
        assert metrics.data_span(warehouse, store.shop).as_of.isoformat() == "2025-01-25T18:30:00+00:00"


def test_metrics_are_given_in_the_order_asked_for(warehouse: Warehouse, store: SmallStore) -> None:
    answer = metrics.report(warehouse, store.shop, JANUARY, metrics=["buyers", "gmv"])

    assert [total.metric for total in answer.totals] == ["buyers", "gmv"]
    assert list(answer.series[0].values) == ["buyers", "gmv"]


def test_an_unknown_metric_is_refused_with_the_names_there_are(warehouse: Warehouse, store: SmallStore) -> None:
    with pytest.raises(InvalidInput, match=r"no metric named 'turnover'.*net_revenue") as refused:
        metrics.report(warehouse, store.shop, JANUARY, metrics=["gmv", "turnover"])

    assert "aov" in refused.value.metrics


def test_too_many_days_are_refused_with_the_unit_that_fits(warehouse: Warehouse, store: SmallStore) -> None:
    with pytest.raises(InvalidInput, match="cut it by week"):
        metrics.report(warehouse, store.shop, days("2015-01-01", "2024-12-31"), "day")
    with pytest.raises(InvalidInput, match="cut it by month"):
        metrics.report(warehouse, store.shop, days("1995-01-01", "2024-12-31"), "week")


@pytest.mark.parametrize("period", [Period(date(2025, 1, 1), date(2025, 1, 1)), days("1066-01-01", "1066-12-31")])
def test_an_impossible_period_is_refused(warehouse: Warehouse, store: SmallStore, period: Period) -> None:
    with pytest.raises(InvalidInput):
        metrics.report(warehouse, store.shop, period)


def test_from_and_to_become_a_period(warehouse: Warehouse, store: SmallStore) -> None:
    def asked(first: str | None, last: str | None) -> Period | None:
        return metrics.asked_period(
            warehouse, store.shop, date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None
        )

    assert asked(None, None) is None
    assert asked("2025-01-02", "2025-01-03") == days("2025-01-02", "2025-01-03")
    assert asked("2025-01-02", None) == days("2025-01-02", "2025-01-25")
    assert asked("2025-03-02", None) == days("2025-03-02", "2025-03-02")
    assert asked(None, "2025-01-10") == days("2024-02-01", "2025-01-10")
    with pytest.raises(InvalidInput, match="Swap them"):
        asked("2025-01-03", "2025-01-02")


def test_an_answer_is_kept_until_something_is_written(warehouse: Warehouse, store: SmallStore) -> None:
    before = totals(warehouse, store)["gmv"]

    SmallStore(store.shop).order("new", "eve", "2025-01-24 10:00", 100).load(warehouse)

    assert (before, totals(warehouse, store)["gmv"]) == (yuan(51000), yuan(51100))


def test_a_write_to_another_table_does_not_cost_the_kept_answer(warehouse: Warehouse, store: SmallStore) -> None:
    asked = []

    def answer() -> int:
        asked.append(1)
        return len(asked)

    assert warehouse.cached("question", answer, of=("orders", "refunds")) == 1

    warehouse.delete("reviews", lambda reviews: reviews.shop_id == store.shop.shop_id)
    assert warehouse.cached("question", answer, of=("orders", "refunds")) == 1

    store.refund("o1", "2025-01-21 10:00", 5).load(warehouse)
    assert warehouse.cached("question", answer, of=("orders", "refunds")) == 2
