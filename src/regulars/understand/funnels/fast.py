"""The funnel in one pass over sorted numbers, where the engine can stream them: the same answer as the portable expression.

Rows are sorted by customer, time and step. Of every step it is noted at which rows attempts came to it, and where each began.
A later arrival never has an earlier start, so the attempt that goes on at a row is the one that came to the step before last:
one binary search per row and step, and no window in the engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from regulars.understand.funnels.domain import FunnelQuery
from regulars.understand.funnels.queries.compact import STEP_BITS, codes, compact, packed, packs
from regulars.understand.funnels.queries.stream import copies, gaps, micros
from regulars.understand.questions.sorting import MOST, by_customer

if TYPE_CHECKING:
    from regulars.warehouse import Warehouse

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

_BATCH = 120_000


def offered(warehouse: Warehouse) -> bool:
    """Whether the engine streams sorted rows as numbers."""
    return warehouse.capabilities.sorted_streams


def figures(warehouse: Warehouse, query: FunnelQuery, *, most: int = MOST) -> list[tuple[int, float | None, float | None]]:
    """By step: customers, and mean and median of the microseconds since the step before. More rows than `most` are sorted by the engine."""
    customers = [0] * query.count
    took: list[list[Ints]] = [[] for _ in range(query.count)]
    for rows in _pieces(warehouse, query, most):
        times = _any(rows, query) if query.order == "any" else _attempts(rows, query)
        for k in range(query.count):
            came = times[k] >= 0
            customers[k] += int(came.sum())
            if k:
                took[k].append((times[k] - times[k - 1])[came])
    made: list[tuple[int, float | None, float | None]] = []
    for k in range(query.count):
        waits = np.concatenate(took[k]) if took[k] else np.empty(0, np.int64)
        if not len(waits):
            made.append((customers[k], None, None))
            continue
        half = len(waits) // 2
        middle = np.partition(waits, (half - 1, half) if len(waits) % 2 == 0 and half else half)
        median = (int(middle[half - 1]) + int(middle[half])) / 2 if len(waits) % 2 == 0 else float(middle[half])
        made.append((customers[k], _sum(waits) / len(waits), median))
    return made


@dataclass
class _Rows:
    """Whole customers' rows in order. `first` and `instant` are the first row of the same customer, and of the same instant."""

    t: Ints
    code: Ints
    spoils: Ints
    first: Ints
    instant: Ints

    def matching(self, k: int) -> Ints:
        """The rows that match step k (from 0)."""
        return np.flatnonzero(self.code & (1 << k))

    @property
    def customers(self) -> Ints:
        """The first rows."""
        return np.flatnonzero(self.first == np.arange(len(self.t)))


def _pieces(warehouse: Warehouse, query: FunnelQuery, most: int) -> Iterator[_Rows]:
    """The rows of whole customers, some hundred thousand at a time: sorted here where two numbers tell everything of a row, else by the engine."""
    if packs(query):
        parts = by_customer(warehouse.batches(packed(query), rows=_BATCH), most=most)
        if parts is not None:
            yield from (_unpacked(query, *part) for part in parts)
            return
    left: tuple[Ints, ...] | None = None
    for batch in warehouse.batches(compact(query), rows=_BATCH):
        columns = tuple(np.asarray(batch.column(name).to_numpy(zero_copy_only=False)) for name in ("u", "t", "code", "spoils"))
        if left is not None:
            columns = tuple(np.concatenate(pair) for pair in zip(left, columns, strict=True))
        cut = int(np.searchsorted(columns[0], columns[0][-1], side="left"))
        left = tuple(column[cut:] for column in columns)
        if cut:
            yield _rows(query, *(column[:cut] for column in columns))
    if left is not None and len(left[0]):
        yield _rows(query, *left)


