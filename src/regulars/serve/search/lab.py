"""The relevance lab: two settings of the search, judged by people or by clicks, and why one product stands where it does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from regulars.errors import NotFound
from regulars.serve.search import judging, queries
from regulars.serve.search.analytics import DAYS
from regulars.serve.search.domain import explaining, figures
from regulars.serve.search.domain.catalogue import Catalogue
from regulars.serve.search.domain.explaining import FactorOf, WordPoints
from regulars.serve.search.domain.figures import DEEP
from regulars.serve.search.domain.finding import Filters, find
from regulars.serve.search.ranking import learned_order
from regulars.serve.search.rules import Rules, holding
from regulars.serve.search.service import Options, SearchAnswer, read, search
from regulars.serve.search.shelf import shelf_of
from regulars.values import clock
from regulars.values.periods import Period

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.records import Records
    from regulars.warehouse import Warehouse

On = Literal["clicked", "judged"]
Figure = Literal["ndcg_10", "recall_100", "mrr", "without_result"]
FIGURES: tuple[Figure, ...] = get_args(Figure)
_MOST_QUERIES: dict[On, int] = {"clicked": 300, "judged": 1_000}
_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LabFigures:
    """Means over queries. `ndcg_10`: the order of the first ten; `recall_100`: the share of the good products among the first hundred;
    `mrr`: 1/place of the first good one; `without_result`: the share of queries that find nothing.
    """

    ndcg_10: float
    recall_100: float
    mrr: float
    without_result: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LabDifference:
    """How much more a figure is on the right, query by query, and where the true difference lies with 95 %; None: too few queries."""

    figure: Figure
    difference: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedQuery:
    """One query: how many judgements or clicks it has, and NDCG@10 under each setting."""

    query: str
    judgements: int
    left: float
    right: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LabAnswer:
    """Two settings on the same queries. Products that are not in the catalogue any more do not count; None: there is nothing to judge by."""

    on: On
    queries: int
    judgements: int
    left: LabFigures | None
    right: LabFigures | None
    differences: Sequence[LabDifference]
    differing: Sequence[JudgedQuery]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A product of either list, and its place under each setting among the first hundred; None: not among them."""

    product_id: str
    left: int | None
    right: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SidesAnswer:
    """What a query finds under two settings."""

    left: SearchAnswer
    right: SearchAnswer
    moves: Sequence[Move]


@dataclass(frozen=True, slots=True, kw_only=True)
class HitExplained:
    """Why a product stands where it does for a query: `words` give points, `factors` multiply their sum; `learned` tells whether an
    order learned from clicks then moved it. `position` is None where the query does not find it among the first hundred.
    """

    product_id: str
    name: str | None
    position: int | None
    score: float | None
    pinned: bool
    words: Sequence[WordPoints]
    factors: Sequence[FactorOf]
    learned: bool


def compare(
    records: Records,
    warehouse: Warehouse,
    home: Path,
    shop: Shop,
    left: Options,
    right: Options,
    *,
    on: On = "clicked",
    period: Period | None = None,
) -> LabAnswer:
    """Compare two settings, on people's judgements or on the clicks of a period, by default the last 30 days.

    Of clicks, a product is the better the more searches clicked it. Shoppers click what they were shown, so a setting that was in use
    has an advantage; a difference the other way is the surer one.
    """
    shelf = shelf_of(warehouse, home)
    catalogue = shelf.catalogue(shop.shop_id)
    with records.reading() as uow:
        rules = holding(uow, shop.shop_id, shelf.rules)
        told = judging.by_query(uow, shop.shop_id) if on == "judged" else _clicks(warehouse, shop, period)
    held = {query: {one: gain for one, gain in own.items() if one in catalogue.places} for query, own in told.items()}
    gains = {query: own for query, own in held.items() if any(own.values())}
    most = sorted(gains, key=lambda query: (-sum(gains[query].values()), query))[: _MOST_QUERIES[on]]
    chosen = {one: gains[one] for one in most}
    both = [_judged(records, warehouse, shop, catalogue, rules, options, chosen) for options in (left, right)]
    differing = [
        JudgedQuery(
            query=query, judgements=_count(on, gains[query]), left=round(one["ndcg_10"], 4), right=round(other["ndcg_10"], 4)
        )
        for query, one, other in zip(most, *both, strict=True)
        if round(one["ndcg_10"], 4) != round(other["ndcg_10"], 4)
    ]
    differing.sort(key=lambda one: (-abs(one.left - one.right), one.query))
    return LabAnswer(
        on=on,
        queries=len(most),
        judgements=sum(_count(on, gains[query]) for query in most),
        left=_means(both[0]),
        right=_means(both[1]),
        differences=[_difference(figure, *both) for figure in FIGURES] if most else [],
        differing=differing[:_SHOWN],
    )


