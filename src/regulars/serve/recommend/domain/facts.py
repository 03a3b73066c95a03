"""What filters, rules and lists ask of a product."""

from __future__ import annotations

from typing import Any

import msgspec


class Facts(msgspec.Struct, frozen=True, gc=False):
    """One product. `stock` is 0 where no variant has any; None, and no market, is what nobody told."""

    product_id: str
    name: str | None = None
    category: str | None = None
    brand: str | None = None
    seller_id: str | None = None
    price_minor: int | None = None
    currency: str | None = None
    stock: int | None = None
    shown: bool = True
    markets: tuple[str, ...] = ()
    parent_id: str | None = None
    language: str | None = None
    url: str | None = None
    image_url: str | None = None
    since: float | None = None  # the day it was published or first told of

    def get(self, name: str, default: Any = None) -> Any:
        """A fact by its name, as rules name them."""
        return getattr(self, name, default)


#: What is known of a product that nobody told anything of.
NOTHING = Facts("")
