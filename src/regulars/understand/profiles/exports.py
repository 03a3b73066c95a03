"""Customers as CSV: one row each, in pseudonyms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from regulars.understand.profiles.domain import CustomerRow
from regulars.values.csv import csv_lines

_COLUMNS = (
    "customer_id",
    "orders",
    "purchase_days",
    "units",
    "gmv",
    "refunds",
    "net",
    "aov",
    "currency",
    "first_order_at",
    "last_order_at",
    "days_since_last",
    "gap_days_median",
    "recency_score",
    "frequency_score",
    "monetary_score",
    "segment",
    "stage",
    "region",
    "channel",
)


def customers_csv(rows: Iterable[CustomerRow]) -> Iterator[str]:
    """The rows as pieces of a CSV file."""
    return csv_lines(_COLUMNS, (_cells(row) for row in rows))


def _cells(row: CustomerRow) -> list[object]:
    return [row.net.currency if column == "currency" else getattr(row, column) for column in _COLUMNS]
