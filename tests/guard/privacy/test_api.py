"""The privacy routes: for those who may, about one customer of one shop."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from regulars.access import Caller, Keyring, api_keys
from regulars.guard.privacy.api import api
from regulars.records import Records
from regulars.warehouse import Warehouse
from regulars.web import Stores, WebOptions, build
from tests.guard.privacy.conftest import MEI, SHOP


@pytest.fixture
def visitor(filled: Records, warehouse: Warehouse, home: Path, keyring: Keyring) -> TestClient:
    stores = Stores(records=filled, warehouse=warehouse, home=home, keyring=keyring)
    return TestClient(build(stores, WebOptions(), [api]), base_url="http://localhost")


def key(records: Records, shell: Caller, *scopes: str, shop_id: str = SHOP) -> dict[str, str]:
    with records.unit() as uow:
        made = api_keys.create(uow, shell, name="k", scopes=list(scopes), shop_id=shop_id)
    return {"authorization": f"Bearer {made.secret}"}


def test_a_customer_is_looked_up_seen_exported_and_erased(visitor: TestClient, filled: Records, shell: Caller, mei: str) -> None:
    headers = key(filled, shell, "see_personal_data", "erase_customers")

    found = visitor.get("/v1/customer_lookup", params={"contact": MEI}, headers=headers).json()
    seen = visitor.get(f"/v1/customers/{mei}/person", headers=headers).json()
    export = visitor.get(f"/v1/customers/{mei}/export", headers=headers)
    erased = visitor.post(f"/v1/customers/{mei}/erasure", headers=headers | {"idempotency-key": "a"})
    again = visitor.post(f"/v1/customers/{mei}/erasure", headers=headers | {"idempotency-key": "a"})

    assert found == {"customer_ids": [mei]}
    assert (seen["name"], seen["email"]) == ("王梅 Wang Mei", MEI)
    assert len(export.json()["warehouse"]["orders"]) == 2
    assert export.headers["content-disposition"].startswith("attachment")
    assert erased.status_code == 200
    assert again.json() == erased.json()
    assert mei not in erased.text
    assert visitor.get(f"/v1/customers/{mei}/person", headers=headers).status_code == 404
    assert visitor.get(f"/v1/customers/{mei}/export", headers=headers).status_code == 404


def test_each_route_asks_for_its_permission_and_shop(visitor: TestClient, filled: Records, shell: Caller, mei: str) -> None:
    reader = key(filled, shell, "read_customers", "export")
    other = key(filled, shell, "see_personal_data", "erase_customers", shop_id="coffee")

    for method, path in (("GET", "person"), ("GET", "export"), ("POST", "erasure")):
        assert visitor.request(method, f"/v1/customers/{mei}/{path}", headers=reader).status_code == 403
        assert visitor.request(method, f"/v1/customers/{mei}/{path}?shop={SHOP}", headers=other).status_code == 404
