"""Visits over HTTP and at the shell: pages of them, what brought them, what is not over yet, how customers came, page speed."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from starlette.testclient import TestClient

from regulars.access import api_keys, audit
from regulars.collect.sessions import reading
from tests.collect.track.streams import Stream, stream

__all__ = ["stream"]

NOW = "2026-03-04T06:00:00+00:00"  # 14:00 on the 4th in Shanghai


@pytest.fixture
def asked(stream: Stream) -> Iterator[TestClient]:
    """A client of a shop that had seven visits of people, one of a bot, one that only a server told of."""
    with time_machine.travel(NOW, tick=True):
        stream.send(*messages())
        with stream.house.records.unit() as uow:
            made = api_keys.create(uow, stream.caller, name="t", scopes=["read_reports", "read_customers", "export"], shop_id="tea")
        headers = {"authorization": f"Bearer {made.secret}"}
        yield TestClient(stream.house.http(), base_url="http://localhost", headers=headers, raise_server_exceptions=False)


def messages() -> list[dict[str, Any]]:
    def page(who: str, at: str, query: str = "", referrer: str = "", **context: Any) -> dict[str, Any]:
        ids = {"userId": who} if who.isdigit() else {"anonymousId": who}
        told = {"page": {"url": f"https://tea.example/oolong{query}", "referrer": referrer}, **context}
        return {"type": "page", "timestamp": f"2026-03-{at}:00Z", "context": told, **ids}

    order = {"order_id": "o1", "total": "47.80", "currency": "CNY"}
    return [
        page("17850", "01T02:00", "?utm_source=weibo&utm_medium=social&utm_campaign=spring"),
        page("17850", "02T02:00", referrer="https://www.baidu.com/"),
        page("17850", "02T02:05"),
        {**page("17850", "02T02:06"), "type": "track", "event": "Order Completed", "properties": order},
        {"userId": "17850", "event": "Order Completed", "properties": order, "timestamp": "2026-03-02T09:00:00Z", "context": {"library": {"name": "python"}}},
        page("17850", "03T02:00"),
        page("a", "02T02:00", referrer="https://www.baidu.com/"),
        page("a", "02T17:00", "?gclid=1"),
        page("b", "03T17:00"),
        page("c", "01T02:00"),
        page("bot", "02T02:00", userAgent="Mozilla/5.0 (compatible; Googlebot/2.1)"),
        *(
            {
                "anonymousId": "a",
                "event": "Page Performance",
                "timestamp": "2026-03-02T02:00:09Z",
                "context": {"page": {"url": "https://tea.example/oolong"}},
                "properties": {"lcp_ms": lcp, "cls": 0.3},
            }
            for lcp in (1000, 2000, 3000, 4500, 3000)
        ),
    ]  # fmt: skip


def test_groups_hold_visits_rates_and_revenue_by_hand_count(asked: TestClient) -> None:
    """17850: three visits (social, search with an order, direct); a: search, paid; b and c: direct each."""
    answer = asked.get("/v1/visits/sources", params={"from": "2026-03-01", "to": "2026-03-04"}).json()

    groups = {one["key"]: one["figures"] for one in answer["groups"]}
    assert {key: one["visits"] for key, one in groups.items()} == {"direct": 3, "search": 2, "paid": 1, "social": 1}
    search = groups["search"]
    assert (search["customers"], search["known_customers"], search["bounces"], search["bounce_rate"]) == (2, 1, 1, 0.5)
    assert (search["conversions"], search["conversion_rate"], search["orders"]) == (1, 0.5, 1)
    assert search["revenue"] == {"minor": 4_780, "currency": "CNY"}
    total = answer["total"]
    assert (total["visits"], total["customers"], total["orders"]) == (7, 4, 1)
    assert (answer["complete"], answer["groups"][0]["key"]) == (False, "direct")


def test_buckets_are_local_days_and_the_one_that_runs_is_not_complete(asked: TestClient) -> None:
    """a's paid visit of 17:00 UTC on the 2nd is on the 3rd in Shanghai, b's of the 3rd on the 4th, which is not over."""
    trend = asked.get("/v1/visits/trend", params={"from": "2026-02-28", "to": "2026-03-04"}).json()["groups"]

    assert [(one["start_on"], one["figures"]["visits"], one["complete"]) for one in trend] == [
        ("2026-02-28", 0, True), ("2026-03-01", 2, True), ("2026-03-02", 2, True), ("2026-03-03", 2, True), ("2026-03-04", 1, False),
    ]  # fmt: skip
    assert trend[0]["figures"]["bounce_rate"] is None
    paid = asked.get("/v1/visits/sources", params={"interval": "day", "channel": "paid", "from": "2026-03-01"}).json()["groups"]
    assert [(one["key"], one["start_on"], one["complete"]) for one in paid] == [("paid", "2026-03-03", True)]


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("source", {"(direct)": 3, "baidu.com": 2, "(none)": 1, "weibo": 1}),
        ("campaign", {"(none)": 6, "spring": 1}),
        ("landing", {"/oolong": 7}),
        ("device", {"other": 7}),
        ("region", {"(none)": 7}),
    ],
)
def test_visits_are_grouped_by(asked: TestClient, by: str, groups: dict[str, int]) -> None:
    answer = asked.get("/v1/visits/sources", params={"by": by}).json()["groups"]

    assert {one["key"]: one["figures"]["visits"] for one in answer} == groups


def test_visits_and_reports_on_them_come_as_files_to_who_may_export(
    asked: TestClient, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_AT_ONCE", 2)  # as many pages as a large shop has
    with stream.house.records.unit() as uow:
        reader = api_keys.create(uow, stream.caller, name="r", scopes=["read_reports", "read_customers"], shop_id="tea")

    def rows(path: str, **asks: str) -> list[dict[str, str]]:
        answer = asked.get(path, params={"format": "csv", **asks})
        assert answer.headers["content-type"].startswith("text/csv"), answer.text
        return list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))

    listed = asked.get("/v1/visits", params={"channel": "search"}).json()["items"]
    refused = [
        asked.get(path, params={"format": "csv"}, headers={"authorization": f"Bearer {reader.secret}"}).status_code
        for path in ("/v1/visits", "/v1/visits/sources", "/v1/visits/trend")
    ]

    assert [row["session_key"] for row in rows("/v1/visits", channel="search")] == [one["session_key"] for one in listed]
    assert len(rows("/v1/visits")) == 9
    assert {row["channel"]: row["revenue"] for row in rows("/v1/visits/sources")}["search"] == "47.80"
    assert [row["visits"] for row in rows("/v1/visits/trend", **{"from": "2026-03-01", "to": "2026-03-02"})] == ["2", "2"]
    assert refused == [403, 403, 403]
    with stream.house.records.reading() as uow:
        told = audit.entries(uow, action="visits.exported")
    assert [one.after for one in told] == [{}, {"channels": ["search"]}]


def test_bots_are_kept_told_why_and_counted_only_when_asked_for(asked: TestClient) -> None:
    [bot] = asked.get("/v1/visits", params={"bots": True}).json()["items"]
    everything = asked.get("/v1/visits/sources", params={"with_bots": True}).json()["total"]["visits"]

    assert (bot["is_bot"], bot["bot_reason"]) == (True, "agent")
    assert everything == 9


def test_visits_come_by_page_and_filter(asked: TestClient) -> None:
    found: list[str] = []
    cursor = None
    while True:
        answer = asked.get("/v1/visits", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        found += [one["session_key"] for one in answer["items"]]
        if (cursor := answer["next"]) is None:
            break
    own = asked.get("/v1/visits", params={"customer_id": "17850", "from": "2026-03-02T00:00:00Z"}).json()["items"]
    social = asked.get("/v1/visits", params={"channel": ["social"]}).json()["items"]
    wrong = asked.get("/v1/visits", params={"cursor": "bm8"})

    assert len(found) == len(set(found)) == 9
    assert [one["started_at"] for one in own] == ["2026-03-03T02:00:00Z", "2026-03-02T09:00:00Z", "2026-03-02T02:00:00Z"]
    assert [(one["utm_campaign"], one["landing_path"]) for one in social] == [("spring", "/oolong")]
    assert wrong.status_code == 422 or wrong.status_code == 400


def test_a_customers_touches_are_of_the_first_the_last_and_the_last_not_direct_visit(asked: TestClient) -> None:
    answer = asked.get("/v1/customers/17850/touches").json()
    nobody = asked.get("/v1/customers/nobody/touches").json()

    assert (answer["visits"], answer["first"]["channel"], answer["first"]["utm_source"]) == (3, "social", "weibo")
    assert (answer["last"]["channel"], answer["last"]["started_at"]) == ("direct", "2026-03-03T02:00:00Z")
    assert (answer["last_non_direct"]["channel"], answer["last_non_direct"]["referring_domain"]) == ("search", "baidu.com")
    assert (nobody["visits"], nobody["first"]) == (0, None)


def test_page_speed_is_what_three_of_four_views_had(asked: TestClient) -> None:
    """1.0, 2.0, 3.0, 3.0 and 4.5 s: three quarters are at 3.0 s, which is between good and poor."""
    for by_path, path in ((False, None), (True, "/oolong")):
        [answer] = asked.get("/v1/visits/page_speed", params={"by_path": by_path}).json()["items"]
        speeds = {one["name"]: (one["p75"], one["rating"], one["views"]) for one in answer["speeds"]}
        assert (answer["path"], answer["views"], speeds) == (path, 5, {"lcp_ms": (3000, "fair", 5), "cls": (0.3, "poor", 5)})


def test_a_period_that_cannot_be_is_refused(asked: TestClient) -> None:
    backwards = asked.get("/v1/visits/trend", params={"from": "2026-03-02", "to": "2026-03-01"})
    endless = asked.get("/v1/visits/trend", params={"from": "1990-03-02", "to": "2026-03-01"})

    assert (backwards.json()["code"], endless.json()["code"]) == ("bad_period", "range_too_long")
