"""Churn on a small simulated store: learned from what was known, the same every time, and honest where it cannot be told."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pytest

from regulars.errors import InvalidInput, NotEnoughData
from regulars.predict import churn, snapshots
from regulars.predict.churn.estimator import ChurnModel, LogisticRegression, contributions_by_group
from regulars.predict.churn.learning import Course, learn
from regulars.understand.metrics import data_span
from regulars.warehouse import Warehouse
from tests.understand.metrics.small_store import SmallStore, at, make_shop

SHOP = make_shop()
BEGIN = at("2024-01-01 12:00")
DAYS = 400


def simulated(customers: int, *, days: int = DAYS, stop: float = 0.006, seed: int = 5) -> SmallStore:
    """Customers with rhythms of 5 to 40 days, who stop for ever after any order with a chance that grows with their rhythm."""
    chance, store = random.Random(seed), SmallStore(SHOP)
    for number in range(customers):
        rhythm, day, order = chance.uniform(5, 40), chance.uniform(0, days * 0.85), 0
        while day < days:
            when = (BEGIN + timedelta(days=day)).strftime("%Y-%m-%d %H:%M")
            store.order(f"{number}-{order}", f"c{number:04}", when, chance.randint(1_000, 9_000))
            if chance.random() < stop * rhythm:
                break
            order, day = order + 1, day + chance.expovariate(1 / rhythm)
    return store


@pytest.fixture
def shop_of_1100(warehouse: Warehouse) -> Warehouse:
    simulated(1_100).load(warehouse)
    return warehouse


def test_the_horizon_is_the_shops_own(shop_of_1100: Warehouse) -> None:
    found = churn.rhythm(shop_of_1100, SHOP)

    assert found.horizon_days == 30
    assert 10 < found.three_of_four_within_days < 40


def test_a_forecast_ranks_leavers_first_and_is_the_same_every_time(shop_of_1100: Warehouse) -> None:
    found = churn.judge(shop_of_1100, SHOP)
    once, twice = (churn.forecast(shop_of_1100, SHOP) for _ in range(2))

    assert found.method == "blend"
    assert len(found.folds) == 3
    assert found.auc is not None
    assert found.auc > 0.7
    assert all(fold.scores.auc is not None and fold.recency_auc is not None for fold in found.folds)
    assert found.ece < 0.12
    assert once.customers == twice.customers == sorted(once.customers)
    assert once.probability.tobytes() == twice.probability.tobytes()
    assert ((once.probability > 0) & (once.probability < 1)).all()


def test_what_came_after_the_cut_off_changes_no_forecast(warehouse: Warehouse) -> None:
    store = simulated(1_000)
    cut = BEGIN + timedelta(days=300)
    early = [row for row in store.orders if row["ordered_at"] < cut.replace(tzinfo=None)]
    late = [row for row in store.orders if row["ordered_at"] >= cut.replace(tzinfo=None)]
    store.orders = early
    store.order("end", "c0000", "2024-10-26 11:59", 100)
    store.load(warehouse)
    before = churn.forecast(warehouse, SHOP, as_of=cut, horizon_days=30)

    store.orders = late
    store.load(warehouse)

    after = churn.forecast(warehouse, SHOP, as_of=cut, horizon_days=30)
    assert after.customers == before.customers
    assert after.probability.tobytes() == before.probability.tobytes()


def test_few_rows_are_learned_by_the_regression_alone(warehouse: Warehouse) -> None:
    simulated(420, days=160).load(warehouse)

    assert churn.forecast(warehouse, SHOP, horizon_days=60).method == "logistic"


def test_a_model_is_the_same_after_it_was_written_and_read(shop_of_1100: Warehouse) -> None:
    course = Course(shop_of_1100, SHOP, data_span(shop_of_1100, SHOP), 30)
    cut = BEGIN + timedelta(days=360)
    model, rows = learn(course, cut)
    snapshot = course.snapshot(cut)

    again = ChurnModel.from_dict(model.to_dict())

    assert rows > 2_000
    assert again.predict(snapshot).tobytes() == model.predict(snapshot).tobytes()


def test_of_a_large_shop_some_customers_are_learned_from_and_their_numbers_are_the_same(shop_of_1100: Warehouse) -> None:
    cut = BEGIN + timedelta(days=360)
    whole = snapshots.take(shop_of_1100, SHOP, cut, active_days=60)

    some = snapshots.take(shop_of_1100, SHOP, cut, active_days=60, most=200)
    again = snapshots.take(shop_of_1100, SHOP, cut, active_days=60, most=200)

    places = [whole.customers.index(customer) for customer in some.customers]
    assert len(whole.customers) > 400
    assert 190 <= len(some.customers) <= 210
    assert max(np.diff(places)) < 12  # spread over all of them
    np.testing.assert_allclose(some.matrix(), whole.matrix()[places], rtol=1e-5)
    assert again.table.equals(some.table)
    assert snapshots.take(shop_of_1100, SHOP, cut, active_days=60, most=5_000).table.equals(whole.table)


def test_reasons_add_up_to_the_log_odds_of_the_trees(shop_of_1100: Warehouse) -> None:
    course = Course(shop_of_1100, SHOP, data_span(shop_of_1100, SHOP), 30)
    cut = BEGIN + timedelta(days=360)
    model, _ = learn(course, cut)
    snapshot = course.snapshot(cut)

    names, values = model.contributions(snapshot)
    groups = contributions_by_group(names, values, {feature.name: feature.group for feature in snapshots.FEATURES})

    assert model.trees is not None
    p = model.trees.predict(snapshot.matrix(names))
    base = np.log(p / (1 - p)) - sum(groups.values())
    assert np.ptp(base) < 1e-6
    assert set(groups) <= set(snapshots.GROUPS)


def test_the_regression_finds_what_made_the_answers() -> None:
    chance = np.random.default_rng(2)
    x = chance.normal(size=(20_000, 2))
    y = (chance.uniform(size=20_000) < 1 / (1 + np.exp(-(0.5 + 2 * x[:, 0] - x[:, 1])))).astype(float)

    found = LogisticRegression.fit(x, y)

    assert found.intercept == pytest.approx(0.5, abs=0.1)
    assert found.coefficients / found.scale == pytest.approx([2, -1], abs=0.1)
    assert LogisticRegression.fit(np.ones((9, 1)), np.r_[np.ones(3), np.zeros(6)]).predict(np.ones((1, 1)))[0] == pytest.approx(
        1 / 3
    )


def by_name(past: snapshots.Past) -> ir.Table:
    """Who leaves, told by the name of the customer: no order table is read late, and still it knows too much."""
    rows = past.purchases().select("customer_id").distinct()
    return rows.mutate(leak=rows.customer_id.right(1).isin(["x"]).cast("float64"))


def test_a_feature_that_knows_too_much_is_refused(warehouse: Warehouse) -> None:
    store = SmallStore(SHOP)
    for number in range(300):
        leaver = number % 3 == 0
        for day in range(0, 100 if leaver else 200, 9):
            when = (BEGIN + timedelta(days=day, minutes=number)).strftime("%Y-%m-%d %H:%M")
            store.order(f"{number}-{day}", f"c{number}{'x' if leaver else 'o'}", when, 1_000)
    store.load(warehouse)
    cut = BEGIN + timedelta(days=101)

    with pytest.raises(InvalidInput, match=r"alone tells who leaves with an AUC of 1\.000"):
        churn.judge(warehouse, SHOP, horizon_days=30, cuts=[cut + timedelta(days=30)], own={"leak": by_name})


def one_day(store: SmallStore) -> None:
    for number in range(300):
        store.order(str(number), f"c{number}", "2024-05-01 10:00", 100)


def nobody_returns(store: SmallStore) -> None:
    for number in range(900):
        when = (BEGIN + timedelta(days=number / 3)).strftime("%Y-%m-%d %H:%M")
        store.order(str(number), f"c{number}", when, 100)


def three_orders(store: SmallStore) -> None:
    for day in ("2024-01-01 10:00", "2024-03-01 10:00", "2024-06-01 10:00"):
        store.order(day, "ann", day, 100)


@pytest.mark.parametrize(
    ("made", "asked", "words"),
    [
        (one_day, {}, r"nobody has ordered on two days yet"),
        (one_day, {"horizon_days": 30}, r"is shorter than two horizons of 30 days"),
        (nobody_returns, {"horizon_days": 90}, r"everybody left: there is nothing to learn. Take a longer horizon"),
        (three_orders, {}, r"only 1 customers have a known outcome|shorter than two horizons"),
        (three_orders, {"horizon_days": 365}, r"is shorter than two horizons of 365 days"),
    ],
)
def test_what_cannot_be_learned_says_why_and_what_helps(warehouse: Warehouse, made: Any, asked: Any, words: str) -> None:
    store = SmallStore(SHOP)
    made(store)
    store.load(warehouse)

    with pytest.raises(NotEnoughData, match=words):
        churn.forecast(warehouse, SHOP, **asked)


def test_horizons_nobody_can_mean_are_refused(warehouse: Warehouse) -> None:
    with pytest.raises(InvalidInput, match="Give 7 to 365 days"):
        churn.forecast(warehouse, SHOP, horizon_days=0)
