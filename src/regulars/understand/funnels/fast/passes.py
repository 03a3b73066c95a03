"""Where customers come in a funnel, found in one pass over sorted rows: the same as the portable expressions say.

Of every step it is noted at which rows attempts came to it, and where each began. A later arrival never has an earlier start, so the
attempt that goes on at a row is the one that came to the step before last: one binary search per row and step, and no window in the engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from regulars.understand.funnels.domain import FunnelQuery
from regulars.understand.funnels.fast.rows import Bools, Rows
from regulars.understand.funnels.queries.stream import copies, gaps, micros
from regulars.understand.questions.sorting import Ints


def times(rows: Rows, query: FunnelQuery) -> tuple[Ints, list[Ints]]:
    """The first row of each customer who stays in the funnel, and by step the microseconds at which they came to it; -1: did not."""
    return in_any_order(rows, query) if query.order == "any" else in_order(rows, query)


def entered(rows: Rows, query: FunnelQuery) -> tuple[Ints, Ints]:
    """Every event at which an attempt may begin: the first row of its customer, and its microseconds."""
    assert query.range.end is not None
    begins = np.flatnonzero(rows.code) if query.order == "any" else rows.matching(0)
    begins = begins[rows.t[begins] < micros(query.range.end)]
    return rows.first[begins], rows.t[begins]


def complete(rows: Rows, query: FunnelQuery) -> tuple[Ints, Ints]:
    """Every complete attempt: the first row of its customer, and the microseconds at which it began."""
    if query.order == "any":
        found = _moments(rows, query, since=True)
        done = np.flatnonzero(found.filled == query.count)
        return rows.first[done], found.since[done]
    begun = _way(rows, query).starts[-1]
    return rows.first[begun], rows.t[begun]


@dataclass
class _Way:
    """By step the rows of arrivals and those of their starts; by a customer's first row the deepest step, and the deepest that was spoilt."""

    arrivals: list[Ints]
    starts: list[Ints]
    depth: Any
    spoilt: Any


@dataclass
class _Moments:
    """By row the steps inside its window and, where asked for, when the first of these was; where its run begins; the rows of each step."""

    filled: Any
    since: Ints
    run: Ints
    steps: list[Ints]
    lags: list[int]


def in_order(rows: Rows, query: FunnelQuery) -> tuple[Ints, list[Ints]]:
    """The first row of each customer who stays in the funnel, and by step the microseconds at which they came to it; -1: did not."""
    way = _way(rows, query)
    count, window, excluded = query.count, query.window.microseconds, gaps(query)
    arrivals, starts, depth, spoilt = way.arrivals, way.starts, way.depth, way.spoilt
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
    return rows.first[start], times


def _way(rows: Rows, query: FunnelQuery) -> _Way:
    """Of every step the rows at which attempts came to it, and where each of these began."""
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
    return _Way(arrivals, starts, depth, spoilt)


def _next(marks: Ints, arrived: Ints, rows: Rows) -> Ints:
    """The first marked row behind each of these of the same customer; -1: none."""
    marked = np.flatnonzero(marks)
    at = np.searchsorted(marked, arrived, side="right")
    found = np.append(marked, -1)[at]
    return np.where((found >= 0) & (rows.first[found] == rows.first[arrived]), found, -1)


def in_any_order(rows: Rows, query: FunnelQuery) -> tuple[Ints, list[Ints]]:
    """As `in_order`, for a funnel in any order: the ascending times of the set that first had most steps."""
    found = _moments(rows, query)
    filled, run, steps, lags = found.filled, found.run, found.steps, found.lags
    window, count, place = query.window.microseconds, query.count, np.arange(len(rows.t))
    heads = rows.customers
    if not len(heads):
        return np.empty(0, np.int64), [np.empty(0, np.int64) for _ in range(count)]
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
    return rows.first[best], list(times)


def _moments(rows: Rows, query: FunnelQuery, *, since: bool = False) -> _Moments:
    """At every row how many different steps lie in the window that ends there."""
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

    latest = np.full(len(place), np.iinfo(np.int64).max)
    for marked, lag in zip(steps, lags, strict=True):
        there = inside(marked, lag)
        filled += there
        if since and len(marked):
            before = np.maximum(np.searchsorted(marked, place, side="right") - 1 - lag, 0)
            latest = np.where(there, np.minimum(latest, rows.t[marked[before]]), latest)
    in_range = np.flatnonzero((rows.code > 0) & (rows.t < micros(query.range.end)))
    filled[~inside(in_range, 0) | (rows.code == 0)] = 0
    return _Moments(filled, latest, run, steps, lags)