def sides(
    records: Records, warehouse: Warehouse, home: Path, shop: Shop, query: str, left: Options, right: Options, *, size: int = _SHOWN
) -> SidesAnswer:
    """What a query finds under two settings, and how far each product moves between them."""
    answers = [search(records, warehouse, home, shop, query, size=DEEP, options=options) for options in (left, right)]
    places = [{hit.product_id: hit.position for hit in answer.products} for answer in answers]
    shown = [_first(answer, size) for answer in answers]
    listed = dict.fromkeys(hit.product_id for answer in shown for hit in answer.products)
    moves = [Move(product_id=one, left=places[0].get(one), right=places[1].get(one)) for one in listed]
    return SidesAnswer(left=shown[0], right=shown[1], moves=moves)


def explain(
    records: Records, warehouse: Warehouse, home: Path, shop: Shop, query: str, product_id: str, *, options: Options | None = None
) -> HitExplained:
    """Why a product stands where it does for a query under a setting.

    Raises
    ------
    NotFound : shoppers cannot find a product of that number.
    """
    used = options or Options()
    shelf = shelf_of(warehouse, home)
    catalogue = shelf.catalogue(shop.shop_id)
    place = catalogue.places.get(product_id)
    if place is None:
        raise NotFound(
            f"there is no product '{product_id[:100]}' that shoppers can find",
            mend="look whether it is in the catalogue and not hidden",
            code="no_such_product",
        )
    with records.reading() as uow:
        rules = holding(uow, shop.shop_id, shelf.rules)
    asked, wishes, _ = read(catalogue, rules, used, query)
    order = learned_order(records, warehouse, shop, catalogue, asked) if used.learned else None
    found = find(catalogue, asked, Filters(), wishes, size=DEEP, grouped=False, learned=order)
    at = found.places.index(place) if place in found.places else None
    return HitExplained(
        product_id=product_id,
        name=catalogue.entry(place).product.name,
        position=None if at is None else at + 1,
        score=None if at is None else round(found.scores[at], 4),
        pinned=place in found.pinned,
        words=explaining.words_of(catalogue, asked, place),
        factors=explaining.factors_of(catalogue, asked, wishes, place),
        learned=order is not None,
    )


def _clicks(warehouse: Warehouse, shop: Shop, period: Period | None) -> dict[str, dict[str, float]]:
    if period is None:
        today = clock.today(shop.timezone)
        period = Period.between(today - timedelta(days=DAYS - 1), today)
    clicks: dict[str, dict[str, float]] = defaultdict(dict)
    for row in warehouse.rows(queries.clicked(shop.shop_id, *period.instants(shop.timezone))):
        clicks[row["key"]][row["product_id"]] = float(row["clicks"])
    return dict(clicks)


def _judged(
    records: Records,
    warehouse: Warehouse,
    shop: Shop,
    catalogue: Catalogue,
    rules: Rules,
    options: Options,
    gains: Mapping[str, Mapping[str, float]],
) -> list[dict[Figure, float]]:
    """The figures of each query under a setting."""
    judged: list[dict[Figure, float]] = []
    for query, own in gains.items():
        asked, wishes, _ = read(catalogue, rules, options, query)
        order = learned_order(records, warehouse, shop, catalogue, asked) if options.learned else None
        found = find(catalogue, asked, Filters(), wishes, size=DEEP, grouped=False, learned=order)
        listed = [catalogue.entry(place).product.product_id for place in found.places]
        judged.append(
            {
                "ndcg_10": figures.ndcg(listed, own),
                "recall_100": figures.recall(listed, own),
                "mrr": figures.reciprocal_rank(listed, own),
                "without_result": float(not listed),
            }
        )
    return judged


def _count(on: On, gains: Mapping[str, float]) -> int:
    """Of clicks, how many; of judgements, how many products have one."""
    return int(sum(gains.values())) if on == "clicked" else len(gains)


def _means(judged: Sequence[Mapping[Figure, float]]) -> LabFigures | None:
    if not judged:
        return None
    return LabFigures(**{figure: round(float(np.mean([one[figure] for one in judged])), 4) for figure in FIGURES})


def _difference(figure: Figure, left: Sequence[Mapping[Figure, float]], right: Sequence[Mapping[Figure, float]]) -> LabDifference:
    apart = [other[figure] - one[figure] for one, other in zip(left, right, strict=True)]
    ends = figures.interval(apart)
    low, high = (None, None) if ends is None else (round(ends[0], 4), round(ends[1], 4))
    return LabDifference(figure=figure, difference=round(float(np.mean(apart)), 4), low=low, high=high)


def _first(answer: SearchAnswer, size: int) -> SearchAnswer:
    return replace(answer, products=answer.products[:size])
