"""Sessions as rows: events cut by rests, with what the first one carries; and their sums, means and medians."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import ibis
import ibis.expr.types as ir

from regulars.understand.paths.domain import SessionsQuery
from regulars.understand.questions import NONE, OTHER, Calendar, Moments
from regulars.understand.questions.queries import bucket, events_of, instant, operand, within
from regulars.warehouse.instants import microseconds


def noted(query: SessionsQuery) -> ir.Table:
    """Columns `customer_id`, `at` and, with a breakdown, `node` (null: not told): one row per event.

    The events of one rest before the range tell whether its first sessions began earlier; a session that begins inside is read
    at most a day beyond the range.
    """
    properties = [query.breakdown] if query.breakdown else []
    rows = events_of(query.asked, filters=query.include, properties=properties)
    rows = within(rows, _read(query))
    columns = {"at": rows.timestamp}
    if query.breakdown:
        columns["node"] = operand(rows, query.breakdown).text
    return rows.select("customer_id", **columns)


def _read(query: SessionsQuery) -> Moments:
    assert query.moments.start is not None
    assert query.moments.end is not None
    return Moments(query.moments.start - timedelta(minutes=query.gap_minutes), query.moments.end + timedelta(days=1))


def sessions(rows: ir.Table, query: SessionsQuery, calendar: Calendar) -> ir.Table:
    """One row per session that began in the range: `customer_id`, `bucket`, `group` (null: not told), `events`, `took` (microseconds)."""
    grouped = query.breakdown is not None
    rows = rows.mutate(moment=microseconds(rows.at), group=rows.node if grouped else ibis.null("string"))
    before = ibis.window(group_by="customer_id", order_by="moment")
    rows = rows.mutate(before=rows.moment.lag().over(before))
    begins = rows.before.isnull() | (rows.moment - rows.before >= query.gap_minutes * 60_000_000)
    rows = rows.mutate(begins=ibis.ifelse(begins, rows.moment, ibis.null("int64")))
    running = ibis.range_window(group_by="customer_id", order_by="moment", preceding=None, following=0)
    rows = rows.mutate(begun=rows.begins.max().over(running))
    first = ibis.window(group_by=["customer_id", "begun"], order_by=["moment", rows.group.isnull(), "group"])
    rows = rows.mutate(place=ibis.row_number().over(first))
    found = rows.group_by("customer_id", "begun").aggregate(
        at=rows.at.min(),
        events=rows.count(),
        took=rows.moment.max() - rows.moment.min(),
        group=rows.group.max(where=rows.place == 0),
    )
    start, end = query.moments.start, query.moments.end
    assert start is not None
    assert end is not None
    found = found.filter(found.at >= instant(start), found.at < instant(end))
    return found.mutate(bucket=bucket(found.at, calendar).cast("int32"))


def named(found: ir.Table, kept: Sequence[str] | None) -> ir.Table:
    """The sessions with their group in words; `kept`: the groups that are shown, the rest is "(other)"."""
    group = found.group.fill_null(NONE)
    if kept is not None:
        group = ibis.ifelse(group.isin(list(kept)), group, OTHER)
    return found.mutate(group=group)


def group_sizes(found: ir.Table) -> ir.Table:
    """How many sessions each group has."""
    return found.group_by("group").aggregate(sessions=found.count())


def figures(found: ir.Table, by: str | None) -> ir.Table:
    """By bucket, by group or of all: `sessions`, `customers`, `events`, `bounces`, `took`, and the median's one or two middles.

    The median is read off ranks, which every engine counts the same way.
    """
    found = found.mutate(cell=ibis.literal(0) if by is None else found[by])
    found = found.mutate(
        rank=ibis.row_number().over(ibis.window(group_by="cell", order_by="took")),
        size=found.count().over(ibis.window(group_by="cell")),
    )
    middle = (found.rank == (found.size - 1) // 2) | (found.rank == found.size // 2)
    each = found.group_by("cell", "customer_id").aggregate(
        sessions=found.count(),
        events=found.events.sum(),
        bounces=(found.events == 1).cast("int64").sum(),
        took=found.took.sum(),
        low=found.took.min(where=middle),
        high=found.took.max(where=middle),
    )
    return each.group_by("cell").aggregate(
        sessions=each.sessions.sum(),
        customers=each.count(),
        events=each.events.sum(),
        bounces=each.bounces.sum(),
        took=each.took.sum(),
        low=each.low.min(),
        high=each.high.max(),
    )
