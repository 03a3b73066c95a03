"""Rows sorted in memory by customer and number: the same as sorting them any other way, whatever the numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.understand.questions.sorting import by_customer

HASHES = st.integers(0, 2**64 - 1)
NUMBERS = st.one_of(st.integers(0, 50), st.integers(-(2**63), 2**63 - 1))


def batches(customers: Any, numbers: Any, rows: int) -> Iterator[pa.RecordBatch]:
    """The rows, some at a time."""
    for start in range(0, len(customers), rows):
        columns = [np.asarray(customers[start : start + rows], np.uint64), np.asarray(numbers[start : start + rows], np.int64)]
        yield pa.RecordBatch.from_arrays([pa.array(one) for one in columns], names=["u", "k"])


@given(rows=st.lists(st.tuples(st.one_of(st.integers(1, 3), HASHES), NUMBERS), max_size=40), at_once=st.integers(1, 9))
def test_every_customer_is_one_run_with_its_numbers_in_order(rows: list[tuple[int, int]], at_once: int) -> None:
    # given rows of several customers in any order
    own: dict[int, list[int]] = {}
    for customer, number in rows:
        own.setdefault(customer, []).append(number)
    # when they are sorted
    parts = by_customer(batches([one for one, _ in rows], [two for _, two in rows], at_once))
    assert parts is not None
    # then the runs of equal customers are what each customer has, sorted
    runs = [run.tolist() for owner, numbers in parts for run in np.split(numbers, np.flatnonzero(np.diff(owner)) + 1) if len(run)]
    assert sorted(runs) == sorted(sorted(one) for one in own.values())


def test_many_rows_come_in_parts_of_whole_customers() -> None:
    # given more rows than one part holds
    random = np.random.default_rng(7)
    customers = random.integers(0, 2**64, 3_000, dtype=np.uint64)[random.integers(0, 3_000, 400_000)]
    numbers = random.integers(-1_000, 1_000, 400_000)
    # when they are sorted
    parts = list(by_customer(batches(customers, numbers, 50_000)) or ())
    # then there are several, no customer is in two of them, and nothing is lost
    assert len(parts) > 1
    assert sum(len(np.unique(owner)) for owner, _ in parts) == len(np.unique(customers))
    assert np.array_equal(np.sort(np.concatenate([own for _, own in parts])), np.sort(numbers))


@given(rows=st.lists(st.tuples(st.one_of(st.integers(1, 3), HASHES), NUMBERS), max_size=40), at_once=st.integers(1, 9))
def test_what_goes_along_stays_with_its_row(rows: list[tuple[int, int]], at_once: int) -> None:
    # given rows that carry their own place
    plain = list(batches([one for one, _ in rows], [two for _, two in rows], at_once))
    starts = range(0, len(rows), at_once)
    carried = [
        batch.append_column("place", pa.array(range(start, start + len(batch)))) for batch, start in zip(plain, starts, strict=True)
    ]
    # when they are sorted
    parts = list(by_customer(carried) or ())
    # then the numbers are those of the places, and the order is that of the rows without
    assert [rows[place][1] for *_, places in parts for place in places.tolist()] == [n for _, own, _ in parts for n in own.tolist()]
    assert [own.tolist() for _, own, _ in parts] == [own.tolist() for _, own in by_customer(plain) or ()]


@pytest.mark.parametrize(("most", "sorted_here"), [(5, True), (4, False)])
def test_more_rows_than_allowed_are_left_to_the_engine(most: int, sorted_here: bool) -> None:
    parts = by_customer(batches([1] * 5, range(5), 2), most=most)
    assert (parts is not None) is sorted_here
