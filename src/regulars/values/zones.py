"""Time zones as a short list of offsets, so that any engine can cut local days without a zone database of its own."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from regulars.errors import InvalidInput


def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name, or a sentence that says which names work."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(
            f"'{name}' is not a time zone", mend="give an IANA name such as Asia/Shanghai or Europe/London", code="bad_timezone"
        ) from None


def day_start(day: date, name: str) -> datetime:
    """The instant (UTC) at which a local date begins; where midnight is skipped, the first instant that exists."""
    return datetime.combine(day, time(), zone(name)).astimezone(UTC)


def local_day(instant: datetime, name: str) -> date:
    """The local date of an aware instant."""
    return instant.astimezone(zone(name)).date()


@lru_cache(maxsize=256)
def utc_offsets(name: str, start: datetime, end: datetime) -> tuple[tuple[datetime, int], ...]:
    """The zone's offsets from UTC over [start, end): pairs (first instant in UTC, seconds), oldest first.

    The first pair stands for everything before the second one. Exact to the second: each change is bisected.
    """
    here = zone(name)

    def offset(instant: datetime) -> int:
        delta = instant.astimezone(here).utcoffset()
        assert delta is not None
        return round(delta.total_seconds())

    found = [(start, offset(start))]
    low = start
    while low < end:
        high = min(
            low + timedelta(days=20), end
        )  # no zone changes twice within 20 days but in Ramadan; the bisection finds the first
        if offset(high) != found[-1][1]:
            left, right = low, high
            while right - left > timedelta(seconds=1):
                middle = left + (right - left) / 2
                middle = middle.replace(microsecond=0)
                if middle <= left:
                    break
                if offset(middle) == found[-1][1]:
                    left = middle
                else:
                    right = middle
            found.append((right.replace(microsecond=0), offset(right)))
            low = right
        else:
            low = high
    return tuple(found)
