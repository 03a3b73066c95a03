"""Holidays: the days they fall on, in which years, and what leads up to them."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from regulars.predict.forecast.calendar import FIRST_YEAR, HOLIDAYS, LAST_YEAR, calendar_of, holidays


def named(calendar: str, first: str, last: str) -> dict[str, tuple[str, int]]:
    found = holidays(calendar, date.fromisoformat(first), date.fromisoformat(last))  # type: ignore[arg-type]
    return {str(day): (one.name, one.offset) for day, one in found.items()}


@pytest.mark.parametrize(
    ("calendar", "name", "days"),
    [
        (
            "chinese",
            "spring_festival",
            ("2011-02-03", "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2030-02-03", "2033-01-31"),
        ),
        ("chinese", "mid_autumn", ("2024-09-17", "2025-10-06", "2026-09-25", "2028-10-03")),
        ("chinese", "dragon_boat", ("2024-06-10", "2025-05-31", "2026-06-19")),
        ("chinese", "qixi", ("2024-08-10", "2025-08-29", "2026-08-19")),
        ("chinese", "qingming", ("2023-04-05", "2024-04-04", "2025-04-04", "2026-04-05", "2042-04-04")),
        ("western", "easter", ("2011-04-24", "2017-04-16", "2024-03-31", "2025-04-20", "2038-04-25")),
        ("western", "thanksgiving", ("2017-11-23", "2024-11-28", "2025-11-27", "2026-11-26")),
        ("western", "black_friday", ("2017-11-24", "2026-11-27")),
        ("western", "cyber_monday", ("2017-11-27", "2026-11-30")),
    ],
)
def test_movable_days_fall_where_the_almanac_has_them(calendar: str, name: str, days: tuple[str, ...]) -> None:
    one = next(one for one in HOLIDAYS[calendar] if one.name == name)  # type: ignore[index]

    assert [str(one.on(int(day[:4]))) for day in days] == list(days)


def test_every_lunar_day_of_the_table_lies_in_its_season() -> None:
    """New year between 21 January and 21 February, and so on; 13 or 12 moons from one to the next."""
    seasons = {
        "spring_festival": ((1, 21), (2, 21)),
        "dragon_boat": ((5, 27), (6, 26)),
        "qixi": ((7, 30), (8, 30)),
        "mid_autumn": ((9, 7), (10, 8)),
    }
    for one in HOLIDAYS["chinese"]:
        if one.name not in seasons:
            continue
        days = [one.on(year) for year in range(FIRST_YEAR, LAST_YEAR + 1)]
        (first, last) = seasons[one.name]
        for before, day in pairwise(days):
            assert before is not None
            assert day is not None
            assert date(day.year, *first) <= day <= date(day.year, *last)
            assert (day - before).days in (353, 354, 355, 383, 384, 385)
        assert one.on(FIRST_YEAR - 1) is None
        assert one.on(LAST_YEAR + 1) is None


def test_a_holiday_brings_the_days_around_it() -> None:
    assert named("chinese", "2026-11-08", "2026-11-13") == {
        "2026-11-09": ("double_11", -2),
        "2026-11-10": ("double_11", -1),
        "2026-11-11": ("double_11", 0),
        "2026-11-12": ("double_11", 1),
    }
    assert named("western", "2026-12-30", "2027-01-02")["2027-01-01"] == ("new_year", 0)
    assert named("none", "2026-01-01", "2026-12-31") == {}


def test_the_own_day_of_a_holiday_wins_over_days_around_another() -> None:
    """National Day 2025 lasts to 7 October, Mid-Autumn's own day is the 6th."""
    assert named("chinese", "2025-10-05", "2025-10-07") == {
        "2025-10-05": ("national_day", 4),
        "2025-10-06": ("mid_autumn", 0),
        "2025-10-07": ("national_day", 6),
    }


def test_a_shop_has_the_calendar_of_its_zone_or_currency() -> None:
    assert calendar_of("Asia/Shanghai", "CNY") == "chinese"
    assert calendar_of("Europe/Berlin", "CNY") == "chinese"
    assert calendar_of("Europe/London", "GBP") == "western"
