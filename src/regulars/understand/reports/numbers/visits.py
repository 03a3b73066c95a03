"""The report `visits`: visits over time, or by what brought them, where they landed and on what they came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import ibis.expr.types as ir
import pyarrow as pa

from regulars.collect import sessions
from regulars.collect.sessions import By, VisitReport
from regulars.errors import InvalidInput, NotEnoughData
from regulars.understand.questions import Desk, Report, told
from regulars.understand.reports.numbers.days import arrow, days_of, days_of_cell, unit_of
from regulars.values.csv import Table
from regulars.values.periods import Period, Unit
from regulars.warehouse import unbound

_KEPT = ("channel", "landing", "device", "os", "browser", "region", "campaign", "source")
_COLUMNS = {
    "channel": "channel", "landing": "landing_path", "device": "device", "os": "os", "browser": "browser", "region": "region",
    "campaign": "utm_campaign",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class VisitQuery:
    """Which visits, and how they are cut: by a trait, or by time."""

    period: Period
    by: By | None
    unit: Unit


def read(desk: Desk, question: Mapping[str, Any]) -> VisitQuery:
    """`{by?, range?, interval?}`; without a range the last thirty days."""
    given = told.object_of(question, "question", ("by", "range", "interval"))
    by: By | None = None
    if given.get("by") is not None:
        by = told.choice(given["by"], "by", [one for one in get_args(By) if one in _KEPT])  # type: ignore[assignment]
    period = days_of(desk, given) or sessions.asked_period(desk.warehouse, desk.shop, None, None)
    return VisitQuery(period, by, unit_of(given, period.days))


def answer(desk: Desk, query: VisitQuery) -> VisitReport:
    """Visits of people, bots left out."""
    found = sessions.report(desk.warehouse, desk.shop, query.period, by=query.by, interval=None if query.by else query.unit)
    if not found.total.visits and sessions_missing(desk):
        raise NotEnoughData("there are no visits yet", mend="put the tracker into the shop's pages", code="no_visits")
    return found


def sessions_missing(desk: Desk) -> bool:
    """Whether nobody was ever seen."""
    rows = unbound("sessions")
    return not desk.warehouse.rows(rows.filter(rows.shop_id == desk.shop.shop_id).select("session_key").limit(1))


def table(found: VisitReport) -> pa.Table:
    """One row per group or bucket."""
    names = ("visits", "customers", "known_customers", "bounce_rate", "conversion_rate", "orders", "revenue")
    head = "bucket" if found.by is None else found.by
    rows = tuple(
        (one.start_on if found.by is None else one.key, *(getattr(one.figures, name) for name in names), one.complete)
        for one in found.groups
    )
    return arrow(Table((head, *names, "complete"), rows))


def customers(desk: Desk, query: VisitQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Whose visits a bucket `{bucket}` or a group `{group}` counts."""
    given = told.object_of(cell, "cell", ("bucket", "group"))
    start, end = days_of_cell(desk, query.period, query.unit, given).instants(desk.shop.timezone)
    rows = unbound("sessions")
    rows = rows.filter(rows.shop_id == desk.shop.shop_id, ~rows.is_bot, rows.is_seen)
    from regulars.understand.questions.queries import instant

    rows = rows.filter(rows.started_at >= instant(start), rows.started_at < instant(end))
    if given.get("group") is not None:
        if query.by not in _COLUMNS:
            raise InvalidInput(
                "cell.group: these groups cannot be opened", mend="ask by channel, landing or device", code="bad_question"
            )
        column, group = rows[_COLUMNS[query.by]], told.text(given["group"], "cell.group")
        rows = rows.filter(column.isnull() if group == "(none)" else column == group)
    return rows.select("customer_id")


VISITS = Report("visits", read, answer, table, customers, {"interval": "day"})
