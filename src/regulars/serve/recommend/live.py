"""The models of a shop as they are this moment: what was made from the warehouse, and every event since.

One of a shop and warehouse in a process. What was sent and is not loaded yet is read from the journal before each answer, so that
the next answer knows of it; everything is made anew from the warehouse every few minutes, and after a restart.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from regulars import registry
from regulars.collect import catalog, track
from regulars.serve.recommend import queries
from regulars.serve.recommend.domain.content import Likeness
from regulars.serve.recommend.domain.facts import NOTHING, Facts
from regulars.serve.recommend.domain.lists import ExplainedList
from regulars.serve.recommend.estimator import Ranker
from regulars.serve.recommend.estimator.next_basket import NextBasket
from regulars.serve.recommend.goods import Goods
from regulars.serve.recommend.impressions import Exposure, ImpressionLog
from regulars.serve.recommend.knowledge import MOST_ARRIVALS, Knowledge, arrivals, days, know, products_in
from regulars.serve.recommend.visits import REST_DAYS
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.access.keys import Keyring
    from regulars.records import Records
    from regulars.warehouse import Warehouse

Ints = npt.NDArray[np.int64]
#: Names of this room's models in the registry.
SESSIONS, BASKETS = "recommend_sessions", "recommend_baskets"
_HEARD = (
    "customer_id", "event", "product_id", "timestamp", "message_id", "properties", "is_bot", "is_history", "list_id",
    "product_name", "category", "brand", "currency", "price", "anonymous_id",
)  # fmt: skip
_ABOUT = (*queries.VIEWS, queries.SEEN, queries.CHOSEN, "Order Completed", *catalog.EVENTS)
_OVERLAP = timedelta(minutes=15)
_KEPT_ITEMS = 50
_KEPT_LISTS = 2_000
_KEPT_DEVICES = 50_000
_KEPT_CATEGORIES = 200
#: Memory for the models of all shops together; the shop that is asked for has its own in any case.
MOST_BYTES = 1_500_000_000
_PATIENCE_SECONDS = 0.25


@dataclass
class Visit:
    """What somebody did in the visit that is going on."""

    session: int
    at: float
    items: list[int] = field(default_factory=list)


class LiveShop:
    """Ask and change it only while holding `lock`; `catch_up` is called before that."""

    def __init__(self, records: Records, warehouse: Warehouse, home: Path, keyring: Keyring, shop: Shop) -> None:
        self.lock = threading.RLock()
        self.shop = shop
        self.lists: OrderedDict[str, ExplainedList] = OrderedDict()
        self.devices: OrderedDict[str, tuple[float, list[str]]] = OrderedDict()  # of customers: when and what they looked at last
        self.impressions = ImpressionLog(warehouse, shop.shop_id)
        self.exposure = Exposure(warehouse, shop.shop_id, shop.timezone)
        self._following = threading.Lock()
        self._stores = records, warehouse, home, keyring
        self._unloaded: track.Unloaded | None = None
        self.goods = Goods(warehouse, shop.shop_id)
        self.renew()

    def renew(self) -> None:
        """Make everything anew from the warehouse; what is only in the journal is read again."""
        records, warehouse, home, keyring = self._stores
        journal = track.journal_of(home)
        unloaded = None if journal is None else track.Unloaded(records, warehouse, home, keyring, journal)
        with records.reading() as uow:
            basket = registry.champion(uow, self.shop.shop_id, BASKETS)
            settings = None if basket is None else NextBasket.of(basket.card["settings"])
            ranking = registry.champion(uow, self.shop.shop_id, SESSIONS)
            trees = None if ranking is None else registry.body(uow, self.shop.shop_id, SESSIONS, ranking.number)
        since = (clock.now() - _OVERLAP).astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
        with self._following:
            changed = self.goods.ahead("now")
        with self.lock:
            self.goods.take(changed)
            ids = list(self.goods.facts)
        known = know(warehouse, self.shop.shop_id, ids, settings)
        loaded = {row["message_id"] for row in warehouse.rows(queries.loaded_since(self.shop.shop_id), since=since)}
        facts = self.goods.facts
        likeness = Likeness(facts.get(one, NOTHING) for one in known.products)
        with self.lock:
            if self._unloaded is not None:
                self._unloaded.close()
            self.known: Knowledge = known
            self.ranker = None if trees is None else Ranker(trees.decode())
            self.model = "v_stan" if ranking is None else f"{SESSIONS}.{ranking.number}"
            self.likeness = likeness
            self.arrivals = arrivals(known, facts)
            self._unloaded = unloaded
            self._loaded = loaded
            self.visits: dict[str, Visit] = {}
            self._inside: OrderedDict[str | None, tuple[int, Ints]] = OrderedDict()
            pa.default_memory_pool().release_unused()
            self._other([*self.goods.settle(), *(one for one in facts if one not in known.number)])
            self.exposure.renew()

    # -- what happens -------------------------------------------------------------------------------------------------

    def catch_up(self) -> int:
        """Take in what was sent and what changed in the catalogue since the last time; returns how many events were heard.

        Who comes while a whole new catalogue is read waits for it only a moment, and gets a list of the one before.
        """
        if self._following.acquire(timeout=_PATIENCE_SECONDS):
            try:
                changed = self.goods.ahead()
                if changed:
                    with self.lock:
                        self._other(self.goods.take(changed))
            finally:
                self._following.release()
        if self._unloaded is None and track.journal_of(self._stores[2]) is not None:
            self.renew()  # the journal was opened after this
        with self.lock:
            if self._unloaded is None or not self._unloaded.waits:
                return 0
            table = self._unloaded.read().get(self.shop.shop_id)
            return 0 if table is None else self.hear(table)

    def hear(self, table: pa.Table) -> int:
        """Take in events in the form of the warehouse's `events`; those that are known already change nothing."""
        wanted = table.filter(pc.is_in(table.column("event"), pa.array(_ABOUT, pa.string()))).select(list(_HEARD))
        heard, about = 0, []
        for row in wanted.to_pylist():
            if row["message_id"] in self._loaded or (row["is_bot"] and row["event"] not in catalog.EVENTS) or row["is_history"]:
                continue
            self._loaded.add(row["message_id"])
            heard += 1
            if row["event"] in catalog.EVENTS:
                if row["product_id"]:
                    about.append({**row, "currency": row["currency"] or self.shop.currency})
            else:
                self._hear(row)
        self._other(self.goods.tell(about))
        return heard

    def _other(self, ids: Iterable[str]) -> None:
        """Products that are other than before."""
        for product_id in ids:
            new = product_id not in self.known.number
            number, facts = self.known.number_of(product_id), self.goods.facts.get(product_id, NOTHING)
            if new:
                self.arrivals = [product_id, *self.arrivals[: MOST_ARRIVALS - 1]]
            self.likeness.add(number, facts)

    def _hear(self, row: Mapping[str, Any]) -> None:
        event, person, at = row["event"], row["customer_id"], days(row["timestamp"].replace(tzinfo=UTC))
        if event in queries.VIEWS and row["product_id"] and person:
            self.view(person, row["product_id"], at)
            if row["anonymous_id"]:
                self._view_on(row["anonymous_id"], row["product_id"], at)
        elif event == "Order Completed" and person:
            self.known.bought.add(person, [self.known.number_of(one) for one in products_in(row["properties"])], at)
        elif event in (queries.SEEN, queries.CHOSEN) and str(row["list_id"] or "").startswith(queries.LIST):
            seen = event == queries.SEEN
            told = products_in(row["properties"]) if seen else [row["product_id"]]
            if seen and person:
                self.exposure.saw(person, row["timestamp"].replace(tzinfo=UTC), told)
            for one in told:
                shown, chosen = self.known.shown.get(one, (0, 0))
                self.known.shown[one] = (shown + seen, chosen + (not seen))

    def view(self, person: str, product_id: str, at: float) -> None:
        """Somebody looked at a product."""
        known = self.known
        item, index = known.number_of(product_id), known.sources.index
        visit = self.visits.get(person)
        if visit is None or at - visit.at > REST_DAYS:
            before = self._open_visit(person, at) if visit is None else []
            visit = self.visits[person] = Visit(index.begin(at), at)
            for one in before:
                index.append(visit.session, one, at)
                visit.items.append(one)
        visit.at = max(at, visit.at)
        if not visit.items or visit.items[-1] != item:
            index.append(visit.session, item, visit.at)
            visit.items.append(item)
            del visit.items[:-_KEPT_ITEMS]

    def _open_visit(self, person: str, at: float) -> list[int]:
        """What the warehouse knows of a visit that goes on."""
        session = self.known.newest_session.of(person)
        index = self.known.sources.index
        if session is None or abs(at - index.ended[session]) > REST_DAYS:
            return []
        items: list[int] = index.items[index.starts[session] : index.starts[session + 1]].tolist()
        return items[-_KEPT_ITEMS:]

    def session_of(self, person: str) -> tuple[list[int], int]:
        """What somebody looked at in this visit (or, where none goes on, in the last one), and the visit's number."""
        visit = self.visits.get(person)
        if visit is not None:
            return visit.items, visit.session
        session = self.known.newest_session.of(person)
        if session is None:
            return [], -1
        index = self.known.sources.index
        return index.items[index.starts[session] : index.starts[session + 1]].tolist()[-_KEPT_ITEMS:], session

    def _view_on(self, device: str, product_id: str, at: float) -> None:
        """What a device did in its visit, whosever it is; it outlives the making anew, as the warehouse knows customers only."""
        before, items = self.devices.pop(device, (at, []))
        kept = items if at - before <= REST_DAYS else []
        if not kept or kept[-1] != product_id:
            kept = [*kept[1 - _KEPT_ITEMS :], product_id]
        self.devices[device] = (max(at, before), kept)
        while len(self.devices) > _KEPT_DEVICES:
            self.devices.popitem(last=False)

    def session_of_device(self, device: str) -> list[int]:
        """What a device looked at in the visit that is going on, apart from whatever its customer did elsewhere."""
        at, items = self.devices.get(device, (0.0, []))
        return [self.known.number_of(one) for one in items] if days(clock.now()) - at <= REST_DAYS else []

    def facts(self, item: int) -> Facts:
        """What is known of a product by its number."""
        return self.goods.facts.get(self.known.products[item], NOTHING)

    def inside(self, category: str | None) -> Ints:
        """The numbers of a category's products; of all where none is named."""
        kept = self._inside.get(category)
        if kept is None or kept[0] != self.goods.moved:
            numbers = sorted(self.known.number_of(one) for one in self.goods.inside(category))
            kept = self._inside[category] = (self.goods.moved, np.array(numbers, np.int64))
            while len(self._inside) > _KEPT_CATEGORIES:
                self._inside.popitem(last=False)
        return kept[1]

    def segments(self, customer_id: str) -> frozenset[str]:
        """The segments somebody is in."""
        _, warehouse, _, _ = self._stores
        shop_id = self.shop.shop_id

        def ask() -> frozenset[str]:
            rows = warehouse.rows(queries.segments_of(shop_id), customer_id=customer_id)
            return frozenset(row["segment_id"] for row in rows)

        return warehouse.cached(("recommend.segments", shop_id, customer_id), ask, of=["segment_members"])

    def members(self, segment_id: str) -> list[str]:
        """Who is in a segment."""
        _, warehouse, _, _ = self._stores
        shop_id = self.shop.shop_id

        def ask() -> list[str]:
            return [row["customer_id"] for row in warehouse.rows(queries.members(shop_id), segment_id=segment_id)]

        return warehouse.cached(("recommend.members", shop_id, segment_id), ask, of=["segment_members"])

    def remember(self, told: ExplainedList) -> None:
        """Keep the last lists, so that somebody can ask why they were so."""
        self.lists[told.recommendation.impression_id] = told
        while len(self.lists) > _KEPT_LISTS:
            self.lists.popitem(last=False)

    def size(self) -> int:
        """About how many bytes its models and products take."""
        return self.known.size() + 500 * len(self.goods.facts)


