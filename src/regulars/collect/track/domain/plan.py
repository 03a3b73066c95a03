"""What kinds of events arrive, judged: names that are nearly another one, and what properties look like."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

#: The names of the Segment e-commerce events (v2), the language of this house.
ECOMMERCE = frozenset(
    {
        "Products Searched", "Product List Viewed", "Product List Filtered", "Promotion Viewed", "Promotion Clicked", "Product Clicked", "Product Viewed",
        "Product Added", "Product Removed", "Cart Viewed", "Checkout Started", "Checkout Step Viewed", "Checkout Step Completed", "Payment Info Entered",
        "Order Completed", "Order Updated", "Order Refunded", "Order Cancelled", "Coupon Entered", "Coupon Applied", "Coupon Denied", "Coupon Removed",
        "Product Added to Wishlist", "Product Removed from Wishlist", "Wishlist Product Added to Cart", "Product Shared", "Cart Shared", "Product Reviewed",
    }
)  # fmt: skip
#: Names that the house itself gives to pages, screens, identities and what the tracker tells.
OWN = frozenset(
    {
        "Page Viewed",
        "Screen Viewed",
        "Page Left",
        "Customer Identified",
        "Group Joined",
        "Ids Joined",
        "Element Clicked",
        "Page Performance",
        "Order Shipped",
        "Order Delivered",
        "Ticket Opened",
        "Ticket Answered",
        "Ticket Closed",
    }
)

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_SMALL = frozenset({"a", "an", "the", "of", "to", "from", "event"})
_ALIKE = 0.9
_SHORTEST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertySeen:
    """A property as it arrives: in which share of the events, and of which types (share of its values)."""

    name: str
    share: float
    types: dict[str, float]
    distinct: int  # different values among those looked at


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, whatever joins them: `product_viewed`, `productViewed` and `Product Viewed` are the same two."""
    return tuple(word.lower() for word in _WORDS.findall(name))


def folded(name: str) -> frozenset[str]:
    """The stems of a name's words, in no order."""
    return frozenset(_stem(word) for word in words_of(name) if word not in _SMALL)


def nearly(name: str, counts: Mapping[str, int], known: frozenset[str] = ECOMMERCE | OWN) -> str | None:
    """The name that was probably meant: a known one, else one that arrives more often; None where the name stands for itself."""
    if name in known:
        return None
    own, plain = folded(name), "".join(words_of(name))
    more = [other for other, count in counts.items() if other != name and other not in known and count > counts.get(name, 0)]
    for others in (sorted(known), sorted(more, key=lambda other: (-counts[other], other))):
        for other in others:
            if own and own == folded(other):
                return other
        for other in others:
            spelled = "".join(words_of(other))
            if min(len(plain), len(spelled)) >= _SHORTEST and SequenceMatcher(None, plain, spelled).ratio() >= _ALIKE:
                return other
    return None


def properties_seen(found: Sequence[Mapping[str, Any]]) -> list[PropertySeen]:
    """The properties of events that were looked at, the most frequent first."""
    types: dict[str, Counter[str]] = {}
    values: dict[str, set[str]] = {}
    for properties in found:
        for name, value in properties.items():
            types.setdefault(name, Counter())[type_of(value)] += 1
            values.setdefault(name, set()).add(repr(value)[:200])
    return sorted(
        (
            PropertySeen(
                name=name,
                share=kinds.total() / len(found),
                types={kind: count / kinds.total() for kind, count in kinds.most_common()},
                distinct=len(values[name]),
            )
            for name, kinds in types.items()
        ),
        key=lambda one: (-one.share, one.name),
    )


def type_of(value: Any) -> str:
    """The type of a JSON value, in one word; texts that are numbers or times say so."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "number as text" if _NUMBER.fullmatch(value) else "time" if _TIME.match(value) else "text"
        case list():
            return "list of objects" if value and all(isinstance(one, dict) for one in value) else "list"
        case _:
            return "object"


def problems_in(written: Iterable[str]) -> list[tuple[str, str]]:
    """Property and problem of each of the texts `property:problem`."""
    found = []
    for text in written:
        name, _, problem = text.partition(":")
        found.append((name.strip(), problem.strip()) if problem else ("", name.strip()))
    return found


_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d+)?")
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?$")


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word
