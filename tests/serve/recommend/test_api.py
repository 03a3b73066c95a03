"""Recommendations over HTTP, with a real server: what was just sent changes the next list, and rules are made and taken back."""

from __future__ import annotations

import base64
import time
from pathlib import Path

import httpx

from regulars.access import api_keys, shops
from regulars.access.domain import Caller
from regulars.app import House
from regulars.settings import Settings
from regulars.values import clock
from tests.serve.recommend.conftest import rows_of_history
from tests.support.rows import put
from tests.support.senders import new_source
from tests.support.server import command, serving


def key_of(home: Path) -> str:
    """An API key of a house with a shop that has a history."""
    house = House.open(Settings.load({"REGULARS_HOME": str(home)}))
    shell = Caller.system("test", house.keyring)
    with house.records.unit() as uow:
        shops.create(uow, shell, shop_id="tea", name="Tea House", timezone="Asia/Shanghai", currency="CNY")
        made = api_keys.create(uow, shell, name="shop", scopes=["read_customers", "read_reports", "manage_segments"])
    for table, rows in rows_of_history("tea", clock.now()).items():
        put(house.warehouse, table, rows)
    house.close()
    return made.secret


def test_a_running_server_heeds_the_event_it_was_just_sent(home: Path) -> None:
    secret = key_of(home)
    _, write_key = new_source(home, kind="browser")
    basic = {"authorization": "Basic " + base64.b64encode(f"{write_key}:".encode()).decode()}
    with serving(home) as server, httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {secret}"}) as client:
        wanted = {"placement": "next", "visitor": "phone-1", "size": 3}

        before = client.post("/v1/recommend/lists", json=wanted).raise_for_status().json()
        view = {"type": "track", "event": "Product Viewed", "messageId": "m1", "anonymousId": "phone-1"}
        view |= {"timestamp": clock.now().isoformat(), "properties": {"product_id": "longjing"}}
        httpx.post(f"{server.url}/v1/batch", json={"batch": [view]}, headers=basic).raise_for_status()
        after = client.post("/v1/recommend/lists", json=wanted).raise_for_status().json()

        assert before["items"][0]["reason"]["code"] == "popular"
        assert after["items"][0]["product_id"] == "biluochun"
        assert after["items"][0]["reason"] == {"code": "viewed", "product_id": "longjing", "text": "Because you viewed Longjing"}
        time.sleep(1.5)  # loaded meanwhile: it counts once
        explained = client.post("/v1/recommend/explanations", json=wanted).raise_for_status().json()
        assert explained["viewed"] == ["longjing"]
        assert {one["why"] for one in explained["dropped"]} == {"out_of_stock", "hidden"}
        kept = client.get(f"/v1/recommend/lists/{after['impression_id']}").raise_for_status().json()
        assert kept["recommendation"] == after

        pin = {"kind": "pin", "match": {"product_id": "cup"}, "slot": 1, "placement": "next", "note": "Cups"}
        made = client.post("/v1/recommend/rules", json=pin)
        assert made.status_code == 201
        assert client.post("/v1/recommend/lists", json=wanted).json()["items"][0]["product_id"] == "cup"
        assert client.get("/v1/recommend/rules").json()["items"] == [made.json()]
        assert client.delete(f"/v1/recommend/rules/{made.json()['rule_id']}").status_code == 200
        assert client.get("/v1/recommend/rules").json()["items"] == []
        assert client.post("/v1/recommend/rules", json=pin | {"slot": None}).status_code == 400
        assert client.post("/v1/recommend/lists", json={"placement": "similar"}).json()["code"] == "no_context"
        assert client.get("/v1/recommend/quality").json()["ranking"] == "not_judged"

        body = {"rule": pin | {"match": {"product_id": "teapot"}}, "wanted": wanted}
        looked = client.post("/v1/recommend/rule_previews", json=body).raise_for_status().json()
        assert looked["counts"] and looked["with_rule"]["recommendation"]["items"][0]["product_id"] == "teapot"
        assert client.put("/v1/recommend/placements/next", json={"random_bps": 200}).json()["random_bps"] == 200
        assert client.put("/v1/recommend/placements/rising", json={"random_bps": 200}).json()["code"] == "no_baseline_here"
        kept = {one["placement"]: one for one in client.get("/v1/recommend/placements").json()["items"]}
        assert kept["next"]["random_bps"] == 200 and kept["home"]["random_bps"] == 0
        counted = client.get("/v1/recommend/performance", params={"by": ["placement", "day"]}).raise_for_status().json()
        assert counted["total"]["lists"] == 3  # an explanation is not a list, nor is a preview
        assert [row["placement"] for row in counted["rows"]] == ["next"]
        assert client.get("/v1/recommend/performance", params={"format": "csv"}).status_code == 403  # may not export
        assert (
            client.get("/v1/recommend/performance", params={"from": "2026-02-01", "to": "2026-01-01"}).json()["code"]
            == "bad_period"
        )
        spread = client.get("/v1/recommend/spread", params={"parts": 1}).raise_for_status().json()["items"]
        assert [one["placement"] for one in spread] == ["next"]
        assert client.get("/v1/recommend/propensities").raise_for_status().json()["items"] == []

    shown = command(home, "show", "recommendations", "next", "--visitor", "phone-1", "--why")
    assert shown.returncode == 0, shown.stderr
    assert "Because you viewed Longjing" in shown.stdout
    assert "out_of_stock" in shown.stdout
    learned = command(home, "run", "recommend", "--json")
    assert learned.returncode == 0, learned.stderr
    assert '"ranking": "too_few_sessions"' in learned.stdout
    counted = command(home, "placement", "figures", "--by", "position", "--json")
    assert counted.returncode == 0, counted.stderr
    assert '"lists": 3' in counted.stdout  # kept when the server ended
    assert command(home, "placement", "set", "home", "--random", "2", "--popular", "2").returncode == 0
    listed = command(home, "placement", "list")
    assert "2.0%" in listed.stdout
    refused = command(home, "placement", "set", "home", "--variant", "dearest")
    assert refused.returncode == 1
    assert "choose from" in (refused.stdout + refused.stderr).lower()
    for report in (["figures"], ["spread", "--csv", str(home / "spread.csv")], ["places"]):
        assert command(home, "placement", *report).returncode == 0
