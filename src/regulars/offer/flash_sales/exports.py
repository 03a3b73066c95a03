"""Flash sales and their reservations as tables."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.offer.flash_sales.domain import FlashSale, Reservation
from regulars.values.csv import Table
from regulars.values.money import Money

_SALES = ("sale_id", "name", "product_id", "phase", "starts_at", "ends_at", "stock", "available", "reserved", "sold", "refunds_due")
_HELD = (
    "reservation_id",
    "customer_id",
    "quantity",
    "status",
    "reserved_at",
    "expires_at",
    "paid_at",
    "late",
    "reason",
    "closed_at",
)


def sales_table(found: Sequence[FlashSale]) -> Table:
    """One row per sale."""
    rows = ((*(getattr(one, name) for name in _SALES), Money(one.price_minor, one.currency), one.currency) for one in found)
    return Table((*_SALES, "price", "currency"), tuple(rows))


def reservations_table(found: Sequence[Reservation]) -> Table:
    """One row per reservation."""
    rows = ((*(getattr(one, name) for name in _HELD), Money(one.price_minor, one.currency), one.currency) for one in found)
    return Table((*_HELD, "price", "currency"), tuple(rows))
