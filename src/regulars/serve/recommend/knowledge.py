"""What is known of a shop at one time, made from its warehouse: sessions, pairs, baskets, popularity, and who bought what."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from regulars.serve.recommend import queries
from regulars.serve.recommend.domain import baskets, pairs, popularity
from regulars.serve.recommend.domain.baskets import Histories
from regulars.serve.recommend.estimator import Sources
from regulars.serve.recommend.estimator.next_basket import DEFAULT, NextBasket
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.warehouse import Warehouse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: A visit ends after so long a rest.
REST_DAYS = 30 / 1440
#: Sessions older than this are not looked at.
KEPT_DAYS = 120.0
#: A product is new for so long after it was first seen.
NEW_DAYS = 30.0
#: Of a product's buyers so many buy it again: below, it is not offered to who has it.
REBUY_SHARE = 0.1
_BUYERS = 5.0
_REGIONS = 30
_DAY_US = 86_400_000_000


@dataclass
class Sessions:
    """Sessions of a shop as flat arrays, oldest first; `owners` are customers and visitors by session."""

    items: Ints
    starts: Ints
    ended: Floats
    owners: list[str]


@dataclass
class Knowledge:
    """A shop's models. Products have numbers; those that come later get the next ones."""

    products: list[str]
    number: dict[str, int]
    sources: Sources
    newest_session: dict[str, int]  # of each customer and visitor
    lift: sparse.csr_matrix
    histories: Histories
    buyers: dict[str, int]
    bought: dict[str, dict[int, float]]  # by buyer: product -> the day it was last bought
    basket: NextBasket
    rebuy: Floats
    best_sellers: Floats
    by_region: dict[str, Floats]
    rising: Floats
    views: Ints
    first_seen: Floats
    shown: dict[str, tuple[int, int]]
    made_at: datetime
    _next_baskets: dict[str, list[tuple[int, float]]] = field(default_factory=dict)

    def number_of(self, product_id: str) -> int:
        """A product's number, a new one where it is not known."""
        found = self.number.get(product_id)
        if found is None:
            found = self.number[product_id] = len(self.products)
            self.products.append(product_id)
        return found

    def next_basket(self, buyer: str) -> list[tuple[int, float]]:
        """What a known buyer probably buys next, best first, the best at 1; worked out once."""
        if buyer not in self.buyers:
            return []
        if buyer not in self._next_baskets:
            scores = self.basket.scores(self.histories, np.array([self.buyers[buyer]]))
            row = dict(zip(scores.indices.tolist(), scores.data.tolist(), strict=True))
            top = baskets.best(scores, 200)[0]
            most = max((row[one] for one in top), default=1.0) or 1.0
            self._next_baskets[buyer] = [(one, row[one] / most) for one in top]
        return self._next_baskets[buyer]

    def bought_again(self, item: int) -> bool:
        """Whether enough of its buyers buy a product again; of strange ones it is not known and they are not."""
        return item < len(self.rebuy) and bool(self.rebuy[item] >= REBUY_SHARE)


def days(moment: datetime) -> float:
    """An instant as days of the epoch."""
    return moment.timestamp() / 86_400


def sessions_of(table: pa.Table, number: Mapping[str, int]) -> Sessions:
    """Views cut into sessions after a rest; the same product twice in a row is one view."""
    if not table.num_rows:
        return Sessions(np.empty(0, np.int64), np.zeros(1, np.int64), np.empty(0), [])
    owner, people = _codes(table.column("customer_id"))
    told, names = _codes(table.column("product_id"))
    item = np.array([number[name] for name in names], np.int64)[told]
    at = np.asarray(table.column("timestamp").cast(pa.timestamp("us")).cast(pa.int64())) / _DAY_US
    order = np.lexsort((item, at, owner))
    owner, item, at = owner[order], item[order], at[order]
    new = np.ones(len(at), bool)
    new[1:] = (owner[1:] != owner[:-1]) | (at[1:] - at[:-1] > REST_DAYS)
    kept = new.copy()
    kept[1:] |= item[1:] != item[:-1]
    session = new.cumsum() - 1
    ended = np.zeros(session[-1] + 1)
    ended[session] = at
    of_owner = owner[new]
    order = np.argsort(ended, kind="stable")
    order = order[ended[order] >= ended.max() - KEPT_DAYS]
    item, session = item[kept], session[kept]
    counts = np.bincount(session, minlength=len(ended))
    begins = counts.cumsum() - counts
    lengths = counts[order]
    flat = np.repeat(begins[order] - (lengths.cumsum() - lengths), lengths) + np.arange(lengths.sum())
    starts = np.concatenate([[0], lengths.cumsum()]).astype(np.int64)
    return Sessions(item[flat], starts, ended[order], [people[one] for one in of_owner[order]])


def sessions(warehouse: Warehouse, shop_id: str, number: dict[str, int]) -> Sessions:
    """A shop's sessions; products get numbers as they come."""
    table = warehouse.query(queries.views(shop_id))
    for name in pc.unique(table.column("product_id")).to_pylist():
        number.setdefault(name, len(number))
    return sessions_of(table, number)


