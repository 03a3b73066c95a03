"""From a query to products: what holds its words, by how much they say, inside what was filtered, with the operators' wishes on top."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from regulars.serve.search.domain.asking import Asked, Terms
from regulars.serve.search.domain.catalogue import CODE, UNKNOWN, Catalogue, Mask, tag
from regulars.serve.search.domain.counting import FacetValue, apart, beside, counted, firsts
from regulars.serve.search.domain.text import folded, tokens

Sort = Literal["relevance", "price", "-price", "newest", "name", "best_sellers", "rating"]
SORTS: tuple[Sort, ...] = get_args(Sort)
Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]

#: How much more a product is worth that holds all words.
WHOLE = 0.5
#: Which share of what the best one holds of the query makes another a find; the lesser share where few are found by the greater.
_FOUND_FROM, _ELSE_FROM, _FEW = 0.6, 0.25, 20
#: What a product without stock is worth beside the same with it.
SOLD_OUT = 0.5
#: So many of the best finds an order that was learned is asked for.
LEARNED_AMONG = 100
Learned = Callable[[Places, Floats], Floats]


@dataclass(frozen=True, slots=True)
class Filters:
    """What products must be: one of the values of every facet, in the range of every measure, and in the range of prices."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    price_from_minor: int | None = None
    price_to_minor: int | None = None  # included
    in_stock: bool = False
    market: str | None = None
    ranges: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)  # lowest and highest, both included


