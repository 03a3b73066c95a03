"""The figures of a forecast against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.predict.churn import scores

PAIRS = st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0])), min_size=1, max_size=60)


@given(PAIRS)
def test_the_auc_is_the_share_of_pairs_ranked_right(pairs: list[tuple[bool, float]]) -> None:
    y, p = np.array([float(gone) for gone, _ in pairs]), np.array([chance for _, chance in pairs])
    wins = [float(a > b) + 0.5 * float(a == b) for left, a in pairs if left for stayed, b in pairs if not stayed]

    found = scores.auc(y, p)

    assert found == (pytest.approx(sum(wins) / len(wins)) if wins else None)


@given(PAIRS)
def test_brier_and_calibration_are_between_nought_and_one(pairs: list[tuple[bool, float]]) -> None:
    y, p = np.array([float(gone) for gone, _ in pairs]), np.array([chance for _, chance in pairs])

    assert 0 <= scores.brier(y, p) <= 1
    assert 0 <= scores.calibration_error(y, p) <= 1


def test_a_forecast_that_is_right_on_average_is_calibrated() -> None:
    y = np.tile([1.0, 0.0, 0.0, 0.0], 250)

    assert scores.calibration_error(y, np.full(1000, 0.25)) == pytest.approx(0)
    assert scores.calibration_error(y, np.full(1000, 0.75)) == pytest.approx(0.5)


def test_lift_compares_the_riskiest_with_everybody() -> None:
    y = np.r_[np.ones(10), np.zeros(90)]

    assert scores.lift(y, y) == pytest.approx(10)
    assert scores.lift(y, np.zeros(100)) == pytest.approx(10)  # ties keep their order
    assert scores.lift(np.zeros(10), np.zeros(10)) is None
