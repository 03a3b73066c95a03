"""Counts of events and of customers by quarters of an hour, where the engine answers in this process: numpy makes buckets of them.

Every zone's offset of today is a whole number of quarters, so is the start of every bucket; where one is not, the portable way answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from regulars.understand.questions import Calendar, Moments
from regulars.understand.questions.native import divided, epoch_us, hashed, hour, weekday
from regulars.understand.questions.queries import events_of
from regulars.understand.questions.sorting import MOST, by_customer
from regulars.understand.trends.domain import HoursQuery, Measure, Series, TrendQuery
from regulars.values.zones import utc_offsets
from regulars.warehouse import Warehouse

_QUARTER = 900
_STEP = _QUARTER * 1_000_000
_HOURS = 168
#: Some 57 years.
_MOST_QUARTERS = 2_000_000
_BATCH = 120_000

Counts = np.ndarray[Any, np.dtype[np.int64]]
#: By bucket, and over the whole range.
Values = tuple[list[float | None], float | None]


def counts_buckets(warehouse: Warehouse, query: TrendQuery, series: Series, moments: Moments, calendar: Calendar) -> bool:
    """Whether a series can be counted here."""
    whole = not np.any(calendar.microseconds % _STEP)
    return (
        warehouse.capabilities.sorted_streams
        and query.by is None
        and series.measure in ("events", "customers", "per_customer")
        and whole
        and _spanned(moments)
    )


def counts_hours(warehouse: Warehouse, query: HoursQuery) -> bool:
    """Whether the hours of the week can be counted here."""
    return warehouse.capabilities.sorted_streams and _spanned(query.range) and _local(query) is not None


def by_bucket(
    warehouse: Warehouse, query: TrendQuery, series: Series, moments: Moments, calendar: Calendar, *, most: int = MOST
) -> Values | None:
    """A series without groups, by bucket and as a whole; null: there are more events than `most`."""
    rows = events_of(query.asked, filters=[series.event], moments=moments)
    first, size = _first(moments), len(calendar)
    edges = calendar.microseconds // _STEP
    bucket_of = np.searchsorted(edges[:-1], np.arange(first, _last(moments) + 1), side="right") - 1
    if series.measure == "events":
        events = np.bincount(bucket_of, weights=_events(warehouse, rows, moments), minlength=size).astype(np.int64)
        return _shown(series.measure, events, None), int(events.sum())
    parts = by_customer(warehouse.batches(_customers(rows), rows=_BATCH), most=most)
    if parts is None:
        return None
    customers, events = np.zeros(size, np.int64), np.zeros(size, np.int64)
    everybody = 0
    for owner, quarter in parts:
        bucket = bucket_of[quarter - first]
        new = np.concatenate(([True], owner[1:] != owner[:-1]))
        everybody += int(new.sum())
        new[1:] |= bucket[1:] != bucket[:-1]
        customers += np.bincount(bucket[new], minlength=size)
        events += np.bincount(bucket, minlength=size)
    if series.measure == "customers":
        return _shown(series.measure, customers, None), everybody
    return _shown(series.measure, events, customers), int(events.sum()) / everybody if everybody else None


def by_hour(warehouse: Warehouse, query: HoursQuery, *, most: int = MOST) -> Counts | None:
    """Seven rows of 24 numbers, Monday first; null: there are more events than `most`."""
    rows = events_of(query.asked, filters=[query.event], moments=query.range)
    offsets = _offsets(query)
    if query.measure == "events" and len(offsets) == 1:
        at = rows.timestamp + ibis.interval(seconds=offsets[0][1]) if offsets[0][1] else rows.timestamp
        rows = rows.select(weekday=weekday(at), hour=hour(at))
        counted = warehouse.query(rows.group_by("weekday", "hour").aggregate(events=rows.count()))
        week = np.zeros((7, 24), np.int64)
        week[counted["weekday"].to_numpy() - 1, counted["hour"].to_numpy()] = counted["events"].to_numpy()
        return week
    local = _local(query)
    assert local is not None
    hour_of = (local // 4 + 72) % _HOURS  # 1970 began on a Thursday
    if query.measure == "events":
        events = _events(warehouse, rows, query.range)
        return np.bincount(hour_of, weights=events, minlength=_HOURS).astype(np.int64).reshape(7, 24)
    parts = by_customer(warehouse.batches(_customers(rows), rows=_BATCH), most=most)
    if parts is None:
        return None
    found = np.zeros(_HOURS, np.int64)
    for owner, quarter in parts:
        both = np.unique(owner * _HOURS + hour_of[quarter - _first(query.range)])
        found += np.bincount(both % _HOURS, minlength=_HOURS)
    return found.reshape(7, 24)


def _events(warehouse: Warehouse, rows: ir.Table, moments: Moments) -> Counts:
    """How many events lie in each quarter of the range."""
    rows = rows.select(quarter=divided(epoch_us(rows.timestamp), _STEP))
    found = warehouse.query(rows.group_by("quarter").aggregate(events=rows.count()))
    counted = np.zeros(_last(moments) - _first(moments) + 1, np.int64)
    counted[found["quarter"].to_numpy() - _first(moments)] = found["events"].to_numpy()
    return counted


def _customers(rows: ir.Table) -> ir.Table:
    return rows.select(u=hashed(rows.customer_id), quarter=divided(epoch_us(rows.timestamp), _STEP))


def _local(query: HoursQuery) -> Counts | None:
    """By quarter of the range, the quarter of local time; null where the zone's offset is none."""
    quarters = np.arange(_first(query.range), _last(query.range) + 1)
    local = quarters.copy()
    for i, (since, seconds) in enumerate(_offsets(query)):
        at = round(since.timestamp())
        if seconds % _QUARTER or (i and at % _QUARTER):
            return None
        here = quarters >= at // _QUARTER if i else slice(None)
        local[here] = quarters[here] + seconds // _QUARTER
    return local


def _offsets(query: HoursQuery) -> Sequence[tuple[datetime, int]]:
    assert query.range.start is not None
    assert query.range.end is not None
    return utc_offsets(query.asked.zone, query.range.start, query.range.end)


def _spanned(moments: Moments) -> bool:
    return moments.start is not None and moments.start.timestamp() >= 0 and _last(moments) - _first(moments) < _MOST_QUARTERS


def _first(moments: Moments) -> int:
    assert moments.start is not None
    return int(moments.start.timestamp()) // _QUARTER


def _last(moments: Moments) -> int:
    assert moments.end is not None
    return int(moments.end.timestamp()) // _QUARTER


def _shown(measure: Measure, counted: Counts, by: Counts | None) -> list[float | None]:
    if by is None:
        return [int(one) for one in counted]
    return [int(one) / int(each) if each else None for one, each in zip(counted, by, strict=True)]
