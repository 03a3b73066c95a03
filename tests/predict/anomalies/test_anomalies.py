"""A shop whose tea runs out: the alarm, its causes, what people say of it, and why on demand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from regulars.access import Caller, Keyring, Shop, api_keys, shops
from regulars.errors import InvalidInput, NotEnoughData, NotFound
from regulars.predict.anomalies import answer, listing, root_cause, watch
from regulars.predict.anomalies.api import api
from regulars.records import Records
from regulars.records.tables import outbox
from regulars.understand.metrics import METRICS
from regulars.values.answers import to_json
from regulars.values.money import Money
from regulars.values.periods import Period
from regulars.warehouse import Warehouse
from regulars.web import Stores, WebOptions, build
from tests.understand.metrics.small_store import SmallStore

ClientWith = Callable[..., TestClient]
FIRST, LAST = date(2025, 3, 3), date(2025, 6, 22)


def fill(shop: Shop, warehouse: Warehouse, *, until: date = LAST, out_on: int = 2, price: int = 2_000) -> None:
    """Every day eight orders of tea for 20.00 and two cups for 5.00; no tea is sold on the last `out_on` days."""
    store = SmallStore(shop)
    for i in range((until - FIRST).days + 1):
        day = FIRST + timedelta(days=i)
        gone = (until - day).days < out_on
        for k in range(10):
            tea = k < 8 + i % 2
            if tea and gone:
                continue
            item = ("green", "Tea", 1, price if gone else 2_000) if tea else ("cup", "Cup", 1, 500)
            store.order(f"o{i}-{k}", f"c{(7 * i + k) % 60}", f"{day} 0{k % 8 + 1}:00", item[3], items=[item])
    store.load(warehouse)


@pytest.fixture
def shop(records: Records, warehouse: Warehouse, home: Path) -> Shop:
    with records.unit() as uow:
        made = shops.create(
            uow, Caller.system("test", Keyring.open(home)), shop_id="tea", name="Tea", timezone="Asia/Shanghai", currency="CNY"
        )
    fill(made, warehouse)
    return made


@pytest.fixture
def client_with(shop: Shop, records: Records, warehouse: Warehouse, home: Path) -> ClientWith:
    keyring = Keyring.open(home)
    app = build(Stores(records=records, warehouse=warehouse, home=home, keyring=keyring), WebOptions(), [api])

    def client(*scopes: str) -> TestClient:
        with records.unit() as uow:
            key = api_keys.create(uow, Caller.system("test", keyring), name="test", scopes=list(scopes))
        return TestClient(app, headers={"authorization": f"Bearer {key.secret}"}, base_url="http://localhost")

    return client


def told(records: Records) -> list[Any]:
    with records.reading() as uow:
        return list(uow.rows(select(outbox).where(outbox.c.event == "Anomaly Found")))


def test_two_days_without_tea_raise_an_alarm_once_with_the_tea_as_cause(shop: Shop, records: Records, warehouse: Warehouse) -> None:
    found = {one.metric: one for one in watch(records, warehouse, shop)}

    alarm = found["gmv"]
    assert (alarm.day, alarm.direction, alarm.state, alarm.level) == (LAST, "down", "open", "red")
    assert isinstance(alarm.value, Money)
    assert isinstance(alarm.low, Money)
    assert alarm.value < alarm.low
    assert alarm.effect.minor == pytest.approx(-2 * 17_000, rel=0.1)
    assert any("The green" in line for line in alarm.causes["en"])
    assert any("商品 The green" in line for line in alarm.causes["zh"])
    assert len(told(records)) == len(found)
    assert watch(records, warehouse, shop) == []
    assert len(told(records)) == len(found)


def test_ordinary_days_raise_none_and_neither_does_a_single_one(shop: Shop, records: Records, warehouse: Warehouse) -> None:
    assert watch(records, warehouse, shop, last_on=LAST - timedelta(days=2)) == []
    assert watch(records, warehouse, shop, last_on=LAST - timedelta(days=1)) == []


def test_a_history_too_short_to_forecast_raises_none(shop: Shop, records: Records, warehouse: Warehouse) -> None:
    for days in (1, 3, 10):
        assert watch(records, warehouse, shop, last_on=FIRST + timedelta(days=days)) == []


def test_an_answer_is_kept_with_its_reason_and_a_muted_metric_is_silent(
    shop: Shop, any_records: Records, records: Records, warehouse: Warehouse, home: Path
) -> None:
    keyring = Keyring.open(home)
    caller = Caller.system("test", keyring)
    with any_records.unit() as uow:
        if uow.value(select(outbox.c.event).limit(1)) is None and any_records is not records:
            shops.create(uow, caller, shop_id="tea", name="Tea", timezone="Asia/Shanghai", currency="CNY")
    alarms = watch(any_records, warehouse, shop)
    with any_records.unit() as uow:
        said = answer(uow, caller, "tea", alarms[0].anomaly_id, state="expected", because="stocktaking")
        assert (said.state, said.because, said.said_by) == ("expected", "stocktaking", "system:test")
        with pytest.raises(InvalidInput):
            answer(uow, caller, "tea", alarms[0].anomaly_id, state="expected")
        with pytest.raises(NotFound):
            answer(uow, caller, "tea", "anom_none", state="muted")
        muted = answer(uow, caller, "tea", alarms[0].anomaly_id, state="muted")
        assert muted.muted_until == LAST + timedelta(days=14)
        assert [one.anomaly_id for one in listing(uow, "tea", state="muted")] == [muted.anomaly_id]


def test_why_revenue_fell_names_the_product_and_splits_price_from_units(shop: Shop, warehouse: Warehouse) -> None:
    """Two days without tea against the two before: 34 orders of tea, 680.00, are gone; 2 or 1 cups a day stay."""
    found = root_cause(warehouse, shop, "revenue", Period(LAST - timedelta(days=1), LAST + timedelta(days=1)))

    assert found.metric == "item_revenue"
    assert found.change is not None
    assert found.change < -0.9
    assert found.causes[0].where == {"product": "green"}
    assert found.causes[0].names == {"product": "The green"}
    assert found.causes[0].share == pytest.approx(1, abs=0.05)
    assert found.causes[0].actual == Money(0, "CNY")
    assert found.effects is not None
    assert (found.effects.kind, found.effects.inner) == ("price_volume", Money(0, "CNY"))
    findings = {one.name: one.finding for one in found.hypotheses}
    assert findings["competitor"] == findings["stock"] == findings["traffic"] == "no_data"
    assert found.text["en"][0].startswith("Item revenue fell by")
    assert found.text["zh"][0].startswith("商品销售额下降")


def test_a_price_that_rose_while_units_fell_is_found(records: Records, warehouse: Warehouse, home: Path) -> None:
    with records.unit() as uow:
        made = shops.create(
            uow, Caller.system("test", Keyring.open(home)), shop_id="dear", name="Dear", timezone="UTC", currency="EUR"
        )
    store = SmallStore(made)
    for i in range(28):
        for k in range(10 if i < 14 else 4):
            item = ("green", "Tea", 1, 2_000 if i < 14 else 2_600)
            store.order(f"d{i}-{k}", f"c{k}", f"{date(2025, 5, 1) + timedelta(days=i)} 0{k % 9}:00", item[3], items=[item])
    store.load(warehouse)

    found = root_cause(warehouse, made, "item_revenue", Period(date(2025, 5, 15), date(2025, 5, 29)))

    assert found.hypotheses[0].name == "own_price"
    assert found.hypotheses[0].finding == "found"
    assert "€20.00" in found.hypotheses[0].text["en"]
    assert found.effects is not None
    assert found.effects.inner == Money(56 * 600, "EUR")  # 14 days x 4 units x 6.00


def test_a_ratio_is_split_into_rate_and_mix_that_add_up(shop: Shop, warehouse: Warehouse) -> None:
    found = root_cause(warehouse, shop, "aov", Period(LAST - timedelta(days=1), LAST + timedelta(days=1)))

    assert found.effects is not None
    assert isinstance(found.value, Money)
    assert isinstance(found.previous, Money)
    inner, outer = found.effects.inner, found.effects.outer
    assert isinstance(inner, Money)
    assert isinstance(outer, Money)
    assert inner.minor + outer.minor == pytest.approx(found.value.minor - found.previous.minor, abs=2)


def test_what_cannot_be_explained_is_said(shop: Shop, warehouse: Warehouse) -> None:
    week = Period(date(2025, 5, 5), date(2025, 5, 12))
    for wrong in ("profit", "repeat_purchase_rate"):
        with pytest.raises(InvalidInput):
            root_cause(warehouse, shop, wrong, week)
    with pytest.raises(InvalidInput):
        root_cause(warehouse, shop, "orders", week, Period(date(2025, 5, 8), date(2025, 5, 20)))
    with pytest.raises(NotEnoughData):
        root_cause(warehouse, shop, "orders", Period(FIRST, FIRST + timedelta(days=3)))
    assert {"gmv", "orders", "aov", "units"} <= set(METRICS)


def test_the_api_answers_what_the_verbs_answer(client_with: ClientWith, shop: Shop, records: Records, warehouse: Warehouse) -> None:
    watch(records, warehouse, shop)
    reader, manager = client_with("read_reports"), client_with("read_reports", "manage_reports")

    found = reader.get("/v1/anomalies").json()["anomalies"]
    with records.reading() as uow:
        assert found == [to_json(one) for one in listing(uow, "tea")]
    address = f"/v1/anomalies/{found[0]['anomaly_id']}"
    assert reader.get(address).json() == found[0]
    assert reader.patch(address, json={"state": "acknowledged"}).status_code == 403
    assert manager.patch(address, json={"state": "expected"}).json()["code"] == "no_reason"
    assert manager.patch(address, json={"state": "acknowledged"}).json()["state"] == "acknowledged"
    asked = {"metric": "revenue", "from": str(LAST - timedelta(days=1)), "to": str(LAST)}
    why = reader.get("/v1/root-causes", params=asked)
    assert why.json() == to_json(root_cause(warehouse, shop, "revenue", Period(LAST - timedelta(days=1), LAST + timedelta(days=1))))
    assert reader.get("/v1/root-causes").json()["code"] == "bad_period"
