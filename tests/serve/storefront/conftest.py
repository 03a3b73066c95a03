"""A shop window: the tea shop with a history, products that have pages, and browsers that ask with its key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from regulars.access import api_keys
from regulars.collect.catalog.api import api as catalog_api
from regulars.collect.track import sources
from regulars.serve import search
from regulars.serve.storefront.api import api as storefront_api
from regulars.web import Stores, WebOptions, build
from tests.serve.recommend.conftest import Tea, tea

__all__ = ["tea"]

SITE = "https://tea.example"
PRODUCTS: list[dict[str, Any]] = [
    {"product_id": "longjing", "name": "Longjing", "category": "Green tea", "price": "99.00", "list_price": "120.00", "url": "/p/longjing", "image_url": f"{SITE}/longjing.jpg"},
    {"product_id": "biluochun", "name": "<script>alert(1)</script>", "category": "Green tea", "brand": '"><img src=x>', "price": 99, "url": f"{SITE}/p/biluochun?a=1&b=2"},
    {"product_id": "cup", "name": "Cup", "category": "Ware", "price": 99, "stock": 3, "markets": ["CN"], "url": "javascript:alert(1)", "image_url": "data:text/html,x"},
    {"product_id": "teapot", "name": "Teapot", "category": "Ware", "price": 99, "stock": 3, "url": "https://elsewhere.example/teapot"},
]  # fmt: skip


@dataclass
class Window:
    """The shop, its browser key, and ways to ask."""

    tea: Tea
    client: TestClient
    operator: TestClient
    key: str
    source_id: str

    def get(self, path: str, *, origin: str | None = SITE, **asked: Any) -> httpx.Response:
        """What a page of the shop is answered."""
        headers = {"origin": origin} if origin else {}
        told = {"key": self.key, **asked}
        return self.client.get(f"/v1/storefront/{path}", params=told, headers=headers, follow_redirects=False)

    def lists(self, **asked: Any) -> Any:
        """A list that is had."""
        answer = self.get("recommendations", **asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def told(self) -> list[dict[str, Any]]:
        """Clicks in the warehouse."""
        house = self.tea.house
        house.loader.run_once()
        return [row for row in house.warehouse.rows(house.warehouse.table("events")) if row["event"] == "Product Clicked"]


@pytest.fixture
def window(tea: Tea, home: Path) -> Iterator[Window]:
    house = tea.house
    stores = Stores(records=house.records, warehouse=house.warehouse, home=house.home, keyring=house.keyring, journal=house.journal)
    app = build(stores, WebOptions(), [catalog_api, storefront_api])
    with house.records.unit() as uow:
        scopes = ["read_reports", "read_customers", "load_data"]
        key = api_keys.create(uow, tea.caller, name="shop", scopes=scopes)
        sources.change(uow, tea.caller, tea.source_id, origins=[SITE])
        write_key = sources.write_key(uow, tea.caller, tea.source_id)
    operator = TestClient(app, headers={"authorization": f"Bearer {key.secret}"}, base_url="http://localhost")
    answer = operator.post("/v1/catalog/products", json={"products": PRODUCTS})
    assert answer.status_code == 200, answer.text
    house.loader.run_once()
    yield Window(tea, TestClient(app, base_url="http://localhost"), operator, write_key, tea.source_id)
    search.close(house.warehouse)
