"""Stages now and at every month's end, and the movement between them."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.understand import lifecycle, profiles
from regulars.understand.lifecycle import STAGES, Cuts, LifecycleMonth, stage_of
from regulars.values.periods import Period
from regulars.warehouse import Warehouse
from tests.understand.metrics.small_store import SmallStore, days, make_shop

CUTS = Cuts(30, 60, 120)
SHOP = make_shop(new_within_days=30, dormant_after_days=60, churned_after_days=120)


@given(st.integers(0, 900), st.integers(0, 900))
def test_every_buyer_is_in_exactly_one_stage(first: int, last: int) -> None:
    assert stage_of(max(first, last), last, CUTS) in STAGES


def test_the_cuts_themselves_belong_to_the_better_stage() -> None:
    assert stage_of(30, 10, CUTS) == "new"
    assert stage_of(31, 10, CUTS) == "active"
    assert stage_of(200, 60, CUTS) == "active"
    assert stage_of(200, 61, CUTS) == "dormant"
    assert stage_of(200, 120, CUTS) == "dormant"
    assert stage_of(200, 121, CUTS) == "churned"


def month(answer: lifecycle.LifecycleAnswer, start: str) -> LifecycleMonth:
    return next(each for each in answer.months if each.month == date.fromisoformat(start))


def moved(of: LifecycleMonth) -> dict[tuple[str, str], int]:
    return {(each.from_stage, each.to_stage): each.customers for each in of.movements}


def test_a_hand_counted_store(warehouse: Warehouse) -> None:
    """Cuts 30 / 60 / 120 days, month ends of January to July 2025.

    ann  orders on 10 January and 20 June: new at the end of January (21 days), active on 28 February (49), dormant on 31 March
         (80) and 30 April (110), churned on 31 May (141), and is won back in June.
    bob  orders on 20 January, 25 March and 10 July: new, active (39), active again, active (36), dormant (67 on 31 May),
         dormant (97 on 30 June), reawakened in July.
    cat  orders on 1 June: new on 30 June (29 days), active on 31 July (60: the cut itself).
    """
    store = SmallStore(SHOP)
    for customer, day in [
        ("ann", "01-10"),
        ("ann", "06-20"),
        ("bob", "01-20"),
        ("bob", "03-25"),
        ("bob", "07-10"),
        ("cat", "06-01"),
    ]:
        store.order(f"{customer}{day}", customer, f"2025-{day} 10:00", 1000)
    store.order("end", None, "2025-07-31 10:00", 1000).load(warehouse)

    answer = lifecycle.report(warehouse, SHOP, period=days("2025-01-01", "2025-07-31"))

    stock = [(m.new, m.active, m.dormant, m.churned) for m in answer.months]
    assert stock == [(2, 0, 0, 0), (0, 2, 0, 0), (0, 1, 1, 0), (0, 1, 1, 0), (0, 0, 1, 1), (1, 1, 1, 0), (0, 3, 0, 0)]
    june = month(answer, "2025-06-01")
    assert moved(june) == {("none", "new"): 1, ("dormant", "dormant"): 1, ("churned", "active"): 1}
    assert (june.joined, june.won_back, june.win_back_rate) == (1, 1, 1.0)
    may = month(answer, "2025-05-01")
    assert moved(may) == {("active", "dormant"): 1, ("dormant", "churned"): 1}
    assert (may.became_dormant, may.became_churned, may.churn_rate, may.win_back_rate) == (1, 1, 0.5, None)
    july = month(answer, "2025-07-01")
    assert moved(july) == {("new", "active"): 1, ("dormant", "active"): 1, ("active", "active"): 1}
    assert (july.reawakened, july.complete) == (1, True)


def test_the_month_under_way_is_counted_so_far_and_marked(warehouse: Warehouse) -> None:
    SmallStore(SHOP).order("1", "a", "2025-03-31 23:00", 100).order("2", "b", "2025-04-09 12:00", 100).load(warehouse)

    march, april = lifecycle.report(warehouse, SHOP, period=days("2025-03-01", "2025-04-30")).months

    assert (march.complete, march.end_on, march.customers) == (True, date(2025, 3, 31), 1)
    assert (april.complete, april.end_on, april.customers) == (False, date(2025, 4, 9), 2)


def test_days_are_the_shops_own_also_when_clocks_change(warehouse: Warehouse) -> None:
    """30 March 2025, 23:30 UTC is 31 March 00:30 in London (summer time has begun); 31 March 23:30 UTC is 1 April there."""
    london = make_shop("Europe/London", new_within_days=30, dormant_after_days=60, churned_after_days=120)
    SmallStore(london).order("1", "a", "2025-03-30 23:30", 100).order("2", "b", "2025-03-31 23:30", 100).load(warehouse)

    profiles.refresh(warehouse, london)

    rows = {row.customer_id: row for row in profiles.search(warehouse, london).rows}
    assert (rows["a"].days_since_last, rows["b"].days_since_last) == (1, 0)
    assert [m.joined for m in lifecycle.report(warehouse, london, period=days("2025-03-01", "2025-04-30")).months] == [1, 1]


def brute(history: dict[str, list[date]], end: date, before: date) -> dict[tuple[str, str], int]:
    """The movements of one month, customer by customer."""

    def stage(purchases: list[date], day: date) -> str:
        seen = [each for each in purchases if each <= day]
        return stage_of((day - min(seen)).days, (day - max(seen)).days, CUTS) if seen else "none"

    counts: dict[tuple[str, str], int] = {}
    for purchases in history.values():
        pair = stage(purchases, before), stage(purchases, end)
        if pair[1] != "none":
            counts[pair] = counts.get(pair, 0) + 1
    return counts


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_movements_are_those_of_counting_customer_by_customer(warehouse: Warehouse, seed: int) -> None:
    chance = random.Random(seed)
    history = {
        f"c{i}": [date(2024, 1, 1) + timedelta(days=chance.randrange(560)) for _ in range(1 + chance.randrange(7))]
        for i in range(80)
    }
    store = SmallStore(SHOP)
    for customer, purchases in history.items():
        for k, day in enumerate(purchases):
            store.order(f"{customer}-{k}", customer, f"{day} 12:00", 100)
    store.load(warehouse)

    answer = lifecycle.report(warehouse, SHOP, period=days("2024-03-01", "2025-07-31"))

    previous: LifecycleMonth | None = None
    for each in answer.months:
        assert moved(each) == brute(history, each.end_on, each.month - timedelta(days=1))
        arrived = {stage: sum(n for (_, to), n in moved(each).items() if to == stage) for stage in STAGES}
        assert arrived == {stage: getattr(each, stage) for stage in STAGES}
        if previous:
            left = {stage: sum(n for (came, _), n in moved(each).items() if came == stage) for stage in STAGES}
            assert left == {stage: getattr(previous, stage) for stage in STAGES}
            assert each.customers == previous.customers + each.joined
        previous = each


def test_stages_now_equal_the_last_month_and_add_up(warehouse: Warehouse) -> None:
    store = SmallStore(SHOP)
    for i in range(40):
        store.order(f"o{i}", f"c{i % 17}", f"2025-0{1 + i % 7}-{1 + i % 28:02} 10:00", 100 * i)
    store.load(warehouse)
    profiles.refresh(warehouse, SHOP)

    answer = lifecycle.report(warehouse, SHOP)

    now = {row.stage: row.customers for row in answer.now}
    assert {stage: getattr(answer.months[-1], stage) for stage in STAGES} == {stage: now[stage] for stage in STAGES}
    assert sum(row.share or 0 for row in answer.now) == pytest.approx(1, abs=0.001)


def test_an_empty_shop_has_no_months(warehouse: Warehouse) -> None:
    answer = lifecycle.report(warehouse, SHOP)

    assert answer.months == []
    assert [row.customers for row in answer.now] == [0] * 5
    assert answer.suggestion is None


def test_a_range_after_the_data_has_no_months(warehouse: Warehouse) -> None:
    SmallStore(SHOP).order("1", "a", "2025-03-31 23:00", 100).load(warehouse)

    period = Period(date(2025, 6, 1), date(2025, 7, 1))

    assert lifecycle.report(warehouse, SHOP, period=period).months == []


def test_cuts_are_read_from_the_shops_own_rhythm_where_none_is_set(warehouse: Warehouse) -> None:
    """Sixty customers come back after 10 days, five after 100: nine of ten gaps are 10 days, 98 % lie below 100."""
    open_shop = make_shop()
    store = SmallStore(open_shop)
    for i in range(65):
        store.order(f"a{i}", f"c{i}", "2025-01-01 10:00", 100)
        store.order(f"b{i}", f"c{i}", "2025-01-11 10:00" if i < 60 else "2025-04-11 10:00", 100)
    store.load(warehouse)

    cuts = lifecycle.cuts_of(warehouse, open_shop)
    suggestion = lifecycle.suggestion(warehouse, open_shop, language="zh")

    assert (cuts.dormant_after_days, cuts.dormant_source) == (10, "rhythm")
    assert (cuts.churned_after_days, cuts.churned_source) == (100, "rhythm")
    assert suggestion is not None
    assert "65 个购买间隔" in suggestion.text


def test_few_repeat_orders_leave_the_default_cuts_and_a_set_cut_wins(warehouse: Warehouse) -> None:
    SmallStore(make_shop()).order("1", "a", "2025-01-01 10:00", 100).order("2", "a", "2025-01-05 10:00", 100).load(warehouse)

    default = lifecycle.cuts_of(warehouse, make_shop())
    half_set = lifecycle.cuts_of(warehouse, make_shop(dormant_after_days=200))

    assert (default.dormant_after_days, default.churned_after_days, default.dormant_source) == (90, 180, "default")
    assert (half_set.dormant_after_days, half_set.churned_after_days) == (200, 207)
