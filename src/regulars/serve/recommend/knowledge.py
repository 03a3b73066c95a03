"""What is known of a shop at one time, made from its warehouse: sessions, pairs, baskets, popularity, and who bought what."""

from __future__ import annotations

import json
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from regulars.serve.recommend import queries
from regulars.serve.recommend.domain import baskets, pairs, popularity
from regulars.serve.recommend.domain.baskets import Histories
from regulars.serve.recommend.domain.facts import Facts
from regulars.serve.recommend.domain.sessions import Scores
from regulars.serve.recommend.estimator import Sources
from regulars.serve.recommend.estimator.next_basket import DEFAULT, NextBasket, ReadyBasket
from regulars.serve.recommend.estimator.sources import ranked
from regulars.serve.recommend.people import Bought, Places, hashes, ranks
from regulars.serve.recommend.visits import Sessions, sessions
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.warehouse import Warehouse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: A product is new for so long after it was first seen.
NEW_DAYS = 30.0
#: It has had its start after so many views, and so many at most take part in the draw.
FEW_VIEWS = 200
MOST_ARRIVALS = 1_000
#: Of a product's buyers so many buy it again: below, it is not offered to who has it.
REBUY_SHARE = 0.1
_BUYERS = 5.0
_REGIONS = 30
#: Products kept of what sells best, rises, or sells in a region; and buyers whose next basket is kept.
_TOP = 1_000
_KEPT_BASKETS = 2_000
_AT_ONCE = 1_000_000
_DAY_US = 86_400_000_000


@dataclass
class Knowledge:
    """A shop's models. Products have numbers; those that come later get the next ones."""

    products: list[str]
    number: dict[str, int]
    sources: Sources
    newest_session: Places  # of each customer and visitor
    lift: sparse.csr_matrix
    histories: Histories
    buyers: Places
    bought: Bought
    basket: NextBasket
    rebuy: Floats
    best_sellers: Floats
    top_sellers: Scores
    by_region: dict[str, Scores]
    rising: Scores
    views: Ints
    first_seen: Floats
    shown: dict[str, tuple[int, int]]
    made_at: datetime
    _ready: ReadyBasket | None = None
    _next_baskets: OrderedDict[int, list[tuple[int, float]]] = field(default_factory=OrderedDict)

    def number_of(self, product_id: str) -> int:
        """A product's number, a new one where it is not known."""
        found = self.number.get(product_id)
        if found is None:
            found = self.number[product_id] = len(self.products)
            self.products.append(product_id)
        return found

    def next_basket(self, buyer: str) -> list[tuple[int, float]]:
        """What a known buyer probably buys next, best first, the best at 1; of the last who asked it is kept."""
        place = self.buyers.of(buyer)
        if place is None:
            return []
        if place not in self._next_baskets:
            self._ready = self._ready or self.basket.ready(self.histories)
            scores = self._ready.scores(np.array([place]))
            row = dict(zip(scores.indices.tolist(), scores.data.tolist(), strict=True))
            top = baskets.best(scores, 200)[0]
            most = max((row[one] for one in top), default=1.0) or 1.0
            self._next_baskets[place] = [(one, row[one] / most) for one in top]
            while len(self._next_baskets) > _KEPT_BASKETS:
                self._next_baskets.popitem(last=False)
        return self._next_baskets[place]

    def size(self) -> int:
        """About how many bytes it holds."""
        index, tables = self.sources.index, (self.sources.co_views, self.sources.next_views, self.lift)
        arrays = (index.items, index.posts, index.ended, index.starts, self.histories.items, self.best_sellers, self.first_seen)
        total: int = sum(one.nbytes for one in arrays) + sum(one.data.nbytes + one.indices.nbytes for one in tables)
        return total + 200 * len(self.products)

    def bought_again(self, item: int) -> bool:
        """Whether enough of its buyers buy a product again; of strange ones it is not known and they are not."""
        return item < len(self.rebuy) and bool(self.rebuy[item] >= REBUY_SHARE)


def arrivals(known: Knowledge, facts: Mapping[str, Facts]) -> list[str]:
    """The newest products that have not had their start: nobody looked at or bought them yet, or not long ago and few did."""
    now = days(known.made_at)
    started = np.isfinite(known.first_seen) & ((now - known.first_seen >= NEW_DAYS) | (known.views >= FEW_VIEWS))
    fresh = [one for one in (facts.get(known.products[place]) for place in np.flatnonzero(~started).tolist()) if one is not None]
    return [one.product_id for one in sorted(fresh, key=lambda one: (-(one.since or 0.0), one.product_id))[:MOST_ARRIVALS]]


def days(moment: datetime) -> float:
    """An instant as days of the epoch."""
    return moment.timestamp() / 86_400


