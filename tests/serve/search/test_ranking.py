"""An order learned from clicks: learned only from enough lists, served only when it wins, and never past a filter."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from fastapi.testclient import TestClient

from regulars import registry
from regulars.serve.search import ranking
from tests.collect.track.conftest import Desk
from tests.serve.search.conftest import ids, told

NOON = time_machine.travel("2026-03-10T12:00:00Z", tick=False)
CUPS = [
    {
        "product_id": f"{color}{size}",
        "name": f"{color} cup" + " of porcelain" * size,
        "price": 10 + size,
        "stock": 5,
        "category": "Cups",
    }
    for color in ("red", "blue", "green")
    for size in range(4)
]
LISTS = 240


def searches(favourite: int, *, first_day: int = 1, a_day: int = 30) -> list[dict[str, Any]]:
    """Shoppers who see all cups of a colour, and nearly always choose the one of a size."""
    found = []
    for number in range(LISTS):
        color = ("red", "blue", "green")[number % 3]
        search_id = f"search_{favourite}x{number:05}"
        shown = [{"product_id": f"{color}{size}", "position": size + 1} for size in range(4)]
        asked = told(
            search_id,
            f"u{number}",
            0,
            "Products Searched",
            query=f"{color} cup",
            search_id=search_id,
            products=shown,
            sort="relevance",
            results=4,
        )
        chosen = f"{color}{0 if number % 10 == 9 else favourite}"
        at = f"2026-03-{first_day + number // a_day:02}T{8 + number % 2:02}:{number % 60:02}:00Z"
        clicked = told(f"{search_id}c", f"u{number}", 1, "Product Clicked", product_id=chosen, search_id=search_id)
        found += [{**asked, "messageId": search_id, "timestamp": at}, {**clicked, "timestamp": at.replace(":00Z", ":30Z")}]
    return found


@pytest.fixture
def shop(client: TestClient, desk: Desk) -> Desk:
    """A shop that sells cups."""
    client.post("/v1/catalog/products", json={"products": CUPS})
    desk.take(*searches(3))
    return desk


def learned(shop: Desk, **more: Any) -> ranking.SearchOrder:
    house = shop.house
    found = ranking.learn(house.records, house.warehouse, house.home, shop.shop, threads=1, **more)
    ranking.forget(house.warehouse, "tea")
    return found


@NOON
def test_too_few_lists_teach_nothing(client: TestClient, shop: Desk) -> None:
    found = learned(shop)

    assert (found.answers, found.lists, found.needed) == ("too_few_lists", LISTS, ranking.FEWEST_LISTS)
    said = client.get("/v1/search/order").json()
    assert (said["answers"], said["lists"], said["judged_at"]) == ("too_few_lists", LISTS, None)
    assert ids(client.get("/v1/search?q=red cup&preview=true").json())[0] == "red0"


@NOON
def test_an_order_that_wins_the_replay_answers_and_filters_and_wishes_still_hold(client: TestClient, shop: Desk) -> None:
    found = learned(shop, fewest=100)

    assert found.answers == "learned"
    assert found.low is not None
    assert found.low > 0
    assert client.get("/v1/search/order").json()["learned"] == found.learned
    assert ids(client.get("/v1/search?q=red cup&preview=true").json())[0] == "red3"
    assert ids(client.get("/v1/search?q=red cup&preview=true&learned=false").json())[0] == "red0"
    assert "red3" not in ids(client.get("/v1/search?q=red cup&preview=true&price_to_minor=1200").json())
    assert client.get("/v1/search/explanations?q=red cup&product_id=red3").json()["learned"] is True
    client.post("/v1/search/rules", json={"query": {"queries": ["red cup"], "bury": ["red3"]}})
    assert ids(client.get("/v1/search?q=red cup&preview=true").json())[0] != "red3"
    assert learned(shop, fewest=100).judged_at == found.judged_at
    with shop.house.records.reading() as uow:
        assert len(registry.versions(uow, "tea", ranking.MODEL)) == 1


@NOON
def test_an_order_that_does_not_win_any_more_is_taken_back(client: TestClient, shop: Desk) -> None:
    learned(shop, fewest=100)
    shop.take(*searches(0, first_day=9, a_day=LISTS))

    found = learned(shop, fewest=100)

    assert (found.answers, found.lists) == ("plain_won", 2 * LISTS)
    assert ids(client.get("/v1/search?q=red cup&preview=true").json())[0] == "red0"
    assert client.get("/v1/search/order").json()["answers"] == "plain_won"
