"""The order of the best finds, learned from what shoppers chose and served only where it won: made every night, kept in the registry."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from regulars import registry
from regulars.registry import Fitted
from regulars.serve.search import estimator, queries
from regulars.serve.search.domain.asking import Asked, Synonyms, understand
from regulars.serve.search.domain.catalogue import UNKNOWN, Catalogue
from regulars.serve.search.domain.finding import SOLD_OUT, Filters, Floats, Learned, Places, Wishes, find
from regulars.serve.search.domain.text import folded
from regulars.serve.search.estimator import COUNTED, FEWEST_LISTS, LEARNED, MOST_PLACES, Choices, Ranker, Shown
from regulars.serve.search.shelf import shelf_of
from regulars.serve.search.standing import standing
from regulars.values import clock
from regulars.values.periods import Period

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse

MODEL = "search_order"
DAYS = 90
_SEED = 7
_MOST_LISTS, _MOST_CHOICES = 50_000, 50_000
_LOOK_AGAIN_SECONDS = 60.0
_DAY = 86_400.0
Verdict = Literal["not_judged", "too_few_lists", "plain_won", "champion_won", "learned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOrder:
    """What puts the best finds in order: `learned` where an order learned from clicks won the replay, else the search's own and why."""

    answers: Verdict
    judged_at: datetime | None
    lists: int  # with a click, in 90 days
    needed: int
    judged_on: int
    plain: float | None  # NDCG@10 of the weighted clicks on the newest lists
    learned: float | None
    low: float | None  # of the difference, 95 %
    high: float | None
    looked_at: Sequence[float]  # how likely each of the first ten places is looked at
    gains: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Lists:
    shown: Shown
    rows: npt.NDArray[np.int64]  # the place in the catalogue of each row
    points: Floats  # what the search itself gives each row
    numbers: Mapping[tuple[str, str], int]  # of query and product
    last_at: datetime


def learn(
    records: Records, warehouse: Warehouse, home: Path, shop: Shop, *, fewest: int = FEWEST_LISTS, threads: int = 0
) -> SearchOrder:
    """Learn from the lists of 90 days, judge on the newest, and let what won answer from now on.

    The first half of time counts what is chosen, the next part is learned from, the last fifth judges.
    """
    catalogue = shelf_of(warehouse, home).catalogue(shop.shop_id)
    lists = _lists(warehouse, shop, catalogue)
    count = len(lists.shown)
    if count < fewest:
        return _order({"answers": "too_few_lists", "lists": count, "needed": fewest}, None)
    halfway, until = int(count * COUNTED), int(count * LEARNED)
    past, near, new = lists.shown.part(0, halfway), lists.shown.part(halfway, until), lists.shown.part(until, count)
    looks = estimator.looked_at(lists.shown.part(0, until))
    known = estimator.choices(past, looks)
    traits = _Traits.of(warehouse, shop, catalogue)
    begins = lists.shown.starts[[halfway, until, count]]

    def matrix(part: Shown, begin: int, end: int) -> npt.NDArray[np.float32]:
        return _matrix(traits, lists.rows[begin:end], lists.points[begin:end], part.starts, part.products, part.pairs, known)

    ranker = estimator.fit(matrix(near, begins[0], begins[1]), near, looks, seed=_SEED, threads=threads)
    newest = matrix(new, begins[1], begins[2])
    plain = lists.points[begins[1] : begins[2]].astype(np.float64)
    replay = estimator.replay(plain, ranker.scores(newest), new, looks)
    said: dict[str, Any] = {
        "lists": count, "needed": fewest, "judged_on": replay.lists, "plain": replay.plain, "learned": replay.learned,
        "low": replay.low, "high": replay.high, "looked_at": [round(float(one), 4) for one in looks[:10]], "gains": ranker.gains(),
    }  # fmt: skip
    before = _champion(records, shop)
    theirs = None if before is None else estimator.replay(plain, before.scores(newest), new, looks)
    if theirs is not None and theirs.won and theirs.learned >= replay.learned:
        with records.reading() as uow:
            return _order({**said, "answers": "champion_won"}, state(uow, warehouse, shop).judged_at)
    if not replay.won:
        return _kept(records, shop, lists, {**said, "answers": "plain_won"}, None)
    return _kept(records, shop, lists, {**said, "answers": "learned"}, ranker, estimator.choices(lists.shown, looks))


