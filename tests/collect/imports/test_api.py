"""Loads over HTTP: handed in, done by the worker, asked about, repaired."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from regulars.access import api_keys
from regulars.collect.imports.api import api
from regulars.collect.imports.jobs import JOBS
from regulars.web import Stores, WebOptions, build
from regulars.work import Worker
from tests.collect.imports.conftest import Desk

HEAD = "order_id,ordered_at,customer_id,product_name,quantity,unit_price\n"
TEXT = HEAD + "1,2024-01-13,c1,Tea,2,5\n2,2024-02-31,c2,Tea,1,5\n"


@pytest.fixture
def client(desk: Desk) -> Callable[..., TestClient]:
    """A client with an API key of these scopes."""
    stores = Stores(records=desk.records, warehouse=desk.warehouse, home=desk.home, keyring=desk.keyring)
    app = build(stores, WebOptions(), [api])

    def made(*scopes: str) -> TestClient:
        with desk.records.unit() as uow:
            secret = api_keys.create(
                uow, desk.caller, name="test", scopes=list(scopes or ("load_data", "export")), shop_id="tea"
            ).secret
        return TestClient(
            app, base_url="http://localhost", headers={"authorization": f"Bearer {secret}"}, raise_server_exceptions=False
        )

    return made


def work(desk: Desk) -> None:
    """Let the worker do what waits."""
    Worker(desk.records, desk.warehouse, desk.home, JOBS).run_until_idle()


def test_a_dry_run_answers_at_once_and_writes_nothing(desk: Desk, client: Callable[..., TestClient]) -> None:
    answer = client().post(
        "/v1/loads?kind=orders&dry_run=true&name=orders.csv", content=TEXT.encode(), headers={"content-type": "text/csv"}
    )

    assert answer.status_code == 202, answer.text
    report = answer.json()["report"]
    assert report["rows_by_outcome"] == {"loaded": 1, "duplicate": 0, "set_aside": 0, "quarantined": 1}
    assert report["files"][0]["name"] == "orders.csv"
    assert desk.rows("orders") == []
    assert not list((desk.home / "uploads").glob("*"))


@pytest.mark.parametrize("form", [True, False])
def test_a_load_is_handed_in_done_and_asked_about(desk: Desk, client: Callable[..., TestClient], form: bool) -> None:
    here = client()
    sent: dict[str, Any] = {"files": {"files": ("orders.csv", TEXT.encode(), "text/csv")}} if form else {"content": TEXT.encode()}
    handed = here.post("/v1/loads", params={"kind": "orders", "name": "orders.csv"}, headers={"idempotency-key": "once"}, **sent)
    again = here.post("/v1/loads", params={"kind": "orders", "name": "orders.csv"}, headers={"idempotency-key": "once"}, **sent)
    load_id = handed.json()["load"]["load_id"]

    assert handed.status_code == again.status_code == 202, handed.text
    assert again.json() == handed.json()
    waiting = here.get(f"/v1/loads/{load_id}").json()
    assert (waiting["load"]["status"], waiting["progress"]["state"]) == ("planned", "waiting")
    work(desk)
    done = here.get(f"/v1/loads/{load_id}").json()
    assert (done["load"]["status"], done["load"]["bad_rows_open"], done["progress"]) == ("done", 1, None)
    assert done["report"]["changes"]["orders"]["inserted"] == 1
    assert [one["load_id"] for one in here.get("/v1/loads").json()["items"]] == [load_id]
    assert desk.findings() == []
    assert not list((desk.home / "uploads").glob("*/orders.csv"))


def test_bad_rows_are_listed_downloaded_and_repaired(desk: Desk, client: Callable[..., TestClient]) -> None:
    here = client()
    load_id = here.post("/v1/loads?kind=orders", content=TEXT.encode()).json()["load"]["load_id"]
    work(desk)

    [bad] = here.get(f"/v1/loads/{load_id}/bad_rows").json()["items"]
    download = here.get(f"/v1/loads/{load_id}/bad_rows.csv")
    assert bad["reasons"] == ["date_unreadable"]
    assert download.headers["content-type"].startswith("text/csv")
    assert client("load_data").get(f"/v1/loads/{load_id}/bad_rows.csv").status_code == 403
    corrected = download.text.replace("2024-02-31", "2024-02-28")
    assert here.post(f"/v1/loads/{load_id}/repairs.csv", content=corrected.encode()).status_code == 202
    work(desk)
    assert here.get(f"/v1/loads/{load_id}/bad_rows").json()["items"] == []
    assert len(desk.rows("orders")) == 2
    assert here.post(f"/v1/loads/{load_id}/repairs", json={"rows": {bad["bad_row_id"]: {}}}).status_code == 404


def test_a_load_that_cannot_be_read_fails_with_its_sentence(desk: Desk, client: Callable[..., TestClient]) -> None:
    here = client()
    load_id = here.post("/v1/loads?kind=orders&name=x.csv", content=b"a,b\n1,2\n").json()["load"]["load_id"]
    work(desk)

    failed = here.get(f"/v1/loads/{load_id}").json()["load"]
    assert failed["status"] == "failed"
    assert "--map ordered_at" in failed["error"]
    assert not list((desk.home / "uploads").glob("*"))


def test_the_same_content_again_points_to_the_first_load(desk: Desk, client: Callable[..., TestClient]) -> None:
    here = client()
    first = here.post("/v1/loads?kind=orders", content=TEXT.encode()).json()["load"]["load_id"]
    second = here.post("/v1/loads?kind=orders", content=TEXT.encode()).json()["load"]["load_id"]
    work(desk)

    answer = here.get(f"/v1/loads/{second}").json()["load"]
    assert answer["status"] == "undone"
    assert first in answer["error"]


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("kind=orders", b""), ("kind=wrong", b"a"), ("kind=orders&map=x", b"a"), ("kind=orders&rate=USD", b"a"), ("kind=orders&timezone=Mars/X", b"a"),
        ("kind=orders&dry_run=true", b"\x00\x01\x02\x03" * 50), ("kind=orders&dry_run=true", b"<html><body>no</body></html>"),
        ("kind=orders&dry_run=true&name=../../etc/passwd", b"a,b\n1,2\n"), ("kind=orders&status=x=y", b"a"), ("kind=orders&decimal=;", b"a"),
    ],
)  # fmt: skip
def test_bad_requests_are_refused_with_a_way_to_mend_them(
    desk: Desk, client: Callable[..., TestClient], query: str, body: bytes
) -> None:
    answer = client().post(f"/v1/loads?{query}", content=body)

    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert not list((desk.home / "uploads").glob("*/*"))


@pytest.mark.parametrize("dry_run", ["true", "false"])
def test_half_a_file_is_refused_in_the_words_of_the_shell(desk: Desk, client: Callable[..., TestClient], dry_run: str) -> None:
    here = client()
    half = gzip.compress(TEXT.encode() * 100)[:-20]

    answer = here.post(f"/v1/loads?kind=orders&dry_run={dry_run}&name=orders.csv.gz", content=half)
    work(desk)

    if dry_run == "false":
        [load] = here.get("/v1/loads").json()["items"]
        assert (load["status"], "damaged or only half there" in load["error"]) == ("failed", True)
        return
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "damaged_file")
    assert problem["detail"] == "'orders.csv.gz' is damaged or only half there"
    assert "compare the sizes" in problem["mend"]
    assert "gzip" not in answer.text.lower().replace("orders.csv.gz", "")


def test_mappings_are_saved_listed_and_forgotten(client: Callable[..., TestClient]) -> None:
    here = client()
    body = {
        "kind": "orders",
        "headers": ["No", "When", "Sum"],
        "fields": {"order_id": "No", "ordered_at": "When", "line_amount": "Sum"},
        "name": "till",
    }

    saved = here.put("/v1/mappings", json=body)
    assert saved.status_code == 200, saved.text
    assert [one["name"] for one in here.get("/v1/mappings").json()["items"]] == ["till"]
    report = here.post("/v1/loads?kind=orders&dry_run=true", content=b"When,No,Sum\n2024-01-01,1,5\n").json()["report"]
    assert {column["found_by"] for column in report["files"][0]["columns"]} == {"saved"}
    assert here.put("/v1/mappings", json=body | {"fields": {"colour": "No"}}).status_code == 400
    assert here.delete(f"/v1/mappings/{saved.json()['fingerprint']}").status_code == 204
    assert here.get("/v1/mappings").json()["items"] == []
    assert here.delete("/v1/mappings/none").status_code == 404


def test_who_may_not_load_is_refused_before_anything_is_read(client: Callable[..., TestClient]) -> None:
    assert client("read_reports").post("/v1/loads?kind=wrong", content=b"a").status_code == 403
    assert client("read_reports").get("/v1/loads").status_code == 403
