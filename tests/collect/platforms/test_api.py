"""Platforms over HTTP, through the real application: signed deliveries in, sources and connectors kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from regulars.access import Caller, Keyring, api_keys
from regulars.access.domain import ROLE_PERMISSIONS, Role
from regulars.collect.platforms.api import api
from regulars.collect.platforms.jobs import JOBS
from regulars.records import Records
from regulars.stream.brokers import parse
from regulars.stream.brokers.nats_link import NatsLink
from regulars.warehouse import Warehouse
from regulars.web import Stores, WebOptions, build
from regulars.work import Worker
from tests.collect.platforms import payloads as p
from tests.collect.platforms.conftest import Stream, open_shop
from tests.collect.platforms.payloads import SHOPIFY_ORDER, SHOPIFY_SECRET, as_bytes, changed
from tests.collect.platforms.test_generic import ORDER, ORDER_RULE
from tests.support.nats import nats_server

Made = Callable[..., TestClient]


@pytest.fixture
def client(records: Records, warehouse: Warehouse, home: Path, keyring: Keyring, shell: Caller, stream: Stream) -> Made:
    """A client with an API key of these scopes, or a stranger with none."""
    open_shop(records, shell)
    app = build(Stores(records=records, warehouse=warehouse, home=home, keyring=keyring), WebOptions(), [api])

    def made(*scopes: str) -> TestClient:
        headers = {}
        if scopes:
            with records.unit() as uow:
                secret = api_keys.create(uow, shell, name="test", scopes=list(scopes), shop_id="tea").secret
            headers = {"authorization": f"Bearer {secret}"}
        return TestClient(app, base_url="http://localhost", headers=headers, raise_server_exceptions=False)

    return made


def source(client: TestClient, **more: Any) -> str:
    answer = client.post("/v1/webhook_sources", json={"name": "Shopify", "platform": "shopify", "secret": SHOPIFY_SECRET, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["source"]["source_id"])


def test_a_platform_delivers_without_an_account(client: Made, stream: Stream) -> None:
    made = source(client("connect_data", "load_data"))
    body = as_bytes(SHOPIFY_ORDER)

    answers = [client().post(f"/v1/webhooks/{made}", content=body, headers=p.shopify("orders/create", body)) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.json()["outcome"] for answer in answers] == ["accepted", "repeated"]
    assert len(stream.named("Order Completed")) == 1
    listed = client("load_data").get("/v1/webhook_sources").json()["items"][0]
    assert (listed["accepted"], listed["repeated"]) == (1, 1)
    assert SHOPIFY_SECRET not in str(listed)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"x-shopify-hmac-sha256": None}, 401, "unsigned"), ({"x-shopify-hmac-sha256": "AAAA"}, 401, "bad_signature"),
        ({"x-shopify-hmac-sha256": "\u00ff"}, 401, "bad_signature"),
    ],
)  # fmt: skip
def test_a_refusal_says_code_message_and_mend(client: Made, stream: Stream, change: dict[str, Any], status: int, code: str) -> None:
    made = source(client("connect_data"))
    body = as_bytes(SHOPIFY_ORDER)
    headers = {
        name: value.encode("latin-1") for name, value in {**p.shopify("orders/create", body), **change}.items() if value is not None
    }

    answer = client().post(f"/v1/webhooks/{made}", content=body, headers=headers)

    assert answer.status_code == status
    assert answer.json()["code"] == code
    assert answer.json()["message"]
    assert answer.json()["mend"]
    assert stream.lines == []


def test_an_unknown_source_is_404_and_too_large_a_body_413(client: Made) -> None:
    made = source(client("connect_data"))
    large = as_bytes({**SHOPIFY_ORDER, "note": "x" * 4_300_000})
    fits = as_bytes({**SHOPIFY_ORDER, "note": "x" * 3_000_000})

    assert client().post("/v1/webhooks/nobody", content=b"{}").status_code == 404
    assert client().post(f"/v1/webhooks/{made}", content=large, headers=p.shopify("orders/create", large)).status_code == 413
    assert client().post(f"/v1/webhooks/{made}", content=fits, headers=p.shopify("orders/create", fits)).status_code == 200


def test_the_same_delivery_from_sixteen_clients_is_one(client: Made, stream: Stream) -> None:
    made = source(client("connect_data"))
    body = as_bytes(SHOPIFY_ORDER)

    def send(_: int) -> int:
        return (
            client()
            .post(f"/v1/webhooks/{made}", content=body, headers=p.shopify("orders/create", body, delivery="same"))
            .status_code
        )

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(send, range(32)))

    assert set(statuses) == {200}
    assert len(stream.messages) == 2


HOSTILE = [
    b"", b"null", b"[]", b"{}", b"{", b'"x"', b"\x00", b"\xff\xfe", b"[" * 5000, b'{"a":' * 500 + b"1" + b"}" * 500, b'{"id":1e999999}', b'{"id":' + b"9" * 5000 + b"}",
    b'{"id":1,"id":2}', b'{"id":"\\ud800"}', as_bytes(changed(SHOPIFY_ORDER, total_price="1e5")), as_bytes(changed(SHOPIFY_ORDER, total_price=-5)),
    as_bytes(changed(SHOPIFY_ORDER, created_at=10**15)), as_bytes(changed(SHOPIFY_ORDER, created_at="0001-01-01T00:00:00+14:00")),
    as_bytes(changed(SHOPIFY_ORDER, line_items=[None])), as_bytes(changed(SHOPIFY_ORDER, line_items=[[]])), as_bytes(changed(SHOPIFY_ORDER, refunds=[{"id": 1}])),
    as_bytes(changed(SHOPIFY_ORDER, name="x" * 5000)), as_bytes(changed(SHOPIFY_ORDER, discount_codes=[{"code": {"a": 1}}])), as_bytes(changed(SHOPIFY_ORDER, customer=[1])),
    as_bytes(changed(SHOPIFY_ORDER, line_items=[{"quantity": "1e9", "price": "1"}])), as_bytes(changed(SHOPIFY_ORDER, line_items=[{"quantity": 10**17}])),
]  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_no_body_makes_a_fault(client: Made, body: bytes) -> None:
    made = source(client("connect_data"))
    for topic in (
        "orders/create",
        "refunds/create",
        "products/update",
        "customers/update",
        "carts/update",
        "checkouts/create",
        "shop/redact",
    ):
        answer = client().post(f"/v1/webhooks/{made}", content=body, headers=p.shopify(topic, body))

        assert answer.status_code == 200, (topic, answer.text)
        assert answer.json()["outcome"] in ("accepted", "quarantined", "ignored")


def test_a_mapping_is_tried_before_it_is_saved(client: Made, stream: Stream) -> None:
    here = client("connect_data", "load_data")
    good = here.post("/v1/webhook_sources/dry_runs", json={"mapping": {"rules": [ORDER_RULE]}, "sample": ORDER})
    bad = here.post(
        "/v1/webhook_sources/dry_runs",
        json={"mapping": {"rules": [{"take": "orders", "fields": {"nothing": "x"}}]}, "sample": ORDER},
    )

    assert [message.get("event") for message in good.json()["messages"]][1:] == ["Order Completed"]
    assert (bad.status_code, bad.json()["code"]) == (400, "bad_mapping")
    assert stream.lines == []


def test_a_secret_is_rotated_and_a_source_changed_and_taken_away(client: Made) -> None:
    here = client("connect_data", "load_data")
    made = source(here)

    rotated = here.post(f"/v1/webhook_sources/{made}/rotations", json={"overlap_hours": 1})
    renamed = here.patch(f"/v1/webhook_sources/{made}", json={"name": "New name", "disabled": True})

    assert rotated.json()["secret"] != SHOPIFY_SECRET
    assert rotated.json()["source"]["previous_secret_until"]
    assert (renamed.json()["name"], bool(renamed.json()["disabled_at"])) == ("New name", True)
    assert here.delete(f"/v1/webhook_sources/{made}").status_code == 204
    assert here.delete(f"/v1/webhook_sources/{made}").status_code == 404


@pytest.fixture
def theirs(tmp_path: Path) -> str:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER, number TEXT, created_at TEXT, member TEXT, total TEXT)")
        connection.execute("INSERT INTO orders VALUES (1, 'A1', '2026-10-01T00:00:00Z', 'm1', '12.50')")
    return f"sqlite:///{path}"


def wish(url: str) -> dict[str, Any]:
    mapping = {"order_id": "number", "ordered_at": "created_at", "customer_id": "member", "order_total": "total"}
    return {"name": "db", "takes": "orders", "url": url, "query": "SELECT * FROM orders", "cursor_column": "id", "mapping": mapping}


def test_a_connector_is_tried_made_run_and_asked_about(
    client: Made, theirs: str, stream: Stream, records: Records, warehouse: Warehouse, home: Path
) -> None:
    here = client("connect_data", "load_data")
    trial = here.post("/v1/connectors/dry_runs", json=wish(theirs))
    made = here.post("/v1/connectors", json=wish(theirs)).json()["connector_id"]
    asked = here.post(f"/v1/connectors/{made}/runs")
    Worker(records, warehouse, home, JOBS).run_until_idle()

    assert trial.json()["messages"][0]["event"] == "Order Completed"
    assert asked.status_code == 202
    runs = here.get(f"/v1/connectors/{made}/runs").json()["items"]
    assert [(run["state"], run["rows"], run["messages"]) for run in runs] == [("done", 1, 1)]
    assert here.get(f"/v1/connectors/{made}").json()["cursor"] == "1"
    assert stream.named("Order Completed")[0]["properties"]["order_id"] == "A1"
    assert here.patch(f"/v1/connectors/{made}", json={"paused": True}).json()["paused"] is True
    assert here.delete(f"/v1/connectors/{made}").status_code == 204
    assert here.get("/v1/connectors").json()["items"] == []


def test_due_connectors_are_run_by_the_worker(
    client: Made, theirs: str, stream: Stream, records: Records, warehouse: Warehouse, home: Path
) -> None:
    from regulars.collect.platforms.jobs import LOOK
    from regulars.work import enqueue

    client("connect_data").post("/v1/connectors", json=wish(theirs))
    with records.unit() as uow:
        enqueue(uow, LOOK, {}, shop_id="tea")

    Worker(records, warehouse, home, JOBS).run_until_idle()

    assert len(stream.named("Order Completed")) == 1


def test_who_may_not_connect_data_reaches_no_database(client: Made, theirs: str) -> None:
    here = client("load_data")

    assert here.post("/v1/connectors", json=wish(theirs)).status_code == 403
    assert here.post("/v1/connectors/dry_runs", json=wish(theirs)).status_code == 403
    assert here.post("/v1/webhook_sources", json={"name": "x", "platform": "webhook"}).status_code == 403
    assert {role for role in Role if "connect_data" in ROLE_PERMISSIONS[role]} == {Role.OWNER, Role.ANALYST}


def test_what_is_wrong_with_a_database_is_said_in_a_sentence(client: Made, theirs: str) -> None:
    here = client("connect_data")
    cases: list[tuple[dict[str, Any], str]] = [
        ({"query": "SELECT gone FROM orders"}, "bad_query"),
        ({"cursor_column": "gone"}, "missing_cursor_column"),
        ({"url": "sqlite:////gone.db"}, "bad_database_url"),
        ({"url": "postgresql://u:s3cr3t-w0rd@127.0.0.1:9/x"}, "database_away"),
    ]
    for change, code in cases:
        answer = here.post("/v1/connectors/dry_runs", json={**wish(theirs), **change})

        assert answer.json()["code"] == code
        assert answer.json()["mend"]
        assert "s3cr3t-w0rd" not in answer.text


def test_a_stream_is_connected_tried_and_taken_away_and_its_secret_never_told(client: Made) -> None:
    who = client("connect_data", "load_data")
    with nats_server() as server:
        link = NatsLink(parse(server.url("shop")))
        link.call(lambda js: js.add_stream(name="shop", subjects=["shop"]))
        link.call(lambda js: js.publish("shop", b'{"type":"track","event":"Viewed","userId":"1"}'))
        link.close()
        body = {"name": "Events", "takes": "stream", "url": f"nats://t0ken@{server.host}/shop"}

        trial = who.post("/v1/connectors/dry_runs", json=body)
        made = who.post("/v1/connectors", json=body)
        listed = who.get("/v1/connectors")

    assert trial.json()["messages"][0]["event"] == "Viewed"
    assert made.status_code == 201, made.text
    assert made.json()["place"] == f"nats://{server.host}/shop"
    assert [one["takes"] for one in listed.json()["items"]] == ["stream"]
    assert not any("t0ken" in answer.text for answer in (trial, made, listed))
    assert who.delete(f"/v1/connectors/{made.json()['connector_id']}").status_code == 204


@pytest.mark.parametrize("url", ["nats://127.0.0.1:9/s", "file:///etc/passwd", "nats://s3cret:p@127.0.0.1:9/s", "kafka://h", ""])
def test_a_stream_that_is_none_or_away_is_refused_in_words(client: Made, url: str) -> None:
    answer = client("connect_data").post("/v1/connectors", json={"name": "x", "takes": "stream", "url": url})

    assert answer.status_code in (400, 503), answer.text
    assert answer.json()["mend"]
    assert "s3cret" not in answer.text
