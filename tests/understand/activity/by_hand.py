"""Retention, lifecycle, stickiness and active customers counted the plain way, one customer at a time, to compare with."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from regulars.understand.activity import ActiveQuery, LifecycleQuery, RetentionQuery, StickinessQuery
from regulars.understand.questions import Calendar, EventFilter

History = Mapping[str, Sequence[tuple[datetime, str, str | None]]]  # by customer: when, what, property k


def matches(wanted: EventFilter) -> Callable[[tuple[datetime, str, str | None]], bool]:
    """Whether an event passes a filter with conditions `k eq`."""
    return lambda one: wanted.event in (None, one[1]) and all(one[2] == condition.value for condition in wanted.where)


def retention(history: History, query: RetentionQuery) -> list[list[int]]:
    """Rows of the triangle."""
    calendar, size = query.calendar, len(query.calendar)
    rows = [[0] * (size - i) for i in range(size)]
    starts, comes = matches(query.cohort_event), matches(query.return_event)
    for events in history.values():
        back = Counter(calendar.index(one[0]) for one in events if comes(one))
        for i in _cohorts(events, query, calendar, starts):
            rows[i][0] += 1
            for k in range(1, size - i):
                wanted = range(i + k, i + k + 1) if query.mode == "on" else range(i + k, size)
                rows[i][k] += any(back[j] >= query.min_return_count for j in wanted)
    return rows


def _cohorts(events: Iterable[Any], query: RetentionQuery, calendar: Calendar, starts: Callable[[Any], bool]) -> set[int]:
    matching = [one for one in events if starts(one)]
    if not matching:
        return set()
    inside = range(len(calendar))
    if query.cohort_type == "recurring":
        return {calendar.index(one[0]) for one in matching} & set(inside)
    first = min(one[0] for one in matching)
    if query.cohort_type == "first_ever":
        name = query.cohort_event.event
        if min(one[0] for one in events if name in (None, one[1])) < first:
            return set()
    return {calendar.index(first)} & set(inside)


def lifecycle(history: History, query: LifecycleQuery) -> dict[str, list[int]]:
    """Customers by state and bucket."""
    calendar, moments = query.read
    found = {name: [0] * (len(calendar) - 1) for name in ("new", "returning", "resurrecting", "dormant")}
    for events in history.values():
        known = [one for one in events if one[0] < moments.end]
        mine = [one for one in known if matches(query.event)(one)]
        basis = mine if query.new_basis == "first_match" else known
        first = calendar.index(min((one[0] for one in basis), default=moments.end))
        seen = {calendar.index(one[0]) for one in mine}
        for n in range(1, len(calendar)):
            if n in seen:
                state = "new" if n == first else "returning" if n - 1 in seen else "resurrecting"
                found[state][n - 1] += 1
            elif n - 1 in seen:
                found["dormant"][n - 1] += 1
    return found


def stickiness(history: History, query: StickinessQuery) -> list[int]:
    """Customers by number of active buckets."""
    size = len(query.calendar)
    values = [0] * size
    for events in history.values():
        inside = [one for one in events if matches(query.event)(one) and query.range.start <= one[0] < query.range.end]
        counts = Counter(query.calendar.index(one[0]) for one in inside)
        buckets = sum(count >= query.min_count for count in counts.values())
        for k in range(1, buckets + 1) if query.cumulative else [buckets]:
            if k:
                values[k - 1] += 1
    return values


def active(history: History, query: ActiveQuery) -> dict[str, list[int]]:
    """Customers active in 1, 7 and 30 days ending each day."""
    calendar, moments = query.read
    found: dict[str, list[int]] = defaultdict(list)
    seen = [
        {calendar.index(one[0]) for one in events if matches(query.event)(one) and one[0] < moments.end}
        for events in history.values()
    ]
    for day in range(29, len(calendar)):
        for name, days in (("dau", 1), ("wau", 7), ("mau", 30)):
            found[name].append(sum(any(d in mine for d in range(day - days + 1, day + 1)) for mine in seen))
    return dict(found)
