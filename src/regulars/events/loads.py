"""Told when files of a shop's history have been loaded. Loaded history triggers no message to anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from regulars.events.base import Event


@dataclass(frozen=True, kw_only=True)
class _Loaded:
    """What is told of a load of any kind."""

    load_id: str
    rows: int
    inserted: int
    updated: int


@dataclass(frozen=True, kw_only=True)
class OrdersLoaded(Event, _Loaded):
    """A load of orders is in the warehouse."""

    name: ClassVar[str] = "Orders Loaded"
    meaning: ClassVar[str] = "Orders from files were committed to the warehouse."

    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class CustomersLoaded(Event, _Loaded):
    """A load of customers is in the warehouse."""

    name: ClassVar[str] = "Customers Loaded"
    meaning: ClassVar[str] = "Customers from files were committed to the warehouse."


@dataclass(frozen=True, kw_only=True)
class ProductsLoaded(Event, _Loaded):
    """A load of products is in the warehouse."""

    name: ClassVar[str] = "Products Loaded"
    meaning: ClassVar[str] = "Products from files were committed to the warehouse."


@dataclass(frozen=True, kw_only=True)
class ReviewsLoaded(Event, _Loaded):
    """A load of reviews is in the warehouse."""

    name: ClassVar[str] = "Reviews Loaded"
    meaning: ClassVar[str] = "Reviews from files were committed to the warehouse."


@dataclass(frozen=True, kw_only=True)
class CostsLoaded(Event, _Loaded):
    """A load of advertising costs is in the warehouse."""

    name: ClassVar[str] = "Costs Loaded"
    meaning: ClassVar[str] = "Costs of advertising from files were committed to the warehouse."


@dataclass(frozen=True, kw_only=True)
class CompetitionLoaded(Event, _Loaded):
    """A load of competitors' prices and shares is in the warehouse."""

    name: ClassVar[str] = "Competition Loaded"
    meaning: ClassVar[str] = "Competitors' prices and market shares from files were committed to the warehouse."


@dataclass(frozen=True, kw_only=True)
class LoadUndone(Event):
    """A load that was cut off left nothing behind."""

    name: ClassVar[str] = "Load Undone"
    meaning: ClassVar[str] = "A load was interrupted before its commit and was taken back."

    load_id: str
