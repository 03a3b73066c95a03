"""The reports over HTTP: the same object as the verb's, errors with the way to mend them, tables as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from regulars.access import Caller, Keyring, api_keys, shops
from regulars.records import Records
from regulars.understand import metrics, retention
from regulars.understand.metrics.api import api as metrics_api
from regulars.understand.retention.api import api as retention_api
from regulars.values.answers import to_json
from regulars.warehouse import Warehouse
from regulars.web import Stores, WebOptions, build
from tests.understand.metrics.small_store import SmallStore, days

QUARTER = {"from": "2025-01-01", "to": "2025-03-31"}
PERIOD = days("2025-01-01", "2025-03-31")

Get = Callable[..., Any]


@pytest.fixture
def client_with(records: Records, warehouse: Warehouse, home: Any) -> Callable[..., TestClient]:
    """A client whose key has the given scopes, at a shop with a few orders."""
    keyring = Keyring.open(home)
    shell = Caller.system("shell", keyring)
    with records.unit() as uow:
        shop = shops.create(uow, shell, shop_id="tea", name="Tea House", timezone="Asia/Shanghai", currency="CNY")
    store = SmallStore(shop)
    store.order("a", "ann", "2025-01-05 10:00", 9000, items=[("green", "=Tea", 3, 3000)], channel="web")
    store.order("b", "ann", "2025-02-05 10:00", 3000, items=[("green", "=Tea", 1, 3000)])
    store.order("c", "ben", "2025-03-05 10:00", 1000, items=[("cup", "杯子", 1, 1000)])
    store.load(warehouse)
    app = build(
        Stores(records=records, warehouse=warehouse, home=home, keyring=keyring), WebOptions(), [metrics_api, retention_api]
    )

    def client(*scopes: str) -> TestClient:
        with records.unit() as uow:
            key = api_keys.create(uow, shell, name="test", scopes=list(scopes))
        return TestClient(app, headers={"authorization": f"Bearer {key.secret}"}, base_url="http://localhost")

    return client


@pytest.fixture
def client(client_with: Callable[..., TestClient]) -> TestClient:
    return client_with("read_reports", "export")


def test_each_path_answers_what_its_verb_answers(client: TestClient, warehouse: Warehouse, records: Records) -> None:
    with records.reading() as uow:
        shop = shops.get(uow, "tea")

    for path, verb in {
        "/v1/overview": lambda: metrics.overview(warehouse, shop, PERIOD),
        "/v1/metrics?by=week": lambda: metrics.report(warehouse, shop, PERIOD, "week"),
        "/v1/metrics?metrics=gmv,buyers": lambda: metrics.report(warehouse, shop, PERIOD, "month", ["gmv", "buyers"]),
        "/v1/metrics/breakdown?by=product&limit=1": lambda: metrics.breakdown(warehouse, shop, PERIOD, "product", limit=1),
        "/v1/retention?measure=revenue": lambda: retention.retention(warehouse, shop, PERIOD, "month", "revenue"),
        "/v1/retention/groups?group=category": lambda: retention.retention_by(warehouse, shop, PERIOD, "category"),
        "/v1/ltv": lambda: retention.ltv(warehouse, shop, PERIOD),
    }.items():
        answer = client.get(path, params=QUARTER) if "?" not in path else client.get(f"{path}&from=2025-01-01&to=2025-03-31")

        assert answer.status_code == 200, answer.text
        assert answer.json() == to_json(verb()), path


def test_without_a_range_the_default_is_taken(client: TestClient) -> None:
    answer = client.get("/v1/overview").json()

    assert answer["period"] == {"start_on": "2025-01-05", "end_on": "2025-03-06"}
    assert answer["tiles"][0]["value"] == {"minor": 13000, "currency": "CNY"}


def test_the_catalogue_is_complete(client: TestClient) -> None:
    answer = client.get("/v1/metrics/catalogue").json()

    assert [metric["name"] for metric in answer["metrics"]] == list(metrics.METRICS)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/metrics?from=2025-03-01&to=2025-01-01", "bad_period"),
        ("/v1/metrics?metrics=gmv,turnover", "unknown_metric"),
        ("/v1/metrics?metrics=", "unknown_metric"),
        ("/v1/metrics?by=day&from=2001-01-01&to=2025-01-01", "range_too_long"),
        ("/v1/metrics?from=0001-01-01&to=0001-01-02", "bad_period"),
        ("/v1/metrics?from=9999-12-31&to=9999-12-31", "bad_period"),
        ("/v1/metrics/breakdown?by=brand&metric=refunds", "unknown_metric"),
        ("/v1/retention?from=2025-03-01&to=2025-01-01", "bad_period"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_how_to_mend_it(client: TestClient, path: str, code: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert answer.json()["mend"]


def test_an_unknown_metric_is_answered_with_the_names_there_are(client: TestClient) -> None:
    assert client.get("/v1/metrics?metrics=turnover").json()["metrics"] == list(metrics.METRICS)


@pytest.mark.parametrize("query", ["by=hour", "from=yesterday", "format=xml"])
def test_what_is_no_parameter_is_refused(client: TestClient, query: str) -> None:
    answer = client.get(f"/v1/metrics?{query}")

    assert answer.status_code == 422
    assert answer.json()["mend"]


@pytest.mark.parametrize(
    ("path", "columns"),
    [
        ("/v1/metrics?metrics=gmv,buyers", ["kind", "start_on", "end_on", "complete", "currency", "gmv", "buyers"]),
        ("/v1/retention", ["cohort_on", "cohort_customers", "period", "customers", "share", "complete"]),
        ("/v1/retention/groups?group=category", ["category", "group_customers", "period", "share", "cohorts", "customers"]),
        ("/v1/ltv", ["cohort_on", "cohort_customers", "month", "ltv", "currency", "complete"]),
    ],
)
def test_tables_come_as_csv(client: TestClient, path: str, columns: list[str]) -> None:
    answer = client.get(f"{path}{'&' if '?' in path else '?'}format=csv")

    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == columns
    assert {len(row) for row in rows} == {len(columns)}


def test_a_category_that_looks_like_a_formula_is_text_in_csv(client: TestClient) -> None:
    answer = client.get("/v1/metrics/breakdown?format=csv")

    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["category", "'=Tea", "杯子", "(all)"]
    assert rows[1][3] == "120.00"


def test_reading_is_not_exporting(client_with: Callable[..., TestClient]) -> None:
    reader = client_with("read_reports")

    assert reader.get("/v1/metrics").status_code == 200
    assert reader.get("/v1/metrics?format=csv").status_code == 403
    assert client_with("export").get("/v1/metrics").status_code == 403


def test_the_documentation_has_an_example_of_every_answer(client: TestClient) -> None:
    document = client.get("/openapi.json").json()

    for path in (
        "/v1/overview",
        "/v1/metrics",
        "/v1/metrics/breakdown",
        "/v1/metrics/catalogue",
        "/v1/retention",
        "/v1/retention/groups",
        "/v1/ltv",
    ):
        operation = document["paths"][path]["get"]
        content = operation["responses"]["200"]["content"]["application/json"]
        assert content["example"], path
        assert content["schema"], path
        assert operation["summary"]
        assert all(parameter.get("description") for parameter in operation["parameters"]), path
