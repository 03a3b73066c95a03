"""The verbs of the retention room: the cohort triangle, curves by the first order's trait, and lifetime value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, get_args

from regulars.errors import InvalidInput
from regulars.understand import metrics
from regulars.understand.metrics import DataSpan, ratio
from regulars.understand.retention import queries
from regulars.understand.retention.domain import (
    Cell,
    CohortRow,
    CohortUnit,
    CurvePoint,
    GroupBy,
    GroupCurve,
    GroupedRetentionAnswer,
    LtvAnswer,
    LtvCell,
    LtvRow,
    Measure,
    RetentionAnswer,
)
from regulars.values import clock
from regulars.values.money import Money
from regulars.values.periods import Period
from regulars.values.zones import local_day
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop

#: More cohorts than this make no readable triangle.
MOST_COHORTS = 160


@dataclass(frozen=True, slots=True)
class Counts:
    """What one cohort did in one bucket."""

    customers: int = 0
    orders: int = 0
    revenue: int = 0  # minor units

    def of(self, measure: Measure) -> int:
        """One of the three."""
        return int(getattr(self, measure))


Triangle = Mapping[tuple[date, date], Counts]
NOTHING = Counts()


def retention(
    warehouse: Warehouse,
    shop: Shop,
    period: Period | None = None,
    unit: CohortUnit = "month",
    measure: Measure = "customers",
) -> RetentionAnswer:
    """Customers by the week or month of their first order ever, and what they ordered in each one since.

    A cohort is every known customer whose first counted order falls into the bucket. Cell k holds those of them who ordered
    in the k-th bucket after it (or their orders, or the totals of these). `complete` is false while the bucket is not over.

    Parameters
    ----------
    period : the cohorts shown and the time watched: whole buckets that touch it. None takes the last 12 months.
    measure : customers; orders; or revenue, the totals of counted orders, nothing deducted.

    Raises
    ------
    InvalidInput : an unknown unit or measure, or more than 160 cohorts.
    """
    _known("measure", measure, get_args(Measure))
    span, period, buckets = _asked(warehouse, shop, period, unit)
    return _retention(warehouse, shop, span, period, unit, measure, buckets)


def retention_by(
    warehouse: Warehouse,
    shop: Shop,
    period: Period | None = None,
    by: GroupBy = "channel",
    unit: CohortUnit = "month",
    *,
    limit: int = 6,
) -> GroupedRetentionAnswer:
    """One retention curve per first category, channel or region: do customers who begin with tea come back more often?

    The first category is the one with most item revenue in the first order. The `limit` largest groups are shown,
    the others together as "(other)".

    Raises
    ------
    InvalidInput : an unknown unit or trait, a limit outside 1..50, or more than 160 cohorts.
    """
    _known("trait", by, get_args(GroupBy))
    if not 1 <= limit <= 50:
        raise InvalidInput(f"{limit} groups are out of range", mend="give a limit from 1 to 50")
    span, period, buckets = _asked(warehouse, shop, period, unit)
    return _retention_by(warehouse, shop, span, period, unit, by, limit, buckets)


def ltv(warehouse: Warehouse, shop: Shop, period: Period | None = None) -> LtvAnswer:
    """What customers are worth, by the month of their first order: revenue so far / all customers of the cohort.

    Cell k counts the orders up to the end of the k-th month after the first; revenue is the totals of counted orders.

    Raises
    ------
    InvalidInput : more than 160 months.
    """
    span, period, buckets = _asked(warehouse, shop, period, "month")
    return _ltv(warehouse, shop, span, period, buckets)


def _retention(
    warehouse: Warehouse, shop: Shop, span: DataSpan, period: Period, unit: CohortUnit, measure: Measure, buckets: Sequence[Period]
) -> RetentionAnswer:
    counts = _triangle(warehouse, shop, span, unit, buckets)
    over = _over(buckets, shop, span)
    rows = []
    for i, cohort in enumerate(buckets):
        row = [counts.get((cohort.start_on, bucket.start_on), NOTHING) for bucket in buckets[i:]]
        base = row[0].of(measure)
        cells = tuple(
            Cell(
                k,
                Money(cell.revenue, span.currency) if measure == "revenue" else cell.of(measure),
                ratio(cell.of(measure), base),
                over[i + k],
            )
            for k, cell in enumerate(row)
        )
        rows.append(CohortRow(cohort.start_on, cohort.end_on, row[0].customers, cells))
    return RetentionAnswer(
        shop_id=shop.shop_id,
        currency=span.currency,
        timezone=shop.timezone,
        as_of=span.as_of,
        period=period,
        unit=unit,
        measure=measure,
        cohorts=tuple(rows),
        curve=_curve(counts, buckets, over, measure),
    )


def _retention_by(
    warehouse: Warehouse,
    shop: Shop,
    span: DataSpan,
    period: Period,
    unit: CohortUnit,
    by: GroupBy,
    limit: int,
    buckets: Sequence[Period],
) -> GroupedRetentionAnswer:
    groups = _grouped_triangle(warehouse, shop, span, unit, by, buckets)

    def size(cells: Mapping[tuple[date, date], int]) -> int:
        return sum(count for (cohort, bucket), count in cells.items() if cohort == bucket)

    largest = sorted(groups, key=lambda name: (-size(groups[name]), name))
    shown = {name: groups[name] for name in largest[:limit]}
    if largest[limit:]:
        shown["(other)"] = sum((Counter(groups[name]) for name in largest[limit:]), start=Counter())
    over = _over(buckets, shop, span)
    curves = []
    for name, cells in shown.items():
        counts = {key: Counts(customers=count) for key, count in cells.items()}
        curves.append(GroupCurve(name, size(cells), _curve(counts, buckets, over, "customers")))
    return GroupedRetentionAnswer(shop.shop_id, shop.timezone, span.as_of, period, unit, by, tuple(curves))


def _ltv(warehouse: Warehouse, shop: Shop, span: DataSpan, period: Period, buckets: Sequence[Period]) -> LtvAnswer:
    counts = _triangle(warehouse, shop, span, "month", buckets)
    over = _over(buckets, shop, span)
    rows = []
    added = [[0, 0] for _ in buckets]  # per month since the first: revenue and customers of cohorts that lived through it
    for i, cohort in enumerate(buckets):
        customers = counts.get((cohort.start_on, cohort.start_on), NOTHING).customers
        revenue = 0
        cells = []
        for k, bucket in enumerate(buckets[i:]):
            revenue += counts.get((cohort.start_on, bucket.start_on), NOTHING).revenue
            if customers:
                cells.append(LtvCell(k, Money(revenue, span.currency).share(1, customers), over[i + k]))
                if over[i + k]:
                    added[k][0] += revenue
                    added[k][1] += customers
        if customers:
            rows.append(LtvRow(cohort.start_on, customers, tuple(cells)))
    average = (LtvCell(k, Money(total, span.currency).share(1, count), True) for k, (total, count) in enumerate(added) if count)
    return LtvAnswer(shop.shop_id, span.currency, shop.timezone, span.as_of, period, tuple(rows), tuple(average))


def _triangle(warehouse: Warehouse, shop: Shop, span: DataSpan, unit: CohortUnit, buckets: Sequence[Period]) -> Triangle:
    """The counted triangle, asked once for every measure and for lifetime value."""
    if not buckets:
        return {}
    cohorts = Period(buckets[0].start_on, buckets[-1].end_on)
    scope = metrics.scope_of(span, shop)

    def ask() -> Triangle:
        expression = queries.triangle(warehouse.table("orders"), scope, unit, cohorts)
        return {
            (row["cohort"], row["bucket"]): Counts(int(row["customers"]), int(row["orders"]), int(row["revenue"]))
            for row in warehouse.rows(expression)
        }

    return warehouse.cached(("retention.triangle", scope, unit, cohorts), ask, of=("orders",))


def _grouped_triangle(
    warehouse: Warehouse, shop: Shop, span: DataSpan, unit: CohortUnit, by: GroupBy, buckets: Sequence[Period]
) -> Mapping[str, Mapping[tuple[date, date], int]]:
    """Customers by group, and in it by cohort and bucket."""
    if not buckets:
        return {}
    cohorts = Period(buckets[0].start_on, buckets[-1].end_on)
    scope = metrics.scope_of(span, shop)

    def ask() -> Mapping[str, Mapping[tuple[date, date], int]]:
        orders, lines = warehouse.table("orders"), warehouse.table("order_lines")
        groups: dict[str, dict[tuple[date, date], int]] = {}
        for row in warehouse.rows(queries.grouped_triangle(orders, lines, scope, unit, cohorts, by)):
            groups.setdefault(row["group"], {})[row["cohort"], row["bucket"]] = row["customers"]
        return groups

    return warehouse.cached(("retention.groups", scope, unit, by, cohorts), ask, of=("orders", "order_lines"))


def _curve(counts: Triangle, buckets: Sequence[Period], over: Sequence[bool], measure: Measure) -> tuple[CurvePoint, ...]:
    """Sums over the cohorts whose k-th bucket is over, divided by what the same cohorts began with."""
    points = []
    for k in range(len(buckets)):
        cohorts = customers = value = base = 0
        for i in range(len(buckets) - k):
            began = counts.get((buckets[i].start_on, buckets[i].start_on), NOTHING)
            if over[i + k] and began.customers:
                cohorts += 1
                customers += began.customers
                base += began.of(measure)
                value += counts.get((buckets[i].start_on, buckets[i + k].start_on), NOTHING).of(measure)
        if cohorts:
            points.append(CurvePoint(k, ratio(value, base), cohorts, customers))
    return tuple(points)


def _asked(warehouse: Warehouse, shop: Shop, period: Period | None, unit: CohortUnit) -> tuple[DataSpan, Period, list[Period]]:
    """The span of the data, the period, and its whole buckets from the first order up to now."""
    _known("unit", unit, get_args(CohortUnit))
    span = metrics.data_span(warehouse, shop)
    period = metrics.chosen_period(span, shop, period)
    if span.first_at is None:
        return span, period, []
    now, begins = clock.now(), local_day(span.first_at, shop.timezone)
    buckets = [
        bucket
        for bucket in period.buckets(unit, metrics.week_start(shop))
        if bucket.end_on > begins and bucket.instants(shop.timezone)[0] <= now
    ]
    if len(buckets) > MOST_COHORTS:
        coarser = "cut it by month, or give" if unit == "week" else "give"
        raise InvalidInput(
            f"{len(buckets)} cohorts are too many to show",
            mend=f"{coarser} a shorter period",
            code="range_too_long",
            most=MOST_COHORTS,
        )
    return span, period, buckets


def _over(buckets: Sequence[Period], shop: Shop, span: DataSpan) -> list[bool]:
    return [bucket.instants(shop.timezone)[1] <= span.as_of for bucket in buckets]


def _known(what: str, name: str, names: Sequence[str]) -> None:
    if name not in names:
        raise InvalidInput(f"there is no {what} '{name}' here", mend=f"use one of {', '.join(names)}", code=f"unknown_{what}")
