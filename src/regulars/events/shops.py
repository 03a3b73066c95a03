"""Told when a shop's settings or its derived numbers change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from regulars.events.base import Event


@dataclass(frozen=True, kw_only=True)
class ShopChanged(Event):
    """Settings of a shop changed; what is derived from them is stale."""

    name: ClassVar[str] = "Shop Changed"
    meaning: ClassVar[str] = "A shop was created, or its zone, currency, week start or lifecycle cuts were changed."

    fields: tuple[str, ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class ProfilesRefreshed(Event):
    """Every customer's numbers were rebuilt."""

    name: ClassVar[str] = "Profiles Refreshed"
    meaning: ClassVar[str] = "The numbers of every customer were rebuilt as of a cut-off."

    as_of: datetime | None
    customers: int


@dataclass(frozen=True, kw_only=True)
class NextOrdersRefreshed(Event):
    """Every customer's expected next order was rebuilt."""

    name: ClassVar[str] = "Next Orders Refreshed"
    meaning: ClassVar[str] = "The expected next order of every customer was rebuilt as of a cut-off."

    as_of: datetime | None
    customers: int
    overdue: int


@dataclass(frozen=True, kw_only=True)
class ValuesRefreshed(Event):
    """What every customer is expected to bring was worked out anew."""

    name: ClassVar[str] = "Values Refreshed"
    meaning: ClassVar[str] = "What every customer is expected to bring in twelve months was worked out as of a cut-off."

    as_of: datetime | None
    customers: int


@dataclass(frozen=True, kw_only=True)
class CustomerErased(Event):
    """A customer's personal data were destroyed; the event names nobody."""

    name: ClassVar[str] = "Customer Erased"
    meaning: ClassVar[str] = "A customer's personal data were destroyed on request; what remains is a random pseudonym."


@dataclass(frozen=True, kw_only=True)
class CustomersMerged(Event):
    """Ids that named several customers name one now, or the other way round; what is counted by customer is stale."""

    name: ClassVar[str] = "Customers Merged"
    meaning: ClassVar[str] = "Ids of known customers were merged, or a merge was taken back, and the warehouse follows."

    customers: int
