"""What a browser may know of a product, a list and a search: facts that stand in the shop's window anyway."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from regulars.values.money import Money, currency_symbol, minor_digits

Badge = Literal["sale", "new", "sold_out"]
#: What stands on a badge, in English and Chinese.
BADGES: dict[Badge, tuple[str, str]] = {"sale": ("Sale", "优惠"), "new": ("New", "新品"), "sold_out": ("Sold out", "售罄")}
#: How a list or an answer of a search is named in events.
LIST_ID = re.compile(r"(rec|search)_[0-9A-Za-z]{1,60}", re.ASCII)
_LONGEST_ADDRESS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StorefrontItem:
    """A product as a page shows it. `link` is the product's own page; `badge` and `reason` are codes with words beside them."""

    position: int
    product_id: str
    name: str
    brand: str | None
    category: str | None
    price: Money | None
    price_text: str | None
    list_price_text: str | None
    image_url: str | None
    link: str | None
    in_stock: bool
    badge: Badge | None
    badge_text: str | None
    reason: str | None
    reason_text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StorefrontList:
    """A list for a placement. Its `impression_id` is the `list_id` of `Product List Viewed` and `Product Clicked`."""

    impression_id: str
    placement: str
    title: str
    personalised: bool
    items: Sequence[StorefrontItem]


@dataclass(frozen=True, slots=True, kw_only=True)
class StorefrontFacetValue:
    """A value to filter by, and how many of the products found have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StorefrontSearch:
    """Products for a query. `corrected` is the query as it was understood, `related` tells that nothing fits and others are shown."""

    search_id: str
    query: str
    corrected: str | None
    related: bool
    redirect: str | None
    personalised: bool
    total: int
    items: Sequence[StorefrontItem]
    facets: Mapping[str, Sequence[StorefrontFacetValue]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StorefrontSuggestions:
    """What a query that is being typed may become, and the first products for it."""

    query: str
    suggestions: Sequence[str]
    items: Sequence[StorefrontItem]


def money_text(value: Money | None) -> str | None:
    """An amount as it stands on a price tag, exact."""
    if value is None:
        return None
    sign = "−" if value.minor < 0 else ""
    return f"{sign}{currency_symbol(value.currency)}{abs(value.major):,.{minor_digits(value.currency)}f}"


def address_of(told: str | None, origins: Sequence[str]) -> str | None:
    """An address that is safe to put into a page: http or https, or a path on the shop's own site; None for everything else."""
    text = (told or "").strip()
    if not text or len(text) > _LONGEST_ADDRESS or any(ord(sign) < 33 for sign in text) or "\\" in text:
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if parts.scheme in ("http", "https"):
        return text if parts.netloc and "@" not in parts.netloc else None
    is_path = text.startswith("/") and not text.startswith("//")
    return origins[0] + text if is_path and origins else None


def badge_of(*, in_stock: bool, price: Money | None, list_price: Money | None, new: bool) -> Badge | None:
    """The one thing most worth saying."""
    if not in_stock:
        return "sold_out"
    if price is not None and list_price is not None and list_price.currency == price.currency and list_price.minor > price.minor:
        return "sale"
    return "new" if new else None
