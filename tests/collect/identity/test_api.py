"""Identity over HTTP, on its page and in the shell: what is listed, merged and taken back, by those who may."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from regulars.access import Caller, api_keys, audit, shops
from regulars.app import House
from regulars.cli.main import perform
from regulars.cli.running import Visit, visit
from regulars.collect import identity
from regulars.settings import Settings
from tests.collect.identity.telling import SHOP, T0, alias, identify, track


@pytest.fixture
def house(home: Path) -> Any:
    made = House.open(Settings.load({"REGULARS_HOME": str(home)}))
    with made.records.unit() as uow:
        shops.create(uow, Caller.system("shell", made.keyring), shop_id=SHOP, name="Tea", timezone="UTC", currency="CNY")
    tell(made, track(1, user="u1"), track(2, user="u2"), identify(3, "u1", "an1"), identify(4, "u2", "an1"))
    tell(made, identify(5, "undefined", "an2"), alias(6, "u3", "u4"))
    yield made
    made.close()


def tell(house: House, *messages: dict[str, Any]) -> None:
    reader = identity.Reader(house.keyring, SHOP)
    with house.records.unit() as uow:
        identity.learn(uow, house.keyring, SHOP, [reader.read(one, T0.fromisoformat(one["timestamp"])) for one in messages])


@pytest.fixture
def visitor(house: House) -> TestClient:
    return TestClient(house.http(), base_url="http://localhost")


def key(house: House, *scopes: str) -> dict[str, str]:
    with house.records.unit() as uow:
        made = api_keys.create(uow, Caller.system("shell", house.keyring), name="k", scopes=list(scopes), shop_id=SHOP)
    return {"authorization": f"Bearer {made.secret}"}


def test_a_customers_ids_are_told_under_any_of_them(visitor: TestClient, house: House) -> None:
    headers = key(house, "read_customers")
    device = identity.Reader(house.keyring, SHOP).visitor("an1")

    own = visitor.get("/v1/identities/u1", headers=headers).json()
    through = visitor.get(f"/v1/identities/{device}", headers=headers).json()

    assert own == through
    assert (own["customer_id"], own["is_known"], [one["id"] for one in own["ids"]]) == ("u1", True, ["u1", device])
    assert visitor.get("/v1/identities/nobody7", headers=headers).status_code == 404


def test_merges_and_refused_merges_are_listed_page_by_page(visitor: TestClient, house: House) -> None:
    headers = key(house, "read_customers")
    tell(house, *[identify(10 + number, f"u{number}", f"device{number}") for number in range(10, 17)])

    def everything(path: str) -> list[dict[str, Any]]:
        found, cursor = [], None
        while True:
            page = visitor.get(path, params={"limit": 3} | ({"cursor": cursor} if cursor else {}), headers=headers).json()
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                return found

    merges, refused = everything("/v1/identity_merges"), everything("/v1/refused_merges")

    assert len({one["merge_id"] for one in merges}) == len(merges) == 9
    assert sorted((one["reason"], one["to_id"]) for one in refused) == [
        ("belongs_to_another", "u2"),
        ("illegal_id", identity.Reader(house.keyring, SHOP).visitor("an2")),
    ]
    between = visitor.get("/v1/identity_merges?between_customers=true", headers=headers).json()["items"]
    assert [(one["kind"], one["customer_id"]) for one in between] == [("alias", "u4")]
    assert visitor.get("/v1/identity_merges?cursor=WzEsMl0", headers=headers).status_code == 400


def test_two_are_merged_by_hand_once_and_taken_back(visitor: TestClient, house: House) -> None:
    headers = key(house, "read_customers", "load_data")
    body = {"from_id": "u2", "to_id": "u1"}

    done = visitor.post("/v1/identity_merges", json=body, headers=headers | {"idempotency-key": "a"})
    again = visitor.post("/v1/identity_merges", json=body, headers=headers | {"idempotency-key": "a"})
    merge_id = done.json()["merge"]["merge_id"]
    refused_now = visitor.get("/v1/refused_merges", headers=headers).json()["items"]
    undone = visitor.post(f"/v1/identity_merges/{merge_id}/undo", headers=headers)

    assert done.status_code == 200 and done.json()["merge"]["customer_id"] == "u1" and done.json()["still_together"]
    assert again.json() == done.json()
    assert [one["reason"] for one in refused_now] == ["illegal_id"]
    assert undone.json()["merge"]["undone"] and not undone.json()["still_together"]
    assert visitor.post(f"/v1/identity_merges/{merge_id}/undo", headers=headers).status_code == 409
    assert visitor.get("/v1/identities/u2", headers=headers).json()["customer_id"] == "u2"
    with house.records.reading() as uow:
        actions = [entry.action for entry in audit.entries(uow, shop_ids=[SHOP])]
    assert actions[:2] == ["identity.merge_undone", "identity.merged"]


def test_a_decision_is_not_for_those_who_only_read(visitor: TestClient, house: House) -> None:
    headers = key(house, "read_customers")

    assert visitor.post("/v1/identity_merges", json={"from_id": "u2", "to_id": "u1"}, headers=headers).status_code == 403
    assert visitor.post("/v1/identity_merges/WyJhIiwiYiJd/undo", headers=headers).status_code == 403
    assert visitor.get("/v1/identity_merges", headers=key(house, "read_reports")).status_code == 403


def test_the_shell_lists_merges_and_takes_them_back(house: House, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*words: str) -> str:
        capsys.readouterr()
        token = visit.set(Visit(house, home, {"LANG": "en_GB.UTF-8", "COLUMNS": "140"}, False))
        try:
            assert perform(list(words)) == 0
        finally:
            visit.reset(token)
        return capsys.readouterr().out

    assert "u1" in said("show", "identity")
    assert "undefined" in said("show", "identity", "--refused")
    merged = json.loads(said("run", "merge", "u2", "u1", "--json"))
    assert merged["still_together"] and "u2" in said("show", "identity", "u1")
    assert json.loads(said("show", "identity", "u2", "--json"))["customer_id"] == "u1"
    assert "two customers again" in said("run", "unmerge", merged["merge"]["merge_id"])
    assert "rows changed: 0" in said("run", "merges")
