"""When a report is sent: at a local hour, daily, weekly or monthly, in the shop's zone."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from regulars.errors import InvalidInput
from regulars.values.zones import local_day, zone

Cadence = Literal["daily", "weekly", "monthly"]
CADENCES: tuple[Cadence, ...] = ("daily", "weekly", "monthly")
DeliveryState = Literal["planned", "sending", "sent", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class SendingTime:
    """`weekday` (0 Monday) counts for weekly ones, `day` for monthly ones: a day the month lacks is its last."""

    cadence: Cadence
    hour: int
    weekday: int = 0
    day: int = 1

    def checked(self) -> SendingTime:
        """Itself.

        Raises
        ------
        InvalidInput : there is no such hour or day.
        """
        if self.cadence not in CADENCES or not 0 <= self.hour <= 23 or not 0 <= self.weekday <= 6 or not 1 <= self.day <= 31:
            raise InvalidInput(
                "there is no such time",
                mend="daily, weekly or monthly; an hour from 0 to 23, a weekday from 0 (Monday) to 6, a day from 1 to 31",
                code="bad_schedule",
            )
        return self

    def after(self, moment: datetime, zone_name: str) -> datetime:
        """The first due instant later than a moment, in UTC. An hour that a change of clocks skips falls an hour later."""
        day = local_day(moment, zone_name) - timedelta(days=1)
        for _ in range(64):
            if self._falls_on(day):
                due = datetime.combine(day, time(self.hour), zone(zone_name)).astimezone(UTC)
                if due > moment:
                    return due
            day += timedelta(days=1)
        raise AssertionError("a rhythm that never comes")

    def _falls_on(self, day: date) -> bool:
        match self.cadence:
            case "daily":
                return True
            case "weekly":
                return day.weekday() == self.weekday
            case "monthly":
                return day.day == min(self.day, monthrange(day.year, day.month)[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSchedule:
    """A saved report that goes to operators by e-mail, with its figures as a CSV file."""

    schedule_id: str
    shop_id: str
    report_id: str
    rhythm: SendingTime
    operator_ids: Sequence[str]
    paused: bool
    next_at: datetime | None  # null while paused
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One e-mail of one due moment to one operator. `unknown`: the server went away while it was being handed over; never sent again."""

    due_at: datetime
    operator_id: str
    state: DeliveryState
    error: str | None
    changed_at: datetime
