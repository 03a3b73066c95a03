"""Files of events through the same door as all others: dry run, load by the worker, the report, and events that trigger nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from regulars.access import Caller, api_keys, shops
from regulars.app import House
from regulars.settings import Settings

TAOBAO = "1,2268318,2520377,pv,1511544070\n1,2268318,2520377,buy,1511561733\n2,2333346,2520771,cart,1511561734\n"


@pytest.fixture
def house(home: Path) -> Iterator[House]:
    """A shop."""
    made = House.open(Settings.load({"REGULARS_HOME": str(home)}))
    with made.records.unit() as uow:
        caller = Caller.system("shell", made.keyring)
        shops.create(uow, caller, shop_id="tea", name="Tea House", timezone="Asia/Shanghai", currency="CNY")
    yield made
    made.close()


def test_a_file_of_behaviours_is_looked_at_and_loaded_over_http(house: House) -> None:
    with house.records.unit() as uow:
        key = api_keys.create(uow, Caller.system("shell", house.keyring), name="t", scopes=["load_data"], shop_id="tea").secret
    client = TestClient(house.http(), base_url="http://localhost", headers={"authorization": f"Bearer {key}"})
    asked = {"kind": "events", "name": "UserBehavior.csv"}

    plan = client.post("/v1/loads", params={**asked, "dry_run": True}, content=TAOBAO.encode())
    handed = [client.post("/v1/loads", params=asked, content=TAOBAO.encode()) for _ in range(2)]
    house.work_off()
    house.loader.run_once()
    load = client.get(f"/v1/loads/{handed[0].json()['load']['load_id']}").json()

    assert plan.status_code == 202, plan.text
    assert plan.json()[next(iter(plan.json()))]["found"]["events"] == 3
    assert [answer.status_code for answer in handed] == [202, 202]
    assert load["load"]["status"] == "done", load
    assert load["report"]["found"]["events"] == 3
    rows = house.warehouse.rows(house.warehouse.table("events"))
    assert sorted(row["event"] for row in rows) == ["Order Completed", "Product Added", "Product Viewed"]
    assert all(row["is_history"] for row in rows)
