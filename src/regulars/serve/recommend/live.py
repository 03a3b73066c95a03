"""The models of a shop as they are this moment: what was made from the warehouse, and every event since.

One of a shop and warehouse in a process. What was sent and is not loaded yet is read from the journal before each answer, so that
the next answer knows of it; everything is made anew from the warehouse every few minutes, and after a restart.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import pyarrow as pa
import pyarrow.compute as pc

from regulars import registry
from regulars.collect import catalog, track
from regulars.serve.recommend import queries
from regulars.serve.recommend.domain.content import Likeness
from regulars.serve.recommend.domain.lists import ExplainedList
from regulars.serve.recommend.estimator import Ranker
from regulars.serve.recommend.estimator.next_basket import NextBasket
from regulars.serve.recommend.impressions import Exposure, ImpressionLog
from regulars.serve.recommend.knowledge import REST_DAYS, Knowledge, days, know, products_in
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.access.keys import Keyring
    from regulars.records import Records
    from regulars.warehouse import Warehouse

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


@dataclass
class Visit:
    """What somebody did in the visit that is going on."""

    session: int
    at: float
    items: list[int] = field(default_factory=list)


class LiveShop:
    """Ask and change it only while holding `lock`."""

    def __init__(self, records: Records, warehouse: Warehouse, home: Path, keyring: Keyring, shop: Shop) -> None:
        self.lock = threading.RLock()
        self.shop = shop
        self.lists: OrderedDict[str, ExplainedList] = OrderedDict()
        self.devices: OrderedDict[str, tuple[float, list[str]]] = OrderedDict()  # of customers: when and what they looked at last
        self.impressions = ImpressionLog(warehouse, shop.shop_id)
        self.exposure = Exposure(warehouse, shop.shop_id, shop.timezone)
        self._stores = records, warehouse, home, keyring
        self._unloaded: track.Unloaded | None = None
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
        known = know(warehouse, self.shop.shop_id, settings)
        loaded = {row["message_id"] for row in warehouse.rows(queries.loaded_since(self.shop.shop_id), since=since)}
        with self.lock:
            if self._unloaded is not None:
                self._unloaded.close()
            self.known: Knowledge = known
            self.ranker = None if trees is None else Ranker(trees.decode())
            self.model = "v_stan" if ranking is None else f"{SESSIONS}.{ranking.number}"
            self._unloaded = unloaded
            self._loaded = loaded
            self.visits: dict[str, Visit] = {}
            self._fresh: dict[str, dict[str, Any]] = {}
            self._likeness: tuple[object, Likeness] | None = None
            self._products: tuple[object, dict[str, dict[str, Any]]] | None = None
            self.exposure.renew()

    # -- what happens -------------------------------------------------------------------------------------------------

    def catch_up(self) -> int:
        """Take in what was sent since the last time; returns how many events were heard."""
        if self._unloaded is None and track.journal_of(self._stores[2]) is not None:
            self.renew()  # the journal was opened after this
        if self._unloaded is None or not self._unloaded.waits:
            return 0
        table = self._unloaded.read().get(self.shop.shop_id)
        return 0 if table is None else self.hear(table)

    def hear(self, table: pa.Table) -> int:
        """Take in events in the form of the warehouse's `events`; those that are known already change nothing."""
        wanted = table.filter(pc.is_in(table.column("event"), pa.array(_ABOUT, pa.string()))).select(list(_HEARD))
        heard = 0
        for row in wanted.to_pylist():
            if row["message_id"] in self._loaded or row["is_bot"] or row["is_history"]:
                continue
            self._loaded.add(row["message_id"])
            self._hear(row)
            heard += 1
        return heard

    def _hear(self, row: Mapping[str, Any]) -> None:
        event, person, at = row["event"], row["customer_id"], days(row["timestamp"].replace(tzinfo=UTC))
        if event in catalog.EVENTS and row["product_id"]:
            self._tell_product(row)
        elif event in queries.VIEWS and row["product_id"] and person:
            self.view(person, row["product_id"], at)
            if row["anonymous_id"]:
                self._view_on(row["anonymous_id"], row["product_id"], at)
        elif event == "Order Completed" and person:
            bought = self.known.bought.setdefault(person, {})
            bought.update(dict.fromkeys((self.known.number_of(one) for one in products_in(row["properties"])), at))
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
        session = self.known.newest_session.get(person)
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
        session = self.known.newest_session.get(person)
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

    # -- the catalogue ------------------------------------------------------------------------------------------------

    def _tell_product(self, row: Mapping[str, Any]) -> None:
        """A message about a product counts before it is loaded."""
        product_id = row["product_id"]
        before = {**self.products().get(product_id, {})}
        said = catalog.said({**row, "currency": row["currency"] or self.shop.currency})
        self._fresh[product_id] = {**before, **said, "product_id": product_id}
        if self._products is not None:
            self._products[1][product_id] = self._fresh[product_id]
        number = self.known.number_of(product_id)
        if self._likeness is not None:
            self._likeness[1].add(number, self._fresh[product_id])

    def products(self) -> dict[str, dict[str, Any]]:
        """The catalogue by product_id as it is now, with what messages told that are not loaded yet."""
        _, warehouse, _, _ = self._stores
        shop_id = self.shop.shop_id
        rows = warehouse.cached(
            ("recommend.products", shop_id), lambda: _catalogue(warehouse, shop_id), of=[*catalog.TABLES_READ, "order_lines"]
        )
        if self._products is None or self._products[0] is not rows:
            self._products = (rows, {**rows, **self._fresh})
        return self._products[1]

    def likeness(self) -> Likeness:
        """Products by what they are, under their numbers."""
        if self._likeness is None:
            products = self.products()
            made = Likeness([products.get(one, {}) for one in self.known.products])
            self._likeness = (self.known, made)
            for product_id, product in products.items():
                if product_id not in self.known.number:
                    made.add(self.known.number_of(product_id), product)
        return self._likeness[1]


def _catalogue(warehouse: Warehouse, shop_id: str) -> dict[str, dict[str, Any]]:
    """Products of the catalogue with their markets and variants' stock, and what order lines call those it does not tell of."""
    found = {row["product_id"]: row for row in warehouse.rows(queries.names(shop_id))}
    for row in warehouse.rows(queries.products(shop_id)):
        found[row["product_id"]] = {
            **found.get(row["product_id"], {}),
            **{name: value for name, value in row.items() if value is not None},
        }
    for one in catalog.products(warehouse, shop_id):
        more = {"markets": one.markets, "parent_id": one.parent_id, "stock": one.stock if one.in_stock else 0}
        found.setdefault(one.product_id, {}).update(more)
    return found


_OPEN: WeakKeyDictionary[Any, dict[str, LiveShop]] = WeakKeyDictionary()
_OPENING = threading.Lock()


def live(records: Records, warehouse: Warehouse, home: Path, keyring: Keyring, shop: Shop) -> LiveShop:
    """The shop's models in this process, made when they are first asked for."""
    with _OPENING:
        found = _OPEN.setdefault(warehouse, {}).get(shop.shop_id)
        if found is None:
            found = _OPEN[warehouse][shop.shop_id] = LiveShop(records, warehouse, home, keyring, shop)
        return found


def opened(warehouse: Warehouse, shop_id: str) -> LiveShop | None:
    """The same where it was asked for already."""
    return _OPEN.get(warehouse, {}).get(shop_id)


def close(warehouse: Warehouse) -> None:
    """Write what waits and let go of the shops of a warehouse that is about to be closed."""
    for shop_live in _OPEN.pop(warehouse, {}).values():
        shop_live.impressions.try_flush()
