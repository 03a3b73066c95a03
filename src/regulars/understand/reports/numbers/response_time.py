"""The report `response_time`: how long customers wait for the first answer to a ticket, over time or by where it came in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from regulars.errors import NotEnoughData
from regulars.understand import metrics
from regulars.understand.questions import NONE, Calendar, Desk, Moments, Report, told
from regulars.understand.questions.queries import bucket
from regulars.understand.reports.numbers.days import arrow, days_of, days_of_cell, unit_of
from regulars.values.csv import Table
from regulars.values.periods import Period, Unit
from regulars.values.zones import local_day
from regulars.warehouse import json_text, unbound

By = Literal["channel"]
OPENED, ANSWERED = "Ticket Opened", "Ticket Answered"
_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True)
class ResponseQuery:
    """Tickets of which days, and within how many hours an answer is in time."""

    period: Period
    by: By | None
    unit: Unit
    within_hours: int
    limit: int


@dataclass(frozen=True, slots=True)
class ResponseGroup:
    """Tickets opened in a bucket or by a channel; hours are from the opening to the first answer."""

    key: str
    opened: int
    answered: int
    hours_median: float | None
    hours_mean: float | None
    hours_p90: float | None
    in_time: int  # answered within the hours asked for
    in_time_share: float | None  # of the tickets that are answered, or wait for longer than that
    waiting: int  # not answered, and waiting for longer than that
    complete: bool


@dataclass(frozen=True, slots=True)
class ResponseAnswer:
    """Groups in order of time, or the largest first; and all together."""

    by: By | None
    interval: Unit
    within_hours: int
    first_on: date
    last_on: date
    groups: tuple[ResponseGroup, ...]
    total: ResponseGroup


def read(desk: Desk, question: Mapping[str, Any]) -> ResponseQuery:
    """`{by?: "channel", within_hours?, range?, interval?, limit?}`; without a range the last thirty days of events."""
    given = told.object_of(question, "question", ("by", "within_hours", "range", "interval", "limit"))
    by: Any = None if given.get("by") is None else told.choice(given["by"], "by", ("channel",))
    last_on = local_day(desk.as_of() - timedelta(microseconds=1), desk.shop.timezone)
    period = days_of(desk, given) or Period.between(last_on - timedelta(days=29), last_on)
    hours = told.whole(given.get("within_hours", 24), "within_hours", 1, 24 * 60)
    return ResponseQuery(period, by, unit_of(given, period.days), hours, told.whole(given.get("limit", 20), "limit", 1, 200))


def answer(desk: Desk, query: ResponseQuery) -> ResponseAnswer:
    """A ticket counts once, at its first opening; its answer may come after the range."""
    if not desk.warehouse.rows(_told(desk, OPENED).select("message_id").limit(1)):
        raise NotEnoughData(
            "no tickets were told of",
            mend="send `Ticket Opened` and `Ticket Answered` with `ticket_id`, or load them from a file of events",
            code="no_tickets",
        )
    rows = _tickets(desk, query.period)
    start, end = query.period.instants(desk.shop.timezone)
    over = end <= desk.now()
    if query.by is None:
        calendar = Calendar.over(Moments(start, end), query.unit, desk.shop.timezone, desk.week_start)
        keyed = rows.mutate(place=bucket(rows.opened_at, calendar))
        found = {row["place"]: row for row in desk.warehouse.rows(_tallied(desk, keyed, "place", query))}
        ended = calendar.complete(desk.now())
        groups = [_group(calendar.label(i), found.get(i), ended[i]) for i in range(len(calendar))]
    else:
        named = _tallied(desk, rows, "channel", query)
        ordered = named.order_by(named.opened.desc(), named.channel).limit(query.limit)
        groups = [_group(row["channel"], row, over) for row in desk.warehouse.rows(ordered)]
    whole = desk.warehouse.rows(_tallied(desk, rows.mutate(one=ibis.literal(1)), "one", query))
    total = _group("(all)", whole[0] if whole else None, over)
    return ResponseAnswer(
        query.by, query.unit, query.within_hours, query.period.start_on, query.period.last_on, tuple(groups), total
    )


def table(found: ResponseAnswer) -> pa.Table:
    """One row per group."""
    names = (
        "opened", "answered", "hours_median", "hours_mean", "hours_p90", "in_time", "in_time_share", "waiting", "complete"
    )  # fmt: skip
    rows = tuple((one.key, *(getattr(one, name) for name in names)) for one in found.groups)
    return arrow(Table((found.by or "bucket", *names), rows))


def customers(desk: Desk, query: ResponseQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who opened the tickets of `{bucket}` or `{group}`."""
    given = told.object_of(cell, "cell", ("bucket", "group"))
    rows = _tickets(desk, days_of_cell(desk, query.period, query.unit, given))
    if given.get("group") is not None:
        rows = rows.filter(rows.channel == told.text(given["group"], "cell.group"))
    return rows.filter(rows.customer_id.notnull()).select("customer_id")


