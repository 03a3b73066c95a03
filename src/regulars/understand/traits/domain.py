"""The nouns of traits and tags: what a trait is, what a customer's value of it says, who is alike, and what a tag is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Unit = Literal["money", "days", "count", "share", "ratio", "score", "hour", "years", "stars", "text"]
Family = Literal["value", "rhythm", "taste", "price", "promotion", "habit", "service", "engagement", "given"]
Window = Literal["all", "last_120_days", "now"]

#: The job that computes the traits of a shop, then its tags; and the one for its tags alone.
REFRESH = "traits.refresh"
RETAG = "traits.retag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """One computed or given property of customers.

    Attributes
    ----------
    likeness : how it counts in "people like this": as it is, by its logarithm, or not at all.
    none : why a customer may be without it.
    """

    name: str
    family: Family
    unit: Unit
    label: dict[str, str]
    formula: dict[str, str]
    none: dict[str, str]
    sources: tuple[str, ...]
    window: Window = "all"
    likeness: Literal["", "plain", "log"] = ""

    @property
    def is_text(self) -> bool:
        """Whether its values are words."""
        return self.unit == "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class TraitOverview:
    """A trait over the shop's customers; `median`, `low` and `high` (quartiles) are null for words and where nobody has it."""

    name: str
    family: Family
    unit: Unit
    label: str
    formula: str
    window: str
    sources: tuple[str, ...]
    customers: int  # who have it
    share: float | None  # of all customers
    low: float | None
    median: float | None
    high: float | None
    reason: str | None  # why nobody has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """All traits of a shop."""

    computed_at: datetime | None
    as_of: datetime | None
    currency: str
    customers: int
    traits: list[TraitOverview]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One bar of a distribution: of words, `key`; of numbers, from `start` up to and without `end` (the last one with it)."""

    key: str | None
    start: float | None
    end: float | None
    customers: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """How a trait is spread over the customers who have it."""

    trait: TraitOverview
    bins: list[Bin]
    others: int  # customers with other words than those listed


@dataclass(frozen=True, slots=True, kw_only=True)
class TraitValue:
    """A customer's value of a trait, beside the shop's; `reason` says why there is none."""

    name: str
    family: Family
    unit: Unit
    label: str
    formula: str
    number: float | None
    text: str | None
    shop_median: float | None
    percentile: float | None  # share of customers with a smaller value, equal ones counted half
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """A category, brand or seller a customer prefers: its share of the spend, and that against the shop's share of it."""

    kind: Literal["category", "brand", "seller"]
    value: str
    share: float
    shop_share: float
    lift: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """A tag a customer has, by hand or by its rule."""

    tag_id: str
    name: str
    by_rule: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerTraits:
    """Everything computed about one customer."""

    customer_id: str
    computed_at: datetime
    currency: str
    traits: list[TraitValue]
    preferences: list[Preference]
    tags: list[Tagged]
    segments: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A trait in which two customers are alike, and unlike most others."""

    name: str
    label: str
    unit: Unit
    mine: float
    theirs: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """A customer like another one; `likeness` is 1 where all compared traits are equal."""

    customer_id: str
    likeness: float
    compared: int
    because: list[Shared]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlikeAnswer:
    """The customers most like one."""

    customer_id: str
    among: int
    currency: str
    alike: list[Alike]
    reason: str | None  # why there are none


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag of a shop: given by hand, and by its rule: a tree of conditions as of a segment, conditions that must all hold, a segment."""

    tag_id: str
    name: str
    description: str
    where: list[dict[str, Any]]
    segment: str | None
    where_tree: dict[str, Any] | None
    customers: int  # who have it, as last worked out
    made_by: str
    made_at: datetime
    changed_at: datetime

    @property
    def has_rule(self) -> bool:
        """Whether customers get it by themselves."""
        return bool(self.where) or self.segment is not None or self.where_tree is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkTagged:
    """What tagging a list changed."""

    tag_id: str
    added: int
    removed: int
    unknown: list[str]  # ids nobody has ordered or registered under; they were left out
