"""What is bought again: probabilities by a customer's own gaps, pages and files, and how often it was right."""

from __future__ import annotations

import csv
import random
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from regulars.access import Caller, Keyring, api_keys, shops
from regulars.errors import InvalidInput, NotEnoughData
from regulars.predict import next_purchase
from regulars.predict.next_purchase import replenishment
from regulars.predict.next_purchase.api import api
from regulars.records import Records
from regulars.values.answers import to_json
from regulars.warehouse import Warehouse
from regulars.web import Stores, WebOptions, build
from tests.understand.metrics.small_store import SmallStore, at, make_shop

SHOP = make_shop(shop_id="tea")
BEGIN = at("2025-01-01 12:00")
DAYS = 240


def store_of(customers: int = 60, *, days: int = DAYS, seed: int = 4, sorts: int = 1) -> SmallStore:
    """Everybody buys tea every 20 days or so, cups every 60; a third buys cake every 9 days, a third never again what it tried once."""
    chance, store = random.Random(seed), SmallStore(SHOP)
    for number in range(customers):
        rhythms = {"tea": 20.0, "cups": 60.0} | ({"cake": 9.0} if number % 3 == 0 else {})
        for kind, rhythm in rhythms.items():
            thing = kind if sorts == 1 else f"{kind} {number // 3 % sorts}"
            day, place = chance.uniform(0, rhythm), 0
            while day < days:
                when = f"{BEGIN + timedelta(days=day):%Y-%m-%d %H:%M}"
                store.order(f"{number}-{thing}-{place}", f"c{number:03}", when, 100, items=[(f"p-{thing}", thing, 1, 100)])
                day, place = day + rhythm * chance.lognormvariate(0, 0.3), place + 1
        if number % 3 == 1:
            when = f"{BEGIN + timedelta(days=chance.uniform(0, days)):%Y-%m-%d %H:%M}"
            store.order(f"{number}-vase", f"c{number:03}", when, 100, items=[("p-vase", "vase", 1, 100)])
    return store.order("end", None, f"{BEGIN + timedelta(days=days):%Y-%m-%d} 12:00", 1)


def test_what_is_bought_often_is_likely_and_what_was_tried_once_is_not(warehouse: Warehouse) -> None:
    store_of().load(warehouse)

    replenishment.refresh(warehouse, SHOP)

    answer = next_purchase.next_products(warehouse, SHOP, limit=1_000)
    mean = {
        thing: sum(row.probability for row in answer.rows if row.thing == thing) / sum(row.thing == thing for row in answer.rows)
        for thing in ("cake", "tea", "cups", "vase")
    }
    assert mean["cake"] > mean["tea"] > mean["cups"] > mean["vase"]
    assert mean["cake"] > 0.9
    assert mean["vase"] < 0.2
    cake = [row for row in answer.rows if row.thing == "cake"]
    assert all(7 < row.rhythm_days < 12 for row in cake)
    assert all(row.last_at < row.from_at < row.likely_at < row.to_at for row in answer.rows)
    assert all(row.likely_at > answer.as_of - timedelta(days=1) for row in answer.rows)
    assert [row.probability for row in answer.rows] == sorted((row.probability for row in answer.rows), reverse=True)
    own = next_purchase.next_products_of(warehouse, SHOP, "c000")
    assert [row.rank for row in own if row.level == "category"] == [1, 2, 3]
    assert own[0].thing == "cake"


def test_probabilities_add_up_to_what_came_and_beat_plain_rules(warehouse: Warehouse) -> None:
    store_of(90, sorts=4).load(warehouse)

    rate = next_purchase.judge_next_products(warehouse, SHOP, "category")

    assert rate.cut_offs == 3
    assert rate.probable > rate.popularity
    assert rate.probable >= rate.own_frequency - 0.02
    assert 0 < rate.last_basket <= rate.own_frequency + 0.1
    assert rate.expected == pytest.approx(rate.came, rel=0.15)


def test_what_comes_later_changes_nothing_that_was_told_before(warehouse: Warehouse) -> None:
    store, cut = store_of(), BEGIN + timedelta(days=150)
    moment = cut.replace(tzinfo=None)
    late = store.orders, store.lines
    store.orders = [row for row in late[0] if row["ordered_at"] < moment]
    store.lines = [row for row in late[1] if row["ordered_at"] < moment]
    store.load(warehouse)

    def told() -> list[object]:
        found = replenishment._told(warehouse, SHOP, cut, "category")
        rows = replenishment._probable(found, "category", 5)
        return [tuple(row.values()) for row in warehouse.rows(rows.order_by("customer_id", "rank"))]

    before = told()
    store.orders = [row for row in late[0] if row["ordered_at"] >= moment]
    store.lines = [row for row in late[1] if row["ordered_at"] >= moment]
    store.load(warehouse)

    assert told() == before


def test_where_hardly_anything_was_bought_again_nothing_is_told(warehouse: Warehouse) -> None:
    store = SmallStore(SHOP)
    for number in range(20):
        store.order(f"o{number}", f"c{number}", "2025-01-05 10:00", 100, items=[("p", "k", 1, 100)])
    store.load(warehouse)

    assert replenishment.refresh(warehouse, SHOP) == 0
    with pytest.raises(NotEnoughData, match="hardly any category"):
        next_purchase.next_products(warehouse, SHOP)
    with pytest.raises(NotEnoughData, match="no past cut-off"):
        next_purchase.judge_next_products(warehouse, SHOP, "product")
    with pytest.raises(InvalidInput, match="no level"):
        next_purchase.every_next_product(warehouse, SHOP, level="brand")  # type: ignore[arg-type]


def test_pages_files_and_one_customer_over_http(records: Records, warehouse: Warehouse, home: Path) -> None:
    keyring = Keyring.open(home)
    with records.unit() as uow:
        shop = shops.create(uow, Caller.system("test", keyring), shop_id="tea", name="Tea", timezone="UTC", currency="CNY")
        key = api_keys.create(uow, Caller.system("test", keyring), name="test", scopes=["read_customers", "export"])
    store_of().load(warehouse)
    replenishment.refresh(warehouse, shop)
    app = build(Stores(records=records, warehouse=warehouse, home=home, keyring=keyring), WebOptions(), [api])
    client = TestClient(app, headers={"authorization": f"Bearer {key.secret}"}, base_url="http://localhost")

    whole = client.get("/v1/next_products?thing=tea&limit=1000").json()
    first = client.get("/v1/next_products?thing=tea&limit=40").json()
    rest = client.get("/v1/next_products", params={"thing": "tea", "limit": 40, "cursor": first["next"]}).json()
    one = client.get("/v1/customers/c000/next_products").json()["items"]
    rows = list(
        csv.DictReader(
            client.get("/v1/next_products?format=csv&level=product&min_probability=0.5").text.lstrip("\ufeff").splitlines()
        )
    )

    assert whole["total"] == 60
    assert first["rows"] + rest["rows"] == whole["rows"]
    assert rest["next"] is None
    assert one == to_json(next_purchase.next_products_of(warehouse, shop, "c000"))
    assert {row["level"] for row in rows} == {"product"}
    assert all(float(row["probability"]) >= 0.5 for row in rows)
    assert client.get("/v1/next_products?level=brand").status_code == 422
