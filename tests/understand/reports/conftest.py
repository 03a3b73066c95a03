"""A tea shop with orders, events and reviews, its API, and a report of the tests' own that takes long."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from fastapi.testclient import TestClient

from regulars.access import Caller, api_keys, shops
from regulars.access.domain import Shop
from regulars.app import House
from regulars.settings import Settings
from regulars.understand import profiles
from regulars.understand.questions import Desk, Report, told
from regulars.understand.questions.queries import events_of
from regulars.understand.reports import kinds
from tests.support.happenings import happened
from tests.understand.metrics.small_store import SmallStore

EVENTS: list[dict[str, Any]] = [
    {"customer": customer, "event": event, "ts": f"2026-03-{day:02d}T0{hour}:00:00Z", "props": props}
    for customer, event, day, hour, props in (
        ("ann", "Product Viewed", 1, 1, {"category": "Tea"}),
        ("ann", "Product Added", 1, 2, {"category": "Tea"}),
        ("ann", "Order Completed", 1, 3, {"order_id": "a1", "total": 90}),
        ("ben", "Product Viewed", 2, 1, {"category": "Cups"}),
        ("ben", "Product Added", 2, 2, {"category": "Cups"}),
        ("cat", "Product Viewed", 3, 1, {"category": "Tea"}),
        ("v_00000000000000000001", "Product Viewed", 3, 2, {"category": "Tea"}),
        ("ann", "Product Viewed", 4, 1, {"category": "Tea"}),
        ("ann", "Order Completed", 5, 3, {"order_id": "a2", "total": 30}),
    )
]


@dataclass(frozen=True)
class Tally:
    """The answer of the tests' own report."""

    events: int
    customers: int


def _count(desk: Desk, query: Any) -> Tally:
    rows = events_of(told.asked(query, desk.base))
    people = rows.select("customer_id").distinct()
    return Tally(desk.warehouse.value(rows.count().as_table()), desk.warehouse.value(people.count().as_table()))


def _read(_desk: Desk, question: Mapping[str, Any]) -> Mapping[str, Any]:
    return told.object_of(question, "question", (*told.COMMON, "range", "slow"))


def _slow(desk: Desk, query: Any) -> Tally:
    if query.get("slow"):
        whole = desk.warehouse.table("event_log").count().name("n").as_table().mutate(n=ibis.range(0, 3_000).unnest())
        for place in range(4):
            other = ibis.range(0, 3_000).unnest().name(f"m{place}").as_table()
            whole = whole.cross_join(other)
        desk.warehouse.value(whole.filter((whole.n * whole.m0 + whole.m3) % 7 == 3).count().as_table())
    return _count(desk, query)


def _who(desk: Desk, query: Any, cell: Mapping[str, Any]) -> ir.Table:
    rows = events_of(told.asked(query, desk.base))
    return rows.filter(rows.event == cell["event"]) if "event" in cell else rows


TALLY = Report("tally", _read, _slow, lambda one: pa.table({"events": [one.events], "customers": [one.customers]}), _who, {})


@pytest.fixture(autouse=True)
def tally(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The tests' own report stands among the others, as that of one more room."""
    monkeypatch.setattr(kinds, "_ROOMS", (*kinds._ROOMS, __name__))
    kinds._known.cache_clear()
    yield
    kinds._known.cache_clear()


@pytest.fixture
def house(home: Any) -> Iterator[House]:
    """Stores with the shop's orders and events."""
    opened = House.open(Settings.load())
    with opened.records.unit() as uow:
        shop = shops.create(
            uow, Caller.system("shell", opened.keyring), shop_id="tea", name="Tea House", timezone="Asia/Shanghai", currency="CNY"
        )
    store = SmallStore(shop)
    store.order("a1", "ann", "2026-03-01 03:00", 9_000, items=[("green", "=Tea", 3, 3_000)], channel="web")
    store.order("a2", "ann", "2026-03-05 03:00", 3_000, items=[("green", "=Tea", 1, 3_000)], channel="web")
    store.order("b1", "ben", "2026-01-20 03:00", 2_000, items=[("cup", "杯子", 1, 2_000)], channel="app")
    store.load(opened.warehouse)
    profiles.refresh(opened.warehouse, shop)
    happened(opened.warehouse, shop, EVENTS)
    yield opened
    opened.close()


@pytest.fixture
def shop(house: House) -> Shop:
    with house.records.reading() as uow:
        return shops.get(uow, "tea")


@pytest.fixture
def desk(house: House, shop: Shop) -> Desk:
    return Desk(house.warehouse, shop)


@pytest.fixture
def client_with(house: House) -> Callable[..., TestClient]:
    """A client whose key holds these permissions."""
    app = house.http()

    def client(*scopes: str) -> TestClient:
        with house.records.unit() as uow:
            key = api_keys.create(uow, Caller.system("shell", house.keyring), name="test", scopes=list(scopes))
        return TestClient(app, headers={"authorization": f"Bearer {key.secret}"}, base_url="http://localhost")

    return client


@pytest.fixture
def client(client_with: Callable[..., TestClient]) -> TestClient:
    return client_with("read_reports", "read_customers", "export")
