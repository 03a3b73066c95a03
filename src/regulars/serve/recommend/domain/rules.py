"""What an operator decides over all models: pins, boosts, burying, and what is kept out or in; each with dates and an audience."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from regulars.errors import InvalidInput
from regulars.serve.recommend.domain.facts import Facts
from regulars.serve.recommend.domain.lists import PLACEMENTS, Placement, Wanted, Why

Kind = Literal["pin", "boost", "bury", "exclude", "include"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MATCHED = ("product_id", "category", "brand", "seller_id")
MOST_SLOT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendRule:
    """One decision. `match` names products by any of product_id, category, brand and seller_id; all that are given must hold.

    `slot` is a pin's place from 1; `strength` is what a boost adds to (or burying takes from) a score whose best is 1.
    """

    rule_id: str
    kind: Kind
    placement: Placement | None  # None: every placement
    match: Mapping[str, str]
    slot: int | None
    strength: float
    from_at: datetime | None
    to_at: datetime | None
    segment_id: str | None
    note: str
    made_by: str
    made_at: datetime

    def holds(self, placement: Placement, now: datetime, segments: Collection[str]) -> bool:
        """Whether it counts here, now and for this person."""
        return (
            self.placement in (None, placement)
            and (self.from_at is None or self.from_at <= now)
            and (self.to_at is None or now < self.to_at)
            and (self.segment_id is None or self.segment_id in segments)
        )

    def names(self, product_id: str, product: Facts) -> bool:
        """Whether it is about this product."""
        return all((product_id if name == "product_id" else product.get(name)) == value for name, value in self.match.items())


def checked(
    kind: str,
    placement: str | None,
    match: Mapping[str, str],
    slot: int | None,
    strength: float,
    from_at: datetime | None,
    to_at: datetime | None,
) -> None:
    """Refuse a rule that cannot mean anything.

    Raises
    ------
    InvalidInput : with what to do instead.
    """
    if kind not in KINDS:
        raise InvalidInput(f"no rule is of the kind '{kind[:40]}'", mend=f"choose from {', '.join(KINDS)}", code="bad_rule")
    if placement is not None and placement not in PLACEMENTS:
        raise InvalidInput("there is no such placement", mend=f"choose from {', '.join(PLACEMENTS)}", code="bad_placement")
    if not match or not set(match) <= set(MATCHED) or not all(match.values()):
        raise InvalidInput("the rule names no products", mend=f"give at least one of {', '.join(MATCHED)}", code="bad_rule")
    if kind == "pin" and (slot is None or not 1 <= slot <= MOST_SLOT or "product_id" not in match):
        raise InvalidInput("a pin needs a product and a place", mend="give product_id and a slot from 1 to 100", code="bad_rule")
    if not 0 < strength <= 10:
        raise InvalidInput("the strength is out of range", mend="give a number above 0, at most 10", code="bad_rule")
    if from_at and to_at and from_at >= to_at:
        raise InvalidInput("the rule ends before it begins", mend="let `to` be after `from`", code="bad_rule")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request demands of every product. `goods` are what the products of the request are variants of, and these themselves."""

    exclude: frozenset[str]
    context: frozenset[str]
    goods: frozenset[str]
    market: str | None
    narrow: bool  # whether any of the rest is asked for
    wanted: Wanted

    @classmethod
    def of(cls, wanted: Wanted, parents: frozenset[str] = frozenset()) -> Asked:
        """From a request."""
        rest = (wanted.category, wanted.brand, wanted.seller_id, wanted.min_price_minor, wanted.max_price_minor)
        context = frozenset(wanted.context)
        narrow = any(one is not None for one in rest)
        return cls(frozenset(wanted.exclude), context, parents | context, wanted.market, narrow, wanted)


def refused(product_id: str, product: Facts, asked: Asked) -> Why | None:
    """Why a product may not be shown at all, by the catalogue and the request as they are now; None: it may.

    Where nothing is known of stock, it is taken to be there, and what names no market is sold in all.
    """
    if product_id in asked.exclude:
        return "excluded"
    if product_id in asked.context:
        return "in_context"
    if not product.shown:
        return "hidden"
    if asked.market is not None and product.markets and asked.market not in product.markets:
        return "market"
    if product.parent_id in asked.goods or product_id in asked.goods:
        return "variant"
    if product.stock is not None and product.stock <= 0:
        return "out_of_stock"
    return _beside(product, asked.wanted) if asked.narrow else None


def _beside(product: Facts, wanted: Wanted) -> Why | None:
    """Whether a product is outside what the request narrows the list to."""
    if (
        (wanted.category is not None and product.category != wanted.category)
        or (wanted.brand is not None and product.brand != wanted.brand)
        or (wanted.seller_id is not None and product.seller_id != wanted.seller_id)
    ):
        return "filter"
    price, low, high = product.price_minor, wanted.min_price_minor, wanted.max_price_minor
    if (low is not None or high is not None) and (price is None or price < (low or 0) or (high is not None and price > high)):
        return "price"
    return None


def ruled(rules: Iterable[RecommendRule], product_id: str, product: Facts) -> tuple[float, bool]:
    """What the rules add to a product's score, and whether they let it in."""
    added, let_in, only = 0.0, True, False
    included = False
    for rule in rules:
        named = rule.names(product_id, product)
        if rule.kind == "include":
            only, included = True, included or named
        elif named and rule.kind == "exclude":
            let_in = False
        elif named and rule.kind in ("boost", "bury"):
            added += rule.strength if rule.kind == "boost" else -rule.strength
    return added, let_in and (included or not only)


def with_pins(ranked: Sequence[str], pins: Sequence[tuple[int, str]], size: int) -> list[str]:
    """The list with pinned products at their places, the rest in its order around them; of two at one place the first has it."""
    places: dict[int, str] = {}
    for slot, product_id in pins:
        if slot <= size and slot not in places and product_id not in places.values():
            places[slot] = product_id
    rest = iter([one for one in ranked if one not in places.values()])
    found = []
    for slot in range(1, size + 1):
        one = places.get(slot) or next(rest, None)
        if one is not None:
            found.append(one)
    return found
