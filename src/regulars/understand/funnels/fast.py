"""The funnel in one pass over sorted numbers, where the engine can stream them."""

from __future__ import annotations

from regulars.understand.funnels.domain import FunnelQuery
from regulars.warehouse import Warehouse


def offered(warehouse: Warehouse) -> bool:
    """Whether the engine streams sorted rows."""
    return False


def figures(warehouse: Warehouse, query: FunnelQuery) -> list[tuple[int, float | None, float | None]]:
    """Customers, mean and median by step."""
    raise NotImplementedError