def _unpacked(query: FunnelQuery, owner: Ints, at: Ints) -> _Rows:
    assert query.range.end is not None
    t, place = at >> STEP_BITS, (at & ((1 << STEP_BITS) - 1)).astype(np.int8)
    code_of: Any = np.array(codes(query), np.int32)
    if query.order == "ordered":
        # A step at once repeated changes nothing: of step 1 the last begins the attempt that goes on, of others the first comes first.
        # Where several steps ask for the same events, each of these counts.
        alone = np.bitwise_count(code_of) <= 1
        if alone[1]:
            place[(place == 1) & (t >= micros(query.range.end))] = 0
        again = (owner[1:] == owner[:-1]) & (place[1:] == place[:-1]) & alone[place[1:]]
        begins = place[1:] == 1
        kept = np.ones(len(t), bool)
        kept[:-1] &= ~(again & begins)
        kept[1:] &= ~again | begins
        owner, t, place = owner[kept], t[kept], place[kept]
    return _rows(query, owner, t, code_of[place], np.zeros(len(t), np.int8))


def _rows(query: FunnelQuery, u: Ints, t: Ints, code: Ints, spoils: Ints) -> _Rows:
    if query.order == "strict" or query.exclusions:
        # At an instant with steps, what is no step is ignored.
        heads = np.flatnonzero(np.concatenate(([True], (u[1:] != u[:-1]) | (t[1:] != t[:-1]))))
        met = np.repeat(np.maximum.reduceat(code > 0, heads), np.diff(np.append(heads, len(t))))
        kept = (code > 0) | ~met
        u, t, code, spoils = u[kept], t[kept], code[kept], spoils[kept]
    new = np.concatenate(([True], u[1:] != u[:-1]))
    later = np.concatenate(([True], t[1:] != t[:-1])) | new
    place = np.arange(len(t))
    return _Rows(t, code, spoils, np.maximum.accumulate(np.where(new, place, 0)), np.maximum.accumulate(np.where(later, place, 0)))


def _attempts(rows: _Rows, query: FunnelQuery) -> list[Ints]:
    """By step, the microseconds at which each customer who stays in the funnel came to it; -1: did not."""
    assert query.range.end is not None
    window, count, excluded = query.window.microseconds, query.count, gaps(query)
    place = np.arange(len(rows.t))
    arrived = rows.matching(0)
    arrived = arrived[rows.t[arrived] < micros(query.range.end)]
    begun = rows.instant[arrived]
    arrivals, starts = [arrived], [begun]
    depth = np.zeros(len(rows.t), np.int8)  # by the first row of a customer
    spoilt = np.zeros(len(rows.t), np.int8)
    depth[rows.first[arrived]] = 1
    for k in range(1, count):
        wanted = rows.matching(k)
        at = np.searchsorted(arrived, wanted) - 1
        before = arrived[np.maximum(at, 0)] if len(arrived) else np.zeros(len(wanted), np.int64)
        from_ = begun[np.maximum(at, 0)] if len(arrived) else before
        fits = (at >= 0) & (before >= rows.first[wanted])
        fits &= rows.t[wanted] - rows.t[from_] <= window
        if query.order == "strict":
            other = np.cumsum((rows.code & (1 << (k - 1))) == 0)
            fits &= other[np.maximum(wanted - 1, 0)] == other[before]
        if k + 1 in excluded:
            last = np.maximum.accumulate(np.where(rows.spoils & (1 << k), place, -1))
            clean = fits & (before > last[wanted])
            spoilt[rows.first[wanted[fits & ~clean]]] = k + 1
            fits = clean
        arrived, begun = wanted[fits], from_[fits]
        arrivals.append(arrived)
        starts.append(begun)
        depth[rows.first[arrived]] = k + 1
    drops = bool(excluded) and query.exclusion_mode == "drop_customer"
    deepest = np.maximum(depth, spoilt) if drops else depth
    firsts = [np.concatenate(([True], one[1:] != one[:-1])) if len(one) else np.empty(0, bool) for one in starts]
    arrivals = [arrived[first] for arrived, first in zip(arrivals, firsts, strict=True)]
    starts = [begun[first] for begun, first in zip(starts, firsts, strict=True)]
    chosen, own = [], []
    for k in range(count):
        arrived, begun = arrivals[k], starts[k]
        mine = deepest[rows.first[arrived]] == k + 1
        if drops and k + 2 in excluded:
            following = _next(rows.spoils & (1 << (k + 1)), arrived, rows)
            mine &= ~((following >= 0) & (rows.t[following] - rows.t[begun] <= window))
        arrived, begun = arrived[mine], begun[mine]
        customer = rows.first[arrived]
        is_first = np.concatenate(([True], customer[1:] != customer[:-1])) if len(customer) else np.empty(0, bool)
        same = np.searchsorted(rows.instant[arrived], rows.instant[arrived[is_first]], side="right") - 1
        chosen.append(begun[same])
        own.append(np.full(len(same), k))
    start, depth_of = np.concatenate(chosen), np.concatenate(own)
    times = []
    for k in range(count):
        came = depth_of >= k
        time = np.full(len(start), -1, np.int64)
        time[came] = rows.t[arrivals[k][np.searchsorted(starts[k], start[came])]]
        times.append(time)
    return times


