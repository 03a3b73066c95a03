"""Search: what does a shopper find who says what they want?

Question: which products hold the words of a query, as they were meant, in the order in which they help most?
Hears: nothing; the index follows the catalogue by itself.
Tells: nothing.
Owns: search_rule (records); the indexes under `home/search`, which can be made anew at any time.
"""

from __future__ import annotations

import importlib
from typing import Any

#: Public name -> the file it lives in; imported when asked for.
_PUBLIC = {
    "Filters": "domain.finding",
    "SearchAnswer": "service",
    "close": "shelf",
    "rebuild": "service",
    "search": "service",
    "suggest": "service",
}

__all__ = list(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"{__name__}.{_PUBLIC[name]}"), name)