def know(warehouse: Warehouse, shop_id: str, basket: NextBasket | None = None) -> Knowledge:
    """Make everything from the warehouse."""
    number: dict[str, int] = {}
    for name in sorted(warehouse.query(queries.products(shop_id)).column("product_id").to_pylist()):
        number[name] = len(number)
    visited = sessions(warehouse, shop_id, number)
    bought = warehouse.query(queries.lines(shop_id))
    for name in pc.unique(bought.column("product_id")).to_pylist():
        number.setdefault(name, len(number))
    n_items = len(number)
    sold, sold_at, regions = _sold(bought, number)
    now = max([float(visited.ended[-1])] if len(visited.ended) else [0.0], [float(sold_at.max())] if len(sold_at) else [0.0])[0]
    seen_at = np.repeat(visited.ended, np.diff(visited.starts))
    histories, buyers, last = histories_of(bought, number)
    best = popularity.faded(sold, now - sold_at, n_items) * 3.0 + popularity.faded(visited.items, now - seen_at, n_items)
    first = np.full(n_items, np.inf)
    np.minimum.at(first, visited.items, seen_at)
    np.minimum.at(first, sold, sold_at)
    return Knowledge(
        products=list(number),
        number=number,
        sources=Sources.of(visited.items, visited.starts, visited.ended, n_items),
        newest_session={owner: place for place, owner in enumerate(visited.owners)},
        lift=pairs.co_baskets(pairs.incidence(histories.items, histories.starts, n_items)),
        histories=histories,
        buyers=buyers,
        bought=last,
        basket=basket or DEFAULT,
        rebuy=_rebuy(histories),
        best_sellers=best,
        by_region={
            name: popularity.faded(sold[regions == name], (now - sold_at)[regions == name], n_items) for name in _most(regions)
        },
        rising=popularity.rising(np.concatenate([visited.items, sold]), np.concatenate([now - seen_at, now - sold_at]), n_items),
        views=np.bincount(visited.items, minlength=n_items).astype(np.int64),
        first_seen=first,
        shown=_shown(warehouse, shop_id),
        made_at=clock.now(),
    )


def _sold(bought: pa.Table, number: Mapping[str, int]) -> tuple[Ints, Floats, npt.NDArray[np.object_]]:
    items = np.array([number[one] for one in bought.column("product_id").to_pylist()], np.int64)
    at = np.asarray(bought.column("ordered_at").cast(pa.timestamp("us")).cast(pa.int64())) / _DAY_US
    return items, at, np.array(bought.column("region").to_pylist(), object)


def _most(regions: npt.NDArray[np.object_]) -> list[str]:
    return [name for name, _ in Counter(one for one in regions.tolist() if one).most_common(_REGIONS)]


def histories_of(bought: pa.Table, number: Mapping[str, int]) -> tuple[Histories, dict[str, int], dict[str, dict[int, float]]]:
    """Baskets of every known buyer, oldest first, and when each last bought what."""
    found: defaultdict[str, dict[str, tuple[datetime, set[int]]]] = defaultdict(dict)
    last: defaultdict[str, dict[int, float]] = defaultdict(dict)
    named = bought.filter(pc.is_valid(bought.column("customer_id")))
    for row in named.to_pylist():
        item, at = number[row["product_id"]], row["ordered_at"].replace(tzinfo=UTC)
        found[row["customer_id"]].setdefault(row["order_id"], (at, set()))[1].add(item)
        last[row["customer_id"]][item] = max(days(at), last[row["customer_id"]].get(item, 0.0))
    buyers = {buyer: place for place, buyer in enumerate(sorted(found))}
    ordered = [sorted(found[buyer].items(), key=lambda pair: (pair[1][0], pair[0])) for buyer in buyers]
    return Histories.of([[sorted(items) for _, (_, items) in one] for one in ordered], len(number)), buyers, dict(last)


def _rebuy(histories: Histories) -> Floats:
    """The share of a product's buyers who bought it in two baskets or more, drawn to the shop's own share where there are few."""
    times = histories.weighted(np.ones(len(histories.of_user)))
    buyers = np.bincount(times.indices, minlength=histories.n_items).astype(np.float64)
    again = np.bincount(times.indices[times.data >= 2], minlength=histories.n_items)
    usual = again.sum() / max(buyers.sum(), 1.0)
    rate: Floats = (again + _BUYERS * usual) / (buyers + _BUYERS)
    return rate


def _shown(warehouse: Warehouse, shop_id: str) -> dict[str, tuple[int, int]]:
    """How often each product was seen in our lists, and chosen from them."""
    seen: Counter[str] = Counter()
    chosen: Counter[str] = Counter()
    for row in warehouse.rows(queries.answers_to_lists(shop_id)):
        if row["event"] == queries.CHOSEN:
            chosen[row["product_id"]] += 1
        else:
            seen.update(products_in(row["properties"]))
    return {one: (seen[one], chosen[one]) for one in (*seen, *chosen) if one}


def products_in(properties: str | None) -> list[str]:
    """The ids in an event's `products`."""
    told: Any = json.loads(properties or "{}")
    listed = told.get("products") if isinstance(told, dict) else None
    if not isinstance(listed, list):
        return []
    ids = [one.get("product_id") or one.get("sku") or one.get("id") for one in listed if isinstance(one, dict)]
    return [str(one) for one in ids if one]


def _codes(column: pa.ChunkedArray) -> tuple[Ints, list[str]]:
    coded = column.combine_chunks().dictionary_encode()
    return np.asarray(coded.indices).astype(np.int64), coded.dictionary.to_pylist()
