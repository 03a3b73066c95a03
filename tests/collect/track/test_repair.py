"""What was put aside: looked at, repaired, replayed once, replayed in bulk, discarded; nothing is lost on the way."""

from __future__ import annotations

import json

import pytest

from regulars.access import audit
from regulars.access.domain import ROLE_PERMISSIONS, Caller, Role
from regulars.access.keys import Keyring
from regulars.collect.track import quarantine, repair, sources
from regulars.collect.track.domain.shaping import Refused
from regulars.collect.track.shapes import Head
from regulars.errors import Conflict, InvalidInput, NotAllowed
from regulars.records import Records
from tests.collect.track.conftest import Desk, track


def replay(desk: Desk, quarantine_id: str, message: dict[str, object] | None = None) -> quarantine.QuarantinedEvent:
    """Replay one and load."""
    send = repair.sender(desk.house.journal, desk.shop)
    with desk.house.records.unit() as uow:
        found = repair.replay_one(desk.house.records, uow, desk.caller, desk.shop, quarantine_id, message, send)
    desk.house.loader.run_once()
    return found


def test_a_message_is_repaired_and_becomes_one_event(desk: Desk) -> None:
    desk.take(track("", "m1", properties={"product_id": "p1"}))
    aside = desk.aside()[0]
    corrected = json.loads(aside.message or "") | {"event": "Product Viewed"}

    before = repair.check_one(desk.house.records, desk.caller, desk.shop, aside.quarantine_id, None)
    after = repair.check_one(desk.house.records, desk.caller, desk.shop, aside.quarantine_id, corrected)
    settled = replay(desk, aside.quarantine_id, corrected)

    assert (before.ok, before.reason) == (False, "no_event_name")
    assert (after.ok, after.event) == (True, "Product Viewed")
    assert settled.state == "replayed"
    assert [(event["event"], event["message_id"]) for event in desk.events()] == [("Product Viewed", "m1")]
    assert desk.aside() == []
    with pytest.raises(Conflict):
        replay(desk, aside.quarantine_id, corrected)


def test_a_message_that_would_be_put_aside_again_is_not_sent_and_not_lost(desk: Desk) -> None:
    desk.take(track("", "m1"))
    aside = desk.aside()[0]

    with pytest.raises(Conflict) as refusal:
        replay(desk, aside.quarantine_id)

    assert refusal.value.code == "still_refused"
    assert desk.aside()[0].message == aside.message


def test_what_was_replayed_in_vain_is_open_again_with_its_text(any_records: Records, home: object) -> None:
    keyring = Keyring.open(home)  # type: ignore[arg-type]
    caller = Caller.system("test", keyring)
    head = Head(source_id="source_1", shop_id="tea", received_us=1_795_291_981_000_000)
    refused = Refused("schema", "price:missing", b'{"type":"track","event":"A","messageId":"m1"}', "m1", "A")
    with any_records.unit() as uow:
        quarantine.keep(uow, keyring, [(head, refused), (head, refused)])
    with any_records.unit() as uow:
        one = quarantine.listing(uow, keyring, "tea")[0]
        quarantine.replay(uow, caller, "tea", one.quarantine_id, None, lambda *_: None)

    with any_records.unit() as uow:
        quarantine.keep(uow, keyring, [(head, refused)])

    with any_records.unit() as uow:
        again = quarantine.listing(uow, keyring, "tea", reveal=True)
        assert [(found.quarantine_id, found.state, found.settled_at, found.message) for found in again] == [
            (one.quarantine_id, "open", None, refused.message.decode())
        ]
        quarantine.discard(uow, caller, "tea", one.quarantine_id)
        quarantine.keep(uow, keyring, [(head, refused)])
        assert quarantine.listing(uow, keyring, "tea") == []


def test_many_are_replayed_where_they_pass_now_and_the_others_stay(desk: Desk) -> None:
    desk.take(*(track("Later", f"m{n}", timestamp="2999-01-01T00:00:00Z") for n in range(3)), track("", "n1"))
    with desk.house.records.unit() as uow:  # as if the clock had been set right: the same messages, put aside for another reason
        kept = [one for one in desk.aside() if one.reason == "no_event_name"]
        sealed = desk.house.keyring.seal(quarantine.PURPOSE, json.dumps(track("Now Named", "n1")), bound_to=kept[0].quarantine_id)
        uow.execute(
            quarantine.table.update().where(quarantine.table.c.quarantine_id == kept[0].quarantine_id).values(sealed=sealed)
        )

    found = repair.replay_many(desk.house.records, desk.caller, desk.shop, repair.sender(desk.house.journal, desk.shop))
    desk.house.loader.run_once()

    assert (found.replayed, found.still_refused) == (1, 3)
    assert [event["event"] for event in desk.events()] == ["Now Named"]
    assert {one.reason for one in desk.aside()} == {"in_the_future"}


