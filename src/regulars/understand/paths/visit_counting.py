"""Sessions counted by the engine alone: the general route, the same on every engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir

from regulars.understand.metrics import ratio
from regulars.understand.paths.domain import SessionFigures, SessionsQuery
from regulars.understand.paths.queries import visits as expressions
from regulars.understand.questions import NONE, Calendar
from regulars.warehouse import Warehouse

EMPTY = SessionFigures(0, 0, 0, 0, None, None, None, None, None)
_COLUMNS = ("sessions", "customers", "events", "bounces", "took")


@dataclass(frozen=True)
class VisitCounts:
    """What is counted of sessions, before it is put in order: figures of all, by number of the bucket, by name of the group."""

    total: SessionFigures
    buckets: Mapping[int, SessionFigures]
    groups: Mapping[str, SessionFigures]


def figures(sessions: int, customers: int, events: int, bounces: int, took: int, middles: int) -> SessionFigures:
    """Means and rates of counts; `took` and `middles` (the sum of the two middle lengths) are in microseconds."""
    if not sessions:
        return EMPTY
    return SessionFigures(
        sessions,
        customers,
        events,
        bounces,
        ratio(sessions, customers),
        ratio(events, sessions),
        ratio(bounces, sessions),
        ratio(took, sessions * 1_000_000),
        ratio(middles, 2_000_000),
    )


def largest(sizes: Mapping[str, int], limit: int) -> list[str] | None:
    """The groups that are shown (ties by name); null: all of them."""
    if len(sizes) <= limit:
        return None
    return sorted(sizes, key=lambda name: (-sizes[name], name))[:limit]


def shown(warehouse: Warehouse, found: ir.Table, query: SessionsQuery) -> Sequence[str] | None:
    """The groups that are shown; null: all of them."""
    rows = warehouse.rows(expressions.group_sizes(found))
    return largest({row["group"] if row["group"] is not None else NONE: int(row["sessions"]) for row in rows}, query.limit)


def count(warehouse: Warehouse, query: SessionsQuery, calendar: Calendar) -> VisitCounts:
    """All figures of a question."""
    found = expressions.sessions(expressions.noted(query), query, calendar)

    def by(rows: ir.Table, column: str | None) -> dict[Any, SessionFigures]:
        return {
            row["cell"]: figures(*[*(int(row[name]) for name in _COLUMNS), int(row["low"]) + int(row["high"])])
            for row in warehouse.rows(expressions.figures(rows, column))
        }

    groups = by(expressions.named(found, shown(warehouse, found, query)), "group") if query.breakdown else {}
    return VisitCounts(by(found, None).get(0, EMPTY), by(found, "bucket"), groups)