def _next(marks: Ints, arrived: Ints, rows: _Rows) -> Ints:
    """The first marked row behind each of these of the same customer; -1: none."""
    marked = np.flatnonzero(marks)
    at = np.searchsorted(marked, arrived, side="right")
    found = np.append(marked, -1)[at]
    return np.where((found >= 0) & (rows.first[found] == rows.first[arrived]), found, -1)


def _any(rows: _Rows, query: FunnelQuery) -> list[Ints]:
    """As `_attempts`, for a funnel in any order: the ascending times of the set that first had most steps."""
    assert query.range.end is not None
    window, count = query.window.microseconds, query.count
    place = np.arange(len(rows.t))
    run = rows.first
    if gaps(query):
        run = np.maximum(run, np.maximum.accumulate(np.where(rows.spoils > 0, place, 0)))
    steps = [rows.matching(k) for k in range(count)]
    filled = np.zeros(len(rows.t), np.int8)
    lags = copies(query)

    def inside(marked: Ints, lag: int) -> Bools:
        before = np.searchsorted(marked, place, side="right") - 1 - lag
        row = marked[np.maximum(before, 0)] if len(marked) else place
        return (before >= 0) & (row >= run) & (rows.t - rows.t[row] <= window) if len(marked) else np.zeros(len(place), bool)

    for marked, lag in zip(steps, lags, strict=True):
        filled += inside(marked, lag)
    in_range = np.flatnonzero((rows.code > 0) & (rows.t < micros(query.range.end)))
    filled[~inside(in_range, 0) | (rows.code == 0)] = 0
    heads = rows.customers
    if not len(heads):
        return [np.empty(0, np.int64) for _ in range(count)]
    sizes = np.diff(np.append(heads, len(place)))
    most = np.maximum.reduceat(filled, heads)
    best = np.flatnonzero((filled == np.repeat(most, sizes)) & (filled > 0))
    customer = rows.first[best]
    best = best[np.concatenate(([True], customer[1:] != customer[:-1]))] if len(best) else best
    number = np.full(len(place), -1, np.int64)
    number[rows.first[best]] = np.arange(len(best))
    of = number[rows.first]
    at = np.where(of >= 0, of, 0)
    valid = np.zeros(len(place), bool)
    if len(best):
        moment, first = rows.t[best][at], run[best][at]
        valid = (of >= 0) & (rows.t <= moment) & (moment - rows.t <= window) & (place >= first)
    never = np.iinfo(np.int64).max
    times = np.full((count, len(best)), never, np.int64)
    for k, (marked, lag) in enumerate(zip(steps, lags, strict=True)):
        usable = marked[valid[marked]]
        who = of[usable]
        firsts = np.searchsorted(who, np.arange(len(best))) + lag
        there = firsts < len(who)
        there[there] &= who[firsts[there]] == np.flatnonzero(there)
        times[k, there] = rows.t[usable[firsts[there]]]
    times.sort(axis=0)
    times[times == never] = -1
    return list(times)


def _sum(numbers: Ints) -> int:
    """The exact sum, whatever its size: high and low halves apart."""
    return (int((numbers >> 32).sum()) << 32) + int((numbers & 0xFFFFFFFF).sum())
