"""Every report by one door: asked, compared, opened to the customers behind a figure, watched and cancelled."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from regulars.errors import InvalidInput, NotEnoughData
from regulars.understand import reports
from regulars.understand.questions import Desk
from regulars.understand.reports import kinds
from regulars.values.answers import to_json

MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


def test_every_kind_is_listed_with_a_question_that_can_be_read(client: TestClient, desk: Desk) -> None:
    items = client.get("/v1/reports").json()["items"]

    assert [one["kind"] for one in items] == [report.kind for report in kinds.every_report()]
    for one in items:
        assert reports.report_of(one["kind"]).read(desk, one["example"]) is not None


def test_the_api_answers_what_the_verb_answers(client: TestClient, desk: Desk) -> None:
    question = {"metrics": ["net_revenue", "orders"], "range": MARCH, "interval": "day"}

    answered = client.post("/v1/reports/metric", json=question)

    assert answered.status_code == 200
    assert answered.json() == to_json(reports.ask(desk, "metric", question))
    line = answered.json()["answer"]["lines"][1]
    assert (line["metric"], line["total"], line["values"][:5]) == ("orders", 2, [1, 0, 0, 0, 1])


def test_a_question_that_cannot_be_understood_is_refused_with_its_place(client: TestClient) -> None:
    refused = client.post("/v1/reports/metric", json={"metrics": ["profit"]})

    assert refused.status_code == 400
    assert refused.json()["detail"].startswith("metrics[0]")
    assert client.post("/v1/reports/nothing", json={}).status_code == 404


def test_a_report_is_a_table_too(client: TestClient, client_with: Callable[..., TestClient]) -> None:
    question = {"by": "category", "range": MARCH}

    table = client.post("/v1/reports/sales_by?format=csv", json=question)

    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.splitlines()[0].lstrip("\ufeff").startswith("category,")
    assert client_with("read_reports").post("/v1/reports/sales_by?format=csv", json=question).status_code == 403


def test_whoever_is_behind_a_figure_is_listed_page_by_page(client: TestClient) -> None:
    first = client.post("/v1/reports/tally/customers?limit=2", json={"question": {}, "cell": {"event": "Product Viewed"}}).json()
    second = client.post(
        f"/v1/reports/tally/customers?limit=2&cursor={first['next']}", json={"question": {}, "cell": {"event": "Product Viewed"}}
    ).json()

    assert first["total"] == 4
    assert [one["customer_id"] for one in [*first["items"], *second["items"]]] == ["ann", "ben", "cat", "v_00000000000000000001"]
    assert second["next"] is None
    ann, visitor = first["items"][0], second["items"][1]
    assert (ann["orders"], ann["net"], ann["is_known"]) == (2, {"minor": 12_000, "currency": "CNY"}, True)
    assert (visitor["is_known"], visitor["orders"]) == (False, None)


def test_customers_need_the_permission_to_read_customers(client_with: Callable[..., TestClient]) -> None:
    asked = client_with("read_reports").post("/v1/reports/tally/customers", json={"question": {}, "cell": {}})

    assert asked.status_code == 403


@pytest.mark.parametrize(
    ("kind", "question", "cell", "who"),
    [
        ("metric", {"metric": "orders", "range": MARCH, "interval": "day"}, {"bucket": "2026-03-05"}, ["ann"]),
        ("metric", {"metric": "orders", "range": {"from": "2026-01-01", "to": "2026-03-31"}}, {}, ["ann", "ben"]),
        ("sales_by", {"by": "channel", "range": {"from": "2026-01-01", "to": "2026-03-31"}}, {"group": "app"}, ["ben"]),
        ("sales_by", {"by": "product", "range": MARCH}, {"group": "green"}, ["ann"]),
    ],
)
def test_figures_of_orders_lead_to_who_ordered(desk: Desk, kind: str, question: Any, cell: Any, who: list[str]) -> None:
    assert [one.customer_id for one in reports.customers(desk, kind, question, cell).customers] == who


def test_two_ranges_and_two_conditions_are_compared_by_asking_twice(client: TestClient) -> None:
    ranges = client.post(
        "/v1/reports/metric/compare",
        json={
            "question": {"metric": "orders", "range": {"from": "2026-03-01", "to": "2026-03-04"}},
            "second": {"range": "previous"},
        },
    ).json()
    assert [ranges[side]["answer"]["lines"][0]["total"] for side in ("first", "second")] == [1, 0]
    assert ranges["second"]["question"]["range"] == {"from": "2026-02-25", "to": "2026-02-28"}

    sides = {"first": {"where": [{"key": "category", "value": "Tea"}]}, "second": {"where": [{"key": "category", "value": "Cups"}]}}
    conditions = client.post("/v1/reports/tally/compare", json={"question": {}, **sides}).json()
    assert [conditions[side]["answer"]["customers"] for side in ("first", "second")] == [3, 1]

    refused = client.post("/v1/reports/tally/compare", json={"question": {}, "first": {"steps": []}})
    assert refused.status_code == 400


def test_the_same_question_answers_from_memory_until_something_is_written(desk: Desk) -> None:
    from tests.support.happenings import happened

    before = reports.ask(desk, "tally", {}).answer
    assert reports.ask(desk, "tally", {}).answer == before

    happened(desk.warehouse, desk.shop, [{"customer": "dan", "event": "Product Viewed", "ts": "2026-03-04T10:00:00Z"}])

    assert reports.ask(desk, "tally", {}).answer.customers == before.customers + 1


def test_no_reviews_and_no_visits_say_how_to_provide_them(desk: Desk) -> None:
    for kind in ("reviews", "visits"):
        with pytest.raises(NotEnoughData) as caught:
            reports.ask(desk, kind, {})
        assert caught.value.mend


def _until(client: TestClient, run_id: str, *states: str) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        run: dict[str, Any] = client.get(f"/v1/report_runs/{run_id}").json()
        if run["state"] in states:
            return run
        time.sleep(0.05)
    raise AssertionError(run)


def test_a_run_is_watched_until_its_answer_is_there(client: TestClient) -> None:
    begun = client.post("/v1/report_runs", json={"kind": "tally", "question": {}})
    assert begun.status_code == 202

    run = client.get(f"/v1/report_runs/{begun.json()['run_id']}?wait=20").json()

    assert (run["state"], run["answer"]["answer"]) == ("done", {"events": 9, "customers": 4})
    assert run["kept_until"] > run["ended_at"]


def test_a_run_that_cannot_be_understood_is_refused_at_once(client: TestClient) -> None:
    assert client.post("/v1/report_runs", json={"kind": "tally", "question": {"steps": 1}}).status_code == 400
    assert client.get("/v1/report_runs/run_none").status_code == 404


def test_cancelling_stops_that_question_and_no_other(client: TestClient) -> None:
    slow, other = (
        client.post("/v1/report_runs", json={"kind": "tally", "question": {"slow": name}}).json()["run_id"]
        for name in ("one", "two")
    )
    _until(client, slow, "running")
    _until(client, other, "running")

    began = time.monotonic()
    client.delete(f"/v1/report_runs/{slow}")
    stopped = _until(client, slow, "cancelled", "failed", "done")

    assert stopped["state"] == "cancelled"
    assert time.monotonic() - began < 5
    assert client.get(f"/v1/report_runs/{other}").json()["state"] == "running"
    assert client.post("/v1/reports/tally", json={}).json()["answer"]["customers"] == 4
    client.delete(f"/v1/report_runs/{other}")
    _until(client, other, "cancelled")


def test_a_failed_run_says_why(client: TestClient) -> None:
    run = client.post("/v1/report_runs", json={"kind": "reviews", "question": {}}).json()

    ended = _until(client, run["run_id"], "failed")

    assert ended["failure"]["code"] == "no_reviews"
    assert ended["failure"]["mend"]


def test_a_comparison_names_the_side_that_cannot_be_read(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match=r"first\.nothing"):
        reports.compare(desk, "tally", {}, {"nothing": 1}, {})
