"""Which parts of the archive are merged: an hour's when it is over, a day's when it is, never beyond a size, never the newest hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from regulars.collect.track.compaction.choosing import QUIET, Kept, stretches

ZONE = ZoneInfo("Asia/Shanghai")
MIDNIGHT = datetime(2026, 11, 1, 16, tzinfo=UTC)  # of 2 November in Shanghai


def part(number: int, at: datetime, size: int = 1, *, done: bool = True, shop: str = "tea") -> Kept:
    name = f"{1:012d}-{number:012d}"
    return Kept(name, name, done, at, at, {shop: size})


def merged(piece: tuple[Kept, ...]) -> Kept:
    sizes: dict[str, int] = {}
    for one in piece:
        for shop, size in one.bytes_by_shop.items():
            sizes[shop] = sizes.get(shop, 0) + size
    return Kept(piece[0].part_id, piece[-1].last_part, True, piece[0].created_at, piece[-1].done_at, sizes)


def every(minutes: int, count: int) -> list[Kept]:
    return [part(number, MIDNIGHT + timedelta(minutes=minutes * number)) for number in range(count)]


def test_an_hour_is_merged_when_it_has_been_over_for_an_hour() -> None:
    parts = every(10, 18)  # three hours

    found = stretches(parts, MIDNIGHT + timedelta(hours=3, minutes=5), ZONE)

    assert [len(piece) for piece in found] == [6, 6]
    assert stretches(parts, MIDNIGHT + timedelta(hours=1, minutes=59), ZONE) == []


def test_a_day_is_merged_when_it_has_been_over_for_an_hour_by_the_clock_of_the_shops() -> None:
    parts = every(60, 30)  # six hours of the next day

    assert [len(piece) for piece in stretches(parts, MIDNIGHT + timedelta(hours=30), ZONE)] == [24]
    assert stretches(parts, MIDNIGHT + timedelta(hours=24, minutes=59), ZONE) == []


def test_a_file_does_not_grow_beyond_the_size_for_any_shop() -> None:
    parts = [part(number, MIDNIGHT, 40, shop="tea" if number % 2 else "coffee") for number in range(12)]

    found = stretches(parts, MIDNIGHT + timedelta(hours=2), ZONE, most_bytes=100)

    assert [len(piece) for piece in found] == [4, 4, 4]


def test_one_merging_has_a_bounded_number_of_parts_and_the_next_run_goes_on() -> None:
    parts = every(1, 10)
    now = MIDNIGHT + timedelta(days=2)

    found = stretches(parts, now, ZONE, most_parts=4)

    assert [len(piece) for piece in found] == [4, 4, 2]
    assert [len(piece) for piece in stretches([merged(piece) for piece in found], now, ZONE, most_parts=4)] == [3]


def test_what_is_not_done_and_all_behind_it_waits() -> None:
    parts = every(1, 10)
    parts[4] = part(4, parts[4].created_at, done=False)

    assert [len(piece) for piece in stretches(parts, MIDNIGHT + timedelta(days=2), ZONE)] == [4]


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 60)), max_size=60))
def test_a_row_is_written_a_few_times_at_most_and_in_the_end_nothing_is_left_to_merge(told: list[tuple[int, int]]) -> None:
    """Law: run every hour, each part is merged at most three times; pieces are in order, of one day and within the size."""
    at, parts = MIDNIGHT, []
    for number, (minutes, size) in enumerate(told):
        at += timedelta(minutes=minutes)
        parts.append(part(number, at, size))
    times = dict.fromkeys((one.part_id for one in parts), 0)
    arrived: list[Kept] = []
    waiting = list(parts)
    now = MIDNIGHT
    for _ in range(24 * 6):
        now += timedelta(hours=1)
        while waiting and waiting[0].created_at <= now:
            arrived.append(waiting.pop(0))
        for piece in stretches(arrived, now, ZONE, most_bytes=100):
            place = arrived.index(piece[0])
            assert piece == tuple(arrived[place : place + len(piece)])
            assert sum(one.bytes_by_shop["tea"] for one in piece) <= 100
            assert len({one.created_at.astimezone(ZONE).date() for one in piece}) == 1
            assert piece[-1].done_at <= now - QUIET
            for one in parts:
                times[one.part_id] += piece[0].part_id <= one.part_id <= piece[-1].last_part
            arrived[place : place + len(piece)] = [merged(piece)]

    assert max(times.values(), default=0) <= 3
    assert stretches(arrived, now, ZONE, most_bytes=100) == []
