"""The verbs of flash sales, and their parts in merging and erasing people."""

from __future__ import annotations

from regulars.collect import identity
from regulars.guard import privacy
from regulars.offer.flash_sales.checks import CHECKS
from regulars.offer.flash_sales.following import follow, forget
from regulars.offer.flash_sales.keeping import arrange, change
from regulars.offer.flash_sales.reading import get, listing, reservation, reservations
from regulars.offer.flash_sales.selling import EXPIRE, cancel, expire, pay, refund, reserve

__all__ = [
    "CHECKS",
    "EXPIRE",
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

if forget not in privacy.ERASERS:
    privacy.ERASERS.append(forget)
if follow not in identity.MERGERS:
    identity.MERGERS.append(follow)
