"""What a behaviour event of a client is expected to tell: its properties with types and units, and which warehouse column each feeds.

A specification is data. `checking.py` compiles it into closures, so that judging an event costs a microsecond or two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: `money` is an amount in major units of the event's currency, a number or a text such as "1,234.50"; `products` is a list of products.
PropertyType = Literal["string", "number", "money", "integer", "boolean", "datetime", "products", "list"]


@dataclass(frozen=True, slots=True)
class PropertySpec:
    """One property of an event.

    Attributes
    ----------
    required : an event without it breaks its schema, unless one of `instead` is there.
    unit : of a number (`ms`, `days`); `ISO 4217` for codes of currencies.
    column : the column of the warehouse table `events` that it feeds.
    aliases : other names it arrives under, in order of preference after its own.
    """

    name: str
    type: PropertyType
    meaning: str
    meaning_zh: str
    required: bool = False
    unit: str | None = None
    column: str | None = None
    aliases: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it arrives under, its own first."""
        return (self.name, *self.aliases)


@dataclass(frozen=True, slots=True)
class EventSpec:
    """One kind of behaviour event, named as the Segment e-commerce spec names it."""

    name: str
    meaning: str
    meaning_zh: str
    properties: tuple[PropertySpec, ...] = ()
    origin: Literal["segment", "regulars"] = "segment"


@dataclass(frozen=True, slots=True)
class Subject:
    """Events that belong together, in the order in which a shopper makes them."""

    title: str
    title_zh: str
    events: tuple[EventSpec, ...]
