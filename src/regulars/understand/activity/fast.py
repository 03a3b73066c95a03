"""Activity as bits: one pass of the engine makes a number per customer whose bits are the active buckets; numpy does the rest.

The portable expressions are in `queries`; this is for engines that answer within this process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from regulars.understand.activity.domain import (
    MONTH_DAYS,
    WEEK_DAYS,
    ActiveQuery,
    LifecycleQuery,
    RetentionQuery,
    StickinessQuery,
)
from regulars.understand.questions import Calendar, EventFilter, Moments
from regulars.understand.questions.native import divided, epoch_us
from regulars.understand.questions.queries import bucket, events_of, instant, passes
from regulars.warehouse import Warehouse

#: Bits that a signed number of 64 holds without trouble on the way.
_BITS = 62
#: Beyond so many buckets, few of which any customer is active in, rows are fewer than bits.
_MOST_BUCKETS = 2 * _BITS
#: Customers whose bits are spread at a time.
_CHUNK = 1 << 16

Counts = np.ndarray[Any, np.dtype[np.int64]]
Bits = np.ndarray[Any, np.dtype[np.uint8]]


def offered(warehouse: Warehouse, buckets: int) -> bool:
    """Whether this way is open, and the shorter one."""
    return warehouse.capabilities.sorted_streams and buckets <= _MOST_BUCKETS


def triangle(warehouse: Warehouse, query: RetentionQuery) -> Counts:
    """Square of buckets: on the diagonal the cohorts' sizes, right of it how many came back in that bucket (or later, if so asked)."""
    calendar = query.calendar
    size = len(calendar)
    found = warehouse.query(_starts_and_returns(query))
    first = None if query.cohort_type == "recurring" else _places(found["first_at"], calendar)
    same = "start_0" not in found.column_names
    total = np.zeros((size, size), dtype=np.int64)
    for at in _chunks(found.num_rows):
        back = _spread(found, "back", size, at)
        if first is None:
            start = back if same else _spread(found, "start", size, at)
            sizes = start.sum(axis=0, dtype=np.int64)
        else:
            start = (first[at, None] == np.arange(size)).view(np.uint8)
            sizes = start.sum(axis=0, dtype=np.int64)
        if query.mode == "on_or_after":
            back = np.maximum.accumulate(back[:, ::-1], axis=1)[:, ::-1]
        pairs = np.triu(start.astype(np.float32).T @ back.astype(np.float32), 1).astype(np.int64)
        total += pairs + np.diag(sizes)
    return total


def states(warehouse: Warehouse, query: LifecycleQuery) -> Mapping[str, Counts]:
    """Customers by bucket, for each state."""
    calendar, moments = query.read
    size = len(calendar)
    everything = Moments(None, moments.end)
    sums = {name: np.zeros(size - 1, dtype=np.int64) for name in ("new", "returning", "resurrecting", "dormant")}
    width = _width(calendar)
    if width is not None and query.new_basis == "first_match" and size < _BITS:
        table = warehouse.query(_since_ever(events_of(query.asked, filters=[query.event], moments=everything), calendar, width))
        for at in _chunks(table.num_rows):
            seen = _spread(table, "seen", size + 1, at)
            _add_states(sums, seen[:, 1:], np.argmax(seen, axis=1) - 1)
        return sums
    filters = [query.event] if query.new_basis == "first_match" else [query.event, EventFilter()]
    rows = events_of(query.asked, filters=filters, moments=everything)
    inside = rows.timestamp >= instant(calendar.starts[0])
    here = inside if query.new_basis == "first_match" else inside & passes(rows, query.event)
    marks = _marks("seen", here, _bucket(rows, calendar), size)
    found = rows.group_by("customer_id").aggregate(first_at=rows.timestamp.min(), **marks).drop("customer_id")
    table = warehouse.query(found)
    first = _places(table["first_at"], calendar)
    for at in _chunks(table.num_rows):
        _add_states(sums, _spread(table, "seen", size, at), first[at])
    return sums


def _add_states(sums: Mapping[str, Counts], seen: Bits, first: Counts) -> None:
    """Of customers whose first bucket is known (-1: before all of these)."""
    now, before = seen[:, 1:], seen[:, :-1]
    new = now & (first[:, None] == np.arange(1, seen.shape[1])).view(np.uint8)
    old = now & ~new
    for name, each in (("new", new), ("returning", old & before), ("resurrecting", old & ~before), ("dormant", before & ~now & 1)):
        sums[name][:] += each.sum(axis=0, dtype=np.int64)


def _since_ever(rows: ir.Table, calendar: Calendar, width: int) -> ir.Table:
    """`seen_0`: bit 0 is anything before the calendar, the following ones are its buckets, which are all of this width."""
    since = ibis.greatest(epoch_us(rows.timestamp) - (int(calendar.microseconds[0]) - width), 0)
    return _by_customer(rows, {"seen_0": (ibis.literal(1, "int64") << divided(since, width)).bit_or()})


def _bucket(rows: ir.Table, calendar: Calendar) -> ir.IntegerValue:
    """The number of the bucket that holds each event; meaningful only inside the calendar."""
    width = _width(calendar)
    if width is None:
        return bucket(rows.timestamp, calendar)
    number: ir.IntegerValue = divided(epoch_us(rows.timestamp) - int(calendar.microseconds[0]), width)
    return number


