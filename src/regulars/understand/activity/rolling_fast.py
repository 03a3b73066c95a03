"""Retention by windows in one pass over sorted numbers, where the engine streams them: the same answer as `queries.cohorts.windows`."""

from __future__ import annotations

import ibis.expr.types as ir
import numpy as np

from regulars.understand.activity.domain import RollingQuery
from regulars.understand.questions import EventFilter, Moments
from regulars.understand.questions.native import epoch_us, hashed
from regulars.understand.questions.queries import events_of, passes
from regulars.understand.questions.sorting import MOST, Ints, by_customer
from regulars.warehouse import Warehouse

_BATCH = 120_000
#: Low bits of a row's number: it fits the start, it has the name of the start, it is a return.
_FITS, _NAMED, _RETURN = 1, 2, 4
_BITS = 3


def offered(warehouse: Warehouse, query: RollingQuery) -> bool:
    """Whether the engine streams rows as numbers; groups are told apart by the portable way."""
    return warehouse.capabilities.sorted_streams and query.breakdown is None


def windows(warehouse: Warehouse, query: RollingQuery, *, most: int = MOST) -> Ints | None:
    """By start day and window: who started that day (window 0), and who returned in window k. Null: there are more events than `most`."""
    made = np.zeros((len(query.calendar), query.intervals), np.int64)
    parts = by_customer(warehouse.batches(_numbered(query), rows=_BATCH), most=most)
    if parts is None:
        return None
    for owner, at in parts:
        _count(made, owner, at >> _BITS, (at & ((1 << _BITS) - 1)).astype(np.int8), query)
    return made


def _numbered(query: RollingQuery) -> ir.Table:
    """Columns `u` and `at`: microseconds, and in the low bits what the event is."""
    start, back = query.cohort_event, query.return_event
    rows = events_of(query.asked, filters=[EventFilter(start.event), start, back])
    named = passes(rows, EventFilter(start.event)) if query.cohort_type == "first_ever" else passes(rows, start)
    code = passes(rows, start).cast("int64") * _FITS + named.cast("int64") * _NAMED + passes(rows, back).cast("int64") * _RETURN
    rows = rows.select(u=hashed(rows.customer_id), t=epoch_us(rows.timestamp), code=code)
    rows = rows.filter(rows.code > 0)
    return rows.select("u", at=rows.t * (1 << _BITS) + rows.code)


def _count(made: Ints, owner: Ints, t: Ints, code: Ints, query: RollingQuery) -> None:
    named = np.flatnonzero(code & _NAMED)
    heads = named[np.flatnonzero(np.concatenate((np.ones(min(len(named), 1), bool), owner[named][1:] != owner[named][:-1])))]
    start = np.full(int(owner[-1]) + 1, -1, np.int64)
    start[owner[heads]] = t[heads]
    fits = np.zeros(len(start), bool)
    right = np.flatnonzero(code & _FITS)
    fits[owner[right[t[right] == start[owner[right]]]]] = True
    low, high = (_micros(moment, query.range) for moment in ("start", "end"))
    fits &= (start >= low) & (start < high)
    day = np.searchsorted(query.calendar.microseconds, start, side="right") - 1
    made[:, 0] += np.bincount(day[fits], minlength=len(made))
    length = query.rolling.microseconds
    back = np.flatnonzero((code & _RETURN) != 0)
    back = back[fits[owner[back]]]
    k = (t[back] - start[owner[back]]) // length
    inside = (k >= 1) & (k < query.intervals)
    who, k = owner[back][inside], k[inside]  # of one customer in order of time, so each window's events stand together
    cell = who * query.intervals + k
    first = np.flatnonzero(np.concatenate((np.ones(min(len(cell), 1), bool), cell[1:] != cell[:-1])))
    enough = first[np.diff(np.append(first, len(cell))) >= query.min_return_count]
    np.add.at(made, (day[who[enough]], k[enough]), 1)


def _micros(end: str, moments: Moments) -> int:
    moment = moments.start if end == "start" else moments.end
    if moment is None:
        return int(np.iinfo(np.int64).min if end == "start" else np.iinfo(np.int64).max)
    return round(moment.timestamp() * 1_000_000)
