"""Promotions and coupons: what does a cart cost, to the cent, and why?

Hears: nothing.
Tells: Promotion Changed, Promotion Applied, Coupon Issued, Coupons Made, Coupon Redeemed, Coupon Returned.
Owns: promotion, promotion_shop, promotion_use, coupon_batch, coupon, coupon_claim, priced_order, order_offer, order_refund.
"""

from __future__ import annotations

import importlib
from typing import Any

#: Public name -> the file it lives in; imported when asked for.
_PUBLIC = {
    "Asked": "quoting",
    "Batch": "batches",
    "Cart": "domain.carts",
    "CartLine": "domain.carts",
    "Coupon": "coupons",
    "Performance": "performing",
    "PointsWanted": "quoting",
    "Promotion": "shelf",
    "Quote": "quoting",
    "act": "shelf",
    "batch": "batches",
    "batches": "batches",
    "claim": "coupons",
    "export": "batches",
    "generate": "batches",
    "get": "shelf",
    "import_codes": "importing",
    "issue": "coupons",
    "listing": "shelf",
    "make": "shelf",
    "make_all": "batches",
    "page": "batches",
    "performance": "performing",
    "quote": "quoting",
    "wallet": "coupons",
}

__all__ = list(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"{__name__}.{_PUBLIC[name]}"), name)
