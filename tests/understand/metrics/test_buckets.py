"""Days, weeks and months are the shop's own: zones, daylight saving, week starts, and distinct buyers in each bucket."""

from __future__ import annotations

from datetime import date

import pytest

from regulars.understand import metrics
from regulars.values.money import Money
from regulars.warehouse import Warehouse
from tests.understand.metrics.small_store import SmallStore, days, make_shop


def test_a_day_is_the_shops_day(warehouse: Warehouse) -> None:
    store = SmallStore(make_shop("Asia/Shanghai"))
    store.order("a", "ann", "2025-01-31 15:59", 100).order("b", "ann", "2025-01-31 16:00", 200)
    store.load(warehouse)

    january = metrics.report(warehouse, store.shop, days("2025-01-01", "2025-01-31"))
    february = metrics.report(warehouse, store.shop, days("2025-02-01", "2025-02-28"))

    assert january.total("gmv").value == Money(100, "CNY")
    assert february.total("gmv").value == Money(200, "CNY")


def test_days_of_23_and_25_hours_hold_their_own_orders(warehouse: Warehouse) -> None:
    """London: 30 March 2025 has 23 hours (ends 23:00 UTC), 26 October has 25 (begins 23:00 UTC the day before)."""
    store = SmallStore(make_shop("Europe/London"))
    store.order("a", "ann", "2025-03-30 00:00", 1).order("b", "ann", "2025-03-30 22:59", 2).order("c", "ann", "2025-03-30 23:00", 4)
    store.order("d", "ann", "2025-10-25 22:59", 8).order("e", "ann", "2025-10-25 23:00", 16)
    store.order("f", "ann", "2025-10-26 23:59", 32).order("g", "ann", "2025-10-27 00:00", 64)
    store.load(warehouse)

    answer = metrics.report(warehouse, store.shop, days("2025-03-30", "2025-10-27"), "day")

    gmv = {bucket.start_on: bucket.values["gmv"] for bucket in answer.series}
    assert gmv[date(2025, 3, 30)] == Money(1 + 2, "CNY")
    assert gmv[date(2025, 3, 31)] == Money(4, "CNY")
    assert gmv[date(2025, 10, 25)] == Money(8, "CNY")
    assert gmv[date(2025, 10, 26)] == Money(16 + 32, "CNY")
    assert gmv[date(2025, 10, 27)] == Money(64, "CNY")
    assert len(answer.series) == 212
    assert answer.total("gmv").value == Money(127, "CNY")


@pytest.mark.parametrize(
    ("week_start", "first"), [(0, [date(2025, 1, 6), date(2025, 1, 13)]), (6, [date(2025, 1, 5), date(2025, 1, 12)])]
)
def test_weeks_begin_on_the_shops_first_day(warehouse: Warehouse, week_start: int, first: list[date]) -> None:
    """5 January 2025 is a Sunday, 12 January the next."""
    store = SmallStore(make_shop(week_start=week_start))
    store.order("a", "ann", "2025-01-05 10:00", 1).order("b", "ann", "2025-01-11 10:00", 2).order("c", "ann", "2025-01-12 10:00", 4)
    store.order("d", "ann", "2025-01-18 10:00", 8)
    store.load(warehouse)

    answer = metrics.report(warehouse, store.shop, days("2025-01-05", "2025-01-18"), "week")

    found = {bucket.start_on: bucket.values["gmv"] for bucket in answer.series}
    if week_start == 6:
        assert found == {first[0]: Money(3, "CNY"), first[1]: Money(12, "CNY")}
    else:
        assert found == {date(2025, 1, 5): Money(1, "CNY"), first[0]: Money(6, "CNY"), first[1]: Money(8, "CNY")}


def test_each_bucket_counts_its_own_distinct_buyers(warehouse: Warehouse) -> None:
    """Ann buys on 30 and 31 January and twice in February, Ben on 1 and 2 February."""
    store = SmallStore(make_shop())
    store.order("a", "ann", "2025-01-30 10:00", 1).order("b", "ann", "2025-01-31 10:00", 1)
    store.order("c", "ann", "2025-02-01 10:00", 1).order("d", "ann", "2025-02-03 10:00", 1)
    store.order("e", "ben", "2025-02-01 10:00", 1).order("f", "ben", "2025-02-02 10:00", 1)
    store.load(warehouse)
    period = days("2025-01-30", "2025-02-28")

    months = metrics.report(warehouse, store.shop, period, "month").series
    by_day = metrics.report(warehouse, store.shop, period, "day").series

    assert [month.values["buyers"] for month in months] == [1, 2]
    assert [month.values["new_buyers"] for month in months] == [1, 1]
    assert [month.values["repeat_purchase_rate"] for month in months] == [1.0, 1.0]
    assert [day.values["buyers"] for day in by_day[:5]] == [1, 1, 2, 1, 1]
    assert [day.values["new_buyers"] for day in by_day[:5]] == [1, 0, 1, 0, 0]
    assert [day.values["repeat_purchase_rate"] for day in by_day[:6]] == [0.0, 0.0, 0.0, 0.0, 0.0, None]
    assert metrics.report(warehouse, store.shop, period).total("buyers").value == 2


def test_a_cut_bucket_counts_only_what_lies_in_the_period_and_is_not_complete(warehouse: Warehouse) -> None:
    store = SmallStore(make_shop())
    store.order("a", "ann", "2025-01-10 10:00", 1).order("b", "ann", "2025-01-20 10:00", 2)
    store.order("c", "ann", "2025-02-20 10:00", 4).order("d", "ben", "2025-03-20 10:00", 8)
    store.load(warehouse)

    answer = metrics.report(warehouse, store.shop, days("2025-01-15", "2025-03-25"), "month")

    assert [(bucket.start_on, bucket.end_on, bucket.complete) for bucket in answer.series] == [
        (date(2025, 1, 15), date(2025, 2, 1), False),  # cut by the period
        (date(2025, 2, 1), date(2025, 3, 1), True),
        (date(2025, 3, 1), date(2025, 3, 26), False),  # cut, and not over: the data ends on 20 March
    ]
    assert [bucket.values["gmv"] for bucket in answer.series] == [Money(2, "CNY"), Money(4, "CNY"), Money(8, "CNY")]
    assert answer.series[0].values["buyers"] == 1  # ann, though her order before lies in the same month
    assert answer.series[0].values["repeat_purchase_rate"] == 0.0
    assert not answer.complete


def test_additive_metrics_of_the_buckets_add_up_to_the_total(warehouse: Warehouse) -> None:
    store = SmallStore(make_shop("America/Sao_Paulo"))
    for number in range(200):
        when = f"2018-{number % 12 + 1:02d}-{number % 27 + 1:02d} {number * 7 % 24:02d}:30"
        store.order(f"o{number}", f"c{number % 37}" if number % 9 else None, when, 100 + number)
    store.refund("o3", "2018-05-05 03:00", 50)
    store.load(warehouse)
    period = days("2018-02-10", "2018-11-20")
    additive = [metric.name for metric in metrics.METRICS.values() if metric.additive]

    for unit in ("day", "week", "month"):
        answer = metrics.report(warehouse, store.shop, period, unit)  # type: ignore[arg-type]
        for name in additive:
            parts = [bucket.values[name] for bucket in answer.series]
            plain = [part.minor if isinstance(part, Money) else part for part in parts]
            total = answer.total(name).value
            assert sum(plain) == (total.minor if isinstance(total, Money) else total), (unit, name)  # type: ignore[arg-type, type-var]
