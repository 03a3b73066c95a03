"""The verbs of the activity room: retention by buckets and by windows, lifecycle, stickiness and active customers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np

from regulars.understand.activity import fast, rolling_fast
from regulars.understand.activity.domain import (
    MONTH_DAYS,
    WEEK_DAYS,
    ActiveAnswer,
    ActiveQuery,
    CurvePoint,
    LifecycleAnswer,
    LifecycleQuery,
    RetentionAnswer,
    RetentionGroup,
    RetentionQuery,
    RetentionRow,
    RollingAnswer,
    RollingQuery,
    RollingValues,
    StickinessAnswer,
    StickinessQuery,
)
from regulars.understand.activity.fast import Counts
from regulars.understand.activity.queries import cohorts
from regulars.understand.activity.queries import states as state_queries
from regulars.understand.questions import READ, Calendar, Desk

_ALL = ""  # the group of everybody, where there is no breakdown


def retention(desk: Desk, query: RetentionQuery, *, general: bool = False) -> RetentionAnswer:
    """Of the customers who started in each bucket, how many came back in each later one.

    Parameters
    ----------
    general : answer by the portable expression, also where the engine offers a faster way.
    """
    as_of = desk.as_of()
    squares = _squares(desk, query, general)
    whole = squares.get(_ALL) if query.breakdown is None else None
    rows = () if query.breakdown else _rows(query, whole, as_of)
    groups: tuple[RetentionGroup, ...] = ()
    if query.breakdown is not None:
        groups = tuple(_group(query, value, squares[value], as_of) for value in sorted(squares))
    return RetentionAnswer(
        shop_id=desk.shop.shop_id,
        timezone=desk.shop.timezone,
        as_of=as_of,
        interval=query.calendar.interval,
        cohort_type=query.cohort_type,
        mode=query.mode,
        buckets=tuple(query.calendar.labels()),
        rows=rows,
        curve=_curve(rows),
        groups=groups,
    )


def retention_rolling(desk: Desk, query: RollingQuery, *, general: bool = False) -> RollingAnswer:
    """Of the customers whose first start lies in range, how many returned in each window counted from it."""
    as_of = desk.as_of()
    found: Mapping[str, Counts] | None = None
    if not general and rolling_fast.offered(desk.warehouse, query):
        counts = desk.warehouse.cached(
            ("retention_rolling.fast", query), lambda: rolling_fast.windows(desk.warehouse, query), of=READ
        )
        found = None if counts is None else {"": counts}
    if found is None:
        found = _windows(desk, query)
    every = sum(found.values(), np.zeros((len(query.calendar), query.intervals), dtype=np.int64))
    all_in_all = _rolling(query, None, every, as_of)
    groups = [] if query.breakdown is None else [_rolling(query, value, found[value], as_of) for value in sorted(found)]
    return RollingAnswer(
        shop_id=desk.shop.shop_id,
        timezone=desk.shop.timezone,
        as_of=as_of,
        range=query.range,
        rolling=query.rolling,
        values=all_in_all.values,
        complete=all_in_all.complete,
        shares=all_in_all.shares,
        eligible=all_in_all.eligible,
        groups=tuple(groups),
    )


def _windows(desk: Desk, query: RollingQuery) -> Mapping[str, Counts]:
    shown = shown_groups(desk, query)
    rows = desk.warehouse.cached(("retention_rolling", query), lambda: desk.warehouse.rows(cohorts.windows(query, shown)), of=READ)
    found: dict[str, Counts] = defaultdict(lambda: np.zeros((len(query.calendar), query.intervals), dtype=np.int64))
    for row in rows:
        found[row["value"]][row["day"], row["k"]] = row["customers"]
    return found


def lifecycle(desk: Desk, query: LifecycleQuery, *, general: bool = False) -> LifecycleAnswer:
    """New, returning, resurrecting and dormant customers per bucket."""
    as_of = desk.as_of()
    quick = not general and fast.offered(desk.warehouse, len(query.calendar) + 1)
    if quick:
        found = desk.warehouse.cached(("lifecycle.fast", query), lambda: fast.states(desk.warehouse, query), of=READ)
    else:
        found = desk.warehouse.cached(("lifecycle", query), lambda: _states(desk, query), of=READ)
    values = {name: tuple(int(value) for value in counts) for name, counts in found.items()}
    return LifecycleAnswer(
        shop_id=desk.shop.shop_id,
        timezone=desk.shop.timezone,
        as_of=as_of,
        interval=query.calendar.interval,
        buckets=tuple(query.calendar.labels()),
        complete=tuple(query.calendar.complete(as_of)),
        **values,
    )


def stickiness(desk: Desk, query: StickinessQuery, *, general: bool = False) -> StickinessAnswer:
    """How many customers were active in exactly, or in at least, k buckets of the range."""
    as_of, size = desk.as_of(), len(query.calendar)
    quick = not general and query.min_count == 1 and fast.offered(desk.warehouse, size)
    if quick:
        counts = desk.warehouse.cached(
            ("stickiness.fast", query), lambda: fast.buckets_per_customer(desk.warehouse, query), of=READ
        )
    else:
        counts = desk.warehouse.cached(("stickiness", query), lambda: _by_buckets(desk, query), of=READ)
    exact = counts[1:]
    values = np.cumsum(exact[::-1])[::-1] if query.cumulative else exact
    customers = int(exact.sum())
    return StickinessAnswer(
        shop_id=desk.shop.shop_id,
        timezone=desk.shop.timezone,
        as_of=as_of,
        interval=query.calendar.interval,
        cumulative=query.cumulative,
        buckets_in_range=size,
        customers=customers,
        values=tuple(int(value) for value in values),
        shares=tuple(int(value) / customers if customers else None for value in values),
        complete=(_over(query.calendar, as_of),) * size,
    )


def active(desk: Desk, query: ActiveQuery, *, general: bool = False) -> ActiveAnswer:
    """Daily, weekly and monthly active customers per local day, and how sticky they make the shop."""
    as_of = desk.as_of()
    quick = not general and fast.offered(desk.warehouse, len(query.calendar) + MONTH_DAYS - 1)
    if quick:
        found = desk.warehouse.cached(("active.fast", query), lambda: fast.active(desk.warehouse, query), of=READ)
    else:
        found = desk.warehouse.cached(("active", query), lambda: _active(desk, query), of=READ)
    dau, wau, mau = (tuple(int(value) for value in counts) for counts in found)
    return ActiveAnswer(
        shop_id=desk.shop.shop_id,
        timezone=desk.shop.timezone,
        as_of=as_of,
        buckets=tuple(query.calendar.labels()),
        dau=dau,
        wau=wau,
        mau=mau,
        dau_over_mau=tuple(round(d / m, 4) if m else None for d, m in zip(dau, mau, strict=True)),
        complete=tuple(query.calendar.complete(as_of)),
    )


def shown_groups(desk: Desk, query: RetentionQuery | RollingQuery) -> Sequence[str] | None:
    """The values of the breakdown that stand for themselves; None: all do."""
    if query.breakdown is None:
        return None
    rows = desk.warehouse.cached(("activity.groups", query), lambda: desk.warehouse.rows(cohorts.sizes(query)), of=READ)
    if len(rows) <= query.breakdown.limit:
        return None
    return tuple(row["value"] for row in rows[: query.breakdown.limit])


def _squares(desk: Desk, query: RetentionQuery, general: bool) -> Mapping[str, Counts]:
    """By value of the breakdown: sizes on the diagonal, right of it who came back."""
    plain = query.breakdown is None and query.min_return_count == 1
    if plain and not general and fast.offered(desk.warehouse, len(query.calendar)):
        whole = desk.warehouse.cached(("retention.fast", query), lambda: fast.triangle(desk.warehouse, query), of=READ)
        return {_ALL: whole}
    shown = shown_groups(desk, query)
    rows = desk.warehouse.cached(("retention", query), lambda: desk.warehouse.rows(cohorts.triangle(query, shown)), of=READ)
    size = len(query.calendar)
    squares: dict[str, Counts] = defaultdict(lambda: np.zeros((size, size), dtype=np.int64))
    for row in rows:
        squares[row["value"]][row["cohort"], row["n"]] = row["customers"]
    if query.mode == "on_or_after":
        for square in squares.values():
            sizes = np.diag(np.diag(square))
            back = square - sizes
            square[:] = sizes + np.triu(np.cumsum(back[:, ::-1], axis=1)[:, ::-1], 1)
    return squares


def _rows(query: RetentionQuery, square: Counts | None, as_of: datetime) -> tuple[RetentionRow, ...]:
    calendar, size = query.calendar, len(query.calendar)
    if square is None:
        square = np.zeros((size, size), dtype=np.int64)
    over = calendar.complete(as_of)
    made = []
    for i, label in enumerate(calendar.labels()):
        values = tuple(int(value) for value in square[i, i:])
        shares = tuple(value / values[0] if values[0] else None for value in values)
        complete = tuple(over[i:]) if query.mode == "on" else (over[i], *(over[-1] for _ in values[1:]))
        made.append(RetentionRow(label, values, shares, complete))
    return tuple(made)


def _curve(rows: Sequence[RetentionRow]) -> tuple[CurvePoint, ...]:
    """Over the cohorts for which a column is over, weighted by their size."""
    made = []
    for k in range(len(rows)):
        full = [row for row in rows if k < len(row.values) and row.complete[k] and row.complete[0]]
        customers = sum(row.values[0] for row in full)
        back = sum(row.values[k] for row in full)
        made.append(CurvePoint(k, back / customers if customers else None, customers))
    return tuple(made)


def _group(query: RetentionQuery, value: str, square: Counts, as_of: datetime) -> RetentionGroup:
    rows = _rows(query, square, as_of)
    return RetentionGroup(value, int(np.diag(square).sum()), rows, _curve(rows))


def _rolling(query: RollingQuery, value: str | None, found: Counts, as_of: datetime) -> RollingValues:
    """From customers by start day and window."""
    length = timedelta(microseconds=query.rolling.microseconds)
    sizes, values, complete, shares, eligible = found[:, 0], [], [], [], []
    for k in range(query.intervals):
        # Day k of somebody who started just before midnight ends k + 1 windows after that midnight.
        over = np.array([end + (k + 1) * length <= as_of for end in query.calendar.starts[1:]])
        values.append(int(found[:, k].sum()))
        complete.append(bool(np.all(over | (sizes == 0))) and query.calendar.starts[-1] <= as_of)
        among = int(sizes[over].sum())
        eligible.append(among)
        shares.append(int(found[over, k].sum()) / among if among else None)
    complete[0] = query.calendar.starts[-1] <= as_of
    return RollingValues(value, tuple(values), tuple(complete), tuple(shares), tuple(eligible))


def _states(desk: Desk, query: LifecycleQuery) -> Mapping[str, Counts]:
    sums = {name: np.zeros(len(query.calendar), dtype=np.int64) for name in ("new", "returning", "resurrecting", "dormant")}
    for row in desk.warehouse.rows(state_queries.by_state(query)):
        sums[row["state"]][row["bucket"]] = row["customers"]
    return sums


def _by_buckets(desk: Desk, query: StickinessQuery) -> Counts:
    counts = np.zeros(len(query.calendar) + 1, dtype=np.int64)
    for row in desk.warehouse.rows(state_queries.by_buckets(query)):
        counts[row["buckets"]] = row["customers"]
    return counts


def _active(desk: Desk, query: ActiveQuery) -> tuple[Counts, Counts, Counts]:
    """Every customer counts from a day on until seen again, at most for as many days as the measure looks back."""
    calendar, _ = query.read
    sums = [np.zeros(len(calendar) + MONTH_DAYS, dtype=np.int64) for _ in range(3)]
    for row in desk.warehouse.rows(state_queries.by_gap(query)):
        for total, days in zip(sums, (1, WEEK_DAYS, MONTH_DAYS), strict=True):
            total[row["n"] : row["n"] + min(row["gap"], days)] += row["customers"]
    dau, wau, mau = (total[MONTH_DAYS - 1 : len(calendar)] for total in sums)
    return dau, wau, mau


def _over(calendar: Calendar, as_of: datetime) -> bool:
    return calendar.starts[-1] <= as_of
