"""The rule of the next order in plain functions, and the expression that must give the same numbers."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.predict import next_purchase
from regulars.predict.next_purchase.domain import (
    rhythm_days,
    status_of,
    tolerance_days,
    winnable_share,
    yearly_value_minor,
)
from regulars.understand import profiles
from regulars.warehouse import Warehouse
from tests.understand.metrics.small_store import SmallStore, make_shop

days_ = st.floats(1, 400)


@given(days_, st.integers(1, 200), days_)
def test_the_rhythm_lies_between_the_customers_and_the_shops(own: float, gaps: int, shop: float) -> None:
    low, high = sorted((own, shop))
    assert low * 0.999 <= rhythm_days(own, gaps, shop) <= high * 1.001


def test_the_more_gaps_the_more_a_rhythm_is_the_customers_own() -> None:
    rhythms = [rhythm_days(10, gaps, 40) for gaps in (1, 2, 4, 8, 100)]

    assert rhythms == sorted(rhythms, reverse=True)
    assert rhythms[1] == pytest.approx(20)  # two gaps weigh as much as the shop: the geometric mean of 10 and 40
    assert rhythms[-1] < 10.5


@given(days_, st.floats(0, 100), st.booleans())
def test_statuses_follow_each_other_as_days_pass(rhythm: float, tolerance: float, churned: bool) -> None:
    order = ["on_time", "due", "overdue", "lost"]

    seen = [order.index(status_of(day, rhythm, tolerance + 1, churned)) for day in range(0, 6000, 7)]

    assert seen == sorted(seen)


def test_a_long_rhythm_is_not_lost_because_the_shop_calls_it_churned() -> None:
    assert status_of(210, 200, 30, churned=True) == "due"
    assert status_of(240, 200, 30, churned=True) == "overdue"
    assert status_of(431, 200, 30, churned=True) == "lost"
    assert status_of(431, 200, 30, churned=False) == "overdue"


def test_what_is_winnable_halves_every_six_rhythms() -> None:
    assert winnable_share(0, 10) == 1
    assert winnable_share(60, 10) == 0.5
    assert winnable_share(120, 10) == 0.25


def test_a_week_of_history_makes_nobody_a_big_spender() -> None:
    """100.00 in 5 days would be 7,300.00 a year; watched for 60 more days at 1.00 a day it is 898.46."""
    assert yearly_value_minor(10_000, 5, 100) == round(365 * (10_000 + 6_000) / 65)
    assert yearly_value_minor(36_500, 365, 100) == round(365 * (36_500 + 6_000) / 425)
    assert yearly_value_minor(-5_000, 300, 0) == 0


def test_the_expression_gives_the_numbers_of_the_rule(warehouse: Warehouse) -> None:
    chance = random.Random(7)
    shop = make_shop(churned_after_days=150, dormant_after_days=60)
    store = SmallStore(shop)
    for i in range(60):
        day = date(2025, 1, 1) + timedelta(days=chance.randrange(30))
        for k in range(1 + i % 6):
            store.order(f"o{i}-{k}", f"c{i:02}", f"{day} 12:00", 1000 + 100 * (i % 9))
            day += timedelta(days=chance.randrange(1, 4 + i))
    store.order("end", None, "2025-12-31 12:00", 1).load(warehouse)
    profiles.refresh(warehouse, shop)
    next_purchase.refresh(warehouse, shop)

    known = next_purchase.shop_rhythm(warehouse, shop)
    assert known is not None
    history = {row["customer_id"]: row for row in warehouse.rows(warehouse.table("customer_profiles"))}
    rows = warehouse.rows(warehouse.table("next_orders"))
    assert len(rows) == 60
    for row in rows:
        own = history[row["customer_id"]]
        gaps, since = own["purchase_days"] - 1, own["days_since_last"]
        if gaps:
            rhythm = rhythm_days(own["gap_days_median"], gaps, known.typical_gap_days)
            tolerance = tolerance_days(own["gap_days_spread"], gaps, rhythm, known.relative_spread)
        else:
            rhythm = known.second_order_median_days
            tolerance = max(known.second_order_late_days - rhythm, 1)
        overdue = max(since - rhythm - tolerance, 0)
        status = status_of(since, rhythm, tolerance, own["stage"] == "churned")
        watched = (own["last_order_at"] - own["first_order_at"]).days + since
        yearly = yearly_value_minor(own["repeat_year_minor"], min(watched, 365), known.daily_value_minor)
        assert row["rhythm_days"] == pytest.approx(rhythm)
        assert row["overdue_days"] == pytest.approx(overdue, abs=1e-6)
        assert row["status"] == status
        assert abs(row["yearly_value_minor"] - yearly) <= 1
        stake = yearly * winnable_share(overdue, rhythm) if status in ("overdue", "lost") else 0
        assert abs(row["value_at_stake_minor"] - stake) <= 1
        assert row["rhythm_source"] == ("shop" if gaps == 0 else "blended" if gaps < 4 else "own")
        assert abs((row["expected_at"] - own["last_order_at"]).total_seconds() / 86_400 - rhythm) < 0.001
        assert math.isclose(row["lateness"], since / rhythm)
