"""Judgements in and out, two settings beside each other, and why a product stands where it does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from regulars.access import Caller, Keyring, shops
from regulars.records import Records
from regulars.serve.search import judging
from tests.serve.search.conftest import Ask, ids


def load(client: TestClient, csv: str, **more: Any) -> Any:
    return client.put("/v1/search/judgements", json={"csv": csv, **more}).json()


def test_judgements_are_loaded_once_read_back_and_replaced(client: TestClient, ask: Ask) -> None:
    file = "query,product_id,grade\ngreen tea,lj,3\nGreen  TEA,bj,1\n工具箱,box,2\n"

    assert load(client, file) == {"taken": 3, "changed": 3, "queries": 2, "judgements": 3}
    assert load(client, "\ufeff搜索词\t商品编号\t相关性\ngreen tea\tlj\t3\n") == {
        "taken": 1,
        "changed": 0,
        "queries": 2,
        "judgements": 3,
    }
    assert load(client, "query;product_id;grade\ngreen tea;bj;0\n")["changed"] == 1
    assert client.get("/v1/search/judgements").json()["items"][:2] == [
        {"query": "green tea", "product_id": "lj", "grade": 3.0},
        {"query": "green tea", "product_id": "bj", "grade": 0.0},
    ]
    written = "".join(f"{one.query},{one.product_id},{one.grade:g}\n" for one in judging.parse(file))
    assert load(client, "query,product_id,grade\n" + written, replace=True)["judgements"] == 3
    assert client.delete("/v1/search/judgements").status_code == 204
    assert client.get("/v1/search/judgements").json()["items"] == []


def test_a_file_that_cannot_be_read_says_where_and_keeps_nothing(client: TestClient, ask: Ask) -> None:
    wrong = load(
        client, "query,product_id,grade\ngreen tea,lj,best\n,lj,1\ngreen tea\ngreen tea,bj,1\nGreen tea,bj,2\ngreen tea,lj,11\n"
    )

    assert (wrong["code"], wrong["detail"]) == (
        "bad_judgements",
        "line 2: the grade 'best' is no number from 0 to 10; line 3: the query or the product is empty; line 4: it has too few columns; "
        "line 6: the same query and product have another grade in line 5; line 7: the grade '11' is no number from 0 to 10",
    )
    assert "no column grade" in load(client, "query,product_id\na,b\n")["detail"]
    assert load(client, "query,product_id,grade\n")["detail"] == "the file has no judgements"
    assert client.get("/v1/search/judgements").json()["items"] == []


def test_two_settings_are_compared_on_judgements_with_intervals(client: TestClient, ask: Ask) -> None:
    client.post("/v1/search/rules", json={"query": {"queries": ["green tea"], "bury": ["lj"], "hide": ["bj"]}})
    load(client, "query,product_id,grade\ngreen tea,lj,3\ngrean tea,lj,3\nspaceship,lj,1\nblack tea,bj,3\nblack tea,gone,3\n")

    judged = client.get("/v1/search/lab?on=judged&without=spelling").json()

    assert (judged["on"], judged["queries"], judged["judgements"]) == ("judged", 4, 4)
    assert judged["left"]["without_result"] == 0.25
    assert judged["left"]["recall_100"] == 0.75
    figures = {one["figure"]: one for one in judged["differences"]}
    assert set(figures) == {"ndcg_10", "recall_100", "mrr", "without_result"}
    assert figures["ndcg_10"]["low"] <= figures["ndcg_10"]["difference"] <= figures["ndcg_10"]["high"]
    both = client.get("/v1/search/lab?on=judged&without=rules&left_without=rules").json()
    assert both["left"] == both["right"]
    assert both["differing"] == []


def test_lists_stand_beside_each_other_with_what_moved(client: TestClient, ask: Ask) -> None:
    client.post("/v1/search/rules", json={"query": {"queries": ["tea"], "pins": {"pot": 1}, "hide": ["bj"]}})

    sides = client.get("/v1/search/sides?q=tea&without=rules&size=2").json()

    assert (ids(sides["left"]), ids(sides["right"])) == (["pot", "lj"], ["bj", "lj"])
    assert {one["product_id"]: (one["left"], one["right"]) for one in sides["moves"]} == {
        "pot": (1, None),
        "lj": (2, 2),
        "bj": (None, 1),
    }


def test_a_hit_is_explained_by_words_fields_and_wishes(client: TestClient, ask: Ask) -> None:
    client.post("/v1/search/rules", json={"synonyms": {"words": ["kettle"], "also": ["teapot"]}})
    client.post("/v1/search/rules", json={"query": {"boost_facet": "brand", "boost_value": "Vale"}})

    def why(q: str, product_id: str, **more: Any) -> Any:
        return client.get("/v1/search/explanations", params={"q": q, "product_id": product_id, **more}).json()

    pot = why("iron kettle", "pot")
    assert [(one["word"], one["found_as"], one["how"], one["fields"]) for one in pot["words"]] == [
        ("iron", "iron", "typed", ["name"]),
        ("kettle", "teapot", "synonym", ["name"]),
    ]
    assert [(one["kind"], one["what"], one["factor"]) for one in pot["factors"]] == [
        ("holds", None, 1.5),
        ("raised", "Vale", 2.0),
        ("sold_out", None, 0.5),
    ]
    product = 1.0
    for one in pot["factors"]:
        product *= one["factor"]
    assert round(product * sum(one["points"] for one in pot["words"]), 2) == round(pot["score"], 2)
    assert why("green tea", "bj")["words"][0] == {"word": "green", "found_as": None, "how": "typed", "fields": [], "points": 0.0}
    assert why("gongjuxiang", "box")["position"] == 1
    assert why("spaceship", "box")["position"] is None
    assert why("tea", "old")["code"] == "no_such_product"


def test_judgements_are_kept_alike_on_both_databases_and_by_shop(any_records: Records, home: Path) -> None:
    caller = Caller.system("test", Keyring.open(home))
    with any_records.unit() as uow:
        for shop_id in ("tea", "coffee"):
            shops.create(uow, caller, shop_id=shop_id, name=shop_id, timezone="UTC", currency="CNY")
            judging.keep(uow, caller, shop_id, f"query,product_id,grade\n{shop_id},a,0.5\n{shop_id},b,2\n")
        judging.keep(uow, caller, "tea", "query,product_id,grade\n茶,a,10\n", replace=True)

    with any_records.reading() as uow:
        assert judging.by_query(uow, "tea") == {"茶": {"a": 10.0}}
        assert judging.by_query(uow, "coffee") == {"coffee": {"b": 2.0, "a": 0.5}}
