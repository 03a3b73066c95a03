"""Whose rows a report reads, and how they are cut: the filters and buckets every expression of this room begins with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import ibis
import ibis.expr.types as ir

from regulars.values.periods import Unit, WeekStart
from regulars.warehouse.local_time import local_bucket

#: Statuses that count in GMV; the one other status, unpaid, never does.
COUNTED = ("placed", "cancelled")
UNPAID = "unpaid"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose orders are read, and how their days are cut."""

    shop_id: str
    currency: str
    one_currency: bool  # every counted order is in `currency`, so rows need not be compared with it
    zone: str
    week_start: WeekStart


def counted(table: ir.Table, scope: Scope) -> ir.Table:
    """The rows of orders or order lines that reports count: this shop's, placed or cancelled, in one currency."""
    rows = table.filter(table.shop_id == scope.shop_id, table.status != UNPAID)  # one comparison, where `isin` needs two
    return rows if scope.one_currency else rows.filter(rows.currency == scope.currency)


def spans(orders: ir.Table, shop_id: str) -> ir.Table:
    """First and last counted order and their number, by currency."""
    rows = orders.filter(orders.shop_id == shop_id, orders.status != UNPAID)
    return rows.group_by("currency").aggregate(first_at=rows.ordered_at.min(), last_at=rows.ordered_at.max(), orders=rows.count())


def within(rows: ir.Table, moment: ir.TimestampValue, start: datetime, end: datetime) -> ir.Table:
    """The rows whose moment lies in [start, end)."""
    return rows.filter(moment >= instant(start), moment < instant(end))


def who_ordered(customers: ir.Table, orders: ir.Table, scope: Scope, start: datetime, end: datetime) -> ir.Table:
    """The customers with a counted order in [start, end)."""
    bought = within(counted(orders, scope), orders.ordered_at, start, end)
    return customers.semi_join(bought.select("customer_id"), "customer_id")


def bucket(moment: ir.TimestampValue, unit: Unit, scope: Scope, start: datetime, end: datetime) -> ir.DateValue:
    """First day of the shop's local unit that holds each moment in [start, end)."""
    return local_bucket(moment, unit, scope.zone, start, end, scope.week_start)


def instant(moment: datetime) -> ir.TimestampScalar:
    """An aware instant as the warehouse stores it: UTC without zone mark."""
    return ibis.timestamp(moment.astimezone(UTC).replace(tzinfo=None))
