"""Stores whose customers are drawn from a known law: they order at gamma rates, leave at exponential times, spend by their own scale."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

from regulars.access import Shop
from tests.understand.metrics.small_store import SmallStore, at, make_shop

SHOP = make_shop()
BEGIN = at("2024-01-01 12:00")


def drawn(customers: int, *, days: int = 420, seed: int = 3, shop: Shop = SHOP, **more: Any) -> SmallStore:
    """One order at a random time, then Poisson orders until the customer leaves or `days` are over; `more` goes into every order."""
    chance, store = np.random.default_rng(seed), SmallStore(shop)
    for number in range(customers):
        rate, leaving, scale = chance.gamma(1.2, 1 / 30), chance.gamma(0.8, 1 / 120), 40 / max(chance.gamma(4), 0.3)
        day = chance.uniform(0, days * 0.9)
        left = day + chance.exponential(1 / max(leaving, 1e-9))
        place = 0
        while day < days:
            when = (BEGIN + timedelta(days=day)).strftime("%Y-%m-%d %H:%M")
            total = max(1, round(100 * scale * chance.gamma(3)))
            items = [(f"p{number % 7}", f"k{number % 3}", 1, total)]
            store.order(f"{number}-{place}", f"c{number:04}", when, total, items=items, channel=("shop", "app")[number % 2], **more)
            place, day = place + 1, day + chance.exponential(1 / max(rate, 1e-9))
            if day > left:
                break
    return store.order("end", None, f"{BEGIN + timedelta(days=days):%Y-%m-%d} 12:00", 1)
