"""The definition of an offer as it is sent and shown."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from regulars.offer.promotions.api.routes import Strict
from regulars.offer.promotions.domain.carts import LARGEST_MINOR, MOST_UNITS
from regulars.offer.promotions.domain.offers import Basis, EffectKind, Layer, OnExceed

_Minor = Annotated[int, Field(ge=0, le=LARGEST_MINOR)]
_Bps = Annotated[int, Field(ge=0, le=10_000)]
_Units = Annotated[int, Field(ge=0, le=MOST_UNITS)]
_Names = Annotated[list[Annotated[str, Field(min_length=1, max_length=500)]], Field(max_length=5_000)]
_Count = Annotated[int, Field(ge=0, lt=2**31)]


class OfferStep(Strict):
    """A step of `tiers`: its threshold, and an amount or a percentage."""

    min_amount: _Minor | None = None
    min_qty: _Units | None = None
    minor: _Minor | None = None
    bps: _Bps | None = None
    cap: _Minor | None = None


class OfferEffect(Strict):
    """What an offer takes off; money in minor units, percent in basis points (2000 is 20 % off)."""

    kind: EffectKind
    bps: _Bps | None = None
    minor: _Minor | None = None
    cap: _Minor | None = Field(default=None, description="The most a percentage takes off")
    min_amount: _Minor | None = Field(default=None, description="From this sum on; of `every`, for each so much")
    min_qty: _Units | None = Field(default=None, description="From so many units on")
    max_units: _Units | None = Field(default=None, description="Of an item offer: how many units of a line")
    max_times: _Units | None = Field(default=None, description="Of `every`: how often at most")
    n: int | None = Field(default=None, ge=1, le=1_000, description="The nth unit, or groups of n")
    tiers: Annotated[list[OfferStep], Field(min_length=1, max_length=50)] | None = None


class OfferGoods(Strict):
    """Lists of goods; a line is meant when any of them names it."""

    skus: _Names | None = None
    categories: _Names | None = None
    sellers: _Names | None = None


class OfferScope(OfferGoods):
    """Which goods an offer is for: all where no list is given, and none that `exclude` names."""

    exclude: OfferGoods | None = None


class OfferHours(Strict):
    """A span of the shop's local week; past midnight it belongs to the day it began on."""

    weekdays: list[Annotated[int, Field(ge=0, le=6)]] | None = Field(
        default=None, description="0 is Monday; every day where none is given"
    )
    since: str | None = Field(default=None, alias="from", pattern=r"^\d\d:\d\d$", description="From 18:30 on")
    to: str | None = Field(default=None, pattern=r"^\d\d:\d\d$", description="Before 22:00")


class OfferConditions(Strict):
    """Whom an offer is for; everything that is given must hold."""

    segments_any: _Names | None = None
    tiers_any: _Names | None = None
    new_customer: bool | None = Field(default=None, description="true: who never bought; false: who bought before")
    channels_any: _Names | None = None
    traits: Annotated[dict[str, _Names], Field(max_length=20)] | None = Field(
        default=None, description="Trait and the values it may have"
    )
    hours: Annotated[list[OfferHours], Field(max_length=50)] | None = None


class OfferLimits(Strict):
    """How often an offer may be used."""

    total: _Count | None = None
    per_customer: _Count | None = None
    per_customer_per_day: _Count | None = Field(default=None, description="On one local day of the shop")


class OfferBudget(Strict):
    """How much an offer may take off in all, in minor units; `cap` gives what is left, `reject` nothing."""

    total: int = Field(ge=0, le=2**53)
    on_exceed: OnExceed = "reject"


class OfferDefinition(Strict):
    """What an offer takes off, of what, for whom, and how it goes with others."""

    layer: Layer
    effect: OfferEffect
    scope: OfferScope | None = None
    conditions: OfferConditions | None = None
    priority: int | None = Field(default=None, ge=-(2**31), lt=2**31, description="Of equal discounts the higher one wins")
    exclusive_group: str | None = Field(
        default=None, max_length=100, description="Offers of the order layer in one group compete; groups add up"
    )
    stackable: bool | None = Field(default=None, description="false: only alone, beside offers on items and shipping")
    locks_line: bool | None = Field(default=None, description="Of an item offer: its lines take part in nothing else")
    threshold_basis: Basis | None = None
    seller: str | None = Field(default=None, max_length=100, description="Whose coupon it is, of the layer seller_coupon")
    currency: str | None = Field(default=None, min_length=3, max_length=3, description="The shop's own where none is given")
    limits: OfferLimits | None = None
    budget: OfferBudget | None = None

    def plain(self) -> dict[str, Any]:
        """As it is kept."""
        return self.model_dump(by_alias=True, exclude_none=True)


DEFINITION = OfferDefinition(
    layer="order",
    effect=OfferEffect(kind="amount", min_amount=30_000, minor=5_000),
    conditions=OfferConditions(segments_any=["lapsing-regulars"]),
    limits=OfferLimits(per_customer=2),
    budget=OfferBudget(total=5_000_000),
)
