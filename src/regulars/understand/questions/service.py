"""Where questions are answered: one shop's warehouse, judged at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from regulars.understand.questions.calendar import Calendar
from regulars.understand.questions.domain import Asked, Interval, Moments
from regulars.understand.questions.queries import extent
from regulars.values import clock
from regulars.values.periods import WeekStart
from regulars.values.zones import day_start, local_day
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop

#: Tables that the answers to questions over events are made from.
READ = ("events", "customers", "segment_members", "customer_traits", "customer_tags")


@dataclass(frozen=True, slots=True)
class Desk:
    """A shop and its warehouse."""

    warehouse: Warehouse
    shop: Shop

    @property
    def week_start(self) -> WeekStart:
        """Reports know weeks from Monday and from Sunday."""
        return "sunday" if self.shop.week_start == 6 else "monday"

    @property
    def base(self) -> Asked:
        """The whole shop, as a question begins."""
        return Asked(self.shop.shop_id, self.shop.timezone, self.week_start)

    def span(self) -> Moments:
        """From the first event to the moment answers are judged at; both null when there is none.

        That moment is the end of the newest event's local day, or the present minute where that is earlier: a history is
        judged at its own end, a living shop now.
        """
        rows = self.warehouse.cached(
            ("questions.extent", self.shop.shop_id), lambda: self.warehouse.rows(extent(self.shop.shop_id)), of=("events",)
        )
        first, last = rows[0]["first_at"], rows[0]["last_at"]
        if last is None:
            return Moments()
        end = day_start(local_day(last.replace(tzinfo=UTC), self.shop.timezone) + timedelta(days=1), self.shop.timezone)
        return Moments(first.replace(tzinfo=UTC), min(end, self.now()))

    def as_of(self) -> datetime:
        """The moment answers are judged at."""
        return self.span().end or self.now()

    def now(self) -> datetime:
        """The present minute."""
        return clock.now().replace(second=0, microsecond=0)

    def bounded(self, moments: Moments, days: int = 30) -> Moments:
        """A range with both ends: missing ones are the end of the data and so many local days before it."""
        end = moments.end or self.as_of()
        if moments.start is not None:
            return Moments(moments.start, max(end, moments.start + timedelta(microseconds=1)))
        first = local_day(end - timedelta(microseconds=1), self.shop.timezone) - timedelta(days=days - 1)
        return Moments(day_start(first, self.shop.timezone), end)

    def calendar(self, moments: Moments, interval: Interval) -> Calendar:
        """The buckets that touch a range."""
        return Calendar.over(moments, interval, self.shop.timezone, self.week_start)
