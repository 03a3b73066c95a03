"""A shop with a few products, and ways to search them and to tell what shoppers do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from regulars.access import Caller, api_keys
from regulars.collect.catalog.api import api as catalog_api
from regulars.serve.search import service
from regulars.serve.search.api import api as search_api
from regulars.web import Stores, WebOptions, build
from tests.collect.track.conftest import Desk, desk

__all__ = ["desk"]

Ask = Callable[..., Any]

TEA: list[dict[str, Any]] = [
    {
        "product_id": "lj",
        "name": "Longjing green tea 100 g",
        "category": "Tea > Green",
        "brand": "Hill",
        "price": "128.00",
        "stock": 9,
    },
    {
        "product_id": "bj",
        "name": "Black tea 500 g",
        "category": "Tea > Black",
        "brand": "Vale",
        "price": 60,
        "stock": 4,
        "attributes": {"leaf": "whole"},
    },
    {
        "product_id": "pot",
        "name": "Cast iron teapot 1.2 l",
        "category": "Ware",
        "brand": "Vale",
        "price": 300,
        "stock": 0,
        "markets": ["CN"],
    },
    {"product_id": "box", "name": "测试工具箱", "category": "Ware", "price": 80},
    {"product_id": "old", "name": "Green tea of last year", "status": "hidden"},
]


@pytest.fixture
def client(desk: Desk) -> Iterator[TestClient]:
    house = desk.house
    stores = Stores(records=house.records, warehouse=house.warehouse, home=house.home, keyring=house.keyring, journal=house.journal)
    app = build(stores, WebOptions(), [catalog_api, search_api])
    with house.records.unit() as uow:
        scopes = ["read_reports", "load_data", "manage_reports"]
        key = api_keys.create(uow, Caller.system("test", house.keyring), name="test", scopes=scopes)
    yield TestClient(app, headers={"authorization": f"Bearer {key.secret}"}, base_url="http://localhost")
    service.close(house.warehouse)


@pytest.fixture
def ask(client: TestClient, desk: Desk) -> Ask:
    """A shop with a few products, and a way to search them."""
    answer = client.post("/v1/catalog/products", json={"products": TEA})
    assert (answer.status_code, answer.json()) == (200, {"taken": 5}), answer.text
    desk.house.loader.run_once()

    def search(q: str, **more: Any) -> Any:
        found = client.get("/v1/search", params={"q": q, **more})
        assert found.status_code == 200, found.text
        return found.json()

    return search


def ids(answer: Any) -> list[str]:
    return [one["product_id"] for one in answer["products"]]


def told(number: int | str, who: str, minute: int, event: str, **properties: Any) -> dict[str, Any]:
    """What a shopper did in the morning of 10 March 2026."""
    return {
        "type": "track",
        "event": event,
        "messageId": f"s{number}",
        "userId": who,
        "timestamp": f"2026-03-10T08:{minute:02}:00Z",
        "properties": properties,
    }
