"""The warning over HTTP and as jobs: the verbs' own answers, permissions, files, and a run after the profiles."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from regulars.access import Caller, Keyring, Shop, api_keys, shops
from regulars.access.tables import audit_entry
from regulars.events import ProfilesRefreshed
from regulars.predict import churn
from regulars.predict.churn import jobs
from regulars.predict.churn.api import api
from regulars.predict.churn.facts import sentence
from regulars.records import Records
from regulars.values.answers import to_json
from regulars.warehouse import Warehouse
from regulars.web import Stores, WebOptions, build
from regulars.work.context import JobContext
from regulars.work.tables import job
from tests.predict.churn.test_churn import BEGIN, simulated
from tests.understand.metrics.small_store import arrow

ClientWith = Callable[..., TestClient]


@pytest.fixture
def shop(records: Records, warehouse: Warehouse, home: Path) -> Shop:
    shell = Caller.system("test", Keyring.open(home))
    with records.unit() as uow:
        made = shops.create(uow, shell, shop_id="shop_1", name="Tea", timezone="UTC", currency="CNY")
        churn.set_levels(uow, warehouse, shell, made, {"horizon_days": 30})
    store = simulated(420, days=160)
    for number, order in enumerate(store.orders):
        store.lines.append(
            {
                **{name: order[name] for name in ("shop_id", "order_id", "customer_id", "ordered_at", "status", "currency", "load_id")},
                "line_key": number, "kind": "product", "product_id": "tea", "product_name": "Tea", "category": "Tea", "quantity": Decimal(1),
                "unit_price": Decimal(order["total_minor"]) / 100, "amount_minor": order["total_minor"],
            }
        )  # fmt: skip
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


def context(records: Records, warehouse: Warehouse, home: Path, **payload: object) -> JobContext:
    return JobContext("job_1", "shop_1", payload, records, warehouse, home, "test")


def test_a_job_judges_after_the_profiles_and_rests_an_hour(shop: Shop, records: Records, warehouse: Warehouse, home: Path) -> None:
    with records.unit() as uow:
        jobs.on_profiles_refreshed(uow, ProfilesRefreshed(shop_id="shop_1", as_of=None, customers=1))
        jobs.on_profiles_refreshed(uow, ProfilesRefreshed(shop_id="shop_1", as_of=None, customers=1))

    jobs.score(context(records, warehouse, home))
    first = churn.views(warehouse, shop).run
    jobs.score(context(records, warehouse, home))
    resting = churn.views(warehouse, shop).run
    jobs.score(context(records, warehouse, home, asked=True))

    assert first is not None
    assert first == resting
    asked = churn.views(warehouse, shop).run
    assert asked is not None
    assert asked.computed_at > first.computed_at
    with records.reading() as uow:
        waiting = uow.rows(
            select(job).where(job.c.kind == "churn.score", job.c.state == "waiting", job.c.key == "churn.score:shop_1")
        )
    assert len(waiting) == 1


def test_each_path_answers_what_its_verb_answers(
    client_with: ClientWith, shop: Shop, records: Records, warehouse: Warehouse
) -> None:
    client = client_with("read_reports", "read_customers", "manage_segments", "export")
    empty = client.get("/v1/churn/warnings").json()
    assert (empty["run"], empty["items"]) == (None, [])
    assert empty["reason"]
    churn.score(records, warehouse, shop)

    listed = client.get("/v1/churn/warnings", params={"limit": 5, "level": ["yellow", "orange"]}).json()
    with records.reading() as uow:
        wanted = churn.warned(uow, warehouse, shop, churn.Filters(levels=("yellow", "orange")), limit=5)
        trend, quality, levels = (
            churn.trend(uow, warehouse, shop),
            churn.quality(uow, warehouse, shop),
            churn.levels(uow, warehouse, shop),
        )
    assert listed == to_json(wanted)
    assert client.get("/v1/churn/trend").json() == to_json(trend)
    assert client.get("/v1/churn/quality").json() == to_json(quality)
    assert client.get("/v1/churn/levels").json() == to_json(levels)
    assert client.get("/v1/churn/views").json() == to_json(churn.views(warehouse, shop))
    customer = listed["items"][0]["customer_id"]
    assert client.get(f"/v1/churn/customers/{customer}").json()["risk"] == listed["items"][0]
    changed = client.patch(
        "/v1/churn/levels", json={"yellow_minor": 100, "orange_minor": 200, "red_minor": 300, "capacity": 7}
    ).json()
    assert (changed["red"], changed["capacity"], changed["levels_set"]) == ({"minor": 300, "currency": "CNY"}, 7, True)
    refused = client.patch("/v1/churn/levels", json={"yellow_minor": 500, "orange_minor": 200, "red_minor": 300})
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_levels")
    assert client.post("/v1/churn/runs").status_code == 202
    assert "read_customers" in client_with("read_reports").get("/v1/churn/warnings").text


def test_files_hold_the_whole_list_and_are_audited(
    client_with: ClientWith, shop: Shop, records: Records, warehouse: Warehouse
) -> None:
    churn.score(records, warehouse, shop)
    client = client_with("read_reports", "read_customers", "export")
    total = client.get("/v1/churn/warnings").json()["total"]

    sheet = list(csv.DictReader(io.StringIO(client.get("/v1/churn/warnings?format=csv").text.lstrip("\ufeff"))))
    table = pq.read_table(io.BytesIO(client.get("/v1/churn/warnings.parquet").content))
    months = list(csv.reader(io.StringIO(client.get("/v1/churn/trend?format=csv").text)))

    assert len(sheet) == table.num_rows == total > 50
    assert [row["customer_id"] for row in sheet] == table.column("customer_id").to_pylist()
    assert sheet[0]["fact_1"] == table.column("reasons")[0].as_py()[0]["text"]
    assert len(months) == 1 + 4
    with records.reading() as uow:
        kept = [row["action"] for row in uow.rows(select(audit_entry))]
    assert kept.count("churn.exported") == 2
    assert client_with("read_customers").get("/v1/churn/warnings?format=csv").status_code == 403


def test_support_says_that_a_warning_was_wrong(client_with: ClientWith, shop: Shop, records: Records, warehouse: Warehouse) -> None:
    churn.score(records, warehouse, shop)
    support = client_with("read_customers", "see_personal_data")
    worst = support.get("/v1/churn/warnings").json()["items"][0]

    said = support.post(
        f"/v1/churn/customers/{worst['customer_id']}/feedback", json={"wrong_because": "seasonal", "text": "buys at New Year"}
    )

    assert (said.status_code, said.json()["has_text"], said.json()["text"]) == (201, True, None)
    assert support.get("/v1/churn/feedback").json()["items"][0]["text"] is None
    assert support.get("/v1/churn/feedback?texts=true").json()["items"][0]["text"] == "buys at New Year"
    assert client_with("read_customers").get("/v1/churn/feedback?texts=true").status_code == 403
    assert support.post("/v1/churn/customers/nobody/feedback", json={"wrong_because": "other"}).status_code == 404


def test_surveys_of_leavers_are_counted_beside_the_models_reasons_and_are_the_first_reason_of_who_answered(
    shop: Shop, records: Records, warehouse: Warehouse
) -> None:
    told = [("late delivery", "a"), ("late delivery", "b"), ("价格太贵", "c"), ("the moon", "d")]
    told += [("客服态度", f"c{number:04}") for number in range(0, 420, 2)]
    when = (BEGIN + timedelta(days=150)).replace(tzinfo=None)
    rows = [
        {
            "shop_id": "shop_1", "event_key": place, "message_id": f"m{place}", "type": "track", "event": "Survey Answered",
            "customer_id": who, "is_known": True, "timestamp": when, "received_at": when, "source": "s", "is_bot": False, "is_history": False,
            "properties": f'{{"reason":"{answer}"}}', "schema_version": 1, "source_id": "s", "part_id": "p", "value_minor": 0,
        }
        for place, (answer, who) in enumerate(told)
    ]  # fmt: skip
    with warehouse.transaction():
        warehouse.append("events", arrow("events", rows))
    churn.score(records, warehouse, shop)

    found = churn.views(warehouse, shop)

    assert [(one.answer, one.group, one.customers) for one in found.survey] == [
        ("客服态度", "service", 210),
        ("late delivery", "delivery", 2),
        ("the moon", None, 1),
        ("价格太贵", "price", 1),
    ]
    rows = warehouse.rows(warehouse.table("churn_scores").filter(lambda t: t.level != "green").select("customer_id", "reasons"))
    first = {row["customer_id"]: json.loads(row["reasons"])[0] for row in rows}
    asked = {f"c{number:04}" for number in range(0, 420, 2)}
    assert first.keys() & asked
    for customer, why in first.items():
        assert (why["fact"] == "survey_answer") == (customer in asked), customer
        if customer in asked:
            assert (why["group"], why["numbers"]) == ("service", {"survey_days": 10})
            assert sentence(why["fact"], why["numbers"]) == "said so when asked, 10 days ago"
    service = next(view for view in found.views if view.view == "service_experience")
    assert next(group.survey_answers for group in service.groups if group.group == "delivery") == 2
