"""The room's screens: the list of customers, and one customer's own page."""

from regulars.understand.profiles.pages import listing, one

__all__ = ["listing", "one"]
