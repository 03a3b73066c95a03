"""SQL of analysts: one SELECT over one shop's rows; no other shop, no file, no setting, no end in sight."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from regulars.access import Caller, api_keys, audit, shops
from regulars.access.domain import Shop
from regulars.app import House
from regulars.errors import InvalidInput, NotAllowed, Unavailable
from regulars.settings import Settings
from regulars.understand import sql
from regulars.understand.sql import service
from tests.support.happenings import happened

SECRET = "of-another-shop"


@pytest.fixture
def house(home: Path) -> Iterator[House]:
    opened = House.open(Settings.load())
    shell = Caller.system("shell", opened.keyring)
    for shop_id, who in (("tea", "ann"), ("cups", SECRET)):
        with opened.records.unit() as uow:
            shop = shops.create(uow, shell, shop_id=shop_id, name=shop_id, timezone="UTC", currency="CNY")
        happened(opened.warehouse, shop, [{"customer": who, "event": "Product Viewed", "ts": "2026-03-01T00:00:00Z"}] * 3)
    yield opened
    opened.close()


@pytest.fixture
def tea(house: House) -> Shop:
    with house.records.reading() as view:
        return shops.get(view, "tea")


def ask(house: House, shop: Shop, text: str, **more: Any) -> sql.SqlAnswer:
    return sql.ask(house.records, house.warehouse, Caller.system("shell", house.keyring), shop, text, **more)


def test_a_select_answers_over_the_shops_own_rows(house: House, tea: Shop) -> None:
    found = ask(house, tea, "SELECT customer_id, count(*) AS n FROM events GROUP BY 1 -- all of them")

    assert (found.columns, found.rows, found.more, found.reads) == (["customer_id", "n"], [["ann", 3]], False, ["events"])


@pytest.mark.parametrize(
    "text",
    [
        "WITH e AS (SELECT * FROM events) SELECT count(*) FROM e JOIN events USING (message_id)",
        "WITH events AS (SELECT * FROM events) SELECT count(*) FROM events",
        "WITH RECURSIVE t AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM t WHERE a < 3) SELECT a FROM t",
        "FROM events SELECT date_trunc('day', timestamp), row_number() OVER ()",
        "SELECT * FROM events WHERE json_extract_string(properties, '$.x') IS NULL",
        "VALUES (1), (2)",
    ],
)
def test_ordinary_sql_is_taken(house: House, tea: Shop, text: str) -> None:
    assert SECRET not in str(ask(house, tea, text).rows)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM main.events",
        'SELECT * FROM "warehouse".main.events',
        "SELECT * FROM event_log",
        "SELECT * FROM events UNION ALL SELECT * FROM order_facts",
        "WITH order_facts AS (SELECT 1) SELECT * FROM order_facts",
        "SELECT (WITH order_facts AS (SELECT 1) SELECT 1), * FROM order_facts",
        "SELECT * FROM events WHERE message_id IN (SELECT message_id FROM event_log)",
        "SELECT x.* FROM events x, LATERAL (SELECT * FROM event_log) y",
        "SELECT EXISTS(FROM event_log)",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM 'x.csv'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('/etc/passwd')",
        "SELECT * FROM parquet_scan('x')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM query('SELECT * FROM event_log')",
        "SELECT * FROM query_table('event_log')",
        "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT * FROM event_log'))",
        "SELECT current_setting('memory_limit')",
        "SELECT getenv('HOME')",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM duckdb_tables()",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM pg_catalog.pg_tables",
        "SELECT * FROM sqlite_master",
        "SHOW TABLES",
        "DESCRIBE events",
        "SUMMARIZE events",
        "PRAGMA database_list",
        "SET memory_limit = '1TB'",
        "ATTACH 'x' AS y",
        "COPY events TO 'x.csv'",
        "INSERT INTO events VALUES (1)",
        "DELETE FROM events",
        "DROP TABLE events",
        "CALL pragma_version()",
        "EXPORT DATABASE 'x'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT 1; SELECT 2",
        "SELECT 1) AS a; DELETE FROM events; SELECT * FROM (SELECT 1",
        "SELECT 1) AS a UNION ALL SELECT customer_id FROM main.events --",
        "SELECT shop_id FROM events",
        "SELECT nothing FROM events",
        "SELEC 1",
        "",
        "-- nothing",
    ],
)
def test_whatever_reaches_further_is_refused(house: House, tea: Shop, text: str) -> None:
    with pytest.raises(InvalidInput):
        ask(house, tea, text)


def test_rows_are_limited_and_it_is_said_that_there_are_more(house: House, tea: Shop) -> None:
    found = ask(house, tea, "SELECT * FROM range(100)", limit=10)

    assert (len(found.rows), found.more) == (10, True)


def test_what_takes_too_long_is_stopped(house: House, tea: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "SECONDS", 0.5)

    with pytest.raises(Unavailable):
        ask(house, tea, "SELECT count(*) FROM range(100000) a, range(1000000) b WHERE (a.range * b.range) % 7 = 3")
    assert ask(house, tea, "SELECT 1 AS one").rows == [[1]]


def test_it_needs_its_permission_and_is_noted(house: House, tea: Shop) -> None:
    reader = Caller(kind="operator", id="o", scopes=frozenset({"read_reports", "export"}), keyring=house.keyring)
    with pytest.raises(NotAllowed):
        sql.ask(house.records, house.warehouse, reader, tea, "SELECT 1")

    ask(house, tea, "SELECT customer_id FROM events WHERE customer_id = 'ann'")
    with house.records.reading() as view:
        [noted] = [one for one in audit.entries(view) if one.action == "sql.asked"]
    assert noted.after == {"reads": ["events"], "rows": 3}


def test_the_api_answers_and_documents_what_can_be_read(house: House) -> None:
    with house.records.unit() as uow:
        key = api_keys.create(uow, Caller.system("shell", house.keyring), name="t", scopes=["ask_sql", "export"], shop_id="tea")
    client = TestClient(house.http(), headers={"authorization": f"Bearer {key.secret}"}, base_url="http://localhost")

    views = {one["name"]: [column["name"] for column in one["columns"]] for one in client.get("/v1/sql/views").json()["items"]}
    assert set(views) == set(sql.VIEWS)
    assert "shop_id" not in views["events"]
    answer = client.post("/v1/sql", json={"sql": "SELECT max(timestamp) AS last, 1.50 AS price FROM events"}).json()
    assert answer["rows"] == [["2026-03-01T00:00:00Z", 1.5]]
    assert client.post("/v1/sql?format=csv", json={"sql": "SELECT '=1+1' AS a"}).text.splitlines()[1] == "'=1+1"
    assert client.post("/v1/sql", json={"sql": "SELECT * FROM event_log"}).status_code == 400
    for view in sql.VIEWS:
        assert client.post("/v1/sql", json={"sql": f"SELECT * FROM {view}"}).status_code == 200
