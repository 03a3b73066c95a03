"""Metrics: what do the orders amount to?

Question      how much does the store sell, to how many buyers, new or returning, and how has that changed?
Events heard  none: answers are counted from the warehouse when asked
Events told   none
Tables owned  none; reads `orders`, `order_lines` and `refunds`
"""

from regulars.understand.metrics.catalogue import METRICS
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
from regulars.understand.metrics.service import report
from regulars.understand.metrics.span import chosen_period, data_span, week_start

__all__ = [
    "METRICS",
    "BreakdownAnswer",
    "BreakdownRow",
    "Bucket",
    "ComparedPeriod",
    "DataSpan",
    "Dimension",
    "Finding",
    "Metric",
    "MetricTotal",
    "MetricsAnswer",
    "OverviewAnswer",
    "Tile",
    "Value",
    "chosen_period",
    "data_span",
    "report",
    "week_start",
]
