"""Values by the doors: the job and its registry, HTTP with permissions and audited exports."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from regulars import registry
from regulars.access import Caller, Keyring, Shop, api_keys, shops
from regulars.access.tables import audit_entry
from regulars.predict import lifetime_value
from regulars.predict.lifetime_value import service
from regulars.predict.lifetime_value.api import api
from regulars.records import Records
from regulars.records.tables import outbox
from regulars.understand import profiles
from regulars.understand.metrics import data_span
from regulars.values.answers import to_json
from regulars.warehouse import Warehouse
from regulars.web import Stores, WebOptions, build
from tests.predict.lifetime_value.stores import BEGIN, drawn


@pytest.fixture
def shop(records: Records, warehouse: Warehouse, home: Path) -> Shop:
    with records.unit() as uow:
        made = shops.create(
            uow, Caller.system("test", Keyring.open(home)), shop_id="tea", name="Tea", timezone="Asia/Shanghai", currency="CNY"
        )
    drawn(120, shop=made).load(warehouse)
    profiles.refresh(warehouse, made)
    return made


def test_values_follow_the_profiles_and_the_nightly_run_is_judged(records: Records, warehouse: Warehouse, shop: Shop) -> None:
    with pytest.raises(Exception, match="no values were worked out"):
        lifetime_value.listing(warehouse, shop)

    assert lifetime_value.run(records, warehouse, shop, whole=False) == 120

    at_once = lifetime_value.listing(warehouse, shop)
    assert (at_once.gini, [one.code for one in at_once.cautions][-1]) == (None, "not_judged")
    with records.reading() as uow:
        assert [one.state for one in registry.versions(uow, "tea", lifetime_value.MODEL)] == ["champion"]
        assert uow.rows(select(outbox.c.event).where(outbox.c.event == "Values Refreshed"))

    lifetime_value.run(records, warehouse, shop)

    judged = lifetime_value.listing(warehouse, shop)
    assert judged.gini is not None
    assert judged.gini > 0.2
    assert judged.coverage is not None
    assert judged.tracking_factor is not None
    assert judged.value == at_once.value  # the same data, the same model
    with records.reading() as uow:
        newest, first = registry.versions(uow, "tea", lifetime_value.MODEL)
        assert (newest.state, first.state, newest.settings["currency"]) == ("champion", "retired", "CNY")
        assert [fold["customers"] > 0 for fold in newest.folds] == [True] * 3
    with records.unit() as uow:
        registry.roll_back(uow, "tea", lifetime_value.MODEL, by="test")
        again = service.learned(warehouse, shop, as_of=data_span(warehouse, shop).as_of - timedelta(days=1), whole=False)
        service.keep(uow, shop, again)
        champion = registry.champion(uow, "tea", lifetime_value.MODEL)
    assert champion is not None
    assert champion.number == first.number  # what somebody rolled back to stays

    lifetime_value.run(records, warehouse, shop, as_of=BEGIN + timedelta(days=200))
    assert lifetime_value.listing(warehouse, shop).as_of == BEGIN + timedelta(days=200)


def test_http_answers_what_the_verbs_answer(records: Records, warehouse: Warehouse, shop: Shop, home: Path) -> None:
    lifetime_value.run(records, warehouse, shop, whole=False)
    keyring = Keyring.open(home)
    app = build(Stores(records=records, warehouse=warehouse, home=home, keyring=keyring), WebOptions(), [api])

    def client(*scopes: str) -> TestClient:
        with records.unit() as uow:
            key = api_keys.create(uow, Caller.system("test", keyring), name="test", scopes=list(scopes))
        return TestClient(app, headers={"authorization": f"Bearer {key.secret}"}, base_url="http://localhost")

    reader = client("read_reports", "read_customers")
    first = reader.get("/v1/values?limit=100").json()
    rest = reader.get("/v1/values", params={"limit": 100, "cursor": first["next"]}).json()
    one = first["rows"][0]

    assert first == to_json(lifetime_value.listing(warehouse, shop, limit=100))
    assert (len(first["rows"]), len(rest["rows"]), rest["next"]) == (100, 20, None)
    assert reader.get(f"/v1/customers/{one['customer_id']}/value").json() == one
    assert reader.get("/v1/customers/nobody/value").json()["code"] == "no_value"
    assert reader.get("/v1/values/groups?by=cohort").json() == to_json(lifetime_value.groups(warehouse, shop, "cohort"))
    assert reader.get("/v1/values/groups?by=shoe").status_code == 422
    assert reader.get("/v1/values?format=csv").status_code == 403
    assert client("read_reports").get("/v1/values").status_code == 403

    taker = client("read_customers", "read_reports", "export")
    rows = list(csv.DictReader(taker.get("/v1/values?format=csv&tier=top").text.lstrip("\ufeff").splitlines()))
    assert [row["customer_id"] for row in rows] == [row["customer_id"] for row in first["rows"][: len(rows)]]
    assert len(rows) == 6
    groups = taker.get("/v1/values/groups?by=channel&format=csv").text
    assert groups.startswith("\ufeffchannel,") or groups.startswith("channel,")
    with records.reading() as uow:
        noted = uow.rows(select(audit_entry.c.action).where(audit_entry.c.action == "values.exported"))
    assert len(noted) == 1
