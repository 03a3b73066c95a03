"""Offers: promotions that apply by themselves, and coupons that a customer holds; what they take off, for whom, and how often."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

Layer = Literal["item", "order", "seller_coupon", "platform_coupon", "shipping"]
LAYERS: tuple[Layer, ...] = get_args(Layer)

EffectKind = Literal[
    "percent", "amount_per_unit", "fixed_price", "nth_unit", "amount", "tiers", "every", "cheapest_free", "n_for_price", "free"
]
#: What an offer of each layer may do.
EFFECTS: dict[Layer, tuple[EffectKind, ...]] = {
    "item": ("percent", "amount_per_unit", "fixed_price", "nth_unit"),
    "order": ("amount", "percent", "tiers", "every", "cheapest_free", "n_for_price"),
    "seller_coupon": ("amount", "percent", "tiers", "every", "cheapest_free", "n_for_price"),
    "platform_coupon": ("amount", "percent", "tiers", "every", "cheapest_free", "n_for_price"),
    "shipping": ("free", "amount", "percent"),
}

Basis = Literal["current", "after_item", "list"]
BASES: tuple[Basis, ...] = get_args(Basis)
OnExceed = Literal["reject", "cap"]

Reason = Literal[
    "CODE_NOT_FOUND",
    "NOT_STARTED",
    "ENDED",
    "CUSTOMER_NOT_ELIGIBLE",
    "NOT_OWNER",
    "CODE_EXHAUSTED",
    "CUSTOMER_LIMIT",
    "DAILY_LIMIT",
    "CURRENCY_MISMATCH",
    "NO_ELIGIBLE_LINES",
    "THRESHOLD_NOT_MET",
    "COUPON_LIMIT_PER_SELLER",
    "PLATFORM_COUPON_LIMIT",
    "NOT_STACKABLE",
    "BETTER_OFFER",
    "BUDGET_EXHAUSTED",
]
REASONS: tuple[Reason, ...] = get_args(Reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of an effect in tiers: from which sum or number of units, and what it takes off."""

    min_amount: int = 0
    min_qty: int = 0
    minor: int | None = None
    bps: int | None = None
    cap: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What an offer takes off. Money in minor units, percent in basis points; which fields count depends on `kind`."""

    kind: EffectKind
    bps: int = 0
    minor: int = 0
    cap: int | None = None
    min_amount: int = 0
    min_qty: int = 0
    max_units: int | None = None
    max_times: int | None = None
    n: int = 0
    tiers: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Included:
    """Lists of goods; a line is hit when any of them names it. A category holds what lies below it (`Tea` holds `Tea > Green`)."""

    skus: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    sellers: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.skus or self.categories or self.sellers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which goods an offer is for: what `include` hits (everything where it is empty) and `exclude` does not."""

    include: Included = field(default_factory=Included)
    exclude: Included = field(default_factory=Included)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A span of the store's local week: on these weekdays (0 is Monday), from a minute of the day up to another, which is outside.

    Where `to` is not after `since` the span goes on past midnight and belongs to the day it began on.
    """

    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    since_minute: int = 0
    to_minute: int = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Whom an offer is for. What is empty asks nothing; everything that is given must hold."""

    segments_any: frozenset[str] = frozenset()
    tiers_any: frozenset[str] = frozenset()
    new_customer: bool | None = None
    channels_any: frozenset[str] = frozenset()
    traits: tuple[tuple[str, frozenset[str]], ...] = ()  # (trait, any of these values)
    hours: tuple[Hours, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often an offer may be used: altogether, by one customer, by one customer on one local day. None: without limit."""

    total: int | None = None
    per_customer: int | None = None
    per_customer_per_day: int | None = None

    def __bool__(self) -> bool:
        return not (self.total is None and self.per_customer is None and self.per_customer_per_day is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much an offer may take off over all orders, and what happens to a discount that what is left cannot pay."""

    total: int
    on_exceed: OnExceed = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A promotion, or a coupon when it has a `code` (its `id` is the code then). Valid in [starts_at, ends_at)."""

    id: str
    layer: Layer
    effect: Effect
    name: str = ""
    code: str | None = None
    promotion_id: str = ""  # the promotion whose rules a coupon of a batch carries; empty: the offer is its own
    scope: Scope = field(default_factory=Scope)
    conditions: Conditions = field(default_factory=Conditions)
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    priority: int = 0
    exclusive_group: str = "order"
    stackable: bool = True
    locks_line: bool = False
    threshold_basis: Basis = "current"
    seller: str | None = None
    owner: str | None = None
    used_up: bool = False  # a coupon that can be used once, and was
    currency: str | None = None
    limits: Limits = field(default_factory=Limits)
    budget: Budget | None = None

    @property
    def counted_as(self) -> str:
        """Under which id the promotion's usage and budget are counted."""
        return self.promotion_id or self.id


def code_of(text: str) -> str:
    """A coupon's code as it is kept: without blanks around it, in capitals."""
    return text.strip().upper()
