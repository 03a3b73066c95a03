"""Customers, RFM, lifecycle and the list to act on over HTTP: the verb's own object, permissions, and audited exports."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from regulars.access import Caller, Keyring, Shop, api_keys, shops
from regulars.access.tables import audit_entry
from regulars.predict import next_purchase
from regulars.predict.next_purchase.api import api as act_on_api
from regulars.records import Records
from regulars.understand import lifecycle, profiles, rfm
from regulars.understand.lifecycle.api import api as lifecycle_api
from regulars.understand.profiles.api import api as customers_api
from regulars.understand.rfm.api import api as rfm_api
from regulars.values.answers import to_json
from regulars.warehouse import Warehouse
from regulars.web import Stores, WebOptions, build
from tests.understand.metrics.small_store import SmallStore

ClientWith = Callable[..., TestClient]


@pytest.fixture
def shop(records: Records, warehouse: Warehouse, home: Path) -> Shop:
    with records.unit() as uow:
        made = shops.create(
            uow, Caller.system("test", Keyring.open(home)), shop_id="tea", name="Tea", timezone="Asia/Shanghai", currency="CNY"
        )
    store = SmallStore(made)
    for k in range(8):
        store.order(f"a{k}", "=ann", f"2025-0{1 + k // 2}-{5 + 15 * (k % 2):02} 03:00", 8_000, items=[("green", "Tea", 1, 8_000)])
    store.order("b1", "ben", "2025-06-01 03:00", 2_000).order("b2", "ben", "2025-06-20 03:00", 2_000).load(warehouse)
    profiles.refresh(warehouse, made)
    next_purchase.refresh(warehouse, made)
    return made


@pytest.fixture
def client_with(shop: Shop, records: Records, warehouse: Warehouse, home: Path) -> ClientWith:
    keyring = Keyring.open(home)
    stores = Stores(records=records, warehouse=warehouse, home=home, keyring=keyring)
    app = build(stores, WebOptions(), [rfm_api, lifecycle_api, customers_api, act_on_api])

    def client(*scopes: str) -> TestClient:
        with records.unit() as uow:
            key = api_keys.create(uow, Caller.system("test", keyring), name="test", scopes=list(scopes))
        return TestClient(app, headers={"authorization": f"Bearer {key.secret}"}, base_url="http://localhost")

    return client


def test_each_path_answers_what_its_verb_answers(client_with: ClientWith, shop: Shop, warehouse: Warehouse) -> None:
    client = client_with("read_reports", "read_customers")

    def got(path: str) -> object:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    assert got("/v1/rfm?lang=zh") == to_json(rfm.report(warehouse, shop, language="zh"))
    assert got("/v1/lifecycle") == to_json(lifecycle.report(warehouse, shop))
    assert got("/v1/customers?sort=orders&limit=1") == to_json(profiles.search(warehouse, shop, sort="orders", limit=1))
    assert got("/v1/customer_filters") == to_json(profiles.filter_choices(warehouse, shop))
    assert got("/v1/customers/ben") == to_json(profiles.customer(warehouse, shop, "ben"))
    assert got("/v1/customers/%3Dann/timeline?limit=3") == to_json(profiles.timeline(warehouse, shop, "=ann", limit=3))
    assert got("/v1/act_on?status=overdue&status=lost") == to_json(
        next_purchase.act_on(warehouse, shop, status=["overdue", "lost"])
    )


def test_without_the_permission_nothing_is_told(client_with: ClientWith) -> None:
    reader = client_with("read_reports")

    assert reader.get("/v1/rfm").status_code == 200
    for path in ("/v1/customers", "/v1/customers/ben", "/v1/customers/ben/timeline", "/v1/act_on", "/v1/customer_filters"):
        assert reader.get(path).status_code == 403
    assert client_with("read_customers").get("/v1/act_on?format=csv").status_code == 403


def test_an_export_is_whole_harmless_and_audited(client_with: ClientWith, records: Records) -> None:
    client = client_with("read_customers", "export")

    acting = client.get("/v1/act_on?format=csv&status=overdue&status=lost")
    listed = client.get("/v1/customers?format=csv&limit=1")

    assert acting.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(acting.content.decode("utf-8-sig").splitlines()))
    assert [row["customer_id"] for row in rows] == ["'=ann"]
    assert len(listed.content.decode("utf-8-sig").splitlines()) == 3
    with records.reading() as uow:
        actions = [row["action"] for row in uow.rows(select(audit_entry))]
    assert {"act_on.exported", "customers.exported"} <= set(actions)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/customers/nobody", 404),
        ("/v1/customers?cursor=zzz", 400),
        ("/v1/customers?segment=kings", 400),
        ("/v1/customers?sort=name", 422),
        ("/v1/act_on?status=late", 422),
        ("/v1/act_on?cursor=zzz", 400),
        ("/v1/lifecycle?from=2025-02-30", 422),
    ],
)
def test_what_cannot_be_answered_is_a_problem_with_a_way_to_mend_it(client_with: ClientWith, path: str, status: int) -> None:
    answer = client_with("read_reports", "read_customers").get(path)

    assert answer.status_code in (status, 400)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["mend"]
