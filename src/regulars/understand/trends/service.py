"""The verbs of the trends room: series over time, and the hours of the week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis.expr.types as ir

from regulars.understand.questions import OTHER, READ, Calendar, Desk, Moments, told
from regulars.understand.trends import fast
from regulars.understand.trends.domain import (
    ZERO,
    Compare,
    HoursAnswer,
    HoursQuery,
    Series,
    TrendAnswer,
    TrendLine,
    TrendQuery,
)
from regulars.understand.trends.queries import by_hour, counted, largest, measured, rows_of, together
from regulars.values.periods import add_months
from regulars.values.zones import day_start, local_day

#: By group: a value for each bucket, and one for the whole range.
Lines = dict[str, tuple[list[float | None], float | None]]


def trend(desk: Desk, query: TrendQuery, *, general: bool = False) -> TrendAnswer:
    """Series of events by local hour, day, week or month.

    The total of customers counts each once over the whole range; that of a quantile or average is of all values, not of the buckets.
    Groups beyond `limit` are counted together, a customer once.

    Parameters
    ----------
    general : answer by the portable expression, also where the engine offers a faster way.
    """
    calendar = desk.calendar(query.range, query.interval)
    earlier = _earlier(desk, query.range, query.compare) if query.compare is not None else None
    before = desk.calendar(earlier, query.interval) if earlier is not None else None
    now = {one.letter: _lines(desk, query, one, query.range, calendar, None, general=general) for one in query.series}
    past: dict[str, Lines] = {}
    if earlier is not None and before is not None:
        past = {
            one.letter: _lines(
                desk,
                query,
                one,
                earlier,
                before,
                [g for g in now[one.letter] if g != OTHER] if query.by else None,
                general=general,
            )
            for one in query.series
        }
    lines = [
        _line(query, one.letter, one.event.shown, group, one.measure, found, past.get(one.letter), len(calendar))
        for one in query.series
        for group, found in now[one.letter].items()
    ]
    if query.formula is not None:
        lines = _formed(query, now, past, len(calendar))
    as_of = desk.as_of()
    return TrendAnswer(
        shop_id=desk.shop.shop_id,
        timezone=desk.shop.timezone,
        as_of=as_of,
        range=query.range,
        interval=query.interval,
        buckets=tuple(calendar.labels()),
        complete=tuple(calendar.complete(as_of)),
        lines=tuple(lines),
    )


def week_hours(desk: Desk, query: HoursQuery, *, general: bool = False) -> HoursAnswer:
    """At which weekday and local hour something happens; `general`: by the portable expression, also where there is a faster way."""
    quick = None
    if not general and fast.counts_hours(desk.warehouse, query):
        quick = desk.warehouse.cached(("week_hours.fast", query), lambda: fast.by_hour(desk.warehouse, query), of=READ)
    values = _hours(desk, query) if quick is None else quick.tolist()
    return HoursAnswer(
        shop_id=desk.shop.shop_id,
        timezone=desk.shop.timezone,
        as_of=desk.as_of(),
        range=query.range,
        measure=query.measure,
        values=tuple(tuple(row) for row in values),
        total=sum(map(sum, values)),
    )


def _hours(desk: Desk, query: HoursQuery) -> list[list[int]]:
    rows = desk.warehouse.cached(
        ("week_hours", query), lambda: desk.warehouse.rows(counted(by_hour(query), query.measure)), of=READ
    )
    values = [[0] * 24 for _ in range(7)]
    for row in rows:
        values[int(row["weekday"])][int(row["hour"])] = int(row["value"])
    return values


def customers_in_trend(desk: Desk, query: TrendQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who is behind a point: `series` (its letter), optionally `bucket` (its label) and `group`."""
    given = told.object_of(cell, "cell", ("series", "bucket", "group"))
    letters = [one.letter for one in query.series]
    series = query.series[letters.index(told.choice(given.get("series", "A"), "cell.series", letters))]
    calendar = desk.calendar(query.range, query.interval)
    rows = rows_of(query, series, query.range, calendar)
    if given.get("bucket") is not None:
        labels = calendar.labels()
        rows = rows.filter(rows.bucket == labels.index(told.choice(given["bucket"], "cell.bucket", labels)))
    if given.get("group") is not None and query.by is not None:
        top = _largest(desk, query, series, query.range)
        group = told.text(given["group"], "cell.group")
        rows = rows.filter(rows.group == group) if group in top or group != OTHER else rows.filter(~rows.group.isin(top))
    return rows.select("customer_id").distinct()


