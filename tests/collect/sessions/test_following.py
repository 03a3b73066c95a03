"""Sessions on the real way of an event: journal, loader, who is who, erasure, rebuild."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from regulars.app import House, rebuild_warehouse
from regulars.collect import identity
from regulars.guard import privacy
from regulars.settings import Settings
from tests.collect.track.streams import Stream, stream

__all__ = ["stream"]

PAGE: dict[str, Any] = {
    "type": "page",
    "context": {"page": {"url": "https://tea.example/oolong?utm_source=weibo&utm_medium=social", "referrer": "https://weibo.com/"}},
}


def visits(stream: Stream, *columns: str) -> list[tuple[Any, ...]]:
    rows = sorted(stream.rows("sessions"), key=lambda row: (row["started_at"], row["session_key"]))
    return [tuple(row[name] for name in columns) for row in rows]


def at(clock: str) -> dict[str, str]:
    return {"timestamp": f"2026-03-01T{clock}:00Z"}


def test_a_visit_is_there_when_its_events_are(stream: Stream) -> None:
    stream.send(
        {**PAGE, "anonymousId": "device", **at("10:00")}, {"event": "Product Added", "anonymousId": "device", **at("10:05")}
    )

    assert visits(stream, "events", "pages", "carts", "channel", "utm_source", "landing_path", "duration_s") == [
        (2, 1, 1, "social", "weibo", "/oolong", 300)
    ]
    assert stream.wrong() == []


def test_a_visitor_who_signs_in_takes_the_visits_along_and_a_merge_taken_back_returns_them(stream: Stream) -> None:
    stream.send({**PAGE, "anonymousId": "device", **at("10:00")}, {"event": "Paid", "userId": "17850", **at("10:20")})
    assert visits(stream, "events") == [(1,), (1,)]

    stream.send({"type": "identify", "anonymousId": "device", "userId": "17850", **at("10:10")})
    assert visits(stream, "customer_id", "is_known", "events", "channel") == [("17850", True, 3, "social")]

    stream.send(
        {"type": "alias", "userId": "17850", "previousId": "old-9", **at("10:11")}, {"event": "A", "userId": "old-9", **at("09:45")}
    )
    [(together,)] = visits(stream, "events")
    with stream.house.records.unit() as uow:
        [merge] = [one for one in identity.merges(uow, "tea") if one.kind == "alias"]
        identity.undo(uow, stream.caller, "tea", merge.merge_id)
    stream.house.work_off()
    assert sum(events for (events,) in visits(stream, "events")) == together
    assert len(visits(stream, "events")) == 2
    assert stream.wrong() == []


def test_an_erased_customers_visits_are_those_of_the_events_that_are_left(stream: Stream) -> None:
    context = {"sessionId": "s1", "page": {"url": "https://tea.example/oolong"}}
    stream.send(
        {"type": "page", "userId": "17850", "context": context, **at("10:00")},
        {"event": "A", "userId": "17850", "context": context, **at("12:00")},
    )
    assert visits(stream, "session_id", "events") == [("s1", 2)]

    privacy.erase(stream.house.records, stream.house.warehouse, stream.house.home, stream.caller, "tea", "17850")

    found = visits(stream, "customer_id", "session_id", "events", "landing_path", "landing_url")
    assert [one[1:] for one in found] == [(None, 1, "/oolong", None), (None, 1, "/oolong", None)]
    assert {one[0][:2] for one in found} == {"x_"}
    assert stream.wrong() == []


def test_a_rebuilt_warehouse_has_the_same_visits(stream: Stream, home: Path) -> None:
    stream.send({**PAGE, "anonymousId": "device", **at("10:00")}, {"event": "A", "anonymousId": "other", **at("10:01")})
    stream.send({"type": "identify", "anonymousId": "device", "userId": "17850", **at("10:40")})
    stream.send({"event": "A", "anonymousId": "device", **at("10:20")})
    before = stream.rows("sessions")
    stream.house.close()

    settings = Settings.load({"REGULARS_HOME": str(home)})
    rebuild_warehouse(settings)

    house = House.open(settings)
    table = house.warehouse.table("sessions")
    assert house.warehouse.rows(table.order_by(["shop_id", "session_key"])) == before
    house.close()


def test_visits_expire_with_their_events(stream: Stream) -> None:
    stream.send(
        {"event": "A", "anonymousId": "device", "timestamp": "2020-03-01T10:00:00Z"}, {"event": "A", "anonymousId": "device"}
    )
    with stream.house.records.unit() as uow:
        privacy.change_retention(uow, stream.caller, "tea", {"events": 1000})

    privacy.expire(stream.house.records, stream.house.warehouse, stream.house.home, "tea")

    assert visits(stream, "events") == [(1,)]
    assert stream.wrong() == []