def state(uow: UnitOfWork, warehouse: Warehouse, shop: Shop) -> SearchOrder:
    """How the order is made now, and what the last replay said."""
    last = registry.champion(uow, shop.shop_id, MODEL)
    if last is None:
        begin, end = _period(shop)
        lists = warehouse.cached(
            ("search.lists", shop.shop_id, begin),
            lambda: len(warehouse.rows(queries.shown(shop.shop_id, begin, end))),
            of=("events",),
        )
        verdict = "too_few_lists" if lists < FEWEST_LISTS else "not_judged"
        return _order({"answers": verdict, "lists": lists, "needed": FEWEST_LISTS}, None)
    return _order(dict(last.scores), last.made_at)


def learned_order(records: Records, warehouse: Warehouse, shop: Shop, catalogue: Catalogue, asked: Asked) -> Learned | None:
    """The order that answers for a query, where one was learned; whether there is another is looked at once a minute."""
    kept = _KEPT.setdefault(warehouse, {})
    held = kept.get(shop.shop_id)
    if held is None or time.monotonic() - held[0] > _LOOK_AGAIN_SECONDS:
        held = kept[shop.shop_id] = (time.monotonic(), _served(records, shop, held[1] if held else None))
    served = held[1]
    if served is None or served.ranker is None:
        return None
    traits, ranker, query = _Traits.of(warehouse, shop, catalogue), served.ranker, asked.text

    def order(places: Places, points: Floats) -> Floats:
        starts = np.array([0, len(places)])
        products = [catalogue.entry(int(place)).product.product_id for place in places]
        own = np.array([served.of_product.get(one, 1.0) for one in products], np.float32)
        pair = np.array([served.of_pair.get(f"{query}\x1f{one}", 1.0) for one in products], np.float32)
        found = ranker.scores(_features(traits, places, points, starts, own, pair))
        return found.astype(np.float32)

    return order


def forget(warehouse: Warehouse, shop_id: str) -> None:
    """Look at once whether there is another order."""
    _KEPT.setdefault(warehouse, {}).pop(shop_id, None)


@dataclass(frozen=True, slots=True)
class _Served:
    number: int
    ranker: Ranker | None
    of_product: Mapping[str, float]
    of_pair: Mapping[str, float]


def _served(records: Records, shop: Shop, before: _Served | None) -> _Served | None:
    with records.reading() as uow:
        now = registry.champion(uow, shop.shop_id, MODEL)
        if now is None:
            return None
        if before is not None and before.number == now.number:
            return before
        body = json.loads(registry.body(uow, shop.shop_id, MODEL, now.number))
    ranker = Ranker(body["trees"]) if body["trees"] else None
    return _Served(now.number, ranker, body["products"], body["pairs"])


def _champion(records: Records, shop: Shop) -> Ranker | None:
    served = _served(records, shop, None)
    return None if served is None else served.ranker


def _kept(
    records: Records, shop: Shop, lists: _Lists, said: dict[str, Any], ranker: Ranker | None, chosen: Choices | None = None
) -> SearchOrder:
    """What is said of the last replay, kept with what answers from now on."""
    body: dict[str, Any] = {"trees": "", "products": {}, "pairs": {}}
    if ranker is not None and chosen is not None:
        names = {number: (query, product_id) for (query, product_id), number in lists.numbers.items()}
        products = dict(zip(lists.shown.products.tolist(), (names[one][1] for one in lists.shown.pairs.tolist()), strict=True))
        body = {
            "trees": ranker.text,
            "products": {products[one]: round(value, 4) for one, value in _most(chosen.of_product)},
            "pairs": {"\x1f".join(names[one]): round(value, 4) for one, value in _most(chosen.of_pair)},
        }
    raw = json.dumps({**body, "said": said}, sort_keys=True, ensure_ascii=False).encode()
    fitted = Fitted(
        model=MODEL,
        as_of=lists.last_at,
        method="lambdarank" if ranker is not None else "plain",
        settings={"seed": _SEED},
        fingerprint=hashlib.sha256(lists.shown.pairs.tobytes() + lists.shown.clicked.tobytes()).hexdigest(),
        trained_on=len(lists.shown),
        body=raw,
        scores=said,
        card={"gains": said.get("gains", {})},
    )
    with records.unit() as uow:
        made = registry.keep(uow, shop.shop_id, fitted)
        if made.state != "champion":
            registry.promote(uow, shop.shop_id, MODEL, made.number, by="system", why=said["answers"])
    return _order(said, made.made_at)


