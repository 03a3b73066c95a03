"""Forecasts of a shop's metrics: every one of the catalogue, as of the past, over HTTP, and the refusals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from regulars.access import Caller, Keyring, Shop, api_keys, shops
from regulars.errors import InvalidInput, NotEnoughData
from regulars.predict.forecast import forecast
from regulars.predict.forecast.api import api
from regulars.records import Records
from regulars.understand.metrics import DAILY_METRICS, METRICS, report
from regulars.understand.metrics.daily import PARTS, daily_sums
from regulars.values.answers import to_json
from regulars.values.money import Money
from regulars.values.periods import Period
from regulars.warehouse import Warehouse
from regulars.web import Stores, WebOptions, build
from tests.understand.metrics.small_store import SmallStore

ClientWith = Callable[..., TestClient]
FIRST, LAST = date(2025, 3, 3), date(2025, 6, 22)  # a Monday to a Sunday


@pytest.fixture
def shop(records: Records, warehouse: Warehouse, home: Path) -> Shop:
    """Two orders on weekdays, five on Saturdays, none on Sundays; 20.00 each, refunds of 1.00 on Mondays."""
    with records.unit() as uow:
        made = shops.create(
            uow, Caller.system("test", Keyring.open(home)), shop_id="tea", name="Tea", timezone="Asia/Shanghai", currency="CNY"
        )
    store = SmallStore(made)
    for i in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=i)
        for k in range((2, 2, 2, 2, 2, 5, 0)[day.weekday()]):
            who = f"n{i}" if k == 1 else f"c{(3 * i + k) % 40}"
            store.order(f"o{i}-{k}", who, f"{day} 0{k + 1}:00", 2_000, items=[("green", "Tea", 1, 2_000)])
        if day.weekday() == 0:
            store.refund(f"o{i}-0", f"{day} 08:00", 100)
    store.load(warehouse)
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


def test_a_steady_shop_goes_on_as_it_was(shop: Shop, warehouse: Warehouse) -> None:
    answer = forecast(warehouse, shop, "gmv", days=14, calendar="none")

    assert [one.expected for one in answer.days] == [Money(m, "CNY") for m in (0, 4_000, 4_000, 4_000, 4_000, 4_000, 10_000)] * 2
    assert answer.total is not None
    assert answer.total.expected == Money(60_000, "CNY")
    assert answer.past[-1].day == LAST - timedelta(days=1)  # the newest order's day is the last one judged
    assert answer.days[0].day == LAST
    assert (answer.method, answer.history_days) == ("weekday_level", 111)
    assert (answer.score.mase, answer.score.wape, answer.score.coverage) == (None, 0, 1)


def test_every_metric_of_the_catalogue_has_a_forecast(shop: Shop, warehouse: Warehouse) -> None:
    refused = {
        "cancelled",
        "cancelled_orders",
        "anonymous_revenue",
        "delivered_orders",
        "delivery_days_mean",
        "late_delivery_share",
        *(name for name in DAILY_METRICS if METRICS[name].grain in ("cost", "product")),
    }  # nothing of it ever happened here
    for name in DAILY_METRICS:
        metric = METRICS[name]
        if name in refused:
            with pytest.raises(NotEnoughData):
                forecast(warehouse, shop, name, days=7)
            continue
        answer = forecast(warehouse, shop, name, days=7)

        assert len(answer.days) == 7, name
        assert any(one.expected is not None for one in answer.days), name
        assert (answer.total is not None) == metric.additive, name


def test_the_daily_sums_are_the_metrics_of_each_day(shop: Shop, warehouse: Warehouse) -> None:
    """Every metric's numerator over its denominator is what the report says of the day."""
    sums = daily_sums(warehouse, shop)
    assert sums is not None
    days = report(warehouse, shop, Period.between(sums.first_on, sums.last_on), "day").series

    assert set(PARTS) <= set(METRICS)
    for name in DAILY_METRICS:
        above, below = sums.of(name)
        for i, bucket in enumerate(days):
            value = bucket.values[name]
            plain = None if value is None else float(value.minor) if isinstance(value, Money) else float(value)
            mine = above[i] if below is None else above[i] / below[i] if below[i] else None
            assert mine == (None if plain is None else pytest.approx(plain, abs=0.5 if METRICS[name].unit == "money" else 1e-3)), (
                name
            )


def test_as_of_the_past_nothing_later_is_seen(shop: Shop, warehouse: Warehouse) -> None:
    then = forecast(warehouse, shop, "orders", days=7, last_on=date(2025, 5, 11), calendar="none")

    assert then.days[0].day == date(2025, 5, 12)
    assert [one.expected for one in then.days] == [2, 2, 2, 2, 2, 5, 0]
    assert then.history_days == 70


def test_what_cannot_be_forecast_is_said(shop: Shop, warehouse: Warehouse) -> None:
    with pytest.raises(NotEnoughData) as longer:
        forecast(warehouse, shop, "orders", days=200)
    assert longer.value.code == "horizon_too_long"
    with pytest.raises(NotEnoughData):
        forecast(warehouse, shop, "orders", days=7, last_on=FIRST + timedelta(days=5))
    for wrong in ({"metric": "profit"}, {"days": 0}, {"days": 366}, {"share": 0.42}, {"calendar": "lunar"}):
        with pytest.raises(InvalidInput):
            forecast(warehouse, shop, **({"metric": "orders"} | wrong))  # type: ignore[arg-type]


def test_a_shop_without_orders_says_so(records: Records, warehouse: Warehouse, home: Path) -> None:
    with records.unit() as uow:
        empty = shops.create(
            uow, Caller.system("test", Keyring.open(home)), shop_id="new", name="New", timezone="UTC", currency="EUR"
        )

    with pytest.raises(NotEnoughData) as caught:
        forecast(warehouse, empty, "orders")
    assert caught.value.code == "no_orders"


def test_the_api_answers_what_the_verb_answers(client_with: ClientWith, shop: Shop, warehouse: Warehouse) -> None:
    client = client_with("read_reports")

    answer = client.get("/v1/forecasts", params={"metric": "aov", "days": 7, "share": 0.95, "calendar": "none"})

    assert answer.status_code == 200
    assert answer.json() == to_json(forecast(warehouse, shop, "aov", days=7, share=0.95, calendar="none"))
    assert client.get("/v1/forecasts", params={"metric": "profit"}).json()["code"] == "unknown_metric"
    assert client.get("/v1/forecasts", params={"days": 300}).json()["code"] == "horizon_too_long"
    assert client.get("/v1/forecasts", params={"format": "csv"}).status_code == 403
    assert client_with("read_customers").get("/v1/forecasts").status_code == 403
    file = client_with("read_reports", "export").get("/v1/forecasts", params={"metric": "orders", "format": "csv"})
    assert file.text.lstrip("\ufeff").splitlines()[0] == "day,metric,value,expected,low,high,holiday"
