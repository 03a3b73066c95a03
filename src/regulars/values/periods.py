"""Periods: half-open runs of local dates, and the buckets (day, week, month) they are cut into."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from regulars.errors import InvalidInput
from regulars.values.zones import day_start

Unit = Literal["day", "week", "month"]
WeekStart = Literal["monday", "sunday"]


@dataclass(frozen=True, slots=True)
class Period:
    """Local dates in [start_on, end_on)."""

    start_on: date
    end_on: date

    def __post_init__(self) -> None:
        if self.end_on < self.start_on:
            raise InvalidInput(f"the period ends ({self.end_on}) before it starts ({self.start_on})", mend="swap `from` and `to`")

    @classmethod
    def between(cls, first_on: date, last_on: date) -> Period:
        """From first to last day, both included, as people write it (`--from 2025-01-01 --to 2025-01-31`)."""
        return cls(first_on, last_on + timedelta(days=1))

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.end_on - self.start_on).days

    @property
    def last_on(self) -> date:
        """The last day inside."""
        return self.end_on - timedelta(days=1)

    def previous(self) -> Period:
        """The period of equal length just before; a run of whole calendar months steps back by as many months."""
        if self.start_on.day == 1 and self.end_on.day == 1 and self.days > 0:
            months = (self.end_on.year - self.start_on.year) * 12 + self.end_on.month - self.start_on.month
            return Period(add_months(self.start_on, -months), self.start_on)
        return Period(self.start_on - timedelta(days=self.days), self.start_on)

    def same_last_year(self) -> Period:
        """The same calendar dates one year earlier (29 February becomes 28 February)."""
        end = date(self.end_on.year - 1, 3, 1) if (self.end_on.month, self.end_on.day) == (2, 29) else add_months(self.end_on, -12)
        return Period(add_months(self.start_on, -12), end)

    def instants(self, zone: str) -> tuple[datetime, datetime]:
        """The period as instants [start, end) in UTC, cut by a zone's local midnights."""
        return day_start(self.start_on, zone), day_start(self.end_on, zone)

    def buckets(self, unit: Unit, week_start: WeekStart = "monday") -> Iterator[Period]:
        """The whole calendar units that touch the period, oldest first (the outer two may reach beyond it)."""
        start = bucket_start(self.start_on, unit, week_start)
        while start < self.end_on:
            end = next_bucket(start, unit)
            yield Period(start, end)
            start = end


def add_months(day: date, months: int) -> date:
    """The same day of the month some months on; a day that the month lacks becomes its last."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def bucket_start(day: date, unit: Unit, week_start: WeekStart = "monday") -> date:
    """First day of the calendar unit that holds a date."""
    match unit:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday() if week_start == "monday" else (day.weekday() + 1) % 7)
        case "month":
            return day.replace(day=1)


def next_bucket(start: date, unit: Unit) -> date:
    """First day of the calendar unit after the one that starts here."""
    match unit:
        case "day":
            return start + timedelta(days=1)
        case "week":
            return start + timedelta(days=7)
        case "month":
            return add_months(start, 1)
