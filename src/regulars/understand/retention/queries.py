"""Cohorts as Ibis expressions: customers whose first order lies in the period, and every bucket they ordered in since."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from regulars.understand.metrics import Scope, counted, instant, within
from regulars.understand.retention.domain import CohortUnit, GroupBy
from regulars.values.periods import Period
from regulars.warehouse.local_time import local_bucket

NONE = "(none)"


def triangle(orders: ir.Table, scope: Scope, unit: CohortUnit, cohorts: Period) -> ir.Table:
    """Customers, orders and revenue by cohort and bucket, for cohorts that begin inside `cohorts`, up to its end.

    `cohorts` are whole buckets of `unit`.
    """
    active = _active(orders, scope, unit, cohorts)
    return active.group_by("cohort", "bucket").aggregate(
        customers=active.count(), orders=active.orders.sum(), revenue=active.revenue.sum()
    )


def grouped_triangle(orders: ir.Table, lines: ir.Table, scope: Scope, unit: CohortUnit, cohorts: Period, by: GroupBy) -> ir.Table:
    """Customers by the trait of their first order, cohort and bucket."""
    active = _active(orders, scope, unit, cohorts)
    traits = _first_category(orders, lines, scope, cohorts) if by == "category" else _first_order(orders, scope, cohorts)
    traits = traits.select("customer_id", group=traits[by].nullif("").fill_null(NONE))
    joined = active.join(traits, "customer_id")
    return joined.group_by("group", "cohort", "bucket").aggregate(customers=joined.count())


def _active(orders: ir.Table, scope: Scope, unit: CohortUnit, cohorts: Period) -> ir.Table:
    """One row per customer of these cohorts and bucket with an order; `cohort` is the bucket of the first order ever."""
    start, end = cohorts.instants(scope.zone)

    def bucket(moment: ir.TimestampValue) -> ir.DateValue:
        return local_bucket(moment, unit, scope.zone, start, end, scope.week_start)

    rows = counted(orders, scope)
    rows = rows.filter(rows.customer_id.notnull(), rows.ordered_at < instant(end))
    firsts = rows.group_by("customer_id").aggregate(first_at=rows.ordered_at.min())
    firsts = firsts.filter(firsts.first_at >= instant(start))
    since = rows.filter(rows.ordered_at >= instant(start)).select("customer_id", "ordered_at", "total_minor")
    joined = since.join(firsts, "customer_id")
    each = joined.select("customer_id", "total_minor", cohort=bucket(joined.first_at), bucket=bucket(joined.ordered_at))
    return each.group_by("cohort", "bucket", "customer_id").aggregate(orders=each.count(), revenue=each.total_minor.sum())


def _first_order(orders: ir.Table, scope: Scope, cohorts: Period) -> ir.Table:
    """The first counted order of each customer of these cohorts; of two in the same instant the one with the lower number."""
    start, end = cohorts.instants(scope.zone)
    rows = counted(orders, scope)
    rows = rows.filter(rows.customer_id.notnull(), rows.ordered_at < instant(end))
    place = ibis.row_number().over(ibis.window(group_by=rows.customer_id, order_by=[rows.ordered_at, rows.order_id]))
    rows = rows.select("customer_id", "order_id", "ordered_at", "channel", "region", place=place)
    return rows.filter(rows.place == 0, rows.ordered_at >= instant(start))


def _first_category(orders: ir.Table, lines: ir.Table, scope: Scope, cohorts: Period) -> ir.Table:
    """The category that most of the first order's item revenue is in (equal ones: first by name); null where it has none."""
    firsts = _first_order(orders, scope, cohorts).select("customer_id", "order_id")
    bought = counted(lines, scope)
    bought = within(bought, bought.ordered_at, *cohorts.instants(scope.zone))
    bought = bought.filter(bought.kind == "product").select("order_id", "category", "amount_minor")
    joined = firsts.join(bought, "order_id")
    sums = joined.group_by("customer_id", "category").aggregate(amount=joined.amount_minor.sum())
    order = [sums.amount.desc(), sums.category.isnull().asc(), sums.category.asc()]
    place = ibis.row_number().over(ibis.window(group_by=sums.customer_id, order_by=order))
    placed = sums.mutate(place=place)
    main = placed.filter(placed.place == 0).select("customer_id", "category")
    return firsts.left_join(main, "customer_id").select("customer_id", "category")
