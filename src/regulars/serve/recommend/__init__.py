"""Recommend: what should be shown to this shopper here and now, and why these, in this order?

Question: which products belong into a placement, by this visit, earlier ones, what was bought, and what the operators decided?
Hears: Orders Loaded, Customers Merged, Customer Erased; reads the journal and the warehouse. Tells: nothing; seen and chosen lists are told as Product List Viewed and Product Clicked.
Owns: recommend_rule (records); models of the registry named recommend_sessions and recommend_baskets.
"""

from __future__ import annotations

import importlib
from typing import Any

#: Public name -> the file it lives in; imported when asked for.
_PUBLIC = {
    "ExplainedList": "domain.lists",
    "MEANINGS": "domain.lists",
    "NEED_CONTEXT": "domain.lists",
    "PLACEMENTS": "domain.lists",
    "RecommendQuality": "learning",
    "RecommendationList": "domain.lists",
    "RecommendRule": "domain.rules",
    "Wanted": "domain.lists",
    "add_rule": "ruling",
    "explain": "service",
    "learn_all": "learning",
    "quality": "learning",
    "recommend": "service",
    "remove_rule": "ruling",
    "rules": "ruling",
    "shown": "service",
}

__all__ = list(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"{__name__}.{_PUBLIC[name]}"), name)
