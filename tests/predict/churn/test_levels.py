"""Levels by expected loss, and why they do not flicker."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from regulars.errors import InvalidInput
from regulars.predict.churn.levels import LEVELS, Cuts, held, levels_of, usual_cuts

TODAY = date(2025, 6, 10)


def test_red_and_orange_need_a_likely_leaver_yellow_only_money() -> None:
    p = np.array([0.5, 0.5, 0.49, 0.9, 0.9, 0.1])
    loss = np.array([40_000, 15_000, 90_000, 6_000, 5_999, 6_000])

    found = levels_of(p, loss, usual_cuts("CNY", None))

    assert [LEVELS[place] for place in found] == ["red", "orange", "yellow", "yellow", "green", "yellow"]


def test_the_usual_levels_are_decided_in_yuan_and_as_many_average_orders_elsewhere() -> None:
    assert usual_cuts("CNY", 99_999) == Cuts(6_000, 15_000, 40_000, "CNY")
    assert usual_cuts("GBP", 48_432) == Cuts(15_000, 36_000, 97_000, "GBP")
    assert usual_cuts("CNY", 99_999, 50_000) == Cuts(6_000, 15_000, 40_000, "CNY")  # what the rules give is not touched
    assert usual_cuts("GBP", 48_432, 21_321) == Cuts(21_000, 36_000, 97_000, "GBP")  # a quarter of the customers are above it
    assert usual_cuts("GBP", 48_432, 90_000) == Cuts(36_000, 36_000, 97_000, "GBP")  # no further than orange
    assert usual_cuts("GBP", 48_432, 900) == Cuts(15_000, 36_000, 97_000, "GBP")
    assert usual_cuts("JPY", 8_000) == Cuts(2_400, 6_000, 16_000, "JPY")
    assert usual_cuts("USD", None) == Cuts(6_000, 15_000, 40_000, "USD")
    assert usual_cuts("USD", 1) == Cuts(1, 1, 2, "USD")


def test_levels_out_of_order_are_refused() -> None:
    with pytest.raises(InvalidInput, match="Give three amounts above nothing"):
        Cuts(150, 60, 400, "CNY")


@pytest.mark.parametrize(
    ("fresh", "before", "days_ago", "told"),
    [
        ("orange", "yellow", 1, "yellow"),  # one step waits for seven days
        ("orange", "yellow", 6, "yellow"),
        ("orange", "yellow", 7, "orange"),
        ("yellow", "orange", 3, "orange"),
        ("red", "yellow", 1, "red"),  # two steps count at once
        ("green", "orange", 1, "green"),
        ("red", "yellow", 0, "yellow"),  # no level changes twice on one day
        ("red", "gone", 0, "red"),  # who was gone and is back is judged afresh
        ("yellow", "yellow", 30, "yellow"),
    ],
)
def test_a_level_does_not_flicker(fresh: str, before: str, days_ago: int, told: str) -> None:
    assert held(fresh, before, TODAY - timedelta(days=days_ago), TODAY) == told  # type: ignore[arg-type]