def _most(rates: Mapping[int, float]) -> list[tuple[int, float]]:
    """Those that are furthest from usual."""
    return sorted(rates.items(), key=lambda one: (-abs(np.log(max(one[1], 1e-6))), one[0]))[:_MOST_CHOICES]


def _order(said: Mapping[str, Any], at: datetime | None) -> SearchOrder:
    return SearchOrder(
        answers=said["answers"],
        judged_at=at,
        lists=said.get("lists", 0),
        needed=said["needed"],
        judged_on=said.get("judged_on", 0),
        plain=said.get("plain"),
        learned=said.get("learned"),
        low=said.get("low"),
        high=said.get("high"),
        looked_at=said.get("looked_at", []),
        gains=said.get("gains", {}),
    )


@dataclass(frozen=True, slots=True)
class _Traits:
    """What products are told apart by, for every place of a catalogue."""

    price: npt.NDArray[np.float32]
    in_stock: npt.NDArray[np.float32]
    age: npt.NDArray[np.float32]
    sold: npt.NDArray[np.float32]
    rating: npt.NDArray[np.float32]

    @classmethod
    def of(cls, warehouse: Warehouse, shop: Shop, catalogue: Catalogue) -> _Traits:
        """Of a catalogue as it is; kept while it and what is known of its products are the same."""
        sold = standing(warehouse, shop.shop_id, catalogue, "best_sellers")
        rating = standing(warehouse, shop.shop_id, catalogue, "rating")
        held = _TRAITS.setdefault(warehouse, {}).get(shop.shop_id)
        if held is not None and held[0] is catalogue and held[1] is sold and held[2] is rating:
            return held[3]
        columns = catalogue.main.columns.joined(catalogue.recent.columns)
        now = clock.now().timestamp()
        known = columns.published != UNKNOWN
        days = np.where(known, np.maximum(now - columns.published, 0.0) / _DAY, 365.0)
        prices = np.where(columns.price > 0, np.log(np.maximum(columns.price, 1)), np.nan)
        made = cls(
            prices.astype(np.float32),
            columns.in_stock.astype(np.float32),
            np.log1p(days).astype(np.float32),
            np.log1p(sold),
            rating,
        )
        _TRAITS[warehouse][shop.shop_id] = (catalogue, sold, rating, made)
        return made


def _matrix(
    traits: _Traits,
    places: npt.NDArray[np.int64],
    points: Floats,
    starts: npt.NDArray[np.int64],
    products: npt.NDArray[np.int64],
    pairs: npt.NDArray[np.int64],
    known: Choices,
) -> npt.NDArray[np.float32]:
    own = np.array([known.of_product.get(one, 1.0) for one in products.tolist()], np.float32)
    pair = np.array([known.of_pair.get(one, 1.0) for one in pairs.tolist()], np.float32)
    return _features(traits, places, points, starts, own, pair)


