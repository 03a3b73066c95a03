"""The report `delivery`: how long orders take to arrive, and how many come after the promise, over time or by group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
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
from regulars.warehouse import unbound

By = Literal["region", "channel", "seller"]
_COLUMNS = {"region": "region", "channel": "channel", "seller": "seller_id"}
_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class DeliveryQuery:
    """Orders of which days, by what."""

    period: Period
    by: By | None
    unit: Unit
    limit: int


@dataclass(frozen=True, slots=True)
class DeliveryGroup:
    """Orders placed in a bucket, or of a region, channel or seller. Days are null where no arrival is known."""

    key: str
    orders: int  # all, cancelled ones left out
    delivered: int  # whose arrival is known
    promised: int  # of them, with a promise
    late: int
    late_share: float | None  # of those with a promise
    days_mean: float | None  # from the order to its arrival
    days_p90: float | None
    to_ship_days_mean: float | None  # from the order to the first parcel
    overdue: int  # promised for a time that is over, and not known to have arrived
    complete: bool


@dataclass(frozen=True, slots=True)
class DeliveryAnswer:
    """Groups in order of time, or those with most late orders first; and all together."""

    by: By | None
    interval: Unit
    first_on: date
    last_on: date
    groups: tuple[DeliveryGroup, ...]
    total: DeliveryGroup


def read(desk: Desk, question: Mapping[str, Any]) -> DeliveryQuery:
    """`{by?, range?, interval?, limit?}`; without a range the last twelve months."""
    given = told.object_of(question, "question", ("by", "range", "interval", "limit"))
    by: Any = None if given.get("by") is None else told.choice(given["by"], "by", tuple(_COLUMNS))
    period = days_of(desk, given) or metrics.chosen_period(metrics.data_span(desk.warehouse, desk.shop), desk.shop, None)
    return DeliveryQuery(period, by, unit_of(given, period.days), told.whole(given.get("limit", 20), "limit", 1, 200))


def answer(desk: Desk, query: DeliveryQuery) -> DeliveryAnswer:
    """Every figure is of the orders placed then, whenever they arrived."""
    see_deliveries(desk)
    rows = _rows(desk, query.period)
    start, end = query.period.instants(desk.shop.timezone)
    over = end <= desk.now()
    calendar = Calendar.over(Moments(start, end), query.unit, desk.shop.timezone, desk.week_start)
    if query.by is None:
        keyed = rows.mutate(place=bucket(rows.ordered_at, calendar))
        found = {row["place"]: row for row in desk.warehouse.rows(_tallied(desk, keyed, "place"))}
        ended = calendar.complete(desk.now())
        groups = [_group(calendar.label(i), found.get(i), ended[i]) for i in range(len(calendar))]
    else:
        keyed = rows.mutate(key=rows[_COLUMNS[query.by]].nullif("").fill_null(NONE))
        named = _tallied(desk, keyed, "key")
        ordered = named.order_by(named.late.desc(), named.delivered.desc(), named.key).limit(query.limit)
        groups = [_group(row["key"], row, over) for row in desk.warehouse.rows(ordered)]
    whole = desk.warehouse.rows(_tallied(desk, rows.mutate(one=ibis.literal(1)), "one"))
    total = _group("(all)", whole[0] if whole else None, over)
    return DeliveryAnswer(query.by, query.unit, query.period.start_on, query.period.last_on, tuple(groups), total)


def see_deliveries(desk: Desk) -> None:
    """See that the shop's orders tell when they arrived.

    Raises
    ------
    NotEnoughData : none does.
    """
    rows = unbound("orders")
    if not desk.warehouse.rows(
        rows.filter(rows.shop_id == desk.shop.shop_id, rows.delivered_at.notnull()).select("order_id").limit(1)
    ):
        raise NotEnoughData(
            "no order tells when it arrived",
            mend="load orders with a column of the arrival (`delivered_at`, 签收时间), or send `Order Delivered`",
            code="no_delivery",
        )


def table(found: DeliveryAnswer) -> pa.Table:
    """One row per group."""
    names = (
        "orders",
        "delivered",
        "promised",
        "late",
        "late_share",
        "days_mean",
        "days_p90",
        "to_ship_days_mean",
        "overdue",
        "complete",
    )
    rows = tuple((one.key, *(getattr(one, name) for name in names)) for one in found.groups)
    return arrow(Table((found.by or "bucket", *names), rows))


def customers(desk: Desk, query: DeliveryQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who ordered in `{bucket}` or of `{group}`; with `late: true` only those whose order came late."""
    given = told.object_of(cell, "cell", ("bucket", "group", "late"))
    rows = _rows(desk, days_of_cell(desk, query.period, query.unit, given))
    if given.get("group") is not None and query.by is not None:
        column, group = rows[_COLUMNS[query.by]].nullif(""), told.text(given["group"], "cell.group")
        rows = rows.filter(column.isnull() if group == NONE else column == group)
    if str(given.get("late", "")).lower() == "true":
        rows = rows.filter(metrics.arrived_late(rows))
    return rows.filter(rows.customer_id.notnull()).select("customer_id")


def _rows(desk: Desk, period: Period) -> ir.Table:
    start, end = period.instants(desk.shop.timezone)
    scope = metrics.scope_of(metrics.data_span(desk.warehouse, desk.shop), desk.shop)
    rows = metrics.counted(unbound("orders"), scope)
    return metrics.within(rows, rows.ordered_at, start, end).filter(rows.status != "cancelled")


def _tallied(desk: Desk, rows: ir.Table, key: str) -> ir.Table:
    late = metrics.arrived_late(rows)
    days = rows.delivered_at.delta(rows.ordered_at, unit="microsecond") / _DAY
    sent = rows.shipped_at.delta(rows.ordered_at, unit="microsecond") / _DAY
    overdue = rows.delivered_at.isnull() & (rows.promised_at < metrics.instant(desk.as_of())).fill_null(False)
    return rows.group_by(key).aggregate(
        orders=rows.count(),
        delivered=rows.delivered_at.count(),
        promised=late.count(),
        late=late.cast("int64").sum().fill_null(0),
        days_mean=days.mean(),
        days_p90=days.quantile(0.9),
        to_ship=sent.mean(),
        overdue=overdue.cast("int64").sum().fill_null(0),
    )


def _group(key: str, row: Mapping[str, Any] | None, complete: bool) -> DeliveryGroup:
    if row is None:
        return DeliveryGroup(key, 0, 0, 0, 0, None, None, None, None, 0, complete)
    mean, p90, sent = (None if row[name] is None else round(float(row[name]), 4) for name in ("days_mean", "days_p90", "to_ship"))
    promised, late = int(row["promised"]), int(row["late"])
    return DeliveryGroup(
        key,
        int(row["orders"]),
        int(row["delivered"]),
        promised,
        late,
        metrics.ratio(late, promised),
        mean,
        p90,
        sent,
        int(row["overdue"]),
        complete,
    )


DELIVERY = Report("delivery", read, answer, table, customers, {"interval": "month"})
