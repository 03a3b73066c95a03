"""Ibis expressions of purchase days, gaps, stages and the movement between stages: tables in, tables out.

A customer's stage at a month's end depends on two dates only, its first purchase day and its last one by then. So customers
are first folded into groups that share these dates, and only the groups are laid over the months: a million customers cost
one scan of the orders, however many months are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import ibis
import ibis.expr.types as ir

from regulars.understand.lifecycle.domain import NOT_YET, Cuts
from regulars.understand.metrics.queries.scope import Scope, counted, instant
from regulars.warehouse.local_time import local_date


@dataclass(frozen=True, slots=True)
class History:
    """Whose counted orders are read, up to which instant, and the bounds of their zone's offsets."""

    scope: Scope
    first_at: datetime  # no order is before it
    as_of: datetime  # orders from here on are not seen
    as_of_on: date  # the last local day seen


def known_orders(orders: ir.Table, history: History) -> ir.Table:
    """Counted orders of known customers before the cut-off, with their local day as `purchase_on`."""
    rows = counted(orders, history.scope)
    rows = rows.filter(rows.customer_id.notnull(), rows.ordered_at < instant(history.as_of))
    return rows.mutate(purchase_on=local_date(rows.ordered_at, history.scope.zone, history.first_at, history.as_of))


def purchase_gaps(known: ir.Table) -> ir.Table:
    """One row per customer and purchase day after its first: the days since the purchase day before, and its place (1, 2, ...)."""
    days = known.select("customer_id", "purchase_on").distinct()
    in_order = ibis.window(group_by=days.customer_id, order_by=days.purchase_on)
    days = days.mutate(before_on=days.purchase_on.lag(1).over(in_order), place=ibis.row_number().over(in_order))
    gaps = days.filter(days.before_on.notnull())
    return gaps.select("customer_id", "place", gap_days=gaps.purchase_on.delta(gaps.before_on, unit="day").cast("float64"))


def gap_quantiles(known: ir.Table) -> ir.Table:
    """One row: how many gaps the shop has seen, and their median, 90 % and 98 % points in days."""
    gaps = purchase_gaps(known)
    return gaps.aggregate(
        intervals=gaps.count(),
        median_days=gaps.gap_days.quantile(0.5),
        p90_days=gaps.gap_days.quantile(0.9),
        p98_days=gaps.gap_days.quantile(0.98),
    )


def stage(days_since_first: ir.NumericValue, days_since_last: ir.NumericValue, cuts: Cuts) -> ir.StringValue:
    """`domain.stage_of` as an expression."""
    return ibis.cases(
        (days_since_last > cuts.churned_after_days, "churned"),
        (days_since_last > cuts.dormant_after_days, "dormant"),
        (days_since_first <= cuts.new_within_days, "new"),
        else_="active",
    )


def movements(known: ir.Table, cuts: Cuts, ends: Sequence[date]) -> ir.Table:
    """Customers by month, stage at the end of the month before and stage at its end.

    Parameters
    ----------
    known : orders of known customers with `purchase_on`, none later than the last of `ends`.
    ends : the last day of each month asked for, in calendar order without a hole; the first is preceded by its month's neighbour.

    Returns
    -------
    Columns month (the index of `month_index`), from_stage (`none` before the first order), to_stage, customers.
    """
    first_month, last_month = month_index(ends[0]), month_index(ends[-1])
    known = known.mutate(month=_month(known.purchase_on))
    visits = known.group_by("customer_id", "month").aggregate(last_on=known.purchase_on.max(), since_on=known.purchase_on.min())
    by_customer = ibis.window(group_by=visits.customer_id, order_by=visits.month)
    visits = visits.mutate(
        next_month=visits.month.lead(1).over(by_customer),
        last_on_before=visits.last_on.lag(1).over(by_customer),
        first_on=visits.since_on.min().over(ibis.window(group_by=visits.customer_id)),
    )
    month_start = visits.last_on.truncate("M")
    eve = month_start - ibis.interval(days=1)
    visits = visits.mutate(
        came_from=ibis.cases(
            (visits.last_on_before.isnull(), NOT_YET),
            else_=stage(_days(eve, visits.first_on), _days(eve, visits.last_on_before), cuts),
        ),
        # The first purchase day matters only while it can still make the customer new.
        young_on=ibis.cases((_days(month_start, visits.first_on) <= cuts.new_within_days, visits.first_on)),
    )
    groups = visits.group_by("month", "next_month", "last_on", "young_on", "came_from").aggregate(customers=visits.count())
    until = ibis.least(groups.next_month.coalesce(last_month + 1) - 1, last_month)
    since = ibis.greatest(groups.month, first_month)
    groups = groups.filter(until >= since)
    until = ibis.least(groups.next_month.coalesce(last_month + 1) - 1, last_month)
    since = ibis.greatest(groups.month, first_month)
    laid = groups.mutate(at=ibis.range(since, until + 1).unnest())
    end = ibis.cases(*[(laid.at == month_index(day), ibis.literal(day)) for day in ends])
    eve_of = {month_index(day): _eve(day) for day in ends}
    before = ibis.cases(*[(laid.at == month, ibis.literal(day)) for month, day in eve_of.items()])
    laid = laid.mutate(end_on=end, before_on=before)
    laid = laid.mutate(
        to_stage=stage(_young(laid.end_on, laid.young_on, cuts), _days(laid.end_on, laid.last_on), cuts),
        from_stage=ibis.cases(
            (laid.at == laid.month, laid.came_from),
            else_=stage(_young(laid.before_on, laid.young_on, cuts), _days(laid.before_on, laid.last_on), cuts),
        ),
    )
    return laid.group_by(month=laid["at"], from_stage=laid.from_stage, to_stage=laid.to_stage).aggregate(
        customers=laid.customers.sum()
    )


def month_index(day: date) -> int:
    """Months since year 0, so that neighbours differ by one."""
    return day.year * 12 + day.month - 1


def _month(day: ir.DateValue) -> ir.IntegerValue:
    return (day.year().cast("int64") * 12 + day.month().cast("int64") - 1).cast("int64")


def _days(later: ir.DateValue, earlier: ir.DateValue) -> ir.IntegerValue:
    return later.delta(earlier, unit="day")


def _young(day: ir.DateValue, young_on: ir.DateValue, cuts: Cuts) -> ir.IntegerValue:
    return _days(day, young_on).coalesce(cuts.new_within_days + 1)


def _eve(day: date) -> date:
    first = day.replace(day=1)
    return date.fromordinal(first.toordinal() - 1)
