"""The catalogue and search over HTTP: what a shop tells of its products is what its shoppers find, filtered, ruled and counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import time_machine
from fastapi.testclient import TestClient

from regulars.access import Caller
from regulars.guard import consent
from regulars.records import Records
from regulars.serve.search import rules, service, shelf
from regulars.serve.search.rules import QueryBody, SynonymsBody
from regulars.warehouse import TABLES
from regulars.warehouse.arrow import arrow_rows
from tests.collect.track.conftest import Desk, track
from tests.serve.search.conftest import Ask, ids, told


def test_what_is_told_of_products_is_found_at_once_and_gone_when_it_is_taken_out(client: TestClient, desk: Desk, ask: Ask) -> None:
    assert ids(ask("green tea"))[0] == "lj"
    assert "old" not in ids(ask("green tea of last year"))
    assert client.get("/v1/catalog/products/lj").json()["price_minor"] == 12_800
    assert [one["product_id"] for one in client.get("/v1/catalog/products?limit=2").json()["items"]] == ["bj", "box"]

    client.put("/v1/catalog/products/bj", json={"name": "Keemun", "price": "75.50", "stock": 0})
    client.put("/v1/catalog/products/old", json={"status": "active"})
    client.delete("/v1/catalog/products/lj")
    desk.house.loader.run_once()

    (keemun,) = ask("keemun")["products"]
    assert (keemun["price"], keemun["in_stock"], keemun["brand"]) == ({"minor": 7_550, "currency": "CNY"}, False, "Vale")
    assert ids(ask("green tea"))[0] == "old"
    assert "lj" not in ids(ask("green tea"))
    assert client.get("/v1/catalog/products/nothing").status_code == 404
    assert (
        client.put("/v1/catalog/products/bj", json={"stock": 1, "told_at": "2100-01-01T00:00:00Z"}).json()["code"]
        == "told_too_early"
    )
    assert client.post("/v1/catalog/products", json={"products": [{"product_id": "x", "colour": "red"}]}).status_code == 422


def test_filters_facets_sorting_and_prices_over_http(client: TestClient, ask: Ask) -> None:
    everything = ask("", facet="*", sort="price")

    assert ids(everything) == ["bj", "box", "lj", "pot"]
    assert everything["facets"]["brand"] == [{"value": "Vale", "count": 2}, {"value": "Hill", "count": 1}]
    assert (everything["price_from"]["minor"], everything["price_to"]["minor"]) == (6_000, 30_000)
    assert ids(ask("", filter=["brand:Vale", "leaf:whole"])) == ["bj"]
    assert ids(ask("tea", price_to_minor=10_000, in_stock=True)) == ["bj"]
    assert "pot" not in ids(ask("", market="DE"))
    assert ids(ask("", sort="price", begin=1, size=2)) == ["box", "lj"]
    assert [one["position"] for one in ask("", sort="price", begin=1, size=2)["products"]] == [2, 3]
    assert client.get("/v1/search?filter=brand").json()["code"] == "bad_filter"


def test_orders_go_by_what_sold_lately_and_how_it_was_rated(client: TestClient, desk: Desk, ask: Ask) -> None:
    lines = [
        {"product_id": "pot", "price": 300, "quantity": 2},
        {"product_id": "bj", "price": 60, "quantity": 5},
    ]
    old = [{"product_id": "lj", "price": 128, "quantity": 90}]
    desk.take(
        track(
            "Order Completed", "o0", timestamp="2025-01-01T08:00:00Z", properties={"order_id": "0", "total": 99, "products": old}
        ),
        track(
            "Order Completed", "o1", timestamp="2026-03-01T08:00:00Z", properties={"order_id": "1", "total": 900, "products": lines}
        ),
    )
    reviews = [
        {"shop_id": "tea", "review_id": f"{one}{number}", "product_id": one, "rating": rating, "load_id": "l"}
        for one, ratings in {"lj": [5] * 9 + [4], "pot": [5], "bj": [1, 2]}.items()
        for number, rating in enumerate(ratings)
    ]
    desk.house.warehouse.merge("reviews", arrow_rows(TABLES["reviews"], reviews))

    assert ids(ask("", sort="best_sellers"))[:2] == ["bj", "pot"]
    assert ids(ask("", sort="rating"))[0] == "lj"
    assert ids(ask("tea", sort="rating"))[-1] == "bj"


def test_variants_told_with_their_parent_are_one_hit_with_their_number(client: TestClient, desk: Desk, ask: Ask) -> None:
    sizes = [
        {"product_id": f"jug{size}", "parent_id": "jug", "name": "Glass jug", "price": size, "attributes": {"volume": f"{size} l"}}
        for size in (1, 2, 3)
    ]
    tins = {"product_id": "tin", "name": "Glass tin", "variants": [{"variant_id": "t1"}, {"variant_id": "t2"}]}
    client.post("/v1/catalog/products", json={"products": [*sizes, tins]})
    desk.house.loader.run_once()

    found = ask("glass", facet="volume")

    assert {one["product_id"]: (one["parent_id"], one["variants"]) for one in found["products"]} == {
        "jug1": ("jug", 3),
        "tin": (None, 2),
    }
    assert (found["total"], {one["value"]: one["count"] for one in found["facets"]["volume"]}) == (
        2,
        {"1 l": 1, "2 l": 1, "3 l": 1},
    )
    assert ids(ask("glass", grouped=False, sort="price")) == ["jug1", "jug2", "jug3", "tin"]
    assert ids(ask("glass", between="volume:2..")) == ["jug2"]
    assert ids(ask("glass", between="volume:2..2.5")) == ["jug2"]
    for wrong in ("volume", "volume:..", "volume:a..b"):
        assert client.get("/v1/search", params={"between": wrong}).json()["code"] == "bad_filter"


def test_suggestions_show_only_products_of_the_market(client: TestClient, ask: Ask) -> None:
    def shown(**more: Any) -> list[str]:
        return [one["product_id"] for one in client.get("/v1/search/suggest", params={"q": "teapo", **more}).json()["products"]]

    assert shown(market="CN") == ["pot"]
    assert "pot" not in shown(market="DE")
    assert "pot" not in shown(in_stock=True)
    found = client.get("/v1/search/suggest?q=gongj").json()["suggestions"]
    assert found == [{"query": query, "kind": "completed"} for query in ("工具", "工具箱")]


def test_without_products_nothing_is_said_to_be_offered_instead(client: TestClient, desk: Desk) -> None:
    found = client.get("/v1/search", params={"q": "green tea"}).json()

    assert (found["total"], found["products"], found["rescue"]) == (0, [], None)


def test_a_shop_without_a_catalogue_finds_what_its_orders_name(client: TestClient, desk: Desk) -> None:
    desk.take(
        *(
            track("Order Completed", f"o{number}", properties={"order_id": f"a{number}", "total": 60, "products": [{"product_id": "bj", "name": "Black tea 500 g", "price": 60, "quantity": 1}]})
            for number in range(2)
        )
    )  # fmt: skip

    (found,) = client.get("/v1/search", params={"q": "blck tea"}).json()["products"]
    told = client.get("/v1/catalog/products/bj").json()

    assert (found["product_id"], found["price"], found["in_stock"]) == ("bj", {"minor": 6_000, "currency": "CNY"}, True)
    assert (told["listed"], told["sales"]["units"]) == (False, 2.0)
    assert [one["product_id"] for one in client.get("/v1/catalog/products").json()["items"]] == ["bj"]


def test_a_change_of_one_product_reads_that_one_and_hides_it_everywhere(desk: Desk, ask: Ask) -> None:
    assert ids(ask("black tea"))[0] == "bj"
    kept = shelf.shelf_of(desk.house.warehouse, desk.house.home)
    before = kept.follow("tea").catalogue

    desk.take(track("Product Updated", "u1", properties={"product_id": "bj", "status": "hidden"}))
    after = kept.follow("tea").catalogue

    assert after.main is before.main
    assert "bj" not in ids(ask("black tea")) + ids(ask("spaceship")) + ids(ask("", size=50))
    assert "pot" not in ids(ask("spaceship", market="DE")) + ids(ask("", market="DE"))


def test_a_search_without_result_is_rescued_and_says_how(ask: Ask) -> None:
    assert (ask("grean tea")["rescue"], ask("grean tea")["corrected"]) == ("corrected", "green tea")
    assert ids(ask("green tea"))[0] == ids(ask("grean tea"))[0] == "lj"
    assert ask("green tea for astronauts")["rescue"] == "relaxed"
    assert ask("工具箱")["rescue"] is None
    nothing = ask("spaceship")
    assert (nothing["rescue"], nothing["total"], len(nothing["products"])) == ("related", 0, 3)
    assert ask("grean tea", spelling=False)["corrected"] is None


def test_rules_hold_from_the_next_search_on(client: TestClient, ask: Ask) -> None:
    def made(**body: Any) -> str:
        answer = client.post("/v1/search/rules", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["rule_id"])

    made(synonyms={"words": ["kettle", "teapot"]})
    proposed = made(synonyms={"words": ["keemun", "black tea"]}, state="proposed")
    pinned = made(query={"queries": ["Green  TEAS"], "pins": {"pot": 1}, "hide": ["bj"]})
    made(query={"queries": ["returns"], "redirect": "https://shop.example/returns"})
    made(query={"boost_facet": "brand", "boost_value": "Vale"}, ends_at="2001-01-01T00:00:00Z")

    assert ids(ask("kettle")) == ["pot"]
    assert ask("keemun")["total"] == 0
    client.patch(f"/v1/search/rules/{proposed}", json={"state": "active"})
    assert ids(ask("keemun")) == ["bj"]
    assert ids(ask("keemun", synonyms=False)) != ["bj"]
    assert ids(ask("green tea"))[:2] == ids(ask("grean tea"))[:2] == ["pot", "lj"]
    assert [one["pinned"] for one in ask("green tea")["products"]][:2] == [True, False]
    assert "pot" not in ids(ask("green tea", in_stock=True))
    assert ids(ask("green tea", rules=False))[0] == "lj"
    assert ask("returns")["redirect"] == "https://shop.example/returns"
    client.delete(f"/v1/search/rules/{pinned}")
    assert ids(ask("green tea"))[0] == "lj"
    assert len(client.get("/v1/search/rules?kind=query").json()["items"]) == 2
    for wrong in (
        {},
        {"query": {}},
        {"query": {"pins": {"a": 1, "b": 1}}},
        {"synonyms": {"words": ["a"]}},
        {"query": {"redirect": "/x"}},
    ):
        assert client.post("/v1/search/rules", json=wrong).json()["code"] == "bad_rule", wrong


def test_only_who_permits_it_is_answered_personally(desk: Desk, ask: Ask) -> None:
    desk.take(
        track("Order Completed", "o1", properties={"order_id": "1", "total": 60, "products": [{"product_id": "bj", "brand": "Vale", "price": 60, "quantity": 1}]})
    )  # fmt: skip

    assert ask("tea")["personal"] is False
    with desk.house.records.unit() as uow:
        permitted = consent.may(uow, "tea", "17850", "personalisation").allowed
    assert ask("tea", customer_id="17850")["personal"] is permitted
    scores = [
        {one["product_id"]: one["score"] for one in ask("tea", **more)["products"]} for more in ({}, {"customer_id": "17850"})
    ]
    assert (scores[0]["bj"] < scores[1]["bj"]) is permitted
    assert scores[0]["lj"] == scores[1]["lj"]


@time_machine.travel("2026-03-10T12:00:00Z", tick=False)
def test_searches_are_counted_by_what_came_of_them(client: TestClient, desk: Desk, ask: Ask) -> None:
    desk.take(
        told(1, "ann", 0, "Products Searched", query="Green Tea", results=2),
        told(2, "ann", 1, "Product Clicked", product_id="lj"),
        told(3, "ben", 0, "Products Searched", query="green tea", results=2),
        told(4, "ben", 2, "Products Searched", query="spaceship", results=0),
        told(5, "eve", 3, "Products Searched", query="pot"),
        told(6, "eve", 59, "Product Clicked", product_id="pot"),
    )

    top = client.get("/v1/search/analytics").json()
    assert [(one["query"], one["searches"], one["customers"], one["clicks"], one["exits"]) for one in top["rows"]] == [
        ("green tea", 2, 2, 1, 0), ("pot", 1, 1, 0, 1), ("spaceship", 1, 1, 0, 1),
    ]  # fmt: skip
    assert (top["searches"], top["click_share"], top["without_result_share"], top["exit_share"]) == (4, 0.25, 0.25, 0.5)
    assert [one["query"] for one in client.get("/v1/search/analytics?view=without_result").json()["rows"]] == ["spaceship"]
    assert [one["query"] for one in client.get("/v1/search/analytics?view=exits&limit=1").json()["rows"]] == ["pot"]
    judged = client.get("/v1/search/lab").json()
    assert (judged["on"], judged["queries"], judged["judgements"], judged["left"]["mrr"]) == ("clicked", 1, 1, 1.0)
    client.post("/v1/search/rules", json={"query": {"queries": ["green tea"], "hide": ["lj"]}})
    judged = client.get("/v1/search/lab?without=rules").json()
    assert (judged["left"]["ndcg_10"], judged["right"]["ndcg_10"]) == (0.0, 1.0)
    assert judged["differing"] == [{"query": "green tea", "judgements": 1, "left": 0.0, "right": 1.0}]
    assert judged["differences"][0] == {"figure": "ndcg_10", "difference": 1.0, "low": None, "high": None}
    suggested = client.get("/v1/search/suggest", params={"q": "gre"}).json()
    assert suggested["suggestions"] == [{"query": "green tea", "kind": "popular"}, {"query": "green", "kind": "completed"}]
    assert suggested["products"][0]["product_id"] == "lj"


def test_the_index_opens_from_disk_as_it_was_left_and_is_made_anew_when_it_is_damaged(
    client: TestClient, desk: Desk, ask: Ask
) -> None:
    first = ask("tea", facet="*")
    home = desk.house.home
    (file,) = (home / "search").iterdir()

    for damage in (lambda: None, lambda: file.write_bytes(file.read_bytes()[:-9]), lambda: file.write_bytes(b""), file.unlink):
        service.close(desk.house.warehouse)
        damage()
        again = ask("tea", facet="*")
        assert (ids(again), again["facets"]) == (ids(first), first["facets"])

    service.close(desk.house.warehouse)
    client.delete("/v1/catalog/products/lj")
    desk.house.loader.run_once()
    assert "lj" not in ids(ask("tea"))
    assert service.rebuild(desk.house.warehouse, home, "tea") == 3


def test_a_following_thread_shows_changes_and_closes(client: TestClient, desk: Desk, ask: Ask) -> None:
    ask("tea")
    kept = shelf.shelf_of(desk.house.warehouse, desk.house.home)
    kept.keep_up()

    client.put("/v1/catalog/products/bj", json={"name": "Zebra"})
    desk.house.loader.run_once()
    kept.follow("tea")

    assert ids(ask("zebra")) == ["bj"]
    kept.close()


def test_rules_are_kept_alike_on_both_databases(any_records: Records, home: Path) -> None:
    from regulars.access import Keyring, shops

    caller = Caller.system("test", Keyring.open(home))
    with any_records.unit() as uow:
        for shop_id in ("tea", "coffee"):
            shops.create(uow, caller, shop_id=shop_id, name=shop_id, timezone="UTC", currency="CNY")
        made = rules.make(uow, caller, "tea", SynonymsBody(words=("tv", "television set"), also=()))
        rules.make(uow, caller, "coffee", QueryBody(queries=("cup",), hide=("x",)))

    with any_records.reading() as uow:
        held = rules.holding(uow, "tea", {})
        assert rules.listing(uow, "tea") == [made]

    assert held.synonyms.ways == {("tv",): ("television set",), ("televis", "set"): ("tv",)}
    assert held.of("cup")[0].hidden == frozenset()


@time_machine.travel("2026-03-10T12:00:00Z", tick=False)
def test_what_shoppers_reword_is_proposed_once_and_holds_when_it_is_approved(client: TestClient, desk: Desk, ask: Ask) -> None:
    def story(who: int) -> list[dict[str, Any]]:
        told = [
            ("Products Searched", {"query": "keemun"}),
            ("Products Searched", {"query": "Black tea"}),
            ("Product Clicked", {"product_id": "bj"}),
        ]
        if who == 3:
            told[0] = ("Products Searched", {"query": "kettle"})
        return [
            {
                "type": "track", "event": event, "messageId": f"r{who}-{minute}", "userId": f"u{who}", "properties": properties,
                "timestamp": f"2026-03-10T08:0{minute}:00Z",
            }
            for minute, (event, properties) in enumerate(told)
        ]  # fmt: skip

    desk.take(*(message for who in range(4) for message in story(who)))

    (proposed,) = client.post("/v1/search/proposals").json()["items"]
    assert (proposed["state"], proposed["synonyms"]) == ("proposed", {"words": ["keemun"], "also": ["black tea"]})
    assert client.post("/v1/search/proposals").json()["items"] == []
    assert ask("keemun")["total"] == 0
    client.patch(f"/v1/search/rules/{proposed['rule_id']}", json={"state": "active"})
    assert ids(ask("keemun")) == ["bj"]
