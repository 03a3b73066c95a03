"""Calendar buckets of a question: the local hours, days, weeks or months that touch a range, as instants and as labels."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from regulars.errors import InvalidInput
from regulars.understand.questions.domain import Interval, Moments
from regulars.values.periods import WeekStart, add_months, bucket_start, next_bucket
from regulars.values.zones import day_start, local_day, zone

#: More buckets than this make no readable chart.
MOST_BUCKETS = 1_500
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Buckets in order of time. Bucket i holds the instants in [starts[i], starts[i + 1])."""

    interval: Interval
    zone: str
    week_start: WeekStart
    starts: tuple[datetime, ...]  # aware, UTC; one more than there are buckets: the last is the end

    @classmethod
    def over(cls, moments: Moments, interval: Interval, zone_name: str, week_start: WeekStart = "monday") -> Calendar:
        """The whole units that touch a bounded range.

        Raises
        ------
        InvalidInput : the range is open, or holds more buckets than a chart can show.
        """
        if moments.start is None or moments.end is None:
            raise InvalidInput("a range with both ends is needed", mend="give `from` and `to`", code="open_range")
        first, last = moments.start, max(moments.end - timedelta(microseconds=1), moments.start)
        starts = [_start_of(first, interval, zone_name, week_start)]
        while starts[-1] <= last:
            starts.append(_next(starts[-1], interval, zone_name))
            if len(starts) > MOST_BUCKETS + 1:
                raise InvalidInput(
                    f"the range holds more than {MOST_BUCKETS:,} buckets of one {interval}",
                    mend="give a shorter range or a coarser interval",
                    code="range_too_long",
                    most_buckets=MOST_BUCKETS,
                )
        return cls(interval, zone_name, week_start, tuple(starts))

    @classmethod
    def ending(cls, at: datetime, count: int, interval: Interval, zone_name: str, week_start: WeekStart = "monday") -> Calendar:
        """`count` buckets, the last of which holds the instant `at`."""
        if not 1 <= count <= MOST_BUCKETS:
            raise InvalidInput(f"{count} buckets cannot be shown", mend=f"ask for 1 to {MOST_BUCKETS:,}", code="bad_buckets")
        last = _start_of(at, interval, zone_name, week_start)
        starts = [last]
        for _ in range(count - 1):
            before = starts[0] - (_HOUR if interval == "hour" else timedelta(hours=1))
            starts.insert(0, _start_of(before, interval, zone_name, week_start))
        return cls(interval, zone_name, week_start, (*starts, _next(last, interval, zone_name)))

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def moments(self) -> Moments:
        """From the first bucket's start to the last one's end."""
        return Moments(self.starts[0], self.starts[-1])

    @property
    def microseconds(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """`starts` as microseconds since 1970, the end included."""
        return np.array([round(start.timestamp() * 1_000_000) for start in self.starts], dtype=np.int64)

    def index(self, instant: datetime) -> int:
        """The bucket that holds an instant; -1 before the first, `len` after the last."""
        return min(bisect_right(self.starts, instant) - 1, len(self))

    def day(self, i: int) -> date:
        """The local date on which bucket i begins."""
        return local_day(self.starts[i], self.zone)

    def local(self, i: int) -> datetime:
        """The wall time at which bucket i begins."""
        return self.starts[i].astimezone(zone(self.zone))

    def label(self, i: int) -> str:
        """`2026-03-01`, or for an hour `2026-03-01T14:00:00`."""
        return self.local(i).strftime("%Y-%m-%dT%H:%M:%S") if self.interval == "hour" else self.day(i).isoformat()

    def labels(self) -> list[str]:
        """Of all buckets."""
        return [self.label(i) for i in range(len(self))]

    def complete(self, as_of: datetime) -> list[bool]:
        """Which buckets were over at an instant."""
        return [end <= as_of for end in self.starts[1:]]

    def extended(self, before: int) -> Calendar:
        """With so many more buckets in front."""
        starts = list(self.starts)
        for _ in range(before):
            starts.insert(0, _start_of(starts[0] - timedelta(hours=1), self.interval, self.zone, self.week_start))
        return Calendar(self.interval, self.zone, self.week_start, tuple(starts))


def _start_of(instant: datetime, interval: Interval, zone_name: str, week_start: WeekStart) -> datetime:
    if interval == "hour":
        local = instant.astimezone(zone(zone_name))
        return (instant - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)).astimezone(UTC)
    return day_start(bucket_start(local_day(instant, zone_name), interval, week_start), zone_name)


def _next(start: datetime, interval: Interval, zone_name: str) -> datetime:
    if interval == "hour":
        return start + _HOUR
    day = local_day(start, zone_name)
    return day_start(add_months(day, 1) if interval == "month" else next_bucket(day, interval), zone_name)
