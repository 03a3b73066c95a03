"""Told when offers change, and when they are given, used and given back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from regulars.events.base import Event


@dataclass(frozen=True, kw_only=True)
class PromotionChanged(Event):
    """A promotion was made, changed, launched, approved, paused or ended."""

    name: ClassVar[str] = "Promotion Changed"
    meaning: ClassVar[str] = "A promotion's rules or its state changed; `state` is draft, waiting, live, paused or ended."

    promotion_id: str
    state: str
    version: int


@dataclass(frozen=True, kw_only=True)
class PromotionApplied(Event):
    """A promotion took something off an order."""

    name: ClassVar[str] = "Promotion Applied"
    meaning: ClassVar[str] = "A promotion that applies by itself took `amount_minor` off an order."

    promotion_id: str
    order_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class CouponIssued(Event):
    """A customer was given a coupon."""

    name: ClassVar[str] = "Coupon Issued"
    meaning: ClassVar[str] = "A customer was given a coupon, or claimed it. The code itself stays in the records."

    promotion_id: str
    batch_id: str
    origin: str


@dataclass(frozen=True, kw_only=True)
class CouponsMade(Event):
    """Codes of a batch were made that belong to nobody yet."""

    name: ClassVar[str] = "Coupons Made"
    meaning: ClassVar[str] = "A batch of codes that belong to nobody yet was made or imported; told once, when it is complete."

    promotion_id: str
    batch_id: str
    coupons: int


@dataclass(frozen=True, kw_only=True)
class CouponRedeemed(Event):
    """A coupon took something off an order."""

    name: ClassVar[str] = "Coupon Redeemed"
    meaning: ClassVar[str] = "A coupon took `amount_minor` off an order."

    promotion_id: str
    order_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class CouponReturned(Event):
    """A coupon came back with its order."""

    name: ClassVar[str] = "Coupon Returned"
    meaning: ClassVar[str] = (
        "An order was cancelled or wholly returned; the coupon it had used can be used again while it is valid."
    )

    promotion_id: str
    order_id: str
