"""Whole local days of a question about orders, visits or reviews, and how they are cut."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pyarrow as pa

from regulars.errors import InvalidInput
from regulars.understand.questions import Desk, told
from regulars.values.answers import to_json
from regulars.values.csv import Table
from regulars.values.money import Money
from regulars.values.periods import Period, Unit, bucket_start, next_bucket
from regulars.values.zones import local_day


def days_of(desk: Desk, given: Mapping[str, Any]) -> Period | None:
    """The local days of a question's range; None without one. A missing end is the last day of the data, a missing begin 29 days before."""
    moments = told.moments(given.get("range"), "range", desk.shop.timezone)
    if moments.start is None and moments.end is None:
        return None
    moments = desk.bounded(moments)
    assert moments.start is not None
    assert moments.end is not None
    zone = desk.shop.timezone
    return Period.between(local_day(moments.start, zone), local_day(moments.end - timedelta(microseconds=1), zone))


def unit_of(given: Mapping[str, Any], days: int) -> Unit:
    """What a series is cut into: as asked, else by how long it is."""
    if given.get("interval") is None:
        return "day" if days <= 62 else "week" if days <= 400 else "month"
    return told.choice(given["interval"], "interval", ("day", "week", "month"))  # type: ignore[return-value]


def days_of_cell(desk: Desk, period: Period, unit: Unit, cell: Mapping[str, Any]) -> Period:
    """The days behind a cell: those of its `bucket` (a date), cut to the period; without one the whole period."""
    bucket = cell.get("bucket")
    if bucket is None:
        return period
    day = local_day(told.moment(bucket, "cell.bucket", desk.shop.timezone), desk.shop.timezone)
    start = bucket_start(day, unit, desk.week_start)
    found = Period(max(start, period.start_on), max(min(next_bucket(start, unit), period.end_on), max(start, period.start_on)))
    if not found.days:
        raise InvalidInput(f"cell.bucket: {bucket} lies outside the range", mend="give a bucket of the answer", code="bad_question")
    return found


def arrow(table: Table) -> pa.Table:
    """Rows of plain values as an Arrow table: money in major units, dates as text."""

    def plain(value: Any) -> Any:
        return float(value.major) if isinstance(value, Money) else to_json(value)

    columns = {name: [plain(row[i]) for row in table.rows] for i, name in enumerate(table.columns)}
    return pa.table(columns)
