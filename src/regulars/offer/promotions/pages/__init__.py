"""Screens: the list of promotions, the builder with its sample cart, one promotion with its coupons, a customer's wallet."""

from regulars.offer.promotions.pages import building, listing, one, wallet

__all__ = ["building", "listing", "one", "wallet"]
