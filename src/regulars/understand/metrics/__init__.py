"""Metrics: what do the orders amount to?

Question      how much does the store sell, to how many buyers, new or returning, and how has that changed?
Events heard  none: answers are counted from the warehouse when asked
Events told   none
Tables owned  none; reads `orders`, `order_lines` and `refunds`
"""

from regulars.understand.metrics.breakdown import breakdown
from regulars.understand.metrics.catalogue import METRICS, OF_DELIVERY
from regulars.understand.metrics.daily import DAILY_METRICS, DailySums, daily_sums
from regulars.understand.metrics.domain import (
    BreakdownAnswer,
    BreakdownRow,
    Bucket,
    ComparedPeriod,
    DataSpan,
    Dimension,
    Finding,
    Metric,
    MetricsAnswer,
    MetricTotal,
    OverviewAnswer,
    Tile,
    Value,
)
from regulars.understand.metrics.exports import breakdown_table, metrics_table
from regulars.understand.metrics.overview import overview
from regulars.understand.metrics.queries.scope import COUNTED, UNPAID, Scope, counted, instant, who_ordered, within
from regulars.understand.metrics.queries.totals import arrived_late
from regulars.understand.metrics.reference import reference_page
from regulars.understand.metrics.service import report, scope_of
from regulars.understand.metrics.span import asked_period, chosen_period, data_span, week_start
from regulars.understand.metrics.tally import change, ratio

__all__ = [
    "COUNTED",
    "DAILY_METRICS",
    "METRICS",
    "OF_DELIVERY",
    "UNPAID",
    "BreakdownAnswer",
    "BreakdownRow",
    "Bucket",
    "ComparedPeriod",
    "DailySums",
    "DataSpan",
    "Dimension",
    "Finding",
    "Metric",
    "MetricTotal",
    "MetricsAnswer",
    "OverviewAnswer",
    "Scope",
    "Tile",
    "Value",
    "arrived_late",
    "asked_period",
    "breakdown",
    "breakdown_table",
    "change",
    "chosen_period",
    "counted",
    "daily_sums",
    "data_span",
    "instant",
    "metrics_table",
    "overview",
    "ratio",
    "reference_page",
    "report",
    "scope_of",
    "week_start",
    "who_ordered",
    "within",
]
