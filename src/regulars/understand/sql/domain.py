"""What analysts may read, and what they get."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

#: Tables of the warehouse that can be read; the shop's rows only, and not the columns that say where a row came from.
VIEWS = ("events", "orders", "order_lines", "refunds", "customers", "products", "sessions", "customer_profiles", "reviews")
HIDDEN = ("shop_id", "load_id", "part_id", "named_as", "event_key")
MOST_ROWS = 10_000
SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class SqlColumn:
    """A column and its type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class SqlView:
    """What can be read: one row is `row`."""

    name: str
    row: str
    columns: Sequence[SqlColumn]


@dataclass(frozen=True, slots=True)
class SqlAnswer:
    """Rows in the order of `columns`; instants are in UTC."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    more: bool  # there are more rows than were asked for
    seconds: float
    reads: Sequence[str]
