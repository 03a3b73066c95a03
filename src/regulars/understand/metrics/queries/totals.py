"""The sums behind the metrics of a period and its buckets: tables in, tables out, never executed here.

Distinct buyers are counted without counting distinct values: an order is a buyer's first of a range exactly when the
customer's order before it lies before the range. So one window over the orders answers every metric of every bucket,
and the same expression is exact on every engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import ibis
import ibis.expr.types as ir

from regulars.understand.metrics.queries.scope import Scope, bucket, counted, instant, within
from regulars.values.periods import Period, Unit

#: The columns of `tallies` beside `range` and `bucket`.
SUMS = (
    "gmv",
    "cancelled",
    "items",
    "new_revenue",
    "known_revenue",
    "orders",
    "cancelled_orders",
    "known_orders",
    "units",
    "buyers",
    "new_buyers",
    "repeat_buyers",
    "interval_mean",
    "interval_median",
    "delivered",
    "delivery_days",
    "promised",
    "late",
)

_MICROSECONDS_PER_DAY = 86_400_000_000


def order_facts(orders: ir.Table, scope: Scope, end: datetime) -> ir.Table:
    """Every counted order before `end` with the times of the customer's last two orders before it (null where there is none)."""
    rows = counted(orders, scope)
    rows = rows.filter(rows.ordered_at < instant(end))
    by_customer = ibis.window(group_by=rows.customer_id, order_by=[rows.ordered_at, rows.order_id])
    return rows.select(
        "ordered_at",
        "status",
        "total_minor",
        "items_minor",
        "units",
        arrived_in=rows.delivered_at.delta(rows.ordered_at, unit="microsecond") / _MICROSECONDS_PER_DAY,
        late=arrived_late(rows),
        known=rows.customer_id.notnull(),
        before=rows.ordered_at.lag(1).over(by_customer),
        before_that=rows.ordered_at.lag(2).over(by_customer),
    )


def tallies(orders: ir.Table, scope: Scope, ranges: Sequence[Period], unit: Unit | None) -> ir.Table:
    """The sums of each range (rows `range` = 0, 1, ... without a bucket), and of each bucket of the first range (`range` = -1).

    Parameters
    ----------
    ranges : what to sum over; they may overlap. The first one is cut into buckets of `unit`; None cuts none.
    """
    bounds = [period.instants(scope.zone) for period in ranges]
    facts = order_facts(orders, scope, max(end for _, end in bounds))
    parts = []
    for index, (start, end) in enumerate(bounds):
        rows = within(facts, facts.ordered_at, start, end)
        entered = rows.before.isnull() | (rows.before < instant(start))
        earlier = rows.before_that.isnull() | (rows.before_that < instant(start))
        sums = _sums(rows, entered=entered, second=(rows.before >= instant(start)) & earlier)
        parts.append(rows.aggregate(**sums).mutate(range=ibis.literal(index, "int64"), bucket=ibis.null("date")))
    if unit is not None:
        start, end = bounds[0]
        rows = within(facts, facts.ordered_at, start, end)
        before = ibis.cases((rows.before >= instant(start), rows.before))
        before_that = ibis.cases((rows.before_that >= instant(start), rows.before_that))
        rows = rows.mutate(
            bucket=bucket(rows.ordered_at, unit, scope, start, end),
            bucket_before=bucket(before, unit, scope, start, end),
            bucket_before_that=bucket(before_that, unit, scope, start, end),
        )
        entered = rows.bucket_before.isnull() | (rows.bucket_before < rows.bucket)
        earlier = rows.bucket_before_that.isnull() | (rows.bucket_before_that < rows.bucket)
        sums = _sums(rows, entered=entered, second=(rows.bucket_before == rows.bucket) & earlier)
        parts.append(rows.group_by("bucket").aggregate(**sums).mutate(range=ibis.literal(-1, "int64")))
    return _stacked(parts, ("range", "bucket", *SUMS))


def refund_tallies(refunds: ir.Table, scope: Scope, ranges: Sequence[Period], unit: Unit | None) -> ir.Table:
    """Money given back in each range and in each bucket of the first one, in the rows of `tallies`."""
    given = refunds.filter(refunds.shop_id == scope.shop_id, refunds.currency == scope.currency)
    bounds = [period.instants(scope.zone) for period in ranges]
    parts = []
    for index, (start, end) in enumerate(bounds):
        rows = within(given, given.refunded_at, start, end)
        total = rows.aggregate(refunds=rows.amount_minor.sum())
        parts.append(total.mutate(range=ibis.literal(index, "int64"), bucket=ibis.null("date")))
    if unit is not None:
        start, end = bounds[0]
        rows = within(given, given.refunded_at, start, end)
        rows = rows.mutate(bucket=bucket(rows.refunded_at, unit, scope, start, end))
        total = rows.group_by("bucket").aggregate(refunds=rows.amount_minor.sum())
        parts.append(total.mutate(range=ibis.literal(-1, "int64")))
    return _stacked(parts, ("range", "bucket", "refunds"))


def _sums(rows: ir.Table, *, entered: ir.BooleanValue, second: ir.BooleanValue) -> dict[str, ir.Scalar]:
    """What one scan counts. `entered`: the order is its buyer's first here; `second`: the second one."""
    cancelled = rows.status == "cancelled"
    first_ever = rows.known & rows.before.isnull()
    gap_days = rows.ordered_at.delta(rows.before, unit="microsecond") / _MICROSECONDS_PER_DAY
    return {
        "gmv": rows.total_minor.sum(),
        "cancelled": rows.total_minor.sum(where=cancelled),
        "items": rows.items_minor.sum(),
        "new_revenue": rows.total_minor.sum(where=first_ever),
        "known_revenue": rows.total_minor.sum(where=rows.known),
        "orders": rows.count(),
        "cancelled_orders": rows.count(where=cancelled),
        "known_orders": rows.count(where=rows.known),
        "units": rows.units.sum(),
        "buyers": rows.count(where=rows.known & entered),
        "new_buyers": rows.count(where=first_ever),
        "repeat_buyers": rows.count(where=rows.known & second),
        "interval_mean": gap_days.mean(where=rows.known),
        "interval_median": gap_days.median(where=rows.known),
        "delivered": rows.arrived_in.count(),
        "delivery_days": rows.arrived_in.mean(),
        "promised": rows.late.count(),
        "late": rows.late.cast("int64").sum(),
    }


def arrived_late(orders: ir.Table) -> ir.BooleanValue:
    """Whether an order arrived after it was promised to; null where either is unknown."""
    late: ir.BooleanValue = orders.delivered_at > orders.promised_at
    return late


def _stacked(parts: Sequence[ir.Table], columns: Sequence[str]) -> ir.Table:
    tables = [part.select(*columns) for part in parts]
    return ibis.union(*tables) if len(tables) > 1 else tables[0]
