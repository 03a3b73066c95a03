"""Recommend: what should be shown to this shopper here and now, and why these, in this order?

Question: which products belong into a placement, by this visit, earlier ones, what was bought, and what the operators decided?
Hears: Orders Loaded, Customers Merged, Customer Erased; reads the journal and the warehouse. Tells: nothing; seen and chosen lists are told as Product List Viewed and Product Clicked.
Owns: recommend_rule, recommend_placement (records); list_impressions (warehouse); models of the registry named recommend_sessions and
recommend_baskets.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regulars.warehouse import Warehouse

#: Public name -> the file it lives in; imported when asked for.
_PUBLIC = {
    "Assign": "domain.trials",
    "BYS": "performing",
    "By": "performing",
    "ExplainedList": "domain.lists",
    "MEANINGS": "domain.lists",
    "Method": "learning",
    "NEED_CONTEXT": "domain.lists",
    "Order": "domain.trials",
    "PLACEMENTS": "domain.lists",
    "Placement": "domain.lists",
    "PlacementPropensities": "performing",
    "PlacementSetting": "domain.trials",
    "RecommendQuality": "learning",
    "RecommendPerformance": "performing",
    "RecommendationList": "domain.lists",
    "RecommendRule": "domain.rules",
    "RulePreview": "putting",
    "Spread": "domain.spread",
    "Wanted": "domain.lists",
    "add_rule": "ruling",
    "asked": "performing",
    "drafted": "ruling",
    "explain": "service",
    "learn_all": "learning",
    "performance": "performing",
    "performance_table": "exports",
    "placement_of": "placing",
    "placements": "placing",
    "preview": "service",
    "propensities": "performing",
    "quality": "learning",
    "recommend": "service",
    "remove_rule": "ruling",
    "rules": "ruling",
    "set_placement": "placing",
    "shown": "service",
    "spread_table": "exports",
    "spreads": "performing",
}

__all__ = [*_PUBLIC, "close"]


def close(warehouse: Warehouse) -> None:
    """Write what waits for a warehouse that is about to be closed; nothing waits where nobody asked for lists."""
    live = sys.modules.get(f"{__name__}.live")
    if live is not None:
        live.close(warehouse)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"{__name__}.{_PUBLIC[name]}"), name)
