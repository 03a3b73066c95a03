"""Why a product stands where it does: which words, in which of its fields, and whose wishes gave it how many points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from regulars.serve.search.domain.asking import Asked, How, Terms
from regulars.serve.search.domain.catalogue import Catalogue, Field, facets_of, fields_of, tag
from regulars.serve.search.domain.finding import SOLD_OUT, WHOLE, Wishes, rarity
from regulars.serve.search.domain.text import tokens

FactorKind = Literal["holds", "raised", "lowered", "sold_out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordPoints:
    """One word of the query: as what it was found, in which fields, and the points that gave. `how` tells where it came from."""

    word: str
    found_as: str | None  # None: the product does not have it
    how: How
    fields: Sequence[Field]
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorOf:
    """What the points were multiplied by: `holds` for how much of the query it holds, `raised` and `lowered` by wishes, `sold_out`."""

    kind: FactorKind
    what: str | None
    factor: float


def words_of(catalogue: Catalogue, asked: Asked, place: int) -> list[WordPoints]:
    """What each word of a query gives the product at a place, words as they are written there and not as their stems."""
    fields: list[tuple[Field, dict[str, str]]] = [
        (field, {token.term: token.surface for text in texts if text for token in tokens(text)})
        for field, _, texts in fields_of(catalogue.entry(place).product)
    ]
    own_words = {term: surface for _, own in reversed(fields) for term, surface in own.items()}
    typed = {token.term: token.surface for text in (asked.corrected, asked.text) if text for token in tokens(text, asked=True)}
    found = []
    for wish in asked.wishes:
        worths = [_worth(catalogue, way, place) for way in wish.ways]
        best = max(range(len(worths)), key=lambda one: worths[one])
        terms = {term for term, _ in wish.ways[best]}
        held = worths[best] > 0
        found.append(
            WordPoints(
                word=_said(wish.ways[0], {**own_words, **typed}),
                found_as=_said(wish.ways[best], {**typed, **own_words}) if held else None,
                how=wish.how if best > 0 or wish.how in ("joined", "pinyin") else "typed",
                fields=[field for field, own in fields if held and terms & own.keys()],
                points=round(worths[best], 4),
            )
        )
    return found


def factors_of(catalogue: Catalogue, asked: Asked, wishes: Wishes, place: int) -> list[FactorOf]:
    """What the points of the product at a place were multiplied by."""
    found = [FactorOf(kind="holds", what=None, factor=round(1 + WHOLE * _held(catalogue, asked, place), 4))] if asked.wishes else []
    product = catalogue.entry(place).product
    own = set(facets_of(product))
    for push in wishes.pushes:
        if product.product_id in push.product_ids or (push.facet and push.value and tag(push.facet, push.value) in own):
            what = None if product.product_id in push.product_ids else push.value
            found.append(FactorOf(kind="raised" if push.factor > 1 else "lowered", what=what, factor=push.factor))
    if not product.in_stock:
        found.append(FactorOf(kind="sold_out", what=None, factor=SOLD_OUT))
    return found


def _held(catalogue: Catalogue, asked: Asked, place: int) -> float:
    """Which share of the query's words a product holds, the rarer the more they count."""
    wanted = held = 0.0
    for wish in asked.wishes:
        if wish.counts:
            whole = sum(rarity(catalogue, term) for term, _ in wish.ways[0])
            if len(wish.ways) == 1 and len(wish.ways[0]) == 1:
                whole *= wish.ways[0][0][1]
            wanted += whole
            held += whole * max(_part(catalogue, way, place) for way in wish.ways)
    return held / max(wanted, 1e-9)


def _part(catalogue: Catalogue, way: Terms, place: int) -> float:
    having = all(catalogue.share(term, place) for term, _ in way)
    return 1.0 if having else 0.0


def _worth(catalogue: Catalogue, way: Terms, place: int) -> float:
    if len(way) > 1 and not _part(catalogue, way, place):
        return 0.0  # words that belong together count only together
    return sum(rarity(catalogue, term) * weight * catalogue.share(term, place) for term, weight in way)


def _said(way: Terms, written: Mapping[str, str]) -> str:
    return " ".join(written.get(term, term).removeprefix("=") for term, _ in way)
