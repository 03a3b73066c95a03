"""Told when flash sales are arranged, and when their stock is reserved, bought, given back or to be refunded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from regulars.events.base import Event


@dataclass(frozen=True, kw_only=True)
class FlashSaleArranged(Event):
    """A flash sale was made or changed."""

    name: ClassVar[str] = "Flash Sale Arranged"
    meaning: ClassVar[str] = "An operator made a flash sale, or changed its stock or its end."

    sale_id: str
    product_id: str
    starts_at: datetime
    ends_at: datetime
    stock: int
    price_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class FlashSaleReserved(Event):
    """Somebody holds units of a flash sale."""

    name: ClassVar[str] = "Flash Sale Reserved"
    meaning: ClassVar[str] = "A customer reserved units of a flash sale; unpaid they go back into its stock at `expires_at`."

    sale_id: str
    reservation_id: str
    product_id: str
    quantity: int
    price_minor: int  # of one unit
    currency: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class FlashSalePurchased(Event):
    """A reservation was paid."""

    name: ClassVar[str] = "Flash Sale Purchased"
    meaning: ClassVar[str] = "A customer paid a reservation of a flash sale. Late: after it had lapsed, while stock was still free."

    sale_id: str
    reservation_id: str
    product_id: str
    quantity: int
    price_minor: int
    currency: str
    late: bool


@dataclass(frozen=True, kw_only=True)
class FlashSaleReleased(Event):
    """Reserved units went back into the stock of the sale."""

    name: ClassVar[str] = "Flash Sale Released"
    meaning: ClassVar[str] = "Reserved units went back into the stock of a flash sale: unpaid in time (`expired`) or `cancelled`."

    sale_id: str
    reservation_id: str
    product_id: str
    quantity: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class FlashSaleRefundDue(Event):
    """A payment came for units that are no longer there."""

    name: ClassVar[str] = "Flash Sale Refund Due"
    meaning: ClassVar[str] = "A payment came for a reservation that could not be kept any more; the money is to be given back."

    sale_id: str
    reservation_id: str
    product_id: str
    quantity: int
    price_minor: int
    currency: str
    reason: str  # sold_out | customer_limit | ended | cancelled


@dataclass(frozen=True, kw_only=True)
class FlashSaleRefunded(Event):
    """A payment was given back."""

    name: ClassVar[str] = "Flash Sale Refunded"
    meaning: ClassVar[str] = (
        "The payment of a flash sale was given back. Units that had been sold do not return to the sale's stock."
    )

    sale_id: str
    reservation_id: str
    product_id: str
    quantity: int
    price_minor: int
    currency: str
