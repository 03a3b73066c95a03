"""Scores and segments: the rule in plain functions, and the expression that must give the same numbers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.understand import profiles
from regulars.understand.rfm import SEGMENTS, VALUE_TYPES
from regulars.understand.rfm.domain import GRID, score, segment_of, value_type_of
from regulars.understand.rfm.words import words
from regulars.warehouse import Warehouse
from tests.understand.metrics.small_store import SmallStore, make_shop


def scores(values: list[int]) -> list[int]:
    return [score(sum(v < value for v in values), values.count(value), len(values)) for value in values]


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=60))
def test_a_higher_value_never_scores_lower_and_equal_values_score_equally(values: list[int]) -> None:
    scored = dict(zip(values, scores(values), strict=True))

    ordered = [scored[value] for value in sorted(scored)]
    assert ordered == sorted(ordered)
    assert all(1 <= each <= 5 for each in ordered)
    assert [scored[value] for value in values] == scores(values)


def test_ten_different_values_fill_five_equal_bands() -> None:
    assert scores(list(range(10))) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_when_all_are_equal_everyone_scores_the_middle() -> None:
    assert scores([7] * 9) == [3] * 9


def test_every_cell_of_the_grid_has_one_of_the_ten_segments() -> None:
    assert {cell for row in GRID for cell in row} == set(SEGMENTS)
    assert segment_of(5, 5) == "champions"
    assert segment_of(5, 1) == "new_customers"
    assert segment_of(1, 5) == "cannot_lose"
    assert segment_of(1, 1) == "hibernating"


def test_the_eight_value_types_are_the_eight_combinations_of_high_and_low() -> None:
    assert len(set(VALUE_TYPES.values())) == 8
    assert value_type_of(5, 4, 4) == "important_value"
    assert value_type_of(3, 5, 5) == "important_keep"
    assert value_type_of(1, 1, 1) == "general_win_back"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_segment_and_type_has_words(language: str) -> None:
    for code in (*SEGMENTS, *VALUE_TYPES.values()):
        said = words(code, language)
        assert said.name
        assert said.explanation
        assert said.handling
        assert any(ord(sign) > 0x2E80 for sign in said.name) == (language == "zh")


def test_the_expression_gives_the_scores_of_the_rule(warehouse: Warehouse) -> None:
    """Forty customers with 1 to 4 orders, many ties: scored by the engine, then once more by `domain.score`."""
    shop = make_shop()
    store = SmallStore(shop)
    for customer in range(40):
        for k in range(1 + customer % 4):
            day = date(2025, 1, 1) + timedelta(days=(customer * 7 + k * 13) % 90)
            store.order(f"o{customer}-{k}", f"c{customer:02}", f"{day} 12:00", 1000 * (1 + customer % 5))
    store.load(warehouse)

    profiles.refresh(warehouse, shop)

    rows = profiles.search(warehouse, shop, limit=100, sort="customer_id").rows
    assert len(rows) == 40
    recency = scores([-int(row.days_since_last or 0) for row in rows])
    frequency = [1 if row.orders == 1 else s for row, s in zip(rows, scores([row.orders for row in rows]), strict=True)]
    monetary = scores([row.net.minor for row in rows])
    assert [row.recency_score for row in rows] == recency
    assert [row.frequency_score for row in rows] == frequency
    assert [row.monetary_score for row in rows] == monetary
    assert [row.segment for row in rows] == [segment_of(r, f) for r, f in zip(recency, frequency, strict=True)]
