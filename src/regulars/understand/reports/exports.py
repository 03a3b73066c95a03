"""The room's lists as tables, for CSV and for printing."""

from __future__ import annotations

from collections.abc import Iterable

from regulars.understand.reports.domain.answers import CustomerBehind
from regulars.values.csv import Table


def customers_table(found: Iterable[CustomerBehind]) -> Table:
    """One row per customer or visitor."""
    rows = tuple((one.customer_id, one.is_known, one.region, one.stage, one.orders, one.net, one.last_order_at) for one in found)
    return Table(("customer_id", "is_known", "region", "stage", "orders", "net", "last_order_at"), rows)