def test_reasons_speak_the_readers_language(desk: Desk) -> None:
    desk.take(track("", "m1"))

    assert desk.aside(language="zh")[0].says == "track 消息没有事件名"
    with desk.house.records.reading() as uow:
        assert [(one.says, one.messages) for one in quarantine.counts(uow, "tea", language="zh")] == [("track 消息没有事件名", 1)]


def test_who_may_not_see_personal_data_sees_no_text_and_a_look_is_noted(desk: Desk) -> None:
    desk.take(track("", "m1", properties={"email": "a@x.test"}))
    one = desk.aside()[0].quarantine_id
    analyst = Caller(
        kind="operator", id="op_1", role=Role.ANALYST, scopes=ROLE_PERMISSIONS[Role.ANALYST], keyring=desk.house.keyring
    )
    viewer = Caller(kind="operator", id="op_2", role=Role.VIEWER, scopes=ROLE_PERMISSIONS[Role.VIEWER], keyring=desk.house.keyring)

    with desk.house.records.unit() as uow:
        assert quarantine.look(uow, analyst, "tea", one).message is None
        assert "a@x.test" in (quarantine.look(uow, desk.caller, "tea", one).message or "")
    with desk.house.records.reading() as uow:
        from sqlalchemy import select

        from regulars.access.tables import audit_entry

        acts = [row["action"] for row in uow.rows(select(audit_entry.c.action))]
    assert acts.count("quarantine.seen") == 1
    with pytest.raises(NotAllowed):
        repair.replay_many(desk.house.records, viewer, desk.shop, lambda *_: None)


def test_a_list_with_texts_is_noted_once_with_who_how_many_and_the_filter(desk: Desk) -> None:
    desk.take(track("", "m1", properties={"email": "a@x.test"}), track("", "m2"))
    viewer = Caller(kind="operator", id="op_2", role=Role.VIEWER, scopes=ROLE_PERMISSIONS[Role.VIEWER], keyring=desk.house.keyring)

    with desk.house.records.unit() as uow:
        blind = quarantine.look_through(uow, viewer, "tea", reason="no_event_name")
        seen = quarantine.look_through(uow, desk.caller, "tea", reason="no_event_name", message_id="m1")
        quarantine.look_through(uow, desk.caller, "tea", reason="schema")
    with desk.house.records.reading() as uow:
        noted = list(audit.entries(uow, action="quarantine.seen"))

    assert [one.message for one in blind] == [None, None]
    assert "a@x.test" in (seen[0].message or "")
    assert [(entry.subject, entry.after) for entry in noted] == [
        ("1 messages", {"filter": {"state": "open", "reason": "no_event_name", "message_id": "given"}, "messages": 1})
    ]


def test_what_may_not_be_collected_is_not_replayed(desk: Desk) -> None:
    desk.take(track("", "m1"))
    aside = desk.aside()[0].quarantine_id
    refused = track("Product Viewed", "m1", context={"consent": {"analytics": False}})

    verdict = repair.check_one(desk.house.records, desk.caller, desk.shop, aside, refused)
    with pytest.raises(Conflict) as refusal:
        replay(desk, aside, refused)

    assert (verdict.ok, verdict.reason) == (False, "no_consent")
    assert refusal.value.code == "still_refused"
    assert len(desk.aside()) == 1


def test_typed_text_that_is_no_message_is_refused_with_the_place() -> None:
    with pytest.raises(InvalidInput) as broken:
        repair.read('{"type": }')
    with pytest.raises(InvalidInput) as many:
        repair.read("[]")

    assert (broken.value.code, many.value.code) == ("bad_json_text", "not_one_object")


def test_a_source_tells_whether_it_sends(desk: Desk) -> None:
    def state() -> str:
        with desk.house.records.unit() as uow:
            return sources.get(uow, desk.caller, desk.source_id).state

    fresh = state()
    desk.take(track("A", "m1"))
    sending = state()
    with desk.house.records.unit() as uow:
        sources.change(uow, desk.caller, desk.source_id, disabled=True)

    assert (fresh, sending, state()) == ("never", "sending", "disabled")
