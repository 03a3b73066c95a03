"""Storefront: what may a shop's own page ask and show, in front of everybody?

Question: which lists, finds and facts may a browser have that holds nothing but a public key, and how does a page show them?
Hears: nothing.
Tells: Product Clicked, of links that are followed without scripts; all else is told by the page's own tracker.
Owns: nothing; tokens of customers are signed with secrets that follow from the write keys.
"""

from __future__ import annotations

import importlib
from typing import Any

#: Public name -> the file it lives in; imported when asked for.
_PUBLIC = {
    "CustomerToken": "service",
    "customer_token": "service",
    "signing_secret": "service",
    "page_snippets": "snippets",
    "source_for": "service",
}

__all__ = list(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"{__name__}.{_PUBLIC[name]}"), name)
