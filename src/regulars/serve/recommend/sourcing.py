"""Where the products of a placement come from: candidates with their scores, and the true reason of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np
import numpy.typing as npt

from regulars.serve.recommend.domain import exploring, pairs
from regulars.serve.recommend.domain.lists import Code, Placement, Wanted
from regulars.serve.recommend.domain.sessions import Scores
from regulars.serve.recommend.domain.trials import Order
from regulars.serve.recommend.live import LiveShop

Floats = npt.NDArray[np.float64]
#: Candidates of one source: more than any list holds after the filters.
MANY = 200
_ALIKE = 80
#: A new product has had its start after so many views.
_FEW_VIEWS = 200
#: Lists that promise what their name says: they may be short or empty, and are not filled with what is popular.
_STRICT: frozenset[Placement] = frozenset({"buy_again", "rising", "new_arrivals", "because_viewed"})
_RRF = 10.0


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """A product by its number; the best of a source scores 1. `source` is the product that the reason names."""

    item: int
    score: float
    code: Code
    source: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the list is for, as far as may be known: the visit, what was bought, and a seed that stays for an hour."""

    customer_id: str | None
    viewed: Sequence[int]
    session: int
    bought: Mapping[int, float]
    segments: frozenset[str]
    seed: str
    ids: tuple[str, ...] = ()  # theirs, the one that owns the others last; empty: nobody
    trees: bool = True  # whether learned trees may put their list in order


def candidates(live: LiveShop, person: Person, wanted: Wanted, now: float, *, order: Order = "model") -> list[Candidate]:
    """The candidates of a placement, best first, each once."""
    if order == "popular":
        return []
    context = [live.known.number_of(one) for one in wanted.context]
    asked = replace(person, trees=False) if order == "v_stan" else person
    best: dict[int, Candidate] = {}
    for one in _SOURCES[wanted.placement](live, asked, wanted, context, now):
        best.setdefault(one.item, one)
    return list(best.values())


def fill(live: LiveShop, person: Person, wanted: Wanted, found: Sequence[Candidate]) -> list[Candidate]:
    """What is popular and not among the candidates, behind all of them: so that no list is short that need not be."""
    if wanted.placement in _STRICT:
        return []
    seen = {one.item for one in found}
    if wanted.placement == "next":
        seen.update(person.viewed[-1:] if wanted.repeats else person.viewed)
    rest: dict[int, Candidate] = {}
    for one in _popular(live, wanted):
        if one.item not in seen:
            rest.setdefault(one.item, Candidate(one.item, one.score - 1.0, one.code))
    return list(rest.values())


def _scored(found: Scores, code: Code, *, of: Mapping[int, int] | None = None) -> list[Candidate]:
    """The best of a source, the first at 1; `of` tells which product each goes with."""
    ids, values = found
    if len(ids) > 4 * MANY:
        near = np.argpartition(-values, 4 * MANY)[: 4 * MANY]
        ids, values = ids[near], values[near]
    order = np.lexsort((ids, -values))[:MANY]
    ids, values = ids[order], values[order]
    most = float(values[0]) if len(values) else 1.0
    if most <= 0:
        return []
    sources = {} if of is None else of
    pairs = zip(ids.tolist(), (values / most).tolist(), strict=True)
    return [Candidate(item, value, code, sources.get(item)) for item, value in pairs if value > 0]


def _strongest(live: LiveShop, seeds: Sequence[int]) -> dict[int, int]:
    """Which of the seeds each product goes with most; those that go with none of them are missing."""
    ids, worth, of = [], [], []
    for seed in dict.fromkeys(reversed(seeds)):
        for table in (live.known.sources.co_views, live.known.sources.next_views):
            if seed < table.shape[0] and (end := table.indptr[seed + 1]) > (begin := table.indptr[seed]):
                values = table.data[begin:end]
                ids.append(table.indices[begin:end])
                worth.append(values / values.max())
                of.append(np.full(len(values), seed))
    if not ids:
        return {}
    items, seed_of = np.concatenate(ids), np.concatenate(of)
    order = np.argsort(np.concatenate(worth), kind="stable")  # the strongest comes last, and stays
    other = order[items[order] != seed_of[order]]
    return dict(zip(items[other].tolist(), seed_of[other].tolist(), strict=True))


