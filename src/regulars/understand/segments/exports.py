"""Members, sizes and overlaps as tables for CSV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from regulars.understand.segments.domain.kept import Overlap, SizeDay
from regulars.values.csv import Table


def members_table(rows: Iterable[Mapping[str, Any]]) -> Table:
    """Who is in, and since when."""
    return Table(("customer_id", "entered_at"), tuple((row["customer_id"], row["entered_at"]) for row in rows))


def customers_table(ids: Iterable[str]) -> Table:
    """Customers by id."""
    return Table(("customer_id",), tuple((one,) for one in ids))


def sizes_table(days: Sequence[SizeDay]) -> Table:
    """Sizes by day."""
    rows = tuple((one.day, one.customers, one.entered, one.left, one.redefined) for one in days)
    return Table(("day", "customers", "entered", "left", "redefined"), rows)


def overlap_table(found: Overlap) -> Table:
    """One row per combination."""
    rows = tuple((*(name in one.segments for name in found.segments), one.customers) for one in found.combinations)
    return Table((*found.segments, "customers"), rows)
