"""Bad input on every part: each either answers with numbers that mean something, or says why not and what helps."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from regulars.access import Caller, Keyring, Shop, shops
from regulars.errors import NotEnoughData
from regulars.predict import anomalies, churn, forecast, lifetime_value, next_purchase
from regulars.predict.churn.learning import Course
from regulars.predict.lifetime_value import jobs as values_jobs
from regulars.predict.next_purchase import replenishment
from regulars.records import Records
from regulars.understand import profiles
from regulars.understand.metrics import data_span
from regulars.values.money import Money
from regulars.values.periods import Period
from regulars.warehouse import Warehouse
from tests.understand.metrics.small_store import SmallStore

BEGIN = date(2025, 1, 1)
JUNE = Period(date(2025, 6, 1), date(2025, 7, 1))


def order(store: SmallStore, who: str, day: int, total: int = 1_000, **more: Any) -> None:
    key = f"{more.get('currency', '')}{who}-{day}"
    store.order(key, who, f"{BEGIN + timedelta(days=day)} 0{len(key) % 9}:00", total, items=[("tea", "Tea", 1, total)], **more)


def regulars(store: SmallStore, *, until: int = 200, total: int = 1_000, closed: range = range(0), **more: Any) -> None:
    """Forty customers who order every nine days."""
    for number in range(40):
        for day in range(number % 9, until, 9):
            if day not in closed:
                order(store, f"c{number}", day, total, **more)


def three_orders(store: SmallStore) -> None:
    for day in (0, 60, 150):
        order(store, "ann", day)


def one_customer(store: SmallStore) -> None:
    for day in range(0, 200, 7):
        order(store, "ann", day)


def one_day(store: SmallStore) -> None:
    for number in range(300):
        order(store, f"c{number}", 150)


def below_zero(store: SmallStore) -> None:
    regulars(store, total=-500)


def nobody_returns(store: SmallStore) -> None:
    for number in range(900):
        order(store, f"c{number}", number // 4)


def half_a_year_closed(store: SmallStore) -> None:
    regulars(store, until=420, closed=range(120, 310))


def two_currencies(store: SmallStore) -> None:
    regulars(store)
    regulars(store, until=60, currency="USD")


#: Part -> the code of its refusal, or None where it answers: what each shop is told.
Told = dict[str, str | None]
CASES: list[tuple[Callable[[SmallStore], None], Told]] = [
    (three_orders, {"churn": "history_too_short", "values": "too_few_repeaters", "again": "no_repeats", "forecast": "not_enough_data", "cause": "nothing_to_compare"}),
    (one_customer, {"churn": "too_few_customers", "values": "too_few_repeaters", "again": "no_repeats", "forecast": None, "cause": None}),
    (one_day, {"churn": "no_gaps", "values": "too_short_for_value", "again": "no_repeats", "forecast": "not_enough_data", "cause": "nothing_to_compare"}),
    (below_zero, {"churn": None, "values": "no_worth", "again": None, "forecast": None, "cause": None}),
    (nobody_returns, {"churn": "no_gaps", "values": "no_gaps", "again": "no_repeats", "forecast": None, "cause": None}),
    (half_a_year_closed, {"churn": None, "values": None, "again": None, "forecast": None, "cause": "nothing_to_compare"}),
    (two_currencies, {"churn": None, "values": None, "again": None, "forecast": None, "cause": None}),
]  # fmt: skip


@contextmanager
def told(code: str | None) -> Iterator[None]:
    """Refused with this code and a way out, or not at all."""
    if code is None:
        yield
        return
    with pytest.raises(NotEnoughData) as refused:
        yield
    assert refused.value.code == code
    assert refused.value.mend


def plain(value: Any) -> float:
    return float(value.minor) if isinstance(value, Money) else float(value)


@pytest.fixture
def shop(records: Records, home: Path) -> Shop:
    with records.unit() as uow:
        return shops.create(uow, Caller.system("test", Keyring.open(home)), shop_id="s", name="S", timezone="UTC", currency="CNY")


@pytest.mark.parametrize(("fill", "expected"), CASES, ids=[fill.__name__ for fill, _ in CASES])
def test_no_part_gives_a_number_that_means_nothing(
    shop: Shop, records: Records, warehouse: Warehouse, fill: Callable[[SmallStore], None], expected: Told
) -> None:
    store = SmallStore(shop)
    fill(store)
    store.load(warehouse)
    profiles.refresh(warehouse, shop)
    next_purchase.refresh(warehouse, shop)
    replenishment.refresh(warehouse, shop)

    with told(expected["churn"]):
        scored = churn.score(records, warehouse, shop)
        assert scored.method == "purchase_model"  # the simpler one that still holds, named
        assert scored.note
        rows = warehouse.rows(warehouse.table("churn_scores").select("probability", "loss_minor"))
        assert all(0 <= row["probability"] <= 1 and row["loss_minor"] >= 0 for row in rows)
    values_jobs.run(records, warehouse, shop)
    with told(expected["values"]):
        values = lifetime_value.listing(warehouse, shop)
        assert all(row.value.minor >= 0 for row in values.rows)
        assert values.cautions
    with told(expected["again"]):
        again = next_purchase.next_products(warehouse, shop, level="product")
        assert all(0 <= row.probability <= 1 and math.isfinite(row.rhythm_days) for row in again.rows)
    for row in warehouse.rows(warehouse.table("next_orders").select("rhythm_days", "yearly_value_minor")):
        assert 0 < row["rhythm_days"] < math.inf
        assert row["yearly_value_minor"] >= 0
    with told(expected["forecast"]):
        days = forecast.forecast(warehouse, shop, "gmv", days=7).days
        assert all(plain(day.low) <= plain(day.expected) <= plain(day.high) for day in days)
    with pytest.raises(NotEnoughData):
        forecast.forecast(warehouse, shop, "gmv", days=365)  # longer than any of these histories
    if fill in (three_orders, one_day, below_zero):
        assert anomalies.watch(records, warehouse, shop) == []
    with told(expected["cause"]):
        found = anomalies.root_cause(warehouse, shop, "revenue", JUNE)
        assert all(abs(one.share) <= 1.5 for one in found.causes)


def test_a_whole_that_hardly_moved_lies_nowhere(shop: Shop, warehouse: Warehouse) -> None:
    """Tea fell as cups rose: shares of nearly nothing would be large and mean nothing."""
    store = SmallStore(shop)
    for day in range(120, 181):
        for name, price in (("tea", 1_000 if day < 151 else 500), ("cup", 500 if day < 151 else 1_001)):
            store.order(f"{name}{day}", "c", f"{BEGIN + timedelta(days=day)} 01:00", price, items=[(name, name, 1, price)])
    store.load(warehouse)

    found = anomalies.root_cause(warehouse, shop, "revenue", JUNE, Period(date(2025, 5, 1), date(2025, 5, 31)))

    assert found.causes == ()
    assert found.explained is None
    assert "It lies in no part of the shop more than in others" in found.text["en"][1]


def test_horizons_in_which_the_shop_was_closed_teach_nobody_who_left(shop: Shop, warehouse: Warehouse) -> None:
    store = SmallStore(shop)
    half_a_year_closed(store)
    store.load(warehouse)
    course = Course(warehouse, shop, data_span(warehouse, shop), 30)

    def cuts(on: date) -> list[date]:
        return [cut.date() for cut in course.training_cuts(datetime(on.year, on.month, on.day, tzinfo=UTC))]

    closed_on, open_on = BEGIN + timedelta(days=120), BEGIN + timedelta(days=310)
    assert all(cut <= closed_on - timedelta(days=22) or cut >= open_on - timedelta(days=8) for cut in cuts(date(2026, 2, 20)))
    assert cuts(closed_on - timedelta(days=10))[0] == closed_on - timedelta(days=40)
