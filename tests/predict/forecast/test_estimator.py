"""The forecaster on made-up series whose truth is known: levels, weeks, holidays, intervals, and what it refuses."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.errors import InvalidInput, NotEnoughData
from regulars.predict.forecast import Forecaster, holidays
from regulars.predict.forecast.estimator.line import PastErrors
from regulars.predict.forecast.estimator.spread import spread_of

WEEK = np.array([0.0, 1.0, 1.1, 0.9, 1.0, 1.4, 1.6])  # closed on the first day
NONE: list[Any] = []


def noisy(n: int, *, level: float = 100.0, noise: float = 0.1, seed: int = 1) -> np.ndarray[Any, Any]:
    random = np.random.default_rng(seed)
    return np.maximum(level * WEEK[np.arange(n) % 7] * (1 + noise * random.standard_normal(n)), 0)


def test_a_series_without_noise_goes_on_as_it_was() -> None:
    made = Forecaster().fit(100 * WEEK[np.arange(140) % 7], NONE).predict(14)

    assert made.expected == pytest.approx(100 * WEEK[np.arange(140, 154) % 7], rel=1e-6)
    low, high = made.interval(0.0)
    assert (high - low).max() < 1e-3


def test_the_same_series_gives_the_same_bytes() -> None:
    series = noisy(200)

    one, two = (Forecaster().fit(series, NONE).predict(28) for _ in range(2))

    assert one.expected.tobytes() == two.expected.tobytes()
    assert one.covariance.tobytes() == two.covariance.tobytes()


def test_intervals_hold_about_what_they_say_of_days_and_of_totals() -> None:
    """200 series of 182 noisy days, 14 ahead, 80 %: of days 76 to 86 of 100 inside, of totals 70 to 90."""
    days, totals = [], []
    for seed in range(200):
        series = noisy(196, seed=seed)
        made = Forecaster().fit(series[:182], NONE, ahead=14).predict(14, 0.8)
        low, high = made.interval(0.0)
        real = series[182:]
        days.append(np.mean((real >= low) & (real <= high)))
        _, least, most = made.totals(0.0)
        totals.append(least[-1] <= real.sum() <= most[-1])

    assert 0.76 <= float(np.mean(days)) <= 0.86
    assert 0.70 <= float(np.mean(totals)) <= 0.90


def test_a_holiday_seen_in_two_years_is_expected_again_and_one_never_seen_changes_nothing() -> None:
    first = date(2023, 6, 1)
    n = (date(2025, 11, 5) - first).days
    marked = holidays("chinese", first, first + timedelta(days=n + 60))
    days = [marked.get(first + timedelta(days=i)) for i in range(n + 60)]
    series = 100 + 5 * np.random.default_rng(3).standard_normal(n + 60)
    for i, day in enumerate(days):
        if day is not None and day.name == "double_11" and day.offset == 0:
            series[i] *= 4

    fitted = Forecaster().fit(series[:n], days)
    made = fitted.predict(20)

    at = (date(2025, 11, 11) - first).days - n
    assert made.expected[at] == pytest.approx(400, rel=0.06)
    assert made.expected[at - 3] == pytest.approx(100, rel=0.06)
    assert fitted.projection().seen["double_11", 0] == 2
    alone = Forecaster().fit(series[n - 200 : n], days[n - 200 :]).predict(20)
    assert alone.expected[at] == pytest.approx(100, rel=0.1)


def test_one_odd_day_hardly_moves_the_level() -> None:
    series = noisy(150, noise=0.05)
    calm = Forecaster().fit(series, NONE).predict(7).expected.sum()
    series[147] *= 30

    assert Forecaster().fit(series, NONE).predict(7).expected.sum() == pytest.approx(calm, rel=0.05)


def test_a_ratio_is_the_forecast_of_its_parts() -> None:
    """Shares of .2 of about 50 orders, with no orders on every seventh day, where a ratio is nothing."""
    random = np.random.default_rng(5)
    orders = random.poisson(50 * WEEK[np.arange(150) % 7]).astype(float)
    part = random.binomial(orders.astype(int), 0.2).astype(float)

    fitted = Forecaster().fit(part, NONE, over=orders)
    made = fitted.predict(14)

    known = np.isfinite(made.expected)
    assert list(~known) == [(150 + k) % 7 == 0 for k in range(14)]
    assert made.expected[known] == pytest.approx(0.2, abs=0.06)
    low, high = made.interval(fitted.least_)
    assert (low[known] >= 0).all()
    assert (high[known] < 0.5).all()


def test_rare_sales_are_expected_at_their_mean() -> None:
    """About one sale in three days: a median would say never."""
    series = (np.random.default_rng(8).random(200) < 0.33) * 30.0

    made = Forecaster().fit(series, NONE).predict(28)

    assert made.expected.sum() == pytest.approx(28 * 10, rel=0.3)


def test_a_history_after_a_long_gap_begins_anew() -> None:
    """Half a year closed: what was before does not count."""
    series = np.concatenate([noisy(200, level=900), np.zeros(180), noisy(60, level=100)])

    fitted = Forecaster().fit(series, NONE)

    assert fitted.start_ >= 380
    assert fitted.predict(7).expected.sum() == pytest.approx(700, rel=0.15)


def test_two_weeks_give_a_level_and_no_week() -> None:
    fitted = Forecaster().fit(np.array([10.0, 12, 9, 11, 10, 8, 12, 11, 10, 9, 12, 10, 11, 9]), NONE)

    assert fitted.method_ == "level"
    assert fitted.predict(3).expected == pytest.approx(10.3, abs=1)


@pytest.mark.parametrize(
    ("series", "code"),
    [
        (np.zeros(100), "not_enough_data"),
        (np.array([5.0]), "not_enough_data"),
        (np.arange(13.0) + 1, "not_enough_data"),
        (np.eye(1, 100, 99)[0] * 50, "not_enough_data"),
        (np.concatenate([np.ones(100), np.zeros(28)]), "no_recent_values"),
        (np.concatenate([np.ones(200), np.zeros(40), np.ones(5)]), "not_enough_data"),
    ],
)
def test_no_number_where_it_would_mean_nothing(series: Any, code: str) -> None:
    with pytest.raises(NotEnoughData) as caught:
        Forecaster().fit(series, NONE)

    assert caught.value.code == code


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(InvalidInput):
        Forecaster().fit(np.array([1.0] * 30 + [np.nan]), NONE)


def test_the_backtest_sees_nothing_of_what_came_later() -> None:
    """Errors of the first origins are the same, whatever the last days were."""
    series = noisy(200, seed=4)
    changed = series.copy()
    changed[193:] = 9_999

    one, two = (Forecaster().fit(given, NONE, ahead=7).past_ for given in (series, changed))

    assert one.origins == two.origins
    assert np.array_equal(one.errors[:-1], two.errors[:-1])


def test_the_score_tells_the_naive_way_beside() -> None:
    scored = Forecaster().fit(noisy(200, seed=2), NONE, ahead=14).score(14)

    assert (scored.folds, scored.ahead) == (6, 14)
    assert scored.mase is not None
    assert scored.naive_mase is not None
    assert scored.mase < 0.85 < scored.naive_mase
    assert scored.coverage is not None
    assert 0.7 <= scored.coverage <= 0.95


def test_the_parts_of_the_error_are_found_again() -> None:
    """2,000 error paths with noise 1, a common level of variance .5 and a drift of .1 a day."""
    random = np.random.default_rng(11)
    ahead = 20
    errors = random.standard_normal((2_000, ahead)) + 0.5**0.5 * random.standard_normal((2_000, 1))
    errors += np.cumsum(0.1**0.5 * random.standard_normal((2_000, ahead)), axis=1)

    found = spread_of(PastErrors(list(range(2_000)), errors))

    assert found is not None
    assert (found.noise, found.level, found.drift) == pytest.approx((1, 0.5, 0.1), abs=0.12)
    assert found.reach(0.8) == pytest.approx(1.2816, abs=0.06)
    assert found.reach(0.995) == pytest.approx(2.81, abs=0.2)


@settings(max_examples=60)
@given(st.lists(st.floats(0, 1e9), min_size=28, max_size=120), st.integers(1, 40))
def test_a_forecast_is_finite_never_below_zero_and_totals_grow(values: list[float], ahead: int) -> None:
    try:
        fitted = Forecaster().fit(np.array(values), NONE)
        made = fitted.predict(ahead)
    except NotEnoughData:
        return

    low, high = made.interval(fitted.least_)
    sums, least, most = made.totals(fitted.least_)
    for column in (made.expected, low, high, sums, least, most):
        assert np.isfinite(column).all()
        assert (column >= 0).all()
    assert (np.diff(sums, prepend=0) >= 0).all()
    assert (low <= made.expected).all()
    assert (made.expected <= high).all()
