"""The room over HTTP: quotes and orders for storefronts, promotions and coupons for those who give them."""

from regulars.offer.promotions.api import claiming, couponing, pricing, promoting  # noqa: F401 (their routes join)
from regulars.offer.promotions.api.routes import api

__all__ = ["api"]