def customers_in_hours(desk: Desk, query: HoursQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who did it at a `weekday` (0: Monday) and `hour`."""
    given = told.object_of(cell, "cell", ("weekday", "hour"))
    rows = by_hour(query)
    for name, most in (("weekday", 6), ("hour", 23)):
        if given.get(name) is not None:
            rows = rows.filter(rows[name] == told.whole(given[name], f"cell.{name}", 0, most))
    return rows.select("customer_id").distinct()


def _lines(
    desk: Desk,
    query: TrendQuery,
    series: Series,
    moments: Moments,
    calendar: Calendar,
    groups: Sequence[str] | None,
    *,
    general: bool,
) -> Lines:
    if not general and fast.counts_buckets(desk.warehouse, query, series, moments, calendar):
        quick = desk.warehouse.cached(
            ("trend.fast", query.asked, series, moments, calendar),
            lambda: fast.by_bucket(desk.warehouse, query, series, moments, calendar),
            of=READ,
        )
        if quick is not None:
            return {"all": quick}
    top = list(groups) if groups is not None else (_largest(desk, query, series, moments) if query.by is not None else [])
    empty = 0 if series.measure in ZERO else None

    def asked(by: Calendar | None) -> list[dict[str, Any]]:
        rows = together(rows_of(query, series, moments, by), top)
        return desk.warehouse.rows(measured(rows, series.measure))

    key = ("trend", query.asked, series, query.by, moments, calendar, tuple(top))
    by_bucket = desk.warehouse.cached((*key, "buckets"), lambda: asked(calendar), of=READ)
    totals = desk.warehouse.cached((*key, "total"), lambda: asked(None), of=READ)
    whole = {row["group"]: row["value"] for row in totals}
    names = [*(top if query.by is not None else ["all"]), *([OTHER] if query.by is not None and OTHER in whole else [])]
    found: Lines = {name: ([empty] * len(calendar), whole.get(name, empty)) for name in dict.fromkeys(names)}
    for row in by_bucket:
        if row["group"] in found and 0 <= int(row["bucket"]) < len(calendar):
            found[row["group"]][0][int(row["bucket"])] = row["value"]
    return found


def _largest(desk: Desk, query: TrendQuery, series: Series, moments: Moments) -> list[str]:
    totals = measured(rows_of(query, series, moments, None), series.measure)
    rows = desk.warehouse.cached(
        ("trend.groups", query.asked, series, query.by, query.limit, moments),
        lambda: desk.warehouse.rows(largest(totals, query.limit)),
        of=READ,
    )
    return [row["group"] for row in rows]


def _line(
    query: TrendQuery,
    letter: str,
    label: str | None,
    group: str,
    measure: str,
    found: tuple[list[float | None], float | None],
    past: Lines | None,
    size: int,
) -> TrendLine:
    before = None
    if query.compare is not None:
        empty = 0 if measure in ZERO else None
        values, total = (past or {}).get(group, ([], empty))
        before = _shown(query, [*values[:size], *([empty] * (size - len(values)))]), total
    return TrendLine(
        series=letter,
        label=label,
        group=group if query.by is not None else None,
        measure=measure,
        values=_shown(query, found[0]),
        total=found[1],
        previous=before[0] if before else None,
        previous_total=before[1] if before else None,
    )


def _formed(query: TrendQuery, now: Mapping[str, Lines], past: Mapping[str, Lines], size: int) -> list[TrendLine]:
    """The formula's lines, one per group of its series."""
    assert query.formula is not None
    letters = sorted(query.formula.letters) or [query.series[0].letter]
    groups = list(dict.fromkeys(group for letter in letters for group in now[letter]))

    def of(lines: Mapping[str, Lines], group: str) -> tuple[list[float | None], float | None]:
        assert query.formula is not None
        known = {letter: lines.get(letter, {}).get(group) for letter in letters}
        values = [
            query.formula.of({letter: (one[0][i] if one and i < len(one[0]) else None) for letter, one in known.items()})
            for i in range(size)
        ]
        return values, query.formula.of({letter: (one[1] if one else None) for letter, one in known.items()})

    made = []
    for group in groups:
        before: Lines = {group: of(past, group)} if query.compare is not None else {}
        made.append(_line(query, query.formula.text, query.formula.text, group, "formula", of(now, group), before, size))
    return made


def _shown(query: TrendQuery, values: Sequence[float | None]) -> tuple[float | None, ...]:
    """The moving average over the last buckets that are known, or the running sum."""
    made: list[float | None] = list(values)
    if query.moving_average > 1:
        made = []
        for i in range(len(values)):
            near = [one for one in values[max(0, i + 1 - query.moving_average) : i + 1] if one is not None]
            made.append(sum(near) / len(near) if near else None)
    if query.cumulative:
        total, summed = 0.0, []
        for one in made:
            total += one or 0
            summed.append(total)
        return tuple(summed)
    return tuple(made)


def _earlier(desk: Desk, moments: Moments, compare: Compare) -> Moments:
    """The range of equal length just before, or the same local dates a year earlier; hours and minutes as they are."""
    assert moments.start is not None
    assert moments.end is not None
    zone = desk.shop.timezone
    days = (local_day(moments.end, zone) - local_day(moments.start, zone)).days

    def moved(moment: datetime) -> datetime:
        day = local_day(moment, zone)
        rest = moment - day_start(day, zone)
        back = add_months(day, -12) if compare == "last_year" else day - timedelta(days=days)
        return (day_start(back, zone) + rest).astimezone(UTC)

    if days == 0 and compare == "previous":
        return Moments(moments.start - (moments.end - moments.start), moments.start)
    return Moments(moved(moments.start), moved(moments.end))
