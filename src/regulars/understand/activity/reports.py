"""Retention, lifecycle, stickiness and active customers as reports."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from regulars.understand.activity import behind, reading, service
from regulars.understand.activity.domain import (
    ActiveAnswer,
    LifecycleAnswer,
    RetentionAnswer,
    RetentionRow,
    RollingAnswer,
    StickinessAnswer,
)
from regulars.understand.questions import Report


def retention_table(answer: RetentionAnswer) -> pa.Table:
    """One row per group, cohort and interval since."""
    parts: list[tuple[str | None, Sequence[RetentionRow]]] = [(None, answer.rows)] if answer.rows else []
    parts += [(group.value, group.rows) for group in answer.groups]
    cells = [(value, row, k) for value, rows in parts for row in rows for k in range(len(row.values))]
    return pa.table(
        {
            "group": pa.array([value for value, _, _ in cells], pa.string()),
            "cohort": pa.array([row.bucket for _, row, _ in cells], pa.string()),
            "cohort_customers": pa.array([row.values[0] for _, row, _ in cells], pa.int64()),
            "interval": pa.array([k for _, _, k in cells], pa.int64()),
            "customers": pa.array([row.values[k] for _, row, k in cells], pa.int64()),
            "share": pa.array([row.shares[k] for _, row, k in cells], pa.float64()),
            "complete": pa.array([row.complete[k] for _, row, k in cells], pa.bool_()),
        }
    )


def rolling_table(answer: RollingAnswer) -> pa.Table:
    """One row per group and window; the whole has no group."""
    whole = (None, answer.values, answer.shares, answer.eligible, answer.complete)
    parts = [whole, *((one.value, one.values, one.shares, one.eligible, one.complete) for one in answer.groups)]
    cells = [(part, k) for part in parts for k in range(len(part[1]))]
    return pa.table(
        {
            "group": pa.array([part[0] for part, _ in cells], pa.string()),
            "interval": pa.array([k for _, k in cells], pa.int64()),
            "customers": pa.array([part[1][k] for part, k in cells], pa.int64()),
            "share": pa.array([part[2][k] for part, k in cells], pa.float64()),
            "eligible": pa.array([part[3][k] for part, k in cells], pa.int64()),
            "complete": pa.array([part[4][k] for part, k in cells], pa.bool_()),
        }
    )


def lifecycle_table(answer: LifecycleAnswer) -> pa.Table:
    """One row per bucket."""
    names = ("new", "returning", "resurrecting", "dormant")
    columns = {name: pa.array(getattr(answer, name), pa.int64()) for name in names}
    return pa.table({"bucket": list(answer.buckets), **columns, "complete": list(answer.complete)})


def stickiness_table(answer: StickinessAnswer) -> pa.Table:
    """One row per number of buckets."""
    return pa.table(
        {
            "buckets": list(range(1, answer.buckets_in_range + 1)),
            "customers": list(answer.values),
            "share": pa.array(answer.shares, pa.float64()),
            "complete": list(answer.complete),
        }
    )


def active_table(answer: ActiveAnswer) -> pa.Table:
    """One row per day."""
    counts = {name: pa.array(getattr(answer, name), pa.int64()) for name in ("dau", "wau", "mau")}
    ratio = pa.array(answer.dau_over_mau, pa.float64())
    return pa.table({"day": list(answer.buckets), **counts, "dau_over_mau": ratio, "complete": list(answer.complete)})


_ANY = {"event": None}

RETENTION = Report(
    "retention",
    reading.read_retention,
    service.retention,
    retention_table,
    behind.in_retention,
    {"cohort_event": _ANY, "return_event": _ANY, "cohort_type": "first_time", "interval": "week", "intervals": 12},
)
RETENTION_ROLLING = Report(
    "retention_rolling",
    reading.read_rolling,
    service.retention_rolling,
    rolling_table,
    behind.in_rolling,
    {"cohort_event": _ANY, "return_event": _ANY, "rolling": "1d", "intervals": 8},
)
LIFECYCLE = Report(
    "lifecycle", reading.read_lifecycle, service.lifecycle, lifecycle_table, behind.in_lifecycle, {"event": _ANY, "interval": "day"}
)
STICKINESS = Report(
    "stickiness",
    reading.read_stickiness,
    service.stickiness,
    stickiness_table,
    behind.in_stickiness,
    {"event": _ANY, "interval": "day"},
)
ACTIVE = Report("active", reading.read_active, service.active, active_table, behind.in_active, {"event": _ANY})
