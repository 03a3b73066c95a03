"""Whether today looks like what a model learned from: indices against their definition, and cohorts against chance."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from regulars.predict import models
from regulars.predict.models.domain import judged

AT = datetime(2026, 1, 1, tzinfo=UTC)


def test_samples_alike_are_stable_and_others_are_not() -> None:
    chance = np.random.default_rng(3)
    first, second = chance.normal(size=5_000), chance.normal(size=5_000)
    gone = np.where(np.arange(5_000) % 2 == 0, np.nan, second)

    assert models.stability_index(first, first) == pytest.approx(0)
    assert models.stability_index(first, second) < 0.02
    assert models.stability_index(first, second + 1) > 0.25
    assert models.stability_index(first, gone) > 0.25  # values that went missing count


def test_the_index_is_the_sum_over_bins_of_its_definition() -> None:
    first, second = np.repeat([1.0, 2.0], [80, 20]), np.repeat([1.0, 2.0], [60, 40])

    expected = (0.6 - 0.8) * np.log(0.6 / 0.8) + (0.4 - 0.2) * np.log(0.4 / 0.2)

    assert models.stability_index(first, second) == pytest.approx(expected)


def test_a_reference_tells_the_same_after_it_was_written_down() -> None:
    chance = np.random.default_rng(5)
    learned, now = chance.exponential(size=(4_000, 2)), chance.exponential(size=(1_000, 2))
    now[:, 1] *= 3
    learned[::7, 0] = np.nan

    kept = models.Reference.from_dict(json.loads(json.dumps(models.Reference.of(["a", "b"], learned).to_dict())))
    moved = kept.moved(["b", "a", "unknown"], now[:, [1, 0, 0]])

    assert moved["b"] == pytest.approx(models.stability_index(learned[:, 1], now[:, 1]), abs=1e-3)
    assert set(moved) == {"a", "b"}
    assert moved["b"] > 0.25
    assert kept.moved(["a"], np.empty((0, 1))) == {}


def test_a_column_of_missing_values_only_is_no_fault() -> None:
    empty = np.full((50, 1), np.nan)

    assert models.Reference.of(["a"], empty).moved(["a"], empty) == {"a": pytest.approx(0)}
    assert models.stability_index(empty[:, 0], empty[:, 0]) == 0


def test_a_right_forecast_lies_within_chance_99_times_of_100() -> None:
    chance = np.random.default_rng(11)
    p = chance.beta(2, 3, size=400)

    found = [models.realised(AT, p, chance.random(400) < p) for _ in range(2_000)]
    inside = np.mean([not one.outside for one in found if one is not None])

    assert 0.985 <= inside <= 1.0


def test_a_wrong_forecast_lies_outside() -> None:
    came = models.realised(AT, np.full(1_000, 0.2), np.arange(1_000) < 400)

    assert came is not None
    assert came.outside
    assert (came.forecast, came.came) == (pytest.approx(0.2), pytest.approx(0.4))
    assert models.realised(AT, np.empty(0), np.empty(0, dtype=bool)) is None


@pytest.mark.parametrize(
    ("psis", "outside", "verdict"),
    [
        ([], 0, "unknown"),
        ([0.02, 0.09], 0, "steady"),
        ([0.02, 0.12], 0, "watch"),
        ([0.02], 1, "watch"),
        ([0.3], 0, "retrain"),
        ([0.02], 2, "retrain"),
    ],
)
def test_what_is_said_of_a_model(psis: list[float], outside: int, verdict: str) -> None:
    assert judged(psis, outside) == verdict


def test_figures_to_note_name_what_moved_most() -> None:
    told = models.drift_figures({"score": 0.04, "a": 0.1, "b": 0.3}, most=1)

    assert told == {"score_psi": 0.04, "moved": [["b", 0.3]]}
