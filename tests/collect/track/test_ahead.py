"""Parts are made one ahead: in their order, and what goes wrong is told where its part was asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from regulars.collect.track.ahead import one_ahead


def nothing() -> None:
    """No preparation."""


def test_all_come_in_order_and_the_next_is_made_while_one_is_used() -> None:
    made = [threading.Event() for _ in range(5)]

    def making() -> Iterator[int]:
        for number, event in enumerate(made):
            event.set()
            yield number

    used = []
    for number in one_ahead(making(), begin_with=nothing):
        if number + 1 < len(made):
            assert made[number + 1].wait(10)
        used.append(number)

    assert used == [0, 1, 2, 3, 4]


def test_a_fault_is_raised_after_what_was_made_before_it() -> None:
    def making() -> Iterator[int]:
        yield 1
        raise OSError("the disk is gone")

    found = one_ahead(making(), begin_with=nothing)

    assert next(found) == 1
    with pytest.raises(OSError, match="gone"):
        next(found)


def test_who_stops_asking_leaves_no_thread() -> None:
    before = threading.active_count()
    found = one_ahead(iter(range(10)), begin_with=nothing)

    assert next(found) == 0
    found.close()
    assert threading.active_count() == before