def _like(live: LiveShop, seeds: Sequence[int], code: Code) -> list[Candidate]:
    """Looked at together with the seeds; and those alike by what they are, the more the fewer views they have of their own."""
    found = _scored(pairs.summed(live.known.sources.co_views, seeds), code, of=_strongest(live, seeds))
    best = {one.item: one for one in found if one.item not in seeds and one.source is not None}
    views = live.known.views
    for seed in seeds[:3]:
        own = int(views[seed]) if seed < len(views) else 0
        for item, cosine in live.likeness.near(seed, _ALIKE):
            theirs = int(views[item]) if item < len(views) else 0
            borrowed = cosine * max(exploring.borrowed_weight(theirs), exploring.borrowed_weight(own)) * 0.8
            if item not in seeds and (item not in best or best[item].score < borrowed):
                best[item] = Candidate(item, borrowed, code, seed)
    return _sorted(best.values())


def _similar(live: LiveShop, _p: Person, _w: Wanted, context: Sequence[int], _n: float) -> list[Candidate]:
    return _like(live, list(context)[:1], "context")


def _because_viewed(live: LiveShop, person: Person, _w: Wanted, _c: Sequence[int], _n: float) -> list[Candidate]:
    viewed = list(dict.fromkeys(reversed(person.viewed)))
    return [one for one in _like(live, viewed[:1], "viewed") if one.item not in viewed] if viewed else []


def _together(live: LiveShop, _p: Person, _w: Wanted, context: Sequence[int], _n: float) -> list[Candidate]:
    lift = live.known.lift
    of: dict[int, tuple[float, int]] = {}
    for seed in context:
        for item, value in zip(*(one.tolist() for one in pairs.summed(lift, [seed])), strict=True):
            if value > of.get(item, (0.0, 0))[0]:
                of[item] = (value, seed)
    found = _scored(pairs.summed(lift, context), "bought_with", of={item: seed for item, (_, seed) in of.items()})
    rest = [Candidate(one.item, one.score * 0.3, one.code, one.source) for one in _like(live, list(context)[-3:], "context")]
    return [one for one in (*found, *rest) if one.item not in context]


def _next(live: LiveShop, person: Person, wanted: Wanted, context: Sequence[int], now: float) -> list[Candidate]:
    """The visit, with what the page shows as its last view."""
    visit = [*person.viewed, *(one for one in context if one not in person.viewed[-1:])]
    if not visit:
        return []
    sources = live.known.sources
    if live.ranker is None or not person.trees:
        found = sources.v_stan(visit, now, without=person.session)
    else:
        ids, matrix = sources.candidates(visit, now, without=person.session)
        scores = live.ranker.scores(matrix)
        found = ids, np.exp(scores - scores.max()) if len(scores) else scores
    reason = _strongest(live, visit[-5:])
    viewed = set(person.viewed)
    told = []
    for one in _scored(found, "visits_like_this"):
        source = reason.get(one.item)
        code: Code = "visits_like_this" if source is None else "viewed" if source in viewed else "context"
        if one.item != visit[-1] and (wanted.repeats or one.item not in viewed):
            told.append(Candidate(one.item, one.score, code, source))
    return told or _like(live, visit[-1:], "viewed" if visit[-1] in viewed else "context")


def _buy_again(live: LiveShop, person: Person, _w: Wanted, _c: Sequence[int], _n: float) -> list[Candidate]:
    if person.customer_id is None:
        return []
    own = person.bought
    return [
        Candidate(item, score, "bought_before", item)
        for item, score in live.known.next_basket(person.customer_id)
        if item in own and live.known.bought_again(item)
    ]


def _home(live: LiveShop, person: Person, wanted: Wanted, context: Sequence[int], now: float) -> list[Candidate]:
    """Several views of a person in one list: each source's places count, one over place plus ten."""
    blocks: list[list[Candidate]] = []
    if wanted.placement != "email":
        blocks.append(_next(live, person, wanted, context, now))
    blocks += [_because_viewed(live, person, wanted, context, now), _buy_again(live, person, wanted, context, now)]
    if person.customer_id is not None:
        basket = live.known.next_basket(person.customer_id)
        blocks.append([Candidate(one, score, "buyers_like_you") for one, score in basket if one not in person.bought])
    blocks += [_liked_categories(live, person), _new(live, person, wanted, context, now)[:1]]
    worth: dict[int, float] = {}
    told: dict[int, Candidate] = {}
    for block in blocks:
        for place, one in enumerate(block[:MANY]):
            worth[one.item] = worth.get(one.item, 0.0) + 1 / (_RRF + place)
            told.setdefault(one.item, one)
    most = max(worth.values(), default=1.0)
    return _sorted(Candidate(one.item, worth[item] / most, one.code, one.source) for item, one in told.items())


