"""Series over time and the hours of the week, as reports."""

from __future__ import annotations

import pyarrow as pa

from regulars.understand.questions import Report
from regulars.understand.trends.domain import HoursAnswer, TrendAnswer
from regulars.understand.trends.reading import read_hours, read_trend
from regulars.understand.trends.service import customers_in_hours, customers_in_trend, trend, week_hours


def trend_table(answer: TrendAnswer) -> pa.Table:
    """One row per line and bucket."""
    rows = [(line, i) for line in answer.lines for i in range(len(answer.buckets))]
    return pa.table(
        {
            "series": pa.array([line.series for line, _ in rows], pa.string()),
            "event": pa.array([line.label for line, _ in rows], pa.string()),
            "group": pa.array([line.group for line, _ in rows], pa.string()),
            "measure": pa.array([line.measure for line, _ in rows], pa.string()),
            "bucket": pa.array([answer.buckets[i] for _, i in rows], pa.string()),
            "value": pa.array([_float(line.values[i]) for line, i in rows], pa.float64()),
            "previous": pa.array([_float(line.previous[i]) if line.previous else None for line, i in rows], pa.float64()),
            "complete": pa.array([answer.complete[i] for _, i in rows], pa.bool_()),
        }
    )


def hours_table(answer: HoursAnswer) -> pa.Table:
    """One row per hour of the week."""
    cells = [(day, hour) for day in range(7) for hour in range(24)]
    return pa.table(
        {
            "weekday": [day for day, _ in cells],
            "hour": [hour for _, hour in cells],
            "value": [answer.values[day][hour] for day, hour in cells],
        }
    )


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


TREND = Report(
    "trend",
    read_trend,
    trend,
    trend_table,
    customers_in_trend,
    {"series": [{"event": "Product Viewed", "measure": "customers"}, {"event": "Order Completed"}], "interval": "day"},
)
WEEK_HOURS = Report("week_hours", read_hours, week_hours, hours_table, customers_in_hours, {"event": {"event": "Product Viewed"}})
