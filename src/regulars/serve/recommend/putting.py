"""A product in its place: how it is told to the shopper, how it is noted, and what a rule that is not kept yet would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from regulars.serve.recommend.domain.facts import NOTHING, Facts
from regulars.serve.recommend.domain.lists import (
    Code,
    Dropped,
    ExplainedList,
    RecommendationList,
    Recommended,
    RecommendReason,
    text_of,
)
from regulars.serve.recommend.domain.trials import PlacementSetting, ShownBy, propensity
from regulars.values.money import Money

if TYPE_CHECKING:
    from regulars.access.domain import Shop


@dataclass(frozen=True, slots=True)
class Placed:
    """A product at its place, why it is said to be there, and what put it there; `rank` is the model's own place for it."""

    product_id: str
    code: Code
    source: str | None
    score: float
    shown_by: ShownBy
    rank: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A product whose place a rule changes; None: it is not in that list."""

    product_id: str
    name: str | None
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePreview:
    """A list without and with a rule. `counts` tells whether the rule holds for this placement, person and time at all.

    `moved` are products that come, go or change their place; `filtered` what the rule keeps out.
    """

    counts: bool
    without: ExplainedList
    with_rule: ExplainedList
    moved: list[Moved]
    filtered: list[Dropped]


def recommended(position: int, one: Placed, products: Mapping[str, Facts], shop: Shop, language: str) -> Recommended:
    """One place of a list, as the shopper is told."""
    product = products.get(one.product_id, NOTHING)
    price = product.price_minor
    named = None if one.source is None else (products.get(one.source, NOTHING).name or one.source)
    return Recommended(
        position=position,
        product_id=one.product_id,
        name=product.name,
        category=product.category,
        brand=product.brand,
        price=None if price is None else Money(price, product.currency or shop.currency),
        score=round(one.score, 6),
        reason=RecommendReason(code=one.code, product_id=one.source, text=text_of(one.code, named, language)),
    )


def noted(made: RecommendationList, placed: Sequence[Placed], setting: PlacementSetting) -> dict[str, list[Any]]:
    """The columns of `list_impressions`, without the shop."""
    n = len(placed)
    return {
        "list_id": [made.impression_id] * n,
        "position": list(range(1, n + 1)),
        "product_id": [one.product_id for one in placed],
        "placement": [made.placement] * n,
        "model": [made.model] * n,
        "arm": [made.arm or ""] * n,
        "shown_by": [one.shown_by for one in placed],
        "model_rank": [one.rank for one in placed],
        "propensity": [propensity(setting, one.shown_by, n) for one in placed],
        "served_at": [made.made_at.astimezone(UTC).replace(tzinfo=None)] * n,
    }


def compared(without: ExplainedList, with_rule: ExplainedList, *, counts: bool) -> RulePreview:
    """What a rule changes in a list."""
    before = {one.product_id: one for one in without.recommendation.items}
    after = {one.product_id: one for one in with_rule.recommendation.items}
    moved = []
    for product_id in dict.fromkeys((*after, *before)):
        old, new = before.get(product_id), after.get(product_id)
        if (old and old.position) != (new and new.position):
            told = new or old
            moved.append(
                Moved(
                    product_id=product_id,
                    name=told.name if told else None,
                    before=old.position if old else None,
                    after=new.position if new else None,
                )
            )
    known = {(one.product_id, one.why) for one in without.dropped}
    filtered = [one for one in with_rule.dropped if (one.product_id, one.why) not in known]
    return RulePreview(counts=counts, without=without, with_rule=with_rule, moved=moved, filtered=filtered)
