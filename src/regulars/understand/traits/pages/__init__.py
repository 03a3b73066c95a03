"""The room's screens: traits and how each is spread, a customer's own with people alike, and the shop's tags."""

from regulars.understand.traits.pages import one, overview, tags

__all__ = ["one", "overview", "tags"]
