"""Local days on any engine: a zone's offsets become a CASE over instants, so no engine needs a zone database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import ibis
import ibis.expr.types as ir

from regulars.values.periods import Unit, WeekStart
from regulars.values.zones import utc_offsets


def to_local(column: ir.TimestampValue, zone: str, start: datetime, end: datetime) -> ir.TimestampValue:
    """UTC instants as local wall time, exact for instants in [start, end).

    Parameters
    ----------
    column : UTC timestamps without zone mark.
    start, end : aware instants; a narrow range gives a short expression (two offsets a year in a zone with daylight saving).
    """
    offsets = utc_offsets(zone, start.astimezone(UTC), end.astimezone(UTC))
    shifted = [column + ibis.interval(seconds=seconds) if seconds else column for _, seconds in offsets]
    if len(offsets) == 1:
        return shifted[0]
    branches = [(column < ibis.timestamp(_naive(offsets[i + 1][0])), shifted[i]) for i in range(len(offsets) - 1)]
    return ibis.cases(*branches, else_=shifted[-1])


def local_date(column: ir.TimestampValue, zone: str, start: datetime, end: datetime) -> ir.DateValue:
    """The local calendar date of UTC instants."""
    return to_local(column, zone, start, end).date()


def local_bucket(
    column: ir.TimestampValue, unit: Unit, zone: str, start: datetime, end: datetime, week_start: WeekStart = "monday"
) -> ir.DateValue:
    """First day of the local day, week or month that holds each UTC instant."""
    local = to_local(column, zone, start, end)
    match unit:
        case "day":
            return local.date()
        case "week" if week_start == "sunday":
            return ((local + ibis.interval(days=1)).truncate("W") - ibis.interval(days=1)).date()
        case "week":
            return local.truncate("W").date()
        case "month":
            return local.truncate("M").date()


def _naive(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)


#: Wider than any order history, for expressions that must hold for all data of a shop.
FAR_PAST = datetime(1995, 1, 1, tzinfo=UTC)


def far_future(now: datetime) -> datetime:
    """A bound that later data of today cannot pass (loads refuse dates beyond tomorrow)."""
    return now + timedelta(days=3)