class _Open:
    """The shops whose models are in memory, those asked for last at the end."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.shops: OrderedDict[str, LiveShop] = OrderedDict()
        self.opening: dict[str, threading.Lock] = {}


_OPEN: WeakKeyDictionary[Any, _Open] = WeakKeyDictionary()
_OPENING = threading.Lock()


def live(records: Records, warehouse: Warehouse, home: Path, keyring: Keyring, shop: Shop) -> LiveShop:
    """The shop's models in this process, made when they are first asked for.

    Models of shops that nobody asked for the longest time are let go where all together would take too much memory.
    """
    with _OPENING:
        open_ = _OPEN.setdefault(warehouse, _Open())
    with open_.lock:
        if (found := open_.shops.get(shop.shop_id)) is not None:
            open_.shops.move_to_end(shop.shop_id)
            return found
        opening = open_.opening.setdefault(shop.shop_id, threading.Lock())
    with opening:
        with open_.lock:
            found = open_.shops.get(shop.shop_id)
        if found is None:
            found = LiveShop(records, warehouse, home, keyring, shop)
            with open_.lock:
                open_.shops[shop.shop_id] = found
                while len(open_.shops) > 1 and sum(one.size() for one in open_.shops.values()) > MOST_BYTES:
                    open_.shops.popitem(last=False)[1].impressions.try_flush()
        return found


def opened(warehouse: Warehouse, shop_id: str) -> LiveShop | None:
    """The same where it was asked for already."""
    open_ = _OPEN.get(warehouse)
    return None if open_ is None else open_.shops.get(shop_id)


def close(warehouse: Warehouse) -> None:
    """Write what waits and let go of the shops of a warehouse that is about to be closed."""
    open_ = _OPEN.pop(warehouse, None)
    for shop_live in [] if open_ is None else open_.shops.values():
        shop_live.impressions.try_flush()
