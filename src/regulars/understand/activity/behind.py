"""Who is behind a figure: the customers of one cell of each report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import ibis.expr.types as ir

from regulars.understand.activity.domain import (
    MONTH_DAYS,
    WEEK_DAYS,
    ActiveQuery,
    LifecycleQuery,
    RetentionQuery,
    RollingQuery,
    State,
    StickinessQuery,
)
from regulars.understand.activity.queries import cohorts, states
from regulars.understand.activity.service import shown_groups
from regulars.understand.questions import Calendar, Desk, Moments, told


def in_retention(desk: Desk, query: RetentionQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Of the cohort of `bucket`: those who came back `interval` buckets later, with 0 all of them.

    `returned`: false for those who did not. `group`: only of one value of the breakdown.
    """
    given = told.object_of(cell, "cell", ("bucket", "interval", "group", "returned"))
    i = _place(query.calendar, given)
    k = told.whole(given.get("interval", 0), "cell.interval", 0, len(query.calendar) - 1 - i)
    shown = shown_groups(desk, query)
    start = cohorts.starts(query, shown)
    start = _of_group(start.filter(start.cohort == i), given, query.breakdown is not None)
    if k == 0:
        return start.select("customer_id").distinct()
    back = cohorts.returns(query, shown)
    back = back.filter(back.n == i + k) if query.mode == "on" else back.filter(back.n >= i + k)
    return _either(start, back, given)


def in_rolling(desk: Desk, query: RollingQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who returned in window `interval`, with 0 everybody whose first start lies in range; `returned`: false for the others."""
    given = told.object_of(cell, "cell", ("interval", "group", "returned"))
    k = told.whole(given.get("interval", 0), "cell.interval", 0, query.intervals - 1)
    shown = shown_groups(desk, query)
    start = _of_group(cohorts.firsts(query, query.range, shown), given, query.breakdown is not None)
    if k == 0:
        return start.select("customer_id")
    back = cohorts.comings(query, shown)
    return _either(start, back.filter(back.k == k), given)


def in_lifecycle(desk: Desk, query: LifecycleQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who was in a `state` in a `bucket`."""
    given = told.object_of(cell, "cell", ("bucket", "state"))
    state = told.choice(given.get("state"), "cell.state", get_args(State))
    found = states.states(query)
    return found.filter(found.bucket == _place(query.calendar, given), found.state == state).select("customer_id")


def in_stickiness(desk: Desk, query: StickinessQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who was active in `buckets` buckets; in so many or more where the question is cumulative."""
    given = told.object_of(cell, "cell", ("buckets",))
    count = told.whole(given.get("buckets", 1), "cell.buckets", 1, len(query.calendar))
    found = states.buckets_per_customer(query)
    test = found.buckets >= count if query.cumulative else found.buckets == count
    return found.filter(test).select("customer_id")


def in_active(desk: Desk, query: ActiveQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who was active on the day of `bucket`; `measure` wau or mau: in the 7 or 30 days ending that day."""
    given = told.object_of(cell, "cell", ("bucket", "measure"))
    measure = told.choice(given.get("measure", "dau"), "cell.measure", ("dau", "wau", "mau"))
    days = {"dau": 1, "wau": WEEK_DAYS, "mau": MONTH_DAYS}[measure]
    calendar, moments = query.read
    last = _place(query.calendar, given) + MONTH_DAYS - 1
    assert moments.end is not None
    return states.seen_in(query, Moments(calendar.starts[last + 1 - days], min(calendar.starts[last + 1], moments.end)))


def _place(calendar: Calendar, given: Mapping[str, Any]) -> int:
    labels = calendar.labels()
    return labels.index(told.choice(given.get("bucket"), "cell.bucket", labels))


def _of_group(rows: ir.Table, given: Mapping[str, Any], grouped: bool) -> ir.Table:
    if given.get("group") is None:
        return rows
    if not grouped:
        raise told.wrong("cell.group", "the question has no breakdown", "leave it out")
    return rows.filter(rows["value"] == told.text(given["group"], "cell.group"))


def _either(start: ir.Table, back: ir.Table, given: Mapping[str, Any]) -> ir.Table:
    """Those of the cohort who are, or are not, among those who came back."""
    keys = ["customer_id", "value"]
    both = start.anti_join(back, keys) if given.get("returned") is False else start.semi_join(back, keys)
    return both.select("customer_id").distinct()