def _width(calendar: Calendar) -> int | None:
    """The microseconds of a bucket, where all are equally long."""
    widths = np.diff(calendar.microseconds)
    return int(widths[0]) if np.all(widths == widths[0]) else None


def buckets_per_customer(warehouse: Warehouse, query: StickinessQuery) -> Counts:
    """How many customers were active in 0, 1, 2 ... buckets."""
    size = len(query.calendar)
    rows = events_of(query.asked, filters=[query.event], moments=query.range)
    found = _by_customer(rows, _marks("seen", None, _bucket(rows, query.calendar), size))
    table = warehouse.query(found)
    words = [_word(table, name) for name in table.column_names]
    each = sum((np.bitwise_count(word) for word in words), np.zeros(table.num_rows, dtype=np.uint8))
    return np.bincount(each, minlength=size + 1).astype(np.int64)


def active(warehouse: Warehouse, query: ActiveQuery) -> tuple[Counts, Counts, Counts]:
    """Customers per day of the query's calendar: of the day, of 7 days and of 30."""
    calendar, moments = query.read
    size, lead = len(calendar), MONTH_DAYS - 1
    rows = events_of(query.asked, filters=[query.event], moments=moments)
    table = warehouse.query(_by_customer(rows, _marks("seen", None, _bucket(rows, calendar), size)))
    sums = [np.zeros(size - lead, dtype=np.int64) for _ in range(3)]
    for at in _chunks(table.num_rows):
        seen = _spread(table, "seen", size, at)
        upto = np.zeros((len(seen), size + 1), dtype=np.int16)
        np.cumsum(seen, axis=1, dtype=np.int16, out=upto[:, 1:])
        for total, days in zip(sums, (1, WEEK_DAYS, MONTH_DAYS), strict=True):
            total += (upto[:, lead + 1 :] > upto[:, lead + 1 - days : size + 1 - days]).sum(axis=0, dtype=np.int64)
    return sums[0], sums[1], sums[2]


def _starts_and_returns(query: RetentionQuery) -> ir.Table:
    calendar, size = query.calendar, len(query.calendar)
    cohort, back = replace(query.cohort_event, label=None), replace(query.return_event, label=None)
    if query.cohort_type == "recurring":
        filters = [back] if cohort == back else [cohort, back]
        rows = events_of(query.asked, filters=filters, moments=calendar.moments)
        n = _bucket(rows, calendar)
        if cohort == back:
            return _by_customer(rows, _marks("back", None, n, size))
        starts = _marks("start", passes(rows, cohort), n, size)
        return _by_customer(rows, starts | _marks("back", passes(rows, back), n, size))
    named = cohort if query.cohort_type == "first_time" else EventFilter(cohort.event)
    rows = events_of(query.asked, filters=[named, cohort, back], moments=Moments(None, calendar.moments.end))
    here = passes(rows, back) & (rows.timestamp >= instant(calendar.starts[0]))
    marks: dict[str, ir.Value] = _marks("back", here, _bucket(rows, calendar), size)
    marks["any_at"] = rows.timestamp.min(where=passes(rows, named))
    marks["first_at"] = rows.timestamp.min(where=passes(rows, cohort))
    found = rows.group_by("customer_id").aggregate(**marks)
    return found.filter(found.first_at == found.any_at, found.first_at >= instant(calendar.starts[0])).drop("customer_id", "any_at")


def _by_customer(rows: ir.Table, marks: Mapping[str, ir.Value]) -> ir.Table:
    return rows.group_by("customer_id").aggregate(**marks).drop("customer_id")


def _marks(name: str, test: ir.BooleanValue | None, n: ir.IntegerValue, size: int) -> dict[str, ir.Value]:
    """Numbers whose bits are the buckets with an event that passes; `name`_0 holds the first 62, and so on."""
    one, marks = ibis.literal(1, "int64"), {}
    for word in range(-(-size // _BITS)):
        low = word * _BITS
        here = [] if test is None else [test]
        if size > _BITS:
            here += [n >= low, n < low + _BITS]
        bit = one << (ibis.greatest(n - low, 0) if here else n)
        if here:
            whole = here[0]
            for more in here[1:]:
                whole = whole & more
            bit = ibis.ifelse(whole, bit, 0)
        marks[f"{name}_{word}"] = bit.bit_or()
    return marks


def _chunks(rows: int) -> Iterator[slice]:
    for start in range(0, rows, _CHUNK):
        yield slice(start, min(start + _CHUNK, rows))


def _word(table: pa.Table, name: str) -> Counts:
    return np.asarray(table[name].to_numpy(), dtype=np.int64)


def _spread(table: pa.Table, name: str, size: int, at: slice) -> Bits:
    """One row per customer, one column per bucket: 1 where the customer was active."""
    parts = []
    for word in range(-(-size // _BITS)):
        numbers = np.asarray(table[f"{name}_{word}"].slice(at.start, at.stop - at.start).to_numpy(), dtype="<i8")
        bits = np.unpackbits(np.ascontiguousarray(numbers).view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")
        parts.append(bits[:, : min(_BITS, size - word * _BITS)])
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def _places(firsts: pa.ChunkedArray, calendar: Calendar) -> Counts:
    """The bucket that holds each instant; -1 before the first."""
    stamps = firsts.to_numpy().astype("datetime64[us]").astype(np.int64)
    return np.asarray(np.searchsorted(calendar.microseconds, stamps, side="right") - 1, dtype=np.int64)
