"""Search: what does a shopper find who says what they want?

Question: which products hold the words of a query, as they were meant, in the order in which they help most?
Hears: nothing; the index follows the catalogue by itself.
Tells: nothing; what is searched for goes into the stream as Products Searched.
Owns: search_rule (records); the indexes under `home/search`, which can be made anew at any time.
"""

from __future__ import annotations

import importlib
from typing import Any

#: Public name -> the file it lives in and its name there; imported when asked for.
_PUBLIC = {
    "Filters": ("domain.finding", "Filters"),
    "QueryBody": ("rules", "QueryBody"),
    "SearchAnalytics": ("analytics", "SearchAnalytics"),
    "SearchAnswer": ("service", "SearchAnswer"),
    "SearchRule": ("rules", "SearchRule"),
    "SynonymsBody": ("rules", "SynonymsBody"),
    "close": ("shelf", "close"),
    "filters_of": ("service", "filters_of"),
    "make_rule": ("rules", "make"),
    "rebuild": ("service", "rebuild"),
    "rules_of": ("rules", "listing"),
    "search": ("service", "search"),
    "searches": ("analytics", "analytics"),
    "suggest": ("service", "suggest"),
    "tell": ("telling", "tell"),
}

__all__ = list(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(name)
    file, own = _PUBLIC[name]
    return getattr(importlib.import_module(f"{__name__}.{file}"), own)
