"""Periods and buckets, at the ends of months, years and summer time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.errors import InvalidInput
from regulars.values.periods import Period, add_months
from regulars.values.zones import day_start, utc_offsets, zone

days = st.dates(date(1996, 1, 1), date(2099, 12, 1))


@given(days, st.integers(0, 800), st.sampled_from(["day", "week", "month"]), st.sampled_from(["monday", "sunday"]))
def test_buckets_follow_each_other_and_cover_the_period(start: date, length: int, unit: str, week_start: str) -> None:
    period = Period(start, start.fromordinal(start.toordinal() + length))

    buckets = list(period.buckets(unit, week_start))

    assert all(left.end_on == right.start_on for left, right in pairwise(buckets))
    if length:
        assert buckets[0].start_on <= period.start_on < buckets[0].end_on
        assert buckets[-1].start_on < period.end_on <= buckets[-1].end_on


@given(days, st.integers(1, 500))
def test_the_previous_period_ends_where_this_one_starts(start: date, length: int) -> None:
    period = Period(start, start.fromordinal(start.toordinal() + length))

    assert period.previous().end_on == period.start_on


def test_whole_months_step_back_by_months_not_by_days() -> None:
    assert Period(date(2025, 3, 1), date(2025, 4, 1)).previous() == Period(date(2025, 2, 1), date(2025, 3, 1))


def test_the_same_period_of_a_leap_year_one_year_on() -> None:
    february = Period.between(date(2024, 2, 1), date(2024, 2, 29))

    assert february.same_last_year() == Period.between(date(2023, 2, 1), date(2023, 2, 28))
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Swap"):
        Period(date(2025, 2, 1), date(2025, 1, 1))


def test_offsets_change_at_the_exact_second() -> None:
    offsets = utc_offsets("Europe/London", datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))

    assert offsets == (
        (datetime(2025, 1, 1, tzinfo=UTC), 0),
        (datetime(2025, 3, 30, 1, tzinfo=UTC), 3600),
        (datetime(2025, 10, 26, 1, tzinfo=UTC), 0),
    )


def test_a_day_without_midnight_starts_at_its_first_instant() -> None:
    # Sao Paulo skipped 00:00-01:00 on 2018-11-04
    assert day_start(date(2018, 11, 4), "America/Sao_Paulo") == datetime(2018, 11, 4, 3, tzinfo=UTC)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "Asia", "a" * 500])
def test_what_is_no_zone_is_told_so(name: str) -> None:
    with pytest.raises(InvalidInput, match="IANA"):
        zone(name)
