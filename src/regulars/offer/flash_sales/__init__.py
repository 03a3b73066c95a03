"""Flash sales: a product at a price for a time, out of a stock of its own that is never oversold.

Question: may this customer have these units now, and what became of those that were held?
Hears: nothing.
Tells: Flash Sale Arranged, Flash Sale Reserved, Flash Sale Purchased, Flash Sale Released, Flash Sale Refund Due, Flash Sale Refunded.
Owns: flash_sale, flash_reservation.
"""

from regulars.offer.flash_sales.domain import STATES, FlashSale, Phase, Reservation, State
from regulars.offer.flash_sales.service import (
    arrange,
    cancel,
    change,
    expire,
    get,
    listing,
    pay,
    refund,
    reservation,
    reservations,
    reserve,
)

__all__ = [
    "STATES",
    "FlashSale",
    "Phase",
    "Reservation",
    "State",
    "arrange",
    "cancel",
    "change",
    "expire",
    "get",
    "listing",
    "pay",
    "refund",
    "reservation",
    "reservations",
    "reserve",
]
