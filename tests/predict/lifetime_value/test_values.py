"""Values of customers: what is known then, what is told of each, and where nothing can be told."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest

from regulars.errors import InvalidInput, NotEnoughData
from regulars.predict import lifetime_value
from regulars.predict.lifetime_value import cautions, service
from regulars.predict.lifetime_value.domain import decile_error, normalised_gini, tiers_of
from regulars.predict.lifetime_value.estimator import ValueModel, spread_of
from regulars.predict.lifetime_value.estimator.spread import _futures
from regulars.predict.lifetime_value.learning import Past
from regulars.predict.lifetime_value.scoring import score
from regulars.understand import profiles
from regulars.values.money import Money
from regulars.warehouse import Warehouse
from tests.predict.lifetime_value.stores import BEGIN, SHOP, drawn
from tests.understand.metrics.small_store import SmallStore, arrow


def worked_out(warehouse: Warehouse, store: SmallStore) -> service.Learned:
    store.load(warehouse)
    profiles.refresh(warehouse, SHOP)
    found = service.learned(warehouse, SHOP, whole=False)
    service.refresh(warehouse, SHOP, found.model, {})
    return found


def test_gini_is_one_for_the_right_order_and_minus_one_for_the_wrong_one() -> None:
    actual = np.array([10.0, 0.0, 5.0, 1.0])

    assert normalised_gini(actual, actual * 3) == pytest.approx(1)
    assert normalised_gini(actual, -actual) == pytest.approx(-1)
    assert normalised_gini(np.zeros(4), actual) is None
    assert decile_error(actual, actual) == 0
    assert decile_error(actual, actual * 1.5, parts=2) == pytest.approx(0.5)


def test_tiers_are_shares_of_customers_and_nobody_without_value_is_in_an_upper_one() -> None:
    made = tiers_of(np.r_[np.zeros(80), np.arange(1.0, 21.0)])

    assert [made.count(tier) for tier in ("top", "high", "middle", "low")] == [5, 15, 0, 80]
    assert made[-1] == "top"


def test_what_is_known_of_a_customer_is_net_of_what_was_given_back_by_then(warehouse: Warehouse) -> None:
    store = SmallStore(SHOP)
    store.order("a1", "ann", "2025-01-01 10:00", 5_000).order("a2", "ann", "2025-02-01 10:00", 3_000)
    store.order("a3", "ann", "2025-02-01 15:00", 1_000).order("a4", "ann", "2025-03-01 10:00", 2_000)
    store.order(
        "a5",
        "ann",
        "2025-04-01 10:00",
        9_000,
        status="cancelled",
        cancelled_at=BEGIN.replace(year=2025, month=4, day=2, tzinfo=None),
    )
    store.refund("a4", "2025-03-05 10:00", 2_500).refund("a2", "2025-05-05 10:00", 3_000)  # the last one is not known yet
    store.order("b1", "ben", "2025-01-01 10:00", 5_000).order("b2", "ben", "2025-02-01 10:00", 5_000)
    store.refund(None, "2025-02-02 10:00", 2_500, customer_id="ben")
    store.order("end", None, "2025-06-01 10:00", 1).load(warehouse)

    known = Past(warehouse, SHOP).known(BEGIN.replace(year=2025, month=5, day=1, hour=0))

    assert known.customers.to_pylist() == ["ann", "ben"]
    assert known.worth_mean[1] == known.first_value[1] == 37.5  # a quarter was given back, for no order that is named
    assert (known.histories.x[0], known.histories.t_x[0], known.histories.T[0]) == (3, 90, 120)
    assert (known.worth_days[0], known.worth_mean[0], known.first_value[0]) == (1, 40.0, 50.0)
    assert known.worth_share == pytest.approx(2 / 4)


def test_everybody_has_a_value_with_interval_and_next_order_and_pages_go_through_all(warehouse: Warehouse) -> None:
    worked_out(warehouse, drawn(150))

    whole = lifetime_value.listing(warehouse, SHOP, limit=1_000)
    first = lifetime_value.listing(warehouse, SHOP, limit=100)
    rest = lifetime_value.listing(warehouse, SHOP, limit=100, cursor=first.next)

    assert whole.customers == whole.total == len(whole.rows) == 150
    assert first.rows + rest.rows == whole.rows
    assert rest.next is None
    assert whole.rows == sorted(whole.rows, key=lambda row: (-row.value.minor, row.customer_id))
    for row in whole.rows:
        assert row.value_low <= row.value <= row.value_high
        assert 0 <= row.no_order_probability <= 1
        assert row.retained_gain.minor >= 0
        if row.next_order_to_at is not None:
            assert row.next_order_from_at is not None
            assert row.next_order_at is not None
            assert whole.as_of <= row.next_order_from_at <= row.next_order_at <= row.next_order_to_at
    assert whole.basis == "revenue"
    assert sum(tier.customers for tier in whole.tiers) == 150
    assert sum(tier.share or 0 for tier in whole.tiers) == pytest.approx(1, abs=1e-3)
    top = lifetime_value.listing(warehouse, SHOP, tier="top", limit=1_000)
    assert top.rows == whole.rows[:7]
    assert [row.customer_id for row in lifetime_value.every_row(warehouse, SHOP, tier="top")] == [
        row.customer_id for row in top.rows
    ]
    with pytest.raises(InvalidInput, match="no tier"):
        lifetime_value.listing(warehouse, SHOP, tier="gold")


def test_what_came_after_the_cut_off_changes_no_value_and_the_same_data_give_the_same_bytes(warehouse: Warehouse) -> None:
    store, cut = drawn(200), BEGIN + timedelta(days=300)
    late = [row for row in store.orders if row["ordered_at"] >= cut.replace(tzinfo=None)]
    store.orders = [row for row in store.orders if row["ordered_at"] < cut.replace(tzinfo=None)]
    store.order("close", None, f"{cut - timedelta(hours=1):%Y-%m-%d %H:%M}", 1).load(warehouse)

    def told() -> list[bytes]:
        model = service.learned(warehouse, SHOP, as_of=cut, horizon_days=60, whole=False).model
        found, _ = lifetime_value.values(warehouse, SHOP, model, as_of=cut)
        arrays = [found.no_order, found.orders, found.value, found.low, found.high, found.retained_gain, found.next_days]
        return [json.dumps(model.to_dict()).encode(), *(one.tobytes() for one in arrays)]

    before = told()
    store.orders, store.lines = late, []
    store.load(warehouse)

    assert told() == before == told()


def test_a_customer_who_stays_and_one_who_goes_make_up_the_value(warehouse: Warehouse) -> None:
    found = worked_out(warehouse, drawn(200))
    past = Past(warehouse, SHOP).known(found.as_of)
    told = score(warehouse, SHOP, found.model, past, None, as_of=found.as_of)
    h = found.model.horizon_days

    draws = np.random.default_rng(1)
    place = int(np.argmax(past.histories.x))
    p = found.model.purchases.parameters_
    some = past.take(np.array([place]))
    alive = found.model.purchases.probability_alive(some.histories)[0]
    n = 400_000
    rate = draws.gamma(p["r"] + some.histories.x[0], 1 / (p["alpha"] + some.histories.T[0]), n)
    leaves = (
        draws.exponential(1, n) / draws.gamma(p["s"], 1 / (p["beta"] + some.histories.T[0]), n) if "s" in p else np.full(n, 1e9)
    )
    leaves = np.where(draws.random(n) < alive, leaves, 0)
    within = draws.poisson(rate * np.minimum(leaves, h))
    later = draws.poisson(rate * np.clip(leaves - h, 0, 365.25 - h))
    kept = (within + later)[within > 0].mean() - later[within == 0].mean()

    undiscounted = told.retained_gain[place] / found.model.order_value(some)[0]
    assert float((within == 0).mean()) == pytest.approx(told.no_order[place], abs=0.01)
    assert undiscounted == pytest.approx(kept, rel=0.08)  # discounted by at most 6 % over the year


def test_eight_of_ten_futures_of_the_model_lie_inside_the_interval(warehouse: Warehouse) -> None:
    found = worked_out(warehouse, drawn(200))
    known = Past(warehouse, SHOP).known(found.as_of)

    low, high = spread_of(found.model, known, 365.25, seed=1)
    alive = found.model.purchases.probability_alive(known.histories)
    futures = _futures(found.model, known, alive, 365.25, 400, np.random.default_rng(7))

    busy = found.model.purchases.probability_of_no_order(365.25, known.histories) < 0.05
    assert busy.sum() > 10
    assert float(((futures >= low) & (futures <= high))[:, busy].mean()) == pytest.approx(0.8, abs=0.03)
    assert (low <= high).all()


def test_a_model_is_the_same_after_it_was_kept(warehouse: Warehouse) -> None:
    model = worked_out(warehouse, drawn(150)).model
    known = Past(warehouse, SHOP).known(BEGIN + timedelta(days=400))

    again = ValueModel.from_dict(json.loads(json.dumps(model.to_dict())))

    assert again.value_of_year(known).tobytes() == model.value_of_year(known).tobytes()


def test_values_are_margins_where_costs_are_known(warehouse: Warehouse) -> None:
    found = worked_out(warehouse, drawn(150))
    revenue = lifetime_value.listing(warehouse, SHOP).value
    costs = [
        {"shop_id": SHOP.shop_id, "product_id": f"p{k}", "cost_minor": 1_000, "currency": "CNY", "load_id": "l"} for k in range(7)
    ]
    warehouse.append("products", arrow("products", costs))

    service.refresh(warehouse, SHOP, found.model, {})

    answer = lifetime_value.listing(warehouse, SHOP)
    assert answer.basis == "margin"
    assert answer.margin_rate is not None
    assert 0 < answer.margin_rate < 1
    assert answer.value.minor == pytest.approx(revenue.minor * answer.margin_rate, rel=1e-3)
    told = lifetime_value.expected_margin(warehouse, SHOP)
    assert (told.basis, told.customers) == ("margin", sorted(told.customers))
    assert told.value.sum() == pytest.approx(answer.value.minor / 100, rel=1e-3)


def test_lifetime_value_by_how_customers_began_adds_up(warehouse: Warehouse) -> None:
    worked_out(warehouse, drawn(150))
    whole = lifetime_value.listing(warehouse, SHOP).value

    for by, many in {"cohort": 14, "channel": 2, "category": 3, "product": 7}.items():
        answer = lifetime_value.groups(warehouse, SHOP, by, limit=500)  # type: ignore[arg-type]

        assert len(answer.rows) == pytest.approx(many, abs=1), by
        assert sum(row.customers for row in answer.rows) == 150
        assert sum((row.expected_total for row in answer.rows), Money(0, "CNY")) == whole
        assert all(row.lifetime.minor == pytest.approx(row.so_far.minor + row.expected.minor, abs=1) for row in answer.rows)
    assert lifetime_value.groups(warehouse, SHOP, "first_touch").rows == []


def _few(orders: int, customers: int = 1, gap: int = 100) -> SmallStore:
    store = SmallStore(SHOP)
    for k in range(orders):
        store.order(f"o{k}", f"c{k % customers}", f"{BEGIN + timedelta(days=gap * k):%Y-%m-%d %H:%M}", 1_000)
    return store


def _once_each() -> SmallStore:
    return _few(60, customers=60, gap=5)


def _given_back() -> SmallStore:
    store = drawn(60)
    for row in list(store.orders):
        store.refund(row["order_id"], "2025-02-24 06:00", row["total_minor"] + 5)
    return store


@pytest.mark.parametrize(
    ("store", "code"),
    [
        (lambda: SmallStore(SHOP), "no_orders"),
        (lambda: _few(3), "too_few_repeaters"),
        (lambda: _few(200, gap=3), "too_few_repeaters"),  # one customer
        (lambda: _few(300, customers=100, gap=0), "no_gaps"),  # every order on one day
        (_once_each, "no_gaps"),
        (lambda: drawn(100, days=60), "too_short_for_value"),
        (_given_back, "no_worth"),
    ],
)
def test_where_data_are_too_few_no_number_is_told_but_why(warehouse: Warehouse, store: Callable[[], SmallStore], code: str) -> None:
    store().load(warehouse)
    profiles.refresh(warehouse, SHOP)

    with pytest.raises(NotEnoughData) as refused:
        service.learned(warehouse, SHOP, whole=False)
    service.forget(warehouse, SHOP, refused.value)

    with pytest.raises(NotEnoughData) as told:
        lifetime_value.listing(warehouse, SHOP)
    expected = {code, "no_gaps", "no_orders"} if code in ("no_gaps", "no_orders") else {code}
    assert refused.value.code in expected | ({"too_short_for_value"} if code == "no_gaps" else set())
    assert (told.value.message, told.value.mend, told.value.code) == (refused.value.message, refused.value.mend, refused.value.code)
    assert told.value.mend


def test_an_instant_that_is_not_known_yet_and_a_model_of_another_currency_are_refused(warehouse: Warehouse) -> None:
    found = worked_out(warehouse, drawn(100))

    with pytest.raises(NotEnoughData, match="orders are known until"):
        lifetime_value.expected_margin(warehouse, SHOP, as_of=found.as_of + timedelta(days=1))
    foreign = ValueModel.from_dict({**found.model.to_dict(), "currency": "USD"})
    with pytest.raises(NotEnoughData, match="learned in USD"):
        lifetime_value.values(warehouse, SHOP, foreign)


def test_a_closed_shop_and_a_short_history_are_said_beside_the_values(warehouse: Warehouse) -> None:
    store = drawn(150, days=300)
    cut = [
        row
        for row in store.orders
        if not BEGIN + timedelta(days=60) < row["ordered_at"].replace(tzinfo=BEGIN.tzinfo) < BEGIN + timedelta(days=240)
    ]
    store.orders, store.lines = cut, []
    worked_out(warehouse, store)

    english, chinese = (lifetime_value.listing(warehouse, SHOP, language=language).cautions for language in ("en", "zh"))

    assert [one.code for one in english][:2] == ["long_gap", "short_history"]
    assert "179 days" in english[0].text
    assert "179 天" in chinese[0].text
    assert {one.code for one in english} <= set(cautions._SAID)