def _liked_categories(live: LiveShop, person: Person) -> list[Candidate]:
    known = live.known
    liked = {live.facts(one).category for one in (*person.viewed, *person.bought)} - {None}
    if not liked:
        return []
    found = _scored(known.top_sellers, "category_liked")
    return [one for one in found if live.facts(one.item).category in liked and one.item not in person.bought]


def _category(live: LiveShop, person: Person, wanted: Wanted, _c: Sequence[int], now: float) -> list[Candidate]:
    """A category's products: popular ones first, what suits the visit before them."""
    suits = {one.item: one for one in _next(live, person, wanted, [], now)}
    inside = _of_category(live, wanted.category, [one for one in suits if live.facts(one).category == wanted.category])
    found = []
    for base in inside:
        other = suits.get(base.item)
        found.append(Candidate(base.item, base.score + 0.5 * other.score, other.code, other.source) if other else base)
    return _sorted(found)


def _of_category(live: LiveShop, category: str | None, more: Sequence[int] = ()) -> list[Candidate]:
    """The products of a category that sell best, the first of them at a half, and some others of it."""
    known, inside = live.known, live.inside(category)
    worth = np.zeros(len(inside))
    sold = inside < len(known.best_sellers)
    worth[sold] = known.best_sellers[inside[sold]]
    most = max(float(worth.max(initial=0.0)), 1e-12)
    best = inside[np.lexsort((inside, -worth))[: 2 * MANY]] if len(inside) > 2 * MANY else inside
    of = {int(item): 0.0 for item in (*best.tolist(), *more)}
    of.update({item: float(known.best_sellers[item]) for item in of if item < len(known.best_sellers)})
    return [Candidate(item, 0.5 * value / most, "popular") for item, value in of.items()]


def _popular(live: LiveShop, wanted: Wanted) -> list[Candidate]:
    known = live.known
    there = known.by_region.get(wanted.region or "")
    found = _scored(known.top_sellers if there is None else there, "popular" if there is None else "popular_there")
    if wanted.category or wanted.brand or wanted.seller_id:
        return found + _sorted(_of_category(live, wanted.category))[:MANY]
    return (
        found
        if len(found) >= MANY
        else [*found, *(Candidate(one, 0.0, "popular") for one in range(min(len(known.products), MANY)))]
    )


def _of_segment(live: LiveShop, _p: Person, wanted: Wanted, _c: Sequence[int], now: float) -> list[Candidate]:
    """What the members of a segment bought most; else what sells best."""
    buyers = live.members(wanted.segment_id) if wanted.segment_id else []
    if not buyers:
        return _popular(live, wanted)
    counts = np.zeros(len(live.known.products))
    for buyer in buyers:
        for item, day in live.known.bought.of(buyer).items():
            counts[item] += 2.0 ** (-(now - day) / 30.0)
    return _scored((np.arange(len(counts)), counts), "popular_there")


def _trending(live: LiveShop, _p: Person, _w: Wanted, _c: Sequence[int], _n: float) -> list[Candidate]:
    return _scored(live.known.top_sellers, "popular")


def _rising(live: LiveShop, _p: Person, _w: Wanted, _c: Sequence[int], _n: float) -> list[Candidate]:
    return _scored(live.known.rising, "rising")


def _new(live: LiveShop, person: Person, _w: Wanted, _c: Sequence[int], _n: float) -> list[Candidate]:
    """New products in the order of a draw by what their impressions have shown."""
    drawn = exploring.draw(live.arrivals, live.known.shown, MANY, seed=person.seed)
    return [Candidate(live.known.number_of(one), 1.0 - place / MANY, "new") for place, one in enumerate(drawn)]


def _sorted(found: Iterable[Candidate]) -> list[Candidate]:
    return sorted(found, key=lambda one: (-one.score, one.item))


_Source = Callable[[LiveShop, Person, Wanted, Sequence[int], float], list[Candidate]]
_SOURCES: dict[Placement, _Source] = {
    "similar": _similar,
    "bought_together": _together,
    "cart": _together,
    "next": _next,
    "because_viewed": _because_viewed,
    "home": _home,
    "email": _home,
    "buy_again": _buy_again,
    "category": _category,
    "trending": _trending,
    "rising": _rising,
    "popular": _of_segment,
    "new_arrivals": _new,
}
