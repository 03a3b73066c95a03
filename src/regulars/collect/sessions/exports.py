"""Visits and reports on them as tables for a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from regulars.collect.sessions.reading import SessionRow, VisitReport
from regulars.values.csv import Table, csv_lines

_SESSION = (
    "started_at", "ended_at", "session_key", "customer_id", "is_known", "channel", "utm_source", "utm_medium", "utm_campaign", "referring_domain",
    "click_id", "landing_path", "exit_path", "duration_s", "pages", "product_views", "carts", "orders", "value", "events", "device", "os", "browser",
    "region", "is_bounce", "is_bot", "bot_reason",
)  # fmt: skip
_FIGURES = (
    "visits", "customers", "bounces", "bounce_rate", "conversions", "conversion_rate", "orders", "revenue", "pages_per_visit", "seconds_per_visit",
)  # fmt: skip


def sessions_table(found: Sequence[SessionRow]) -> Table:
    """One row for each visit."""
    return Table(_SESSION, tuple(_cells(row) for row in found))


def sessions_csv(found: Iterable[SessionRow]) -> Iterator[str]:
    """The same as pieces of a file, for as many as there are."""
    return csv_lines(_SESSION, (_cells(row) for row in found))


def _cells(row: SessionRow) -> list[object]:
    return [getattr(row, name) for name in _SESSION]


def visits_table(report: VisitReport) -> Table:
    """One row for each group."""
    rows = (
        [one.key, one.start_on, one.end_on, one.complete, *(getattr(one.figures, name) for name in _FIGURES)]
        for one in report.groups
    )
    return Table((report.by or "key", "from", "to", "complete", *_FIGURES), tuple(rows))