def _features(
    traits: _Traits,
    places: npt.NDArray[np.int64],
    points: Floats,
    starts: npt.NDArray[np.int64],
    own: npt.NDArray[np.float32],
    pair: npt.NDArray[np.float32],
) -> npt.NDArray[np.float32]:
    """One row for each product of each list, in the order of `estimator.FEATURES`; the place is by points within the list."""
    lengths = np.diff(starts)
    of_list = np.repeat(np.arange(len(lengths)), lengths)
    best = np.maximum.reduceat(points, starts[:-1]) if len(points) else points
    order = np.lexsort((-points, of_list))
    place = np.empty(len(points), np.float32)
    place[order] = np.arange(len(points)) - np.repeat(starts[:-1], lengths)
    prices = traits.price[places]
    known = ~np.isnan(prices)
    sums = np.bincount(of_list, np.where(known, prices, 0.0), len(lengths)) / np.maximum(
        np.bincount(of_list, known, len(lengths)), 1
    )
    columns = (
        points / np.maximum(best[of_list], 1e-9),
        np.log1p(np.maximum(points, 0)),
        1 / (1 + place),
        prices - sums[of_list],
        traits.in_stock[places],
        traits.age[places],
        traits.sold[places],
        traits.rating[places],
        own,
        pair,
    )
    return np.stack(columns, axis=1).astype(np.float32)


def _lists(warehouse: Warehouse, shop: Shop, catalogue: Catalogue) -> _Lists:
    """The lists that the search told of and that were clicked in, as far as their products can still be found by their query."""
    begin, end = _period(shop)
    rows = warehouse.rows(queries.shown(shop.shop_id, begin, end))[-_MOST_LISTS:]
    points_of: dict[str, dict[int, float]] = {}
    numbers: dict[tuple[str, str], int] = {}
    starts, products, pairs, places, clicked, at, points = [0], [], [], [], [], [], []
    last = begin
    for row in rows:
        query = folded(row["key"])
        if query not in points_of:
            points_of[query] = _points(catalogue, query)
        chosen = set(str(row["clicked"]).split("\x1f"))
        own = [
            (place, product_id, catalogue.places[product_id])
            for place, product_id in _positions(row["listed"])
            if catalogue.places.get(product_id, -1) in points_of[query]
        ]
        if len(own) < 2 or not any(product_id in chosen for _, product_id, _ in own):
            continue
        for place, product_id, spot in own:
            pairs.append(numbers.setdefault((query, product_id), len(numbers)))
            products.append(spot)
            places.append(place)
            clicked.append(product_id in chosen)
            at.append(spot)
            points.append(points_of[query][spot])
        starts.append(len(pairs))
        last = datetime.fromtimestamp(row["at"] / 1e6, UTC)
    numbers_of = [np.array(one, np.int64) for one in (starts, products, pairs, places)]
    shown = Shown(numbers_of[0], numbers_of[1], numbers_of[2], numbers_of[3], np.array(clicked, np.bool_))
    return _Lists(shown, np.array(at, np.int64), np.array(points, np.float32), numbers, last)


def _positions(listed: str) -> list[tuple[int, str]]:
    """Places from 0 and products of a list as it was told; what is no product or stands too deep is left out."""
    found = []
    for one in json.loads(listed):
        told = one if isinstance(one, dict) else {}
        product_id, position = told.get("product_id"), told.get("position")
        if isinstance(product_id, str) and isinstance(position, int) and 1 <= position <= MOST_PLACES:
            found.append((position - 1, product_id))
    return found


def _period(shop: Shop) -> tuple[datetime, datetime]:
    today = clock.today(shop.timezone)
    return Period.between(today - timedelta(days=DAYS - 1), today).instants(shop.timezone)


def _points(catalogue: Catalogue, query: str) -> dict[int, float]:
    """What the search itself gives the products that a query finds, sold out or not."""
    asked = understand(query, catalogue.speller, Synonyms(), sounds=catalogue.sounds)
    found = find(catalogue, asked, Filters(), Wishes(), size=2 * MOST_PLACES, grouped=False)
    return {
        place: points if catalogue.entry(place).product.in_stock else points / SOLD_OUT
        for place, points in zip(found.places, found.scores, strict=True)
    }


_KEPT: WeakKeyDictionary[Warehouse, dict[str, tuple[float, _Served | None]]] = WeakKeyDictionary()
_TRAITS: WeakKeyDictionary[Warehouse, dict[str, tuple[Catalogue, Floats, Floats, _Traits]]] = WeakKeyDictionary()
