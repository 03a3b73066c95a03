"""Imports: what did the shop's own files say happened?

Question: which orders, customers, products, reviews, events, advertising costs and competitors' prices are in these files, and what of them cannot be taken as it is?
Hears: nothing.
Tells: Orders Loaded, Customers Loaded, Products Loaded, Reviews Loaded, Costs Loaded, Competition Loaded, Load Undone.
Owns: load, column_mapping, bad_row (records); writes orders, order_lines, refunds, customers, products, product_snapshots, reviews,
ad_costs, market_prices, loads (warehouse); the archive under `home/imports`, the quarantine files under `home/quarantine`.
"""

from __future__ import annotations

import importlib
from typing import Any

#: Public name -> the file it lives in; imported when asked for, as the readers are heavy.
_PUBLIC = {
    "Change": "domain",
    "RULES": "domain",
    "Kind": "domain",
    "LoadOptions": "domain",
    "LoadReport": "domain",
    "LoadSummary": "service",
    "SavedMapping": "mappings",
    "field_word": "domain.chinese",
    "load": "service",
    "load_report": "service",
    "load_summary": "service",
    "loads": "service",
    "parse_maps": "domain",
    "connect_history": "streams",
    "parse_rates": "domain",
    "parse_statuses": "domain",
    "plan": "service",
    "rebuild": "service",
    "recover": "service",
    "repair": "service",
    "saved_mappings": "service",
    "say": "domain.chinese",
    "template": "domain.templates",
}

__all__ = list(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"{__name__}.{_PUBLIC[name]}"), name)
