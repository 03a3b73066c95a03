"""The room's answer as a table, for CSV: one row per segment, or per value type."""

from __future__ import annotations

from regulars.understand.rfm.domain import RfmAnswer, SegmentRow
from regulars.values.csv import Table

_COLUMNS = (
    "segment",
    "name",
    "customers",
    "share",
    "orders",
    "revenue",
    "currency",
    "revenue_share",
    "average_recency_days",
    "average_orders",
    "revenue_per_customer",
    "aov",
    "explanation",
    "handling",
)


def segments_table(answer: RfmAnswer, grouping: str = "segments") -> Table:
    """The ten segments, or with `value_types` the eight value types."""
    rows = answer.value_types if grouping == "value_types" else answer.segments
    return Table(_COLUMNS, tuple(_cells(row, answer.currency) for row in rows))


def _cells(row: SegmentRow, currency: str) -> tuple[object, ...]:
    return (
        row.segment,
        row.name,
        row.customers,
        row.share,
        row.orders,
        row.revenue,
        currency,
        row.revenue_share,
        row.average_recency_days,
        row.average_orders,
        row.revenue_per_customer,
        row.aov,
        row.explanation,
        row.handling,
    )
