"""The room's screens: the programme, its rules, tiers, rewards and corrections, and a customer's own points."""

from regulars.offer.loyalty.pages import catalogue, correcting, one, overview, ruling, tiers

__all__ = ["catalogue", "correcting", "one", "overview", "ruling", "tiers"]
