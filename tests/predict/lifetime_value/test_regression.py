"""The regression of money: it finds what made the amounts, goes on beyond them only so far, and is the same after it was kept."""

from __future__ import annotations

import json

import numpy as np
import pytest

from regulars.predict.lifetime_value.estimator import LogLinear


def drawn(
    rows: int = 4_000,
) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Amounts of mean exp(1 + 0.8 a - 0.5 b), one in three nothing."""
    chance = np.random.default_rng(3)
    x = chance.normal(size=(rows, 2))
    mean = np.exp(1 + 0.8 * x[:, 0] - 0.5 * x[:, 1])
    return x, np.where(chance.random(rows) < 1 / 3, 0.0, chance.gamma(2.0, mean * 1.5 / 2))


def test_the_regression_finds_what_made_the_amounts() -> None:
    x, y = drawn()

    found = LogLinear.fit(x, y)

    slopes = found.coefficients / found.scale
    assert slopes == pytest.approx([0.8, -0.5], abs=0.06)
    assert found.predict(np.zeros((1, 2)))[0] == pytest.approx(np.exp(1), rel=0.06)


def test_nothing_is_forecast_beyond_what_was_fitted_and_never_below_nothing() -> None:
    x, y = drawn()
    found = LogLinear.fit(x, y)

    far = found.predict(np.array([[60.0, -60.0], [-60.0, 60.0]]))

    assert far[0] == pytest.approx(found.predict(x).max())
    assert 0.0 <= far[1] < 1e-3


def test_a_column_that_is_the_same_for_everybody_does_no_harm() -> None:
    x, y = drawn()

    with_constant = LogLinear.fit(np.column_stack([x, np.full(len(x), 7.0)]), y)

    assert with_constant.predict(np.column_stack([x, np.full(len(x), 7.0)])) == pytest.approx(LogLinear.fit(x, y).predict(x))


def test_a_regression_is_the_same_after_it_was_kept_and_for_the_same_rows() -> None:
    x, y = drawn()
    found = LogLinear.fit(x, y)

    again = LogLinear.from_dict(json.loads(json.dumps(found.to_dict())))

    assert again.predict(x).tobytes() == found.predict(x).tobytes() == LogLinear.fit(x, y).predict(x).tobytes()
