"""The report `metric`: numbers of the metric catalogue over time, beside the time before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from regulars.errors import NotEnoughData
from regulars.understand import metrics
from regulars.understand.metrics import Value
from regulars.understand.questions import Desk, Report, told
from regulars.understand.reports.numbers.days import arrow, days_of, days_of_cell, unit_of
from regulars.understand.reports.numbers.delivery import see_deliveries
from regulars.values.csv import Table
from regulars.values.periods import Period, Unit
from regulars.warehouse import unbound


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """Which numbers of which days."""

    metrics: tuple[str, ...]
    period: Period
    unit: Unit


#: What metrics of a grain are made from, and what is said where nothing of it is there.
_NEEDED = {
    "cost": ("ad_costs", "there are no costs yet", "load them with `regulars load costs FILE`", "no_costs"),
    "product": (
        "market_prices",
        "nothing is known of competitors yet",
        "load it with `regulars load competition FILE`",
        "no_market",
    ),
}


@dataclass(frozen=True, slots=True)
class MetricLine:
    """One metric: its total, that of the time before, and one value per bucket."""

    metric: str
    unit: str  # money | count | ratio | days
    total: Value
    previous: Value
    change: float | None
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class MetricSeries:
    """Metrics over the buckets of a period."""

    as_of: datetime
    currency: str
    interval: Unit
    first_on: date
    last_on: date
    buckets: tuple[str, ...]
    complete: tuple[bool, ...]
    lines: tuple[MetricLine, ...]


def read(desk: Desk, question: Mapping[str, Any]) -> MetricQuery:
    """`{metric | metrics, range?, interval?}`; without a range the last twelve months."""
    given = told.object_of(question, "question", ("metric", "metrics", "range", "interval"))
    names = [given["metric"]] if given.get("metric") is not None else given.get("metrics", ["net_revenue"])
    wanted = tuple(
        told.choice(one, f"metrics[{i}]", tuple(metrics.METRICS))
        for i, one in enumerate(told.list_of(names, "metrics", least=1, most=8))
    )
    period = days_of(desk, given)
    if period is None:
        period = metrics.chosen_period(metrics.data_span(desk.warehouse, desk.shop), desk.shop, None)
    return MetricQuery(wanted, period, unit_of(given, period.days))


def answer(desk: Desk, query: MetricQuery) -> MetricSeries:
    """Every value by the metric's own definition."""
    if metrics.data_span(desk.warehouse, desk.shop).empty:
        raise NotEnoughData("there are no orders yet", mend="load orders, or let the shop send `Order Completed`", code="no_orders")
    if set(query.metrics) <= set(metrics.OF_DELIVERY):
        see_deliveries(desk)
    _must_have(desk, query)
    found = metrics.report(desk.warehouse, desk.shop, query.period, query.unit, query.metrics)
    lines = []
    for name in query.metrics:
        total = found.total(name)
        values = tuple(bucket.values[name] for bucket in found.series)
        lines.append(MetricLine(name, metrics.METRICS[name].unit, total.value, total.previous, total.previous_change, values))
    return MetricSeries(
        found.as_of,
        found.currency,
        found.unit,
        found.period.start_on,
        found.period.last_on,
        tuple(bucket.start_on.isoformat() for bucket in found.series),
        tuple(bucket.complete for bucket in found.series),
        tuple(lines),
    )


def _must_have(desk: Desk, query: MetricQuery) -> None:
    """Where every metric asked for needs figures that were never loaded, it is said how to load them."""
    grains = {metrics.METRICS[name].grain for name in query.metrics}
    if len(grains) != 1 or (needed := _NEEDED.get(grains.pop())) is None:
        return
    table, sentence, mend, code = needed
    rows = unbound(table)
    if not desk.warehouse.rows(rows.filter(rows.shop_id == desk.shop.shop_id).select("shop_id").limit(1)):
        raise NotEnoughData(sentence, mend=mend, code=code)


def table(found: MetricSeries) -> pa.Table:
    """One row per bucket and metric."""
    rows = tuple(
        (bucket, line.metric, line.values[i], found.complete[i]) for i, bucket in enumerate(found.buckets) for line in found.lines
    )
    return arrow(Table(("bucket", "metric", "value", "complete"), rows))


def customers(desk: Desk, query: MetricQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who ordered in the bucket `{bucket}`, or in the whole range `{}`."""
    given = told.object_of(cell, "cell", ("bucket", "metric"))
    start, end = days_of_cell(desk, query.period, query.unit, given).instants(desk.shop.timezone)
    scope = metrics.scope_of(metrics.data_span(desk.warehouse, desk.shop), desk.shop)
    rows = metrics.counted(unbound("orders"), scope)
    rows = metrics.within(rows, rows.ordered_at, start, end)
    return rows.filter(rows.customer_id.notnull()).select("customer_id")


METRIC = Report("metric", read, answer, table, customers, {"metrics": ["net_revenue", "orders"], "interval": "month"})
