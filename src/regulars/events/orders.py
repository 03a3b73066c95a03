"""Told when orders have arrived as events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from regulars.events.base import Event


@dataclass(frozen=True, kw_only=True)
class OrdersReceived(Event):
    """Orders came in; what is derived from orders is stale."""

    name: ClassVar[str] = "Orders Received"
    meaning: ClassVar[str] = "Orders, refunds or cancellations arrived as events. Told at most once a minute."