def know(warehouse: Warehouse, shop_id: str, product_ids: Iterable[str], basket: NextBasket | None = None) -> Knowledge:
    """Make everything from the warehouse; the shop's products get their numbers first."""
    number = {one: place for place, one in enumerate(sorted(product_ids))}
    visited = sessions(warehouse, shop_id, number)
    lines = warehouse.query(queries.lines(shop_id))
    for name in pc.unique(lines.column("product_id")).to_pylist():
        number.setdefault(name, len(number))
    n_items = len(number)
    sold, sold_at = _sold(lines, number)
    now = max([float(visited.ended[-1])] if len(visited.ended) else [0.0], [float(sold_at.max())] if len(sold_at) else [0.0])[0]
    histories, buyers, bought = histories_of(lines, number)
    seen, first, rising = _popularity(visited, sold, sold_at, now, n_items)
    best = popularity.faded(sold, now - sold_at, n_items) * 3.0 + seen
    return Knowledge(
        products=list(number),
        number=number,
        sources=Sources.of(visited.items, visited.starts, visited.ended, n_items),
        newest_session=Places(visited.owners),
        lift=pairs.co_baskets(pairs.incidence(histories.items, histories.starts, n_items)),
        histories=histories,
        buyers=buyers,
        bought=bought,
        basket=basket or DEFAULT,
        rebuy=_rebuy(histories),
        best_sellers=best,
        top_sellers=_top(np.arange(n_items), best),
        by_region=_by_region(lines, sold, now - sold_at, n_items),
        rising=_top(np.arange(n_items), rising),
        views=np.bincount(visited.items, minlength=n_items).astype(np.int64),
        first_seen=first,
        shown=_shown(warehouse, shop_id),
        made_at=clock.now(),
    )


def _popularity(visited: Sessions, sold: Ints, sold_at: Floats, now: float, n_items: int) -> tuple[Floats, Floats, Floats]:
    """How much each product is looked at, when it was first seen or sold, and by how much it rises."""
    age = np.repeat((now - visited.ended).astype(np.float32), np.diff(visited.starts))
    first = np.full(n_items, np.inf)
    for begin in reversed(range(0, len(age), _AT_ONCE)):  # sessions are in order: the oldest is written last
        some = slice(begin, begin + _AT_ONCE)
        first[visited.items[some][::-1]] = now - age[some][::-1]
    np.minimum.at(first, sold, sold_at)
    lately, sold_lately = age <= popularity.USUAL_DAYS, now - sold_at <= popularity.USUAL_DAYS
    items = np.concatenate([visited.items[lately], sold[sold_lately].astype(np.int32)])
    rising = popularity.rising(items, np.concatenate([age[lately], (now - sold_at[sold_lately]).astype(np.float32)]), n_items)
    return popularity.faded(visited.items, age, n_items), first, rising


def _sold(lines: pa.Table, number: Mapping[str, int]) -> tuple[Ints, Floats]:
    if not lines.num_rows:
        return np.empty(0, np.int64), np.empty(0)
    told = lines.column("product_id").combine_chunks().dictionary_encode()
    items = np.array([number[one] for one in told.dictionary.to_pylist()], np.int64)[np.asarray(told.indices)]
    return items, np.asarray(lines.column("ordered_at").cast(pa.timestamp("us")).cast(pa.int64())) / _DAY_US


def _by_region(lines: pa.Table, sold: Ints, age: Floats, n_items: int) -> dict[str, Scores]:
    """What sells in each of the regions that most is sold in."""
    named = pc.value_counts(lines.column("region").drop_null()).to_pylist() if lines.num_rows else []
    most = sorted(named, key=lambda one: (-one["counts"], one["values"]))[:_REGIONS]
    found = {}
    for region in (one["values"] for one in most):
        here = np.asarray(pc.fill_null(pc.equal(lines.column("region"), region), False))
        counts = popularity.faded(sold[here], age[here], n_items)
        found[region] = _top(np.flatnonzero(counts), counts[counts > 0])
    return found


def _top(items: Ints, values: Floats) -> Scores:
    """The best of them; what is far behind is in no list."""
    best = ranked(np.arange(len(items)), values, _TOP)
    return items[best], values[best]


def histories_of(lines: pa.Table, number: Mapping[str, int]) -> tuple[Histories, Places, Bought]:
    """Baskets of every known buyer, oldest first, the buyers in the order of their ids; whose they are, and when each last bought what."""
    named = lines.filter(pc.is_valid(lines.column("customer_id")))
    buyer, names = ranks(named.column("customer_id"))
    order, _ = ranks(named.column("order_id"))
    item, at = _sold(named, number)
    places = Places(hashes(pa.array(names, pa.string())))
    bought = Bought.of_rows(places, buyer, item, at, len(names))
    if not named.num_rows:
        return Histories.of([], len(number)), places, bought
    key = buyer * (int(order.max()) + 1) + order
    _, key = np.unique(key, return_inverse=True)
    begun = np.full(int(key.max()) + 1, np.inf)
    np.minimum.at(begun, key, at)
    place = np.lexsort((item, order, begun[key], buyer))
    buyer, key, item = buyer[place], key[place], item[place]
    first = np.ones(len(item), bool)
    first[1:] = (key[1:] != key[:-1]) | (item[1:] != item[:-1])
    buyer, key, item = buyer[first], key[first], item[first]
    begins = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    starts = np.append(begins, len(item)).astype(np.int64)
    return Histories(item, starts, buyer[begins], len(names), len(number)), places, bought


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
