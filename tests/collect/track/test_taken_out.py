"""What was taken out of an event is sealed with its customer's key: a copy shows it in its place, erasure destroys it."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import select

from regulars.access.domain import Caller
from regulars.access.keys import Keyring
from regulars.guard import privacy
from regulars.guard.privacy.tables import customer_key, sealed_text
from regulars.guard.privacy.taken import taken_out
from regulars.records import Records
from regulars.values import clock
from tests.collect.track.streams import Stream

FORM = {"properties": {"form": {"email": "mei@example.com"}, "note": "call 13912345678", "tags": ["a", "write to li@example.com"]}}


def copy(stream: Stream, customer_id: str) -> privacy.CustomerExport:
    with stream.house.records.unit() as uow:
        return privacy.export_customer(uow, stream.house.warehouse, stream.caller, "tea", customer_id)


def test_a_copy_shows_in_its_place_what_was_taken_out_of_an_event(stream: Stream) -> None:
    stream.send({"event": "Form Sent", "userId": "17850", **FORM}, {"event": "Other", "userId": "17850"})

    rows = stream.rows()
    found = copy(stream, "17850")

    assert "mei@example.com" not in str(rows)
    assert "13912345678" not in str(rows)
    assert {row["event"]: row.get("taken_out") for row in found.warehouse["events"]} == {
        "Form Sent": {"form.email": "mei@example.com", "note": "call 13912345678", "tags.1": "write to li@example.com"},
        "Other": None,
    }
    assert found.texts == {}


def test_what_the_page_of_an_event_told_is_kept_too_and_what_is_refused_by_its_name_is_kept_nowhere(stream: Stream) -> None:
    page = {"url": "https://shop.test/a?email=mei@example.com&password=hunter2", "title": "Orders", "search": "?password=hunter2"}
    stream.send(
        {
            "event": "Page",
            "userId": "17850",
            "context": {"page": page},
            "properties": {"next": "/a?password=hunter2", "back": "/b?email=li@example.com&password=hunter2"},
        }
    )

    [shown] = [row["taken_out"] for row in copy(stream, "17850").warehouse["events"]]

    assert set(shown) == {"context.page.url", "back"}
    assert "mei@example.com" in shown["context.page.url"]
    assert "li@example.com" in shown["back"]
    assert "hunter2" not in str(shown)


def test_campaigns_referrers_and_traits_beside_an_event_are_in_the_copy(stream: Stream) -> None:
    told = {
        "campaign": {"source": "mail", "name": "for mei@example.com", "recipient": {"email": "li@example.com"}},
        "page": {"url": "https://shop.test/?utm_source=wang@example.com&utm_term=tea", "owner": {"phone": "13912345678"}},
        "referrer": "https://mail.test/?to=zhao@example.com",
        "traits": {"email": "qian@example.com", "name": "Qian Li", "plan": "gold", "religion": "secret"},
    }
    stream.send(
        {"event": "Seen", "userId": "17850", "context": told, "traits": {"nickname": "Q", "level": 3}},
        {"type": "group", "groupId": "g1", "anonymousId": "a-1", "context": {"traits": {"email": "sun@example.com"}}},
    )

    [row] = [one for one in stream.rows() if one["event"] == "Seen"]
    [shown] = copy(stream, "17850").warehouse["events"]
    [of_group] = [one for one in stream.rows() if one["event"] == "Group Joined"]

    assert "example.com" not in str(row).replace("https://mail.test", "")
    assert row["utm_campaign"] == "for [email]"
    assert json.loads(row["context"])["traits"] == {"plan": "gold", "religion": "[refused]", "level": 3}
    assert shown["taken_out"] == {
        "context.campaign.name": "for mei@example.com",
        "context.campaign.recipient.email": "li@example.com",
        "context.page.url": "https://shop.test/?utm_source=wang@example.com&utm_term=tea",
        "context.page.owner.phone": "13912345678",
        "context.referrer": "https://mail.test/?to=zhao@example.com",
        "context.traits.email": "qian@example.com",
        "context.traits.name": "Qian Li",
        "context.traits.nickname": "Q",
    }
    assert copy(stream, of_group["customer_id"]).warehouse["events"][0]["taken_out"] == {"context.traits.email": "sun@example.com"}


def test_it_is_kept_as_long_as_its_event(stream: Stream) -> None:
    stream.send({"event": "Form Sent", "userId": "17850", **FORM})
    house = stream.house
    with house.records.unit() as uow:
        privacy.change_retention(uow, stream.caller, "tea", {"events": 200})

    run = privacy.expire(house.records, house.warehouse, house.home, "tea")

    assert run.deleted["events"]["records"] == run.deleted["events"]["warehouse.events"] == 1


def test_what_a_visitor_told_follows_into_the_customer_and_the_first_telling_wins(stream: Stream) -> None:
    stream.send({"event": "Form Sent", "anonymousId": "a-1", "messageId": "m", **FORM})
    stream.send({"event": "Form Sent", "anonymousId": "a-1", "messageId": "m", "properties": {"email": "other@example.com"}})
    stream.send({"type": "identify", "anonymousId": "a-1", "userId": "17850"})

    [shown] = [row["taken_out"] for row in copy(stream, "17850").warehouse["events"] if row["event"] == "Form Sent"]

    assert shown["form.email"] == "mei@example.com"


def test_erasure_destroys_it_and_later_events_of_the_erased_leave_nothing(stream: Stream) -> None:
    stream.send({"event": "Form Sent", "userId": "17850", **FORM}, {"event": "Form Sent", "userId": "17851", **FORM})
    house = stream.house

    privacy.erase(house.records, house.warehouse, house.home, stream.caller, "tea", "17850")
    stream.send({"event": "Form Sent", "userId": "17850", **FORM})

    with house.records.reading() as uow:
        left = [row["customer_id"] for row in uow.rows(select(sealed_text.c.customer_id))]
    assert left == ["17851"]
    assert stream.wrong() == []


def test_events_without_personal_data_leave_no_row(stream: Stream) -> None:
    stream.send(*({"event": "Product Viewed", "userId": "17850", "properties": {"product_id": f"p{n}"}} for n in range(50)))

    with stream.house.records.reading() as uow:
        assert uow.rows(select(sealed_text.c.subject)) == []
        assert uow.rows(select(customer_key.c.customer_id)) == []


def test_the_first_text_wins_on_both_databases(any_records: Records, home: Path) -> None:
    keyring = Keyring.open(home)
    caller = Caller.system("test", keyring)
    with any_records.unit() as uow:
        for text in ("first", "second"):
            privacy.remember_texts(uow, keyring, "tea", [taken_out(7, "17850", {"note": text}, clock.now())], first_wins=True)

        assert privacy.reveal_texts(uow, caller, "tea", ["event:7"]) == {"event:7": '{"note":"first"}'}
