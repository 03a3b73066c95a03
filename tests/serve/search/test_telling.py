"""Searches over the API are told into the stream once, and what came of them is counted whoever told it."""

from __future__ import annotations

import json
from typing import Any

import time_machine
from fastapi.testclient import TestClient

from tests.collect.track.conftest import Desk
from tests.serve.search.conftest import Ask, told

TEN_PAST_EIGHT = time_machine.travel("2026-03-10T08:10:00Z", tick=False)


def rows(client: TestClient, view: str = "top") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/v1/search/analytics", params={"view": view}).json()["rows"]
    return found


def counts(one: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(one[name] for name in ("query", "searches", "customers", "without_result", "clicks", "carts", "orders", "exits"))


@TEN_PAST_EIGHT
def test_a_search_over_the_api_is_told_once_with_everything_it_was_asked_with(client: TestClient, desk: Desk, ask: Ask) -> None:
    answer = ask(
        "grean tea", sort="price", in_stock=True, filter="brand:Hill", between="size:1..5", price_to_minor=20_000, market="CN"
    )
    ask("pot", preview=True)
    ask("", filter="brand:Hill")
    client.get("/v1/search/suggest?q=po")
    desk.house.loader.run_once()

    (event,) = [one for one in desk.events() if one["event"] == "Products Searched"]

    assert (event["message_id"], event["query"], event["is_bot"]) == (answer["search_id"], "grean tea", True)
    said = json.loads(event["properties"])
    assert {name: said[name] for name in ("results", "page", "sort", "search_id", "corrected")} == {
        "results": 0, "page": 1, "sort": "price", "search_id": answer["search_id"], "corrected": "green tea",
    }  # fmt: skip
    assert said["filters"] == [
        {"type": "brand", "value": "Hill"},
        {"type": "size", "value": "1..5"},
        {"type": "price_minor", "value": "..20000"},
        {"type": "in_stock", "value": "true"},
        {"type": "market", "value": "CN"},
    ]


@TEN_PAST_EIGHT
def test_searches_of_nobody_count_and_are_joined_to_clicks_by_their_id(client: TestClient, desk: Desk, ask: Ask) -> None:
    clicked, bought = ask("green tea"), ask("black tea")
    ask("black tea", begin=20)
    ask("spaceship")
    desk.take(
        told(1, "ann", 11, "Product Clicked", product_id="lj", search_id=clicked["search_id"]),
        told(2, "ben", 12, "Product Added", product_id="bj", list_id=bought["search_id"]),
        told(3, "ben", 14, "Order Completed", order_id="o1", total=60),
    )

    assert [counts(one) for one in rows(client)] == [
        ("black tea", 1, 1, 0, 1, 1, 1, 0),
        ("green tea", 1, 1, 0, 1, 0, 0, 0),
        ("spaceship", 1, 0, 1, 0, 0, 0, 0),
    ]
    assert [one["query"] for one in rows(client, "without_result")] == ["spaceship"]


@TEN_PAST_EIGHT
def test_a_search_told_by_the_page_as_well_and_its_further_pages_are_one(client: TestClient, desk: Desk, ask: Ask) -> None:
    answer = ask("green tea", customer_id="ann")
    ask("Green tea", customer_id="ann", begin=20)
    ask("green tea", customer_id="ann", sort="price")
    ask("pot", visitor="device-1")
    desk.take(
        told(1, "ann", 10, "Products Searched", query="green tea", search_id=answer["search_id"]),
        told(2, "ann", 11, "Products Searched", query="green tea"),
        told(3, "ann", 12, "Product List Viewed"),
        told(4, "ann", 13, "Product Viewed", product_id="lj"),
        told(5, "ann", 14, "Product Added", product_id="lj"),
        told(6, "ann", 20, "Products Searched", query="pot"),
        told(7, "ann", 59, "Order Completed", order_id="o1", total=60),
    )

    assert [counts(one) for one in rows(client)] == [("pot", 2, 2, 0, 0, 0, 0, 2), ("green tea", 1, 1, 0, 1, 1, 0, 0)]
