"""The funnel, its conversion over time and its times, as reports."""

from __future__ import annotations

import pyarrow as pa

from regulars.understand.funnels.domain import FunnelAnswer, TimeAnswer, TrendAnswer
from regulars.understand.funnels.reading import read_funnel, read_time, read_trend
from regulars.understand.funnels.service import (
    customers_at,
    customers_in_time,
    customers_in_trend,
    funnel,
    funnel_time,
    funnel_trend,
)
from regulars.understand.questions import Report

_STEPS = [{"event": "Product Viewed"}, {"event": "Product Added"}, {"event": "Checkout Started"}, {"event": "Order Completed"}]
_EXAMPLE = {"steps": _STEPS, "window": "7d"}


def funnel_table(answer: FunnelAnswer) -> pa.Table:
    """One row per group and step; the whole has no group."""
    rows = [(None, step) for step in answer.steps] + [(group.value, step) for group in answer.groups for step in group.steps]
    return pa.table(
        {
            "group": pa.array([value for value, _ in rows], pa.string()),
            "step": [step.step for _, step in rows],
            "event": pa.array([step.name for _, step in rows], pa.string()),
            "customers": [step.customers for _, step in rows],
            "share_of_first": pa.array([step.share_of_first for _, step in rows], pa.float64()),
            "share_of_previous": pa.array([step.share_of_previous for _, step in rows], pa.float64()),
            "lost": [step.lost for _, step in rows],
            "avg_seconds_from_previous": pa.array([step.avg_seconds_from_previous for _, step in rows], pa.float64()),
            "median_seconds_from_previous": pa.array([step.median_seconds_from_previous for _, step in rows], pa.float64()),
        }
    )


def trend_table(answer: TrendAnswer) -> pa.Table:
    """One row per bucket."""
    names = ("bucket", "entered", "converted", "rate_percent", "complete")
    return pa.table({name: [getattr(row, name) for row in answer.rows] for name in names})


def time_table(answer: TimeAnswer) -> pa.Table:
    """One row per bin."""
    starts = pa.array([start for start, _ in answer.bins], pa.float64())
    ends = pa.array([start + answer.bin_seconds for start, _ in answer.bins], pa.float64())
    customers = pa.array([count for _, count in answer.bins], pa.int64())
    return pa.table({"from_seconds": starts, "to_seconds": ends, "customers": customers})


FUNNEL = Report("funnel", read_funnel, funnel, funnel_table, customers_at, _EXAMPLE)
FUNNEL_TREND = Report("funnel_trend", read_trend, funnel_trend, trend_table, customers_in_trend, {**_EXAMPLE, "interval": "day"})
FUNNEL_TIME = Report("funnel_time", read_time, funnel_time, time_table, customers_in_time, {**_EXAMPLE, "bins": 20})
