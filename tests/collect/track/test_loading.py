"""From the journal into the warehouse: each event once, whose it is, what follows from it, and again from the archive."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from regulars.access import shops
from regulars.access.domain import Caller
from regulars.app import House, rebuild_warehouse
from regulars.collect import sessions
from regulars.collect.track import accept, archive, loading, quarantine, shapes, sources
from regulars.errors import StorageFull
from regulars.guard import consent, privacy
from regulars.settings import Settings
from tests.collect.track.streams import Stream

ORDER = {
    "event": "Order Completed",
    "userId": "17850",
    "properties": {
        "order_id": "o1",
        "total": "47.80",
        "currency": "CNY",
        "products": [{"product_id": "p1", "price": 23.9, "quantity": 2}],
    },
}


def test_a_message_sent_again_days_later_is_one_event(stream: Stream) -> None:
    """P4: for ever, from the same source; another source is another event."""
    message = {"event": "Product Viewed", "userId": "u1", "messageId": "same", "properties": {"product_id": "p1"}}
    for day in range(1, 6):
        stream.send({**message, "sentAt": f"2026-03-0{day}T00:00:00Z"})
    stream.send({**message, "properties": {"product_id": "another"}})
    stream.send(message, source_id="another")

    assert [(row["source_id"] == stream.source_id, row["product_id"]) for row in stream.rows()] in (
        [(True, "p1"), (False, "p1")],
        [(False, "p1"), (True, "p1")],
    )
    assert stream.wrong() == []


def test_a_message_without_an_id_is_known_by_its_content(stream: Stream) -> None:
    plain = {"type": "track", "event": "A", "userId": "u1", "timestamp": "2026-03-01T10:00:00Z", "messageId": None}
    for sent_at in ("2026-03-01T10:00:01Z", "2026-03-01T10:05:00Z"):
        stream.send({**plain, "sentAt": sent_at})
    stream.send({**plain, "event": "B"})

    assert sorted(row["event"] for row in stream.rows()) == ["A", "B"]


def test_what_a_visitor_did_becomes_the_customers_when_they_sign_in(stream: Stream) -> None:
    stream.send({"event": "Product Viewed", "anonymousId": "device-1"}, {"event": "Product Viewed", "anonymousId": "device-2"})
    before = {row["customer_id"] for row in stream.rows()}
    stream.send({"type": "identify", "anonymousId": "device-1", "userId": "17850"})
    stream.send({"event": "Product Added", "anonymousId": "device-1"})

    owners = {(row["event"], row["customer_id"], row["is_known"]) for row in stream.rows() if row["customer_id"] == "17850"}
    assert all(privacy.is_visitor(one) for one in before)
    assert {event for event, _, _ in owners} == {"Product Viewed", "Customer Identified", "Product Added"}
    assert stream.wrong() == []


def test_an_order_told_by_an_event_is_an_order_and_its_customer_follows_a_merge(stream: Stream) -> None:
    stream.send(ORDER)
    [order] = stream.rows("orders", "order_id", "customer_id", "total_minor", "units")
    assert (order["order_id"], order["customer_id"], order["total_minor"], int(order["units"])) == ("o1", "17850", 4_780, 2)

    stream.send(
        {"type": "alias", "userId": "17850", "previousId": "old-9"},
        {**ORDER, "userId": "old-9", "properties": {**ORDER["properties"], "order_id": "o2"}},
    )

    assert len({row["customer_id"] for row in stream.rows("orders", "order_id", "customer_id")}) == 1
    assert stream.wrong() == []


def test_personal_traits_are_sealed_and_nowhere_else(stream: Stream, home: Path) -> None:
    stream.send(
        {
            "type": "identify",
            "userId": "17850",
            "traits": {"email": "mei@x.test", "phone": "13800000001", "name": "王梅", "vip": True},
        }
    )
    with stream.house.records.unit() as uow:
        person = privacy.reveal(uow, stream.caller, "tea", ["17850"])["17850"]
        assert privacy.find_by_contact(uow, stream.house.keyring, "tea", "MEI@x.test") == ["17850"]

    assert (person.email, person.phone, person.name) == ("mei@x.test", "13800000001", "王梅")
    assert json.loads(stream.rows()[0]["properties"]) == {"vip": True}
    stream.house.loader.empty()
    for path in home.rglob("*"):
        if path.is_file() and "sqlite" not in path.name:
            assert b"mei@x.test" not in path.read_bytes(), path


@pytest.mark.parametrize("step", ["records", "warehouse", "done"])
def test_a_part_cut_off_between_its_steps_is_finished_once(stream: Stream, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    loader = stream.house.loader
    owner, name = {"records": (loader, "_into_warehouse"), "warehouse": (loader, "_done"), "done": (loading.archive, "write")}[step]
    real = getattr(owner, name)

    def cut_off(*arguments: Any, **words: Any) -> Any:
        monkeypatch.setattr(owner, name, real)
        raise StorageFull("cut off", mend="go on")

    monkeypatch.setattr(owner, name, cut_off)
    with pytest.raises(StorageFull):
        stream.send(ORDER, {"event": "Product Viewed", "userId": "u1"})
    loader.run_once()

    assert sorted(row["event"] for row in stream.rows()) == ["Order Completed", "Product Viewed"]
    assert [row["order_id"] for row in stream.rows("orders")] == ["o1"]
    assert stream.wrong() == []


def test_the_warehouse_made_anew_is_the_same(stream: Stream) -> None:
    stream.send({"event": "Product Viewed", "anonymousId": "device-1", "messageId": "a"}, ORDER)
    stream.send(
        {"type": "identify", "anonymousId": "device-1", "userId": "17850"},
        {"event": "Product Viewed", "anonymousId": "device-1", "messageId": "a"},
    )
    stream.send({"event": "Order Refunded", "userId": "17850", "properties": {"order_id": "o1", "total": 10}})
    tables = ("events", "orders", "order_lines", "refunds")
    before = {table: stream.rows(table) for table in tables}
    stream.house.close()

    rebuild_warehouse(Settings.load())
    stream.house = House.open(Settings.load())

    assert {table: stream.rows(table) for table in tables} == before
    assert stream.wrong() == []


def test_nothing_is_collected_of_who_has_refused_but_the_refusal_and_orders(stream: Stream) -> None:
    refusal = {"event": "Consent Changed", "userId": "17850", "properties": {"purpose": "analytics", "state": "withdrawn"}}
    stream.send({"event": "Product Viewed", "userId": "17850"})
    stream.send(refusal)
    stream.send({"event": "Product Viewed", "userId": "17850"}, {"event": "Product Viewed", "userId": "2"}, ORDER)

    assert sorted((row["event"], row["customer_id"]) for row in stream.rows()) == [
        ("Consent Changed", "17850"),
        ("Order Completed", "17850"),
        ("Product Viewed", "17850"),
        ("Product Viewed", "2"),
    ]
    with stream.house.records.reading() as uow:
        assert not consent.may(uow, "tea", "17850", "analytics").allowed


def test_an_erased_customer_leaves_no_trace_and_does_not_come_back(stream: Stream, home: Path) -> None:
    """P20: events, orders, the archive and the journal; a late event is kept under the pseudonym that took the place."""
    stream.send(
        {"type": "identify", "userId": "Kunde-4711", "traits": {"email": "mei@x.test"}},
        {**ORDER, "userId": "Kunde-4711"},
        {"event": "Product Viewed", "userId": "other-1"},
    )
    stream.send(
        {"type": "nonsense", "userId": "Kunde-4711", "traits": {"email": "mei@x.test"}}, {"type": "nonsense", "userId": "other-1"}
    )
    stream.send({"event": "Product Viewed", "userId": "Kunde-4711", "messageId": "waits"}, load=False)

    certificate = privacy.erase(stream.house.records, stream.house.warehouse, home, stream.caller, "tea", "Kunde-4711")
    stream.send({"event": "Product Added", "userId": "Kunde-4711", "messageId": "late"})

    assert certificate.erased_at is not None
    with stream.house.records.reading() as uow:
        left = quarantine.listing(uow, stream.house.keyring, "tea", reveal=True)
    assert [json.loads(one.message or "")["userId"] for one in left] == ["other-1"]
    owners = {row["customer_id"] for row in stream.rows()}
    assert "Kunde-4711" not in owners
    assert len(owners) == 2
    assert {row["customer_id"] for row in stream.rows("orders")} <= owners
    stream.house.loader.empty()
    stream.house.close()
    for path in home.rglob("*"):
        if path.is_file() and path.name != "master.key":
            content = path.read_bytes()
            assert b"Kunde-4711" not in content, path
            assert b"mei@x.test" not in content, path
    for _, path in archive.parts(home):
        assert "Kunde-4711" not in str(archive.read(path).to_pylist())
    stream.house = House.open(Settings.load())


def test_messages_of_a_removed_shop_are_passed_over(stream: Stream) -> None:
    from regulars.collect import track

    track.accept(stream.house.loader.journal, "gone", "s", [{"type": "track", "event": "A", "userId": "u1"}])
    stream.send({"event": "B", "userId": "u1"})

    assert [row["event"] for row in stream.rows()] == ["B"]


def test_events_sent_after_a_start_that_loaded_the_last_segment_are_loaded_too(home: Path) -> None:
    """A journal whose folder became empty numbers its segments behind what is loaded, however often it is opened."""
    settings = Settings.load({"REGULARS_HOME": str(home)})
    house = House.open(settings)
    caller = Caller.system("test", house.keyring)
    with house.records.unit() as uow:
        shops.create(uow, caller, shop_id="tea", name="Tea", timezone="Asia/Shanghai", currency="CNY")
        source_id = sources.create(uow, caller, shop_id="tea", name="Web", kind="browser").source.source_id

    def send(house: House, *names: str) -> None:
        for name in names:
            accept(house.journal, "tea", source_id, [{"type": "track", "event": "Seen", "userId": "17850", "messageId": name}])

    send(house, "m1")
    house.loader.run_once()
    house.close()
    house = House.open(settings)
    house.loader.run_once()
    house.close()
    assert list((home / "journal").glob("*.seg")) == []
    house = House.open(settings)
    send(house, "m2", "m3")
    house.loader.empty()

    rows = house.warehouse.rows(house.warehouse.table("events").select("message_id"))
    assert sorted(row["message_id"] for row in rows) == ["m1", "m2", "m3"]
    house.close()


def test_sessions_of_a_backlog_are_made_after_several_parts_and_are_the_same(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where loading stumbles in between: what waits is noted with the events."""
    monkeypatch.setattr(loading, "PART_BYTES", 1)
    monkeypatch.setattr(loading, "_PARTS_TOGETHER", 3)
    write, made, written = archive.write, [0], [0]

    def stumbling(*arguments: Any) -> Path:
        written[0] += 1
        if written[0] == 6:
            raise StorageFull("cut off", mend="go on")
        return write(*arguments)

    def counted(warehouse: Any, shop_id: str, **more: Any) -> int:
        made[0] += 1
        return follow(warehouse, shop_id, **more)

    follow = sessions.follow
    monkeypatch.setattr(archive, "write", stumbling)
    monkeypatch.setattr(sessions, "follow", counted)
    for number in range(10):
        at = f"2026-03-01T{10 + number // 3}:{number % 6}0:00Z"
        stream.send({"event": "Product Viewed", "userId": f"u{number % 2}", "timestamp": at}, load=False)
    with pytest.raises(StorageFull):
        stream.house.loader.run_once()
    stream.house.loader.run_once()

    found = stream.rows("sessions")
    assert (len(stream.rows("event_parts")), made[0]) == (10, 4)
    assert stream.rows("session_work") == []
    sessions.rebuild(stream.house.warehouse, "tea")
    assert stream.rows("sessions") == found
    assert sum(int(row["events"]) for row in found) == 10
    assert stream.wrong() == []


def test_a_part_shaped_in_several_pieces_holds_each_message_once_and_the_earliest(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In columns and one by one alike."""
    monkeypatch.setattr(loading, "_PIECE_BYTES", 1)
    monkeypatch.setattr(shapes, "_WORTH_A_LANE", 0)
    for number in range(6):
        message = {
            "event": "Product Viewed",
            "userId": "17850",
            "messageId": f"m{number % 4}",
            "properties": {"product_id": f"p{number}"},
        }
        odd = {
            "event": "Product Viewed",
            "userId": "a b",
            "messageId": f"odd {number % 4}",
            "properties": {"product_id": f"p{number}"},
        }
        stream.send(message, odd, load=False)
    stream.house.loader.run_once()

    assert [row["events"] for row in stream.rows("event_parts")] == [8]
    assert sorted((row["message_id"], row["product_id"]) for row in stream.rows()) == [
        *((f"m{number}", f"p{number}") for number in range(4)),
        *((f"odd {number}", f"p{number}") for number in range(4)),
    ]
    assert stream.house.loader.progress.duplicates == 4
    assert stream.wrong() == []
