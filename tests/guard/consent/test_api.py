"""Consents over HTTP: told, asked and withdrawn, each route by its permission."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from regulars.access import Caller, Keyring, api_keys
from regulars.guard.consent.api import api
from regulars.guard.privacy.api import api as privacy_api
from regulars.records import Records
from regulars.warehouse import Warehouse
from regulars.web import Stores, WebOptions, build
from tests.guard.consent.conftest import SHOP, open_shop


@pytest.fixture
def client(records: Records, warehouse: Warehouse, home: Path, keyring: Keyring, shell: Caller) -> TestClient:
    open_shop(records, shell)
    stores = Stores(records=records, warehouse=warehouse, home=home, keyring=keyring)
    return TestClient(build(stores, WebOptions(), [api, privacy_api]), base_url="http://localhost")


@pytest.fixture
def headers(client: TestClient, records: Records, shell: Caller) -> dict[str, str]:
    return key(records, shell, "read_customers", "read_reports", "manage_consents", "manage_shop", "export", "read_audit")


def key(records: Records, shell: Caller, *scopes: str) -> dict[str, str]:
    with records.unit() as uow:
        made = api_keys.create(uow, shell, name="k", scopes=list(scopes), shop_id=SHOP)
    return {"authorization": f"Bearer {made.secret}"}


def purpose(answer: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one["answer"] for one in answer["purposes"] if one["purpose"] == name)


def test_a_consent_is_told_asked_and_withdrawn(client: TestClient, headers: dict[str, str]) -> None:
    told = {
        "customer_id": "u1",
        "purpose": "marketing",
        "state": "given",
        "happened_at": "2026-03-01T12:00:00Z",
        "message_id": "f1",
    }
    first = client.post("/v1/consents", json={"consents": [told], "source": "form"}, headers=headers)
    again = client.post("/v1/consents", json={"consents": [told], "source": "form"}, headers=headers)
    given = client.get("/v1/customers/u1/consents", headers=headers).json()
    gone = client.put(
        "/v1/customers/u1/consents", json={"consents": [{"purpose": "marketing", "state": "withdrawn"}]}, headers=headers
    ).json()
    history = client.get("/v1/customers/u1/consents/history", headers=headers).json()
    counts = client.get("/v1/consents", headers=headers).json()
    table = client.get("/v1/consents", params={"format": "csv"}, headers=headers)

    assert (first.json(), again.json()) == ({"recorded": 1}, {"recorded": 0})
    assert purpose(given, "marketing")["allowed"]
    assert (purpose(gone, "marketing")["allowed"], purpose(gone, "marketing")["because"]) == (False, "withdrawn")
    assert [(one["state"], one["source"]) for one in history["consents"]] == [("withdrawn", "support"), ("given", "form")]
    assert counts["counts"] == [{"purpose": "marketing", "channel": None, "given": 0, "pending": 0, "withdrawn": 1}]
    assert "marketing,,0,0,1" in table.text


def test_the_policy_and_wordings_are_decided_and_kept(client: TestClient, headers: dict[str, str]) -> None:
    body = {"purposes": [{"purpose": "analytics", "default": "opt_in"}], "heed_signals": False, "allowed_names": ["religion"]}
    changed = client.put("/v1/consents/policy", json=body, headers=headers).json()
    wording = client.post(
        "/v1/consents/wordings",
        json={"purpose": "marketing", "text_en": "May we write?", "text_zh": "可以联系您吗?"},
        headers=headers,
    )
    listed = client.get("/v1/consents/wordings", headers=headers).json()
    answer = client.get("/v1/customers/nobody/consents", headers=headers).json()

    assert changed["policy"]["heed_signals"] is False
    assert [one["rule"] for one in changed["history"]] != []
    assert (wording.status_code, wording.json()["version"]) == (201, 1)
    assert len(listed["wordings"]) == 1
    assert purpose(answer, "analytics")["allowed"] is False


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/v1/customers/u1/consents", {"consents": []}),
        ("PUT", "/v1/customers/u1/consents", {"consents": [{"purpose": "fun", "state": "given"}]}),
        ("PUT", "/v1/customers/u1/consents", {"consents": [{"purpose": "marketing", "state": "given", "channel": "fax"}]}),
        ("PUT", "/v1/customers/u1/consents", {"consents": [{"purpose": "marketing", "state": "given", "wording_version": 9}]}),
        ("POST", "/v1/consents", {"consents": [{"customer_id": "", "purpose": "marketing", "state": "given"}]}),
        (
            "POST",
            "/v1/consents",
            {"consents": [{"customer_id": "u", "purpose": "marketing", "state": "given", "happened_at": "long ago"}]},
        ),
        ("PUT", "/v1/privacy/retention", {"days": {"events": 0}}),
        ("PUT", "/v1/privacy/retention", {"days": {"nothing": 10}}),
    ],
)
def test_nonsense_is_refused(client: TestClient, headers: dict[str, str], method: str, path: str, body: Any) -> None:
    assert client.request(method, path, json=body, headers=headers).status_code in (400, 422)


def test_each_route_asks_for_its_permission(client: TestClient, records: Records, shell: Caller) -> None:
    reader = key(records, shell, "read_reports")

    for method, path in (
        ("GET", "/v1/customers/u1/consents"),
        ("PUT", "/v1/customers/u1/consents"),
        ("POST", "/v1/consents"),
        ("PUT", "/v1/consents/policy"),
        ("POST", "/v1/consents/wordings"),
        ("GET", "/v1/privacy/register"),
        ("GET", "/v1/privacy/retention"),
        ("PUT", "/v1/privacy/retention"),
        ("GET", "/v1/privacy/requests"),
        ("GET", "/v1/customers/u1/export.zip"),
    ):
        assert client.request(method, path, headers=reader).status_code == 403, path


def test_the_register_retention_and_requests_are_told(client: TestClient, headers: dict[str, str]) -> None:
    kept = client.put("/v1/privacy/retention", json={"days": {"events": 730, "orders": None}}, headers=headers).json()
    lines = client.get("/v1/privacy/register", headers=headers).json()["processing"]
    table = client.get("/v1/privacy/register", params={"format": "csv", "lang": "zh"}, headers=headers).text
    asked = client.get("/v1/privacy/requests", headers=headers).json()

    assert next(one["days"] for one in kept["classes"] if one["name"] == "events") == 730
    assert next(one for one in lines if one["place"] == "events")["days"] == 730
    assert {one["place"] for one in lines if one["identified"]} == {
        "person",
        "sealed_text",
        "quarantined_event",
        "bad_row",
        "home/quarantine",
        "home/uploads",
        "home/journal",
    }
    assert [one["place"] for one in lines if not one["encrypted"]] == ["home/uploads"]
    assert "行为事件" in table
    assert asked == {"requests": [], "certificates": []}
