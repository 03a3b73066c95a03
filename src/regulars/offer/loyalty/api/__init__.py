"""The room over HTTP: points, earn rules, tiers and rewards."""

from regulars.offer.loyalty.api import acts, currencies, points, rewards, rules, tiers  # noqa: F401 (their routes join)
from regulars.offer.loyalty.api.routes import api

__all__ = ["api"]
