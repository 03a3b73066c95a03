"""Purchase models by themselves: exact gradients, published fits on CDNOW, laws that hold for any customer, and bad input."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.errors import InvalidInput, NotEnoughData
from regulars.predict.purchase_models import BGNBD, MBGNBD, NBD, GammaGamma, Histories, ParetoNBD, choose, lifetime_value
from regulars.predict.purchase_models.estimator import PurchaseModel

CDNOW = Path(os.environ.get("REGULARS_SHARED_DATA") or Path(__file__).parents[3].parent / "shared/data") / "cdnow"
MODELS = (ParetoNBD, BGNBD, MBGNBD, NBD)
POSITIVE = st.floats(0.05, 20)
CUSTOMERS = st.lists(
    st.tuples(st.integers(0, 60), st.floats(0.01, 1), st.floats(0.1, 400)).map(
        lambda one: (float(one[0]), one[1] * one[2] if one[0] else 0.0, one[2])
    ),
    min_size=1,
    max_size=5,
)


def histories(rows: list[tuple[float, float, float]]) -> Histories:
    return Histories(*np.array(rows).T)


def of(kind: type[PurchaseModel], values: tuple[float, ...]) -> PurchaseModel:
    return kind(**dict(zip(kind.names, values, strict=False)))


def simulated(customers: int, *, leaves: bool, seed: int = 7) -> Histories:
    """Simulated: gamma rates of .03 orders a day on average; of leavers, lifetimes of 200 days on average."""
    chance = np.random.default_rng(seed)
    rates, watched = chance.gamma(0.8, 0.04, customers), chance.uniform(100, 500, customers)
    life = chance.exponential(200, customers) if leaves else np.full(customers, np.inf)
    rows = []
    for rate, age, end in zip(rates, watched, life, strict=True):
        times = np.cumsum(chance.exponential(1 / rate, 400))
        times = times[times < min(age, end)]
        rows.append((float(len(times)), float(times[-1]) if len(times) else 0.0, float(age)))
    return histories(rows)


@pytest.mark.parametrize("kind", MODELS)
@settings(max_examples=50)
@given(values=st.tuples(POSITIVE, POSITIVE, POSITIVE, POSITIVE), rows=CUSTOMERS)
def test_gradients_are_exact(kind: type[PurchaseModel], values: tuple[float, ...], rows: list[Any]) -> None:
    customers, at = histories(rows), np.array(values[: len(kind.names)])
    model = of(kind, values)

    _, slope = model._log_likelihood(at, customers, gradient=True)

    assert slope is not None
    for place in range(len(at)):
        step = np.zeros(len(at))
        step[place] = 1e-5 * at[place]
        up, down = (model._log_likelihood(at + sign * step, customers, gradient=False)[0] for sign in (1, -1))
        assert slope[place] == pytest.approx((up - down) / (2 * step[place]), rel=2e-3, abs=2e-3)


@settings(deadline=None, max_examples=20)
@given(values=st.tuples(POSITIVE, st.floats(0.5, 2_000), POSITIVE, st.floats(0.5, 2_000)), seed=st.integers(0, 99))
def test_customers_who_share_days_get_what_each_gets_alone(values: tuple[float, ...], seed: int) -> None:
    # given: enough customers that a table by day pays, one who came every day and one of the last day among them
    chance = np.random.default_rng(seed)
    late = chance.integers(1, 60, 2_000)
    last = chance.integers(0, late + 1)
    orders = np.where(last > 0, 1 + chance.integers(0, np.clip(last, 1, 12)), 0)
    rows = [(59, 59, 59), (40, 40, 59), (0, 0, 0), *zip(orders, last, late, strict=True)]
    customers, model, at = Histories(*np.array(rows, dtype=float).T), ParetoNBD(), np.array(values)

    # when: all at once, and each by itself with five times the places
    together, slope = model._log_likelihood(at, customers, gradient=True)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("regulars.predict.purchase_models.estimator.pareto._NODES", nodes)
        patch.setattr("regulars.predict.purchase_models.estimator.pareto._WEIGHTS", weights)
        alone, slope_alone = model._of_some(at, customers, True)

    # then
    assert together == pytest.approx(alone, rel=1e-9, abs=1e-9)
    assert slope is not None
    assert slope_alone is not None
    for mine, theirs in zip(slope, slope_alone, strict=True):
        assert mine == pytest.approx(theirs, rel=1e-7, abs=1e-9 * float(np.abs(theirs).max()))


@pytest.mark.parametrize("kind", MODELS)
@settings(max_examples=50)
@given(values=st.tuples(POSITIVE, POSITIVE, POSITIVE, POSITIVE), rows=CUSTOMERS, time=st.floats(0.1, 200))
def test_laws_that_hold_for_every_customer(
    kind: type[PurchaseModel], values: tuple[float, ...], rows: list[Any], time: float
) -> None:
    customers, model = histories(rows), of(kind, values)

    alive, silent = model.probability_alive(customers), model.probability_of_no_order(time, customers)
    orders, longer = model.expected_orders(time, customers), model.expected_orders(2 * time, customers)
    later = model.probability_alive(Histories(customers.x, customers.t_x, customers.T + time))

    assert ((alive >= 0) & (alive <= 1 + 1e-12)).all()
    assert ((silent >= 0) & (silent <= 1)).all()
    assert (orders >= 1 - silent - 1e-7).all()
    assert (longer >= orders - 1e-9).all()
    assert (later <= alive + 1e-9).all()
    assert (model.probability_of_no_order(2 * time, customers) <= silent + 1e-9).all()  # what the quadrature is good for


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("kind", "published", "log_likelihood"),
    [
        (BGNBD, (0.243, 4.414, 0.793, 2.426), -9582.4),
        (ParetoNBD, (0.553, 10.578, 0.606, 11.669), -9595.0),
        (MBGNBD, (0.525, 6.183, 0.891, 1.614), -9582.1),
    ],
)
def test_what_papers_print_of_cdnow_comes_out(
    kind: type[PurchaseModel], published: tuple[float, ...], log_likelihood: float
) -> None:
    with gzip.open(CDNOW / "cdnow_customers_summary.csv.gz", "rt") as file:
        rows = np.loadtxt(file, delimiter=",", skiprows=1, usecols=(1, 2, 3))

    found = kind().fit(Histories(*rows.T))

    assert list(found.parameters_.values()) == pytest.approx(published, abs=0.003)
    assert found.log_likelihood_ == pytest.approx(log_likelihood, abs=0.05)


@pytest.mark.shared_data
def test_what_papers_print_of_order_values_comes_out() -> None:
    with gzip.open(CDNOW / "cdnow_customers_summary_with_transactions.csv.gz", "rt") as file:
        rows = np.loadtxt(file, delimiter=",", skiprows=1, usecols=(1, 4))

    found = GammaGamma().fit(rows[:, 0], rows[:, 1])

    assert list(found.parameters_.values()) == pytest.approx([6.25, 3.74, 15.44], abs=0.03)
    assert found.correlation_ == pytest.approx(0.11, abs=0.03)
    assert found.expected_value(rows[:3, 0], rows[:3, 1]) == pytest.approx([24.65, 18.91, 35.17], abs=0.02)


def test_the_order_of_customers_and_the_unit_of_time_change_nothing() -> None:
    customers = simulated(1_500, leaves=True)
    mixed = customers.take(np.random.default_rng(1).permutation(len(customers)))

    found, again, weeks = ParetoNBD().fit(customers), ParetoNBD().fit(mixed), ParetoNBD().fit(customers.scaled(7))

    assert again.parameters_ == found.parameters_
    assert weeks.parameters_["alpha"] * 7 == pytest.approx(found.parameters_["alpha"], rel=1e-3)
    assert weeks.parameters_["r"] == pytest.approx(found.parameters_["r"], rel=1e-3)


def test_leaving_is_told_where_customers_leave() -> None:
    assert isinstance(choose(simulated(1_500, leaves=True)), ParetoNBD)
    steady = choose(simulated(1_500, leaves=False))
    assert isinstance(steady, NBD)
    assert steady.parameters_["r"] == pytest.approx(0.8, rel=0.15)


def test_the_next_order_comes_by_its_quantile() -> None:
    model = of(ParetoNBD, (0.553, 10.578, 0.606, 11.669))
    customers = histories([(2, 30.43, 38.86), (26, 30.86, 31.0), (0, 0, 38.86)])

    half, late = model.time_of_next_order(customers), model.time_of_next_order(customers, quantile=0.75)

    assert half[1] < half[0] < np.inf
    assert half[2] == np.inf  # more likely than not it never comes
    assert (late >= half).all()
    assert model.probability_of_no_order(half[:2], customers.take(np.arange(2))) == pytest.approx(0.5, abs=1e-6)


def test_a_lifetime_value_is_discounted_orders_times_value() -> None:
    model, customer = of(NBD, (1.0, 30.0)), histories([(3, 50, 90)])

    plain = lifetime_value(model, customer, np.array([20.0]), periods=3, period=30, discount=0.0)
    less = lifetime_value(model, customer, np.array([20.0]), periods=3, period=30, discount=0.1, margin=0.5)

    assert plain == pytest.approx([(1 + 3) / 120 * 90 * 20])
    assert less == pytest.approx([1 * 20 * 0.5 * (1 / 1.1 + 1 / 1.21 + 1 / 1.331)])


def test_histories_come_from_orders_by_day() -> None:
    who = np.array(["b", "a", "a", "a", "b", "c"])
    days = np.array([10, 1, 1, 8, 30, 40])

    found = Histories.of_days(who, days, 31)

    assert (found.x.tolist(), found.t_x.tolist(), found.T.tolist()) == ([1, 1], [7, 20], [30, 21])
    assert len(Histories.of_days(who, days, 0)) == 0


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ((1.5, 1, 2), "x is not a whole number of orders: customer 0 has x = 1.5"),
        ((1, 3, 2), "t_x lies outside 0 to T"),
        ((0, 1, 2), "x is 0 and t_x is not"),
        ((1, float("nan"), 2), "a number is missing"),
        ((-1, 1, 2), "x is not a whole number"),
    ],
)
def test_histories_that_cannot_be_are_refused(row: tuple[float, float, float], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        histories([row])


def test_what_cannot_be_fitted_or_asked_says_why() -> None:
    nobody = histories([(0, 0, float(age)) for age in range(1, 50)])

    with pytest.raises(NotEnoughData, match="0 customers came back; a purchase model needs 10"):
        choose(nobody)
    with pytest.raises(NotEnoughData, match="0 customers with orders worth something"):
        GammaGamma().fit([1, 2], [0, -5])
    with pytest.raises(NotEnoughData, match="spread too widely to have a mean"):
        GammaGamma(p=1, q=0.9, gamma=3).expected_value([0], [0])
    with pytest.raises(InvalidInput, match="has no parameters yet"):
        ParetoNBD().expected_orders(3)
    with pytest.raises(InvalidInput, match="BGNBD has the parameters r, alpha, a, b"):
        BGNBD(r=1)
    with pytest.raises(InvalidInput, match="a parameter is not above 0"):
        NBD(r=1, alpha=-1)
    with pytest.raises(InvalidInput, match=r"a quantile of 1\.5"):
        of(NBD, (1, 1)).time_of_next_order(nobody, quantile=1.5)
    with pytest.raises(InvalidInput, match="no period to count"):
        lifetime_value(of(NBD, (1, 1)), nobody, np.ones(49), periods=0)


def _some_histories(count: int, seed: int = 1) -> Histories:
    chance = np.random.default_rng(seed)
    late = chance.integers(1, 700, count).astype(float)
    x = chance.poisson(2, count).astype(float)
    t_x = np.where(x > 0, np.maximum(1.0, np.floor(late * chance.random(count))), 0.0)
    return Histories(x, t_x, late)


@pytest.mark.parametrize(
    "model", [ParetoNBD(r=0.55, alpha=74, s=0.6, beta=81), ParetoNBD(r=2, alpha=10, s=0.01, beta=1_000), NBD(r=0.5, alpha=30)]
)
@pytest.mark.parametrize("quantile", [0.25, 0.5, 0.75])
def test_the_next_order_is_where_the_chance_of_none_says(model: PurchaseModel, quantile: float) -> None:
    given = _some_histories(400)

    told = model.time_of_next_order(given, quantile=quantile)

    soon = np.isfinite(told)
    assert soon.any()
    some = given.take(np.flatnonzero(soon))
    assert model.probability_of_no_order(told[soon], some) == pytest.approx(1 - quantile, abs=1e-6)
    assert (model.probability_of_no_order(3_650.0, given.take(np.flatnonzero(~soon))) >= 1 - quantile - 1e-9).all()


def test_whole_days_are_collapsed_as_any_numbers_are() -> None:
    whole = _some_histories(3_000)
    parts = Histories(whole.x, whole.t_x / 7, whole.T / 7)

    (rows, counts), (other, others) = whole.collapsed(), parts.collapsed()

    assert counts.tolist() == others.tolist()
    assert pytest.approx(other.T * 7) == rows.T
    for one in (whole, parts):
        distinct, back = one.distinct()
        assert np.array_equal(distinct.T[back], one.T)
        assert np.array_equal(distinct.x[back], one.x)
    model = BGNBD(r=0.8, alpha=40, a=0.9, b=3)
    alone = [model.expected_orders(30, whole.take(np.array([place])))[0] for place in range(50)]
    assert model.expected_orders(30, whole)[:50] == pytest.approx(np.array(alone))


def test_a_fit_on_a_sample_is_near_that_on_all(monkeypatch: pytest.MonkeyPatch) -> None:
    given = _some_histories(20_000)
    whole = NBD().fit(given).parameters_

    monkeypatch.setattr("regulars.predict.purchase_models.estimator.base.MOST_ROWS", 5_000)

    assert NBD().fit(given).parameters_ == pytest.approx(whole, rel=0.15)
