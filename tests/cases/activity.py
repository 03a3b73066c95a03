"""Cases of retention, lifecycle and stickiness: events as shaped at the ingest door, each report by both of its ways."""

from __future__ import annotations

from typing import Any

from regulars.understand import activity
from regulars.understand.questions import Report
from regulars.warehouse import Warehouse
from tests.cases.folder import Case
from tests.cases.funnels import desk_of, who


def _asked(case: Case, warehouse: Warehouse, report: Report, verb: Any, *, two_ways: bool = True) -> tuple[Any, Any, Any]:
    desk = desk_of(case, warehouse)
    query = report.read(desk, case.given["query"])
    answer = report.answer(desk, query)
    if two_ways:
        assert answer == verb(desk, query, general=True)
    assert report.table(answer).num_rows
    return desk, query, answer


def retention(case: Case, warehouse: Warehouse) -> dict[str, Any]:
    """The triangle, or one per group."""
    desk, query, answer = _asked(case, warehouse, activity.RETENTION, activity.retention)
    for row in answer.rows:
        for k in range(min(3, len(row.values))):
            assert len(who(desk, activity.RETENTION, query, {"bucket": row.bucket, "interval": k})) == row.values[k]
    rows = [{"bucket": row.bucket, "values": list(row.values)} for row in answer.rows]
    groups = [
        {"value": group.value, "rows": [{"bucket": row.bucket, "values": list(row.values)} for row in group.rows]}
        for group in answer.groups
    ]
    return {"groups": groups} if query.breakdown else {"rows": rows}


def retention_rolling(case: Case, warehouse: Warehouse) -> dict[str, Any]:
    """Customers by window."""
    desk, query, answer = _asked(case, warehouse, activity.RETENTION_ROLLING, None, two_ways=False)
    for k, value in enumerate(answer.values):
        assert len(who(desk, activity.RETENTION_ROLLING, query, {"interval": k})) == value
    return {"values": list(answer.values)}


def lifecycle(case: Case, warehouse: Warehouse) -> dict[str, Any]:
    """Customers by bucket and state."""
    desk, query, answer = _asked(case, warehouse, activity.LIFECYCLE, activity.lifecycle)
    states = {name: list(getattr(answer, name)) for name in ("new", "returning", "resurrecting", "dormant")}
    for name, values in states.items():
        for bucket, value in zip(answer.buckets, values, strict=True):
            assert len(who(desk, activity.LIFECYCLE, query, {"bucket": bucket, "state": name})) == value
    return {"buckets": list(answer.buckets), **states}


def stickiness(case: Case, warehouse: Warehouse) -> dict[str, Any]:
    """Customers by number of buckets."""
    _, _, answer = _asked(case, warehouse, activity.STICKINESS, activity.stickiness)
    return {"buckets_in_range": answer.buckets_in_range, "customers": answer.customers, "values": list(answer.values)}


def active(case: Case, warehouse: Warehouse) -> dict[str, Any]:
    """Daily, weekly and monthly active customers: as lists, and as rows."""
    _, _, answer = _asked(case, warehouse, activity.ACTIVE, activity.active)
    names = ("dau", "wau", "mau", "dau_over_mau")
    lists = {name: list(getattr(answer, name)) for name in names}
    rows = [
        {"bucket": bucket, "day": bucket, "date": bucket, **{name: lists[name][i] for name in names}}
        for i, bucket in enumerate(answer.buckets)
    ]
    return {"buckets": list(answer.buckets), "days": list(answer.buckets), "rows": rows, **lists}
