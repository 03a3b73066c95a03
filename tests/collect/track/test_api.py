"""Over HTTP: sources with keys, the stream, the plan, and what was put aside from the look to the replay; nothing leaks between shops."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from regulars.access import api_keys, shops
from regulars.collect.track import sources
from tests.collect.track.conftest import Desk, track

Client = Callable[..., TestClient]
ALL = ("read_reports", "read_customers", "load_data", "see_personal_data")


@pytest.fixture
def client(desk: Desk) -> Client:
    """A client of the whole application with an API key of these scopes."""
    app = desk.house.http()

    def made(*scopes: str, shop_id: str = "tea") -> TestClient:
        with desk.house.records.unit() as uow:
            secret = api_keys.create(uow, desk.caller, name="test", scopes=list(scopes or ALL), shop_id=shop_id).secret
        headers = {"authorization": f"Bearer {secret}"}
        return TestClient(app, base_url="http://localhost", headers=headers, raise_server_exceptions=False)

    return made


def test_a_message_is_checked_repaired_and_replayed(desk: Desk, client: Client) -> None:
    desk.take(track("", "m1"))
    asked = client()
    one = asked.get("/v1/quarantine", params={"lang": "zh"}).json()["items"][0]
    place = f"/v1/quarantine/{one['quarantine_id']}"
    corrected = track("Product Viewed", "m1")

    before = asked.post(f"{place}/check", params={"lang": "zh"}).json()
    refused = asked.post(f"{place}/replay")
    after = asked.post(f"{place}/check", json={"message": corrected}).json()
    done = asked.post(f"{place}/replay", json={"message": corrected})
    desk.house.loader.run_once()

    assert (one["says"], before["ok"], before["says"]) == ("track 消息没有事件名", False, "track 消息没有事件名")
    assert (refused.status_code, refused.json()["code"]) == (409, "still_refused")
    assert (after["ok"], after["event"]) == (True, "Product Viewed")
    assert (done.status_code, done.json()["state"]) == (200, "replayed")
    assert [row["message_id"] for row in asked.get("/v1/events").json()["items"]] == ["m1"]
    assert asked.get("/v1/quarantine_reasons").json()["items"] == []


def test_many_are_replayed_by_reason(desk: Desk, client: Client) -> None:
    desk.take(track("", "m1"), track("Later", "m2", timestamp="2999-01-01T00:00:00Z"))

    answer = client().post("/v1/quarantine/replay", json={"reason": "in_the_future"})

    assert answer.json() == {"replayed": 0, "still_refused": 1}
    assert len(client().get("/v1/quarantine").json()["items"]) == 2


def test_the_stream_and_the_plan_are_answered(desk: Desk, client: Client) -> None:
    desk.take(track("Product Viewed", "m1", properties={"product_id": "p1"}), track("A/B shown", "m2"))
    asked = client("read_reports")

    stream = asked.get("/v1/event_stream").json()
    plan = asked.get("/v1/tracking_plan").json()
    detail = asked.get("/v1/tracking_plan/Product Viewed").json()

    assert (stream["events_last_hour"], stream["fault"], stream["backlog_bytes"]) == (2, "", 0)
    assert {event["event"] for event in plan["events"]} == {"Product Viewed", "A/B shown"}
    assert [seen["name"] for seen in detail["seen"]] == ["product_id"]
    assert asked.get("/v1/tracking_plan/A%2FB shown").json()["summary"]["event"] == "A/B shown"
    assert asked.get("/v1/tracking_plan/Nothing").status_code == 404


def test_requests_that_are_turned_away_are_counted(desk: Desk, client: Client) -> None:
    asked = client("read_reports")
    asked.post("/v1/track", json=track("A", "m1"), headers={"authorization": "Basic bm9ib2R5Og=="})

    assert asked.get("/v1/event_stream").json()["refused_requests"] == {"bad_key": 1}


def test_each_permission_opens_its_own_doors(desk: Desk, client: Client) -> None:
    desk.take(track("", "m1", properties={"email": "a@x.test"}))
    reader, support = client("read_reports"), client("read_customers")
    one = support.get("/v1/quarantine").json()["items"][0]

    assert one["message"] is None
    for path in ("/v1/quarantine", f"/v1/quarantine/{one['quarantine_id']}"):
        assert reader.get(path).status_code == 403
    for path in (
        f"/v1/quarantine/{one['quarantine_id']}/check",
        f"/v1/quarantine/{one['quarantine_id']}/replay",
        "/v1/quarantine/replay",
    ):
        assert support.post(path, json={}).status_code == 403


def test_another_shop_sees_nothing_of_it(desk: Desk, client: Client) -> None:
    desk.take(track("", "m1"), track("Product Viewed", "m2"))
    with desk.house.records.unit() as uow:
        shops.create(uow, desk.caller, shop_id="coffee", name="Coffee", timezone="UTC", currency="EUR")
        theirs = sources.create(uow, desk.caller, shop_id="coffee", name="Their site")
    one = client().get("/v1/quarantine").json()["items"][0]["quarantine_id"]
    other = client(*ALL, shop_id="coffee")

    assert other.get("/v1/tracking_plan").json()["events"] == []
    assert other.get("/v1/event_stream").json()["events_last_hour"] == 0
    assert other.get("/v1/quarantine_reasons").json()["items"] == []
    assert other.post(f"/v1/quarantine/{one}/check").status_code == 404
    assert other.post("/v1/quarantine/replay", json={}).json() == {"replayed": 0, "still_refused": 0}
    assert other.get(f"/v1/sources/{desk.source_id}").status_code == 404
    assert client().get(f"/v1/sources/{theirs.source.source_id}").status_code == 404
