"""Search: what does a shopper find who says what they want?

Question: which products hold the words of a query, as they were meant, in the order in which they help most?
Hears: nothing; the index follows the catalogue by itself.
Tells: nothing; what is searched for goes into the stream as Products Searched.
Owns: search_rule, search_judgement (records); models of the registry named search_order; the indexes under `home/search`, which can be made anew at any time.
"""

from __future__ import annotations

import importlib
from typing import Any

#: Public name -> the file it lives in and its name there; imported when asked for.
_PUBLIC = {
    "SORTS": ("domain.finding", "SORTS"),
    "Filters": ("domain.finding", "Filters"),
    "HitExplained": ("lab", "HitExplained"),
    "Judgement": ("judging", "Judgement"),
    "JudgementsKept": ("judging", "JudgementsKept"),
    "LabAnswer": ("lab", "LabAnswer"),
    "Options": ("service", "Options"),
    "QueryBody": ("rules", "QueryBody"),
    "SearchAnalytics": ("analytics", "SearchAnalytics"),
    "SearchAnswer": ("service", "SearchAnswer"),
    "SearchOrder": ("ranking", "SearchOrder"),
    "SearchRule": ("rules", "SearchRule"),
    "SynonymsBody": ("rules", "SynonymsBody"),
    "close": ("shelf", "close"),
    "compare": ("lab", "compare"),
    "explain": ("lab", "explain"),
    "filters_of": ("service", "filters_of"),
    "judgements_of": ("judging", "listing"),
    "judgements_table": ("judging", "table"),
    "keep_judgements": ("judging", "keep"),
    "learn": ("ranking", "learn"),
    "make_rule": ("rules", "make"),
    "product_of": ("service", "product_of"),
    "ranges_of": ("service", "ranges_of"),
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