@dataclass(frozen=True, slots=True)
class Push:
    """Products that are worth more (or less) to one query or to all: by id, or by a facet's value."""

    factor: float
    product_ids: tuple[str, ...] = ()
    facet: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What operators want of a query: products at exact places (0 is the first), others raised, lowered or left out."""

    pins: Mapping[int, str] = field(default_factory=dict)
    pushes: tuple[Push, ...] = ()
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """Places of the products of one page, best first, with what each is worth; and what was found in all."""

    places: tuple[int, ...]
    scores: tuple[float, ...]
    pinned: frozenset[int]
    total: int  # products, or families of variants where these are taken together
    whole: bool  # whether some product holds every word
    variants: Mapping[
        int, int
    ]  # how many of its family were found beside a product, itself among them; only where there are several
    facets: Mapping[str, tuple[FacetValue, ...]]
    price_from_minor: int | None
    price_to_minor: int | None


def find(
    catalogue: Catalogue,
    asked: Asked,
    filters: Filters,
    wishes: Wishes,
    *,
    sort: Sort = "relevance",
    begin: int = 0,
    size: int = 20,
    facets: Sequence[str] = (),
    grouped: bool = True,
    by: Floats | None = None,
    learned: Learned | None = None,
) -> Found:
    """The products for a query, one page of them.

    Every product passes the filters, pinned ones too. A product is found when it holds at least three fifths of what the best one
    holds of the query, counted by how rare the words are, or a quarter where few do; BM25 orders them.

    Parameters
    ----------
    grouped : of the variants of one product the best is shown, and all of them count as one.
    by : what the orders `best_sellers` and `rating` go by, for every place; more is better, then relevance.
    learned : puts the best finds in another order: given their places, best first, and what each is worth, it answers new worths.
    """
    allowed = _allowed(catalogue, filters, wishes.hidden) & _as_asked(catalogue, asked)
    scores, held, wanted = scored(catalogue, asked)
    _by_code(catalogue, asked, scores, held)
    held[~allowed] = 0.0
    best = float(held.max(initial=0.0))
    hits = allowed & (held >= _FOUND_FROM * best) & (held > 0) if asked.wishes else allowed
    if asked.wishes and hits.sum() < _FEW:
        hits = allowed & (held >= _ELSE_FROM * best) & (held > 0)
    whole = not asked.wishes or best >= wanted - 1e-3
    if asked.wishes:
        scores *= 1 + WHOLE * held / max(wanted, 1e-9)
    else:
        scores += 1.0
    places = np.flatnonzero(hits)
    if learned is not None and asked.wishes and sort == "relevance":
        _relearned(places, scores, learned)
    _pushed(catalogue, wishes.pushes, scores)
    scores[~_in_stock(catalogue)] *= SOLD_OUT
    family = _families(catalogue) if grouped and len(catalogue.families) else None
    pins = {slot: catalogue.places[one] for slot, one in wishes.pins.items() if one in catalogue.places}
    pins = {slot: place for slot, place in pins.items() if allowed[place]} if sort == "relevance" else {}
    ordered = _page(catalogue, places, _worth(catalogue, places, scores, sort, by), family, pins, begin, size)
    prices = _numbers(catalogue, "price")[places]
    prices = prices[prices != UNKNOWN]
    hits[list(pins.values())] = True
    shown = np.flatnonzero(hits)
    return Found(
        places=tuple(int(place) for place in ordered),
        scores=tuple(float(scores[place]) for place in ordered),
        pinned=frozenset(pins.values()),
        total=len(shown) if family is None else apart(family[shown]),
        whole=whole,
        variants={} if family is None else beside(family, shown, ordered),
        facets=counted(catalogue, hits, facets, family) if facets else {},
        price_from_minor=int(prices.min()) if len(prices) else None,
        price_to_minor=int(prices.max()) if len(prices) else None,
    )


def _relearned(places: Places, scores: Floats, learned: Learned) -> None:
    """The order of the best finds as it was learned; they stay above the others, and their worths keep their range."""
    top = places[np.lexsort((places, -scores[places]))][:LEARNED_AMONG]
    if len(top) > 1:
        anew = np.argsort(-learned(top, scores[top]), kind="stable")
        scores[top[anew]] = np.sort(scores[top])[::-1]


def scored(catalogue: Catalogue, asked: Asked) -> tuple[Floats, Floats, float]:
    """What every product is worth to the query, how much of it each holds, and how much there is to hold."""
    scores, held = np.zeros(catalogue.total, np.float32), np.zeros(catalogue.total, np.float32)
    wanted = 0.0
    for wish in asked.wishes:
        if len(wish.ways) == 1 and len(wish.ways[0]) == 1:
            term, weight = wish.ways[0][0]
            rare = rarity(catalogue, term) * weight
            for places, shares in _holding(catalogue, term):
                scores[places] += rare * shares
                if wish.counts:
                    held[places] += rare
        else:
            worth, part, rare = _several(catalogue, wish.ways)
            scores += worth
            if wish.counts:
                held += part * np.float32(rare)
        wanted += rare if wish.counts else 0.0
    return scores, held, wanted


def _several(catalogue: Catalogue, ways: Sequence[Terms]) -> tuple[Floats, Floats, float]:
    """The best of several ways to say one thing: worth and share held of each product, and how rare the first way is."""
    best, most = np.zeros(catalogue.total, np.float32), np.zeros(catalogue.total, np.float32)
    first = 0.0
    for way in ways:
        worth, part = np.zeros(catalogue.total, np.float32), np.zeros(catalogue.total, np.float32)
        rarities = [rarity(catalogue, term) for term, _ in way]
        for (term, weight), rare in zip(way, rarities, strict=True):
            for places, shares in _holding(catalogue, term):
                worth[places] += rare * weight * shares
                part[places] += rare / sum(rarities)
        if len(way) > 1:
            worth[part < 0.999] = part[part < 0.999] = 0.0  # half of `television set` is no television
        np.maximum(best, worth, out=best)
        np.maximum(most, part, out=most)
        first = first or sum(rarities)
    return best, most, first


def _holding(catalogue: Catalogue, term: str) -> list[tuple[npt.NDArray[np.int32], Floats]]:
    number = catalogue.vocabulary.number.get(term)
    if number is None:
        return []
    places, shares = catalogue.recent.inverted.holding(number)
    return [catalogue.main.inverted.holding(number), (places + len(catalogue.main.entries), shares)]


def rarity(catalogue: Catalogue, term: str) -> float:
    """How much a word says: the fewer products have it, the more."""
    number = catalogue.vocabulary.number.get(term)
    having = 0 if number is None else sum(part.inverted.frequency(number) for part in (catalogue.main, catalogue.recent))
    return float(np.log(1 + (catalogue.total - having + 0.5) / (having + 0.5)))


def _by_code(catalogue: Catalogue, asked: Asked, scores: Floats, held: Floats) -> None:
    """Who types the number of a product or variant means that one."""
    for place in _tagged(catalogue, tag(CODE, asked.text)):
        scores[place] += 1_000.0
        held[place] += 1_000.0


def _allowed(catalogue: Catalogue, filters: Filters, hidden: frozenset[str]) -> Mask:
    allowed = catalogue.alive.copy()
    for facet, values in filters.values.items():
        allowed &= _any_of(catalogue, [tag(facet, value) for value in values])
    for facet, (lowest, highest) in filters.ranges.items():
        allowed &= _between(catalogue, facet, lowest, highest)
    if filters.market is not None:
        allowed &= _any_of(catalogue, [tag("market", "*"), tag("market", filters.market)])
    if filters.price_from_minor is not None or filters.price_to_minor is not None:
        prices = _numbers(catalogue, "price")
        allowed &= prices != UNKNOWN
        if filters.price_from_minor is not None:
            allowed &= prices >= filters.price_from_minor
        if filters.price_to_minor is not None:
            allowed &= prices <= filters.price_to_minor
    if filters.in_stock:
        allowed &= _in_stock(catalogue)
    for product_id in hidden & catalogue.places.keys():
        allowed[catalogue.places[product_id]] = False
    return allowed


def _as_asked(catalogue: Catalogue, asked: Asked) -> Mask:
    """Products that hold every phrase and nothing that was refused."""
    good = np.ones(catalogue.total, np.bool_)
    for phrase in asked.phrases:
        holding = np.zeros(catalogue.total, np.bool_)
        holding[[place for place in _with_all(catalogue, phrase) if phrase in catalogue.entry(place).text]] = True
        good &= holding
    for refused in asked.refused:
        places = _with_all(catalogue, refused)
        if len(tokens(refused, asked=True)) > 1:  # several words, or a Chinese one: as it stands
            places = [place for place in places if refused in catalogue.entry(place).text]
        good[places] = False
    return good


def _with_all(catalogue: Catalogue, text: str) -> list[int]:
    """Places of products that hold every word of a text."""
    terms = [one.term for one in tokens(text, asked=True) if one.kind != "chinese"]
    if not terms:
        return []
    having = np.zeros(catalogue.total, np.int16)
    for term in set(terms):
        for places, _ in _holding(catalogue, term):
            having[places] += 1
    return [int(place) for place in np.flatnonzero(having == len(set(terms)))]


def _any_of(catalogue: Catalogue, tags: Sequence[str]) -> Mask:
    good = np.zeros(catalogue.total, np.bool_)
    for one in tags:
        good[_tagged(catalogue, one)] = True
    return good


def _between(catalogue: Catalogue, facet: str, lowest: float | None, highest: float | None) -> Mask:
    """Products with a value of a facet that begins with a number in a range."""
    good = []
    for number in catalogue.tags.of(facet):
        measure = catalogue.tags.measure(number)
        if measure is not None and (lowest is None or measure >= lowest) and (highest is None or measure <= highest):
            good.append(catalogue.tags.words[number])
    return _any_of(catalogue, good)


def _tagged(catalogue: Catalogue, one: str) -> Places:
    number = catalogue.tags.number.get(one)
    if number is None:
        return np.empty(0, np.int64)
    recent, _ = catalogue.recent.tagged.holding(number)
    main, _ = catalogue.main.tagged.holding(number)
    return np.concatenate([main.astype(np.int64), recent.astype(np.int64) + len(catalogue.main.entries)])


def _pushed(catalogue: Catalogue, pushes: Sequence[Push], scores: Floats) -> None:
    for push in pushes:
        places = [catalogue.places[one] for one in push.product_ids if one in catalogue.places]
        if places:
            scores[places] *= push.factor
        if push.facet is not None and push.value is not None:
            scores[_tagged(catalogue, tag(push.facet, push.value))] *= push.factor


def _worth(catalogue: Catalogue, places: Places, scores: Floats, sort: Sort, by: Floats | None) -> tuple[Any, ...]:
    """What products are put in order by, less is earlier; the last one counts most."""
    match sort:
        case "price" | "-price":
            prices = _numbers(catalogue, "price")
            return (np.where(prices == UNKNOWN, np.iinfo(np.int64).max, prices if sort == "price" else -prices),)
        case "newest":
            return (-_numbers(catalogue, "published"),)
        case "name":
            order = np.zeros(catalogue.total, np.int64)
            named = np.array([folded(catalogue.entry(int(place)).product.name or "") for place in places])
            order[places] = np.unique(named, return_inverse=True)[1]
            return (order,)
        case "best_sellers" | "rating" if by is not None:
            return (-scores, -by)
        case _:
            return (-scores,)


def _page(
    catalogue: Catalogue,
    places: Places,
    worth: tuple[Any, ...],
    family: Places | None,
    pins: Mapping[int, int],
    begin: int,
    size: int,
) -> list[int]:
    """The places of one page in their order, of each family one, pinned ones in their slots."""
    free = places
    if pins:
        held = list(pins.values())
        free = places[~np.isin(places, held)]
        if family is not None:
            free = free[~np.isin(family[free], [one for one in family[held] if one != UNKNOWN])]
    needed = taken = begin + size
    while True:
        near, taken = free, 4 * taken
        if len(free) > taken:  # equal ones at the edge are told apart by their place, so that pages never overlap
            first = worth[-1][free]
            near = free[first <= np.partition(first, taken // 4 - 1)[taken // 4 - 1]]
        ordered = near[np.lexsort((near, *(one[near] for one in worth)))]
        if family is not None:
            ordered = ordered[firsts(family[ordered])]
        if len(ordered) >= needed or len(near) == len(free):
            break
    listed = [int(place) for place in ordered[:needed]]
    for slot in sorted(pins):
        if slot <= len(listed):
            listed.insert(slot, pins[slot])
    return listed[begin:needed]


def _families(catalogue: Catalogue) -> Places:
    recent = catalogue.recent.columns.family
    return np.concatenate([catalogue.main.columns.family, recent]) if len(recent) else catalogue.main.columns.family


def _numbers(catalogue: Catalogue, name: Literal["price", "published"]) -> Places:
    parts: list[Places] = [getattr(part.columns, name) for part in (catalogue.main, catalogue.recent)]
    return np.concatenate(parts) if len(parts[1]) else parts[0]


def _in_stock(catalogue: Catalogue) -> Mask:
    parts = [catalogue.main.columns.in_stock, catalogue.recent.columns.in_stock]
    return np.concatenate(parts) if len(parts[1]) else parts[0]
