"""The loss-share search on cubes whose cause was planted, and the real cases where they are at hand."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.predict.anomalies.estimator import expected_of_ratio, search


def cube(*sizes: int) -> list[Any]:
    """Every combination of so many values per dimension, as codes."""
    cells = np.array(list(product(*(range(size) for size in sizes))), dtype=np.int64)
    return [cells[:, at] for at in range(len(sizes))]


@pytest.mark.parametrize("where", [{0: 2}, {1: 0}, {0: 1, 2: 1}, {0: 0, 1: 3, 2: 2}])
def test_a_planted_part_is_named_exactly(where: dict[int, int]) -> None:
    codes = cube(4, 5, 3)
    expected = np.random.default_rng(1).uniform(80, 120, 60)
    inside = np.all([codes[at] == code for at, code in where.items()], axis=0)

    found = search(codes, np.where(inside, expected * 0.4, expected), expected, expected)

    assert [part.where for part in found] == [where]
    assert found[0].share == pytest.approx(1)


def test_two_planted_parts_are_both_named_the_larger_one_first() -> None:
    codes = cube(6, 5)
    expected = np.full(30, 100.0)
    actual = np.where(codes[0] == 2, 20.0, np.where(codes[1] == 4, 50.0, expected))

    assert [part.where for part in search(codes, actual, expected, expected)] == [{0: 2}, {1: 4}]


def test_a_rise_is_searched_as_a_fall_is() -> None:
    codes = cube(5, 4)
    expected = np.full(20, 10.0)

    found = search(codes, np.where(codes[1] == 3, 35.0, 10.0), expected, expected)

    assert [part.where for part in found] == [{1: 3}]


def test_where_nothing_changed_nothing_is_named() -> None:
    codes = cube(3, 3)

    assert search(codes, np.ones(9), np.ones(9), np.ones(9)) == []
    assert search([np.array([], dtype=np.int64)], np.array([]), np.array([]), np.array([])) == []


def test_a_ratio_that_was_empty_is_expected_as_the_whole_was() -> None:
    made = expected_of_ratio(np.array([10.0, 0.0]), np.array([100.0, 0.0]), np.array([50.0, 20.0]))

    assert made == pytest.approx([5, 2])


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.floats(0, 1e6), st.floats(0, 1e6)), max_size=40))
def test_causes_never_overlap_and_their_shares_are_of_the_whole(rows: list[tuple[int, int, float, float]]) -> None:
    columns = [np.array([row[at] for row in rows]) for at in range(4)]
    codes = [column.astype(np.int64) for column in columns[:2]]
    actual, expected = (column.astype(np.float64) for column in columns[2:])

    found = search(codes, actual, expected, expected)

    total = float((actual - expected).sum())
    taken = np.zeros(len(rows), dtype=bool)
    for part in found:
        assert not (taken & part.cells).any()
        taken |= part.cells
        assert part.share == pytest.approx(float((actual - expected)[part.cells].sum()) / total, rel=1e-6, abs=1e-6)
