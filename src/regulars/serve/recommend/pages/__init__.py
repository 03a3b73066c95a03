"""The screens of recommendations: what a shopper would be shown with the rules over it, and how the places do."""

from regulars.serve.recommend.pages import listing, performance

__all__ = ["listing", "performance"]