def _told(desk: Desk, event: str) -> ir.Table:
    rows = unbound("events")
    rows = rows.filter(rows.shop_id == desk.shop.shop_id, rows.event == event, ~rows.is_bot)
    named = [json_text(rows.properties, name) for name in ("ticket_id", "ticketId", "conversation_id", "case_id")]
    return rows.mutate(ticket_id=ibis.coalesce(*named)).filter(lambda t: t.ticket_id.notnull())


def _tickets(desk: Desk, period: Period) -> ir.Table:
    """Every ticket opened in the period, with the hours to its first answer (null: none yet)."""
    opened, answered = _told(desk, OPENED), _told(desk, ANSWERED)
    channel = json_text(opened.properties, "channel").nullif("").fill_null(NONE)
    opened = opened.mutate(channel_=channel)
    first = opened.group_by("ticket_id").aggregate(
        opened_at=opened.timestamp.min(),
        customer_id=opened.customer_id.min(),
        channel=opened.channel_.argmin(opened.timestamp),
    )
    start, end = period.instants(desk.shop.timezone)
    first = metrics.within(first, first.opened_at, start, end)
    both = first.left_join(answered.select("ticket_id", answered_at=answered.timestamp), "ticket_id").drop("ticket_id_right")
    later = ibis.cases((both.answered_at >= both.opened_at, both.answered_at))
    rows = both.group_by("ticket_id", "opened_at", "customer_id", "channel").aggregate(answered_at=later.min())
    return rows.mutate(hours=rows.answered_at.delta(rows.opened_at, unit="microsecond") / _HOUR)


def _tallied(desk: Desk, rows: ir.Table, key: str, query: ResponseQuery) -> ir.Table:
    due = metrics.instant(desk.as_of() - timedelta(hours=query.within_hours))
    waiting = rows.hours.isnull() & (rows.opened_at < due)
    return rows.group_by(key).aggregate(
        opened=rows.count(),
        answered=rows.hours.count(),
        median=rows.hours.median(),
        mean=rows.hours.mean(),
        p90=rows.hours.quantile(0.9),
        in_time=rows.count(where=rows.hours <= query.within_hours),
        waiting=rows.count(where=waiting),
    )


def _group(key: str, row: Mapping[str, Any] | None, complete: bool) -> ResponseGroup:
    if row is None:
        return ResponseGroup(key, 0, 0, None, None, None, 0, None, 0, complete)
    median, mean, p90 = (None if row[name] is None else round(float(row[name]), 4) for name in ("median", "mean", "p90"))
    answered, in_time, waiting = (int(row[name] or 0) for name in ("answered", "in_time", "waiting"))
    share = metrics.ratio(in_time, answered + waiting)
    return ResponseGroup(key, int(row["opened"]), answered, median, mean, p90, in_time, share, waiting, complete)


RESPONSE_TIME = Report("response_time", read, answer, table, customers, {"within_hours": 24})
