"""What may not be collected is counted durably by source, reason and day; nothing else of it is kept."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select
from starlette.testclient import TestClient

from regulars.access import api_keys, shops
from regulars.access.domain import Caller
from regulars.access.keys import Keyring
from regulars.collect.track import sources, uncollected
from regulars.collect.track.tables import uncollected_count
from regulars.guard import consent
from regulars.guard.privacy.tables import person
from regulars.records import Records
from regulars.values import clock
from tests.collect.track.conftest import Desk, track

NO = {"context": {"consent": {"analytics": False}}}


def test_refused_messages_are_counted_and_shown_where_the_stream_is(desk: Desk) -> None:
    desk.take(track("A", "m1"), track("Secret", "m2", **NO), track("Secret", "m3", context={"gpc": True}))
    desk.take(track("Secret", "m4", **NO))
    with desk.house.records.unit() as uow:
        key = api_keys.create(uow, desk.caller, name="t", scopes=["read_reports"], shop_id="tea").secret
        found = sources.get(uow, desk.caller, desk.source_id)
    client = TestClient(desk.house.http(), base_url="http://localhost", headers={"authorization": f"Bearer {key}"})

    days = client.get("/v1/uncollected").json()["items"]
    stream = client.get("/v1/event_stream").json()

    assert [(one["reason"], one["messages"], one["source_id"]) for one in days] == [
        ("refused", 2, desk.source_id),
        ("signal", 1, desk.source_id),
    ]
    assert stream["uncollected_30_days"] == {"refused": 2, "signal": 1}
    assert (found.events, found.uncollected) == (1, 3)
    assert [row["event"] for row in desk.events()] == ["A"]


def test_what_a_message_that_may_not_be_kept_says_of_consent_is_learned(desk: Desk) -> None:
    desk.take(track("Secret", "m1", **NO))  # of this shop nothing else comes in this part
    desk.take(track("Secret", "m2"))
    desk.take(
        track("Secret", "m3", context={"consent": {"marketing": True}}),
        {
            "type": "identify",
            "messageId": "m4",
            "userId": "17850",
            "traits": {"sms_marketing": "denied", "email": "mei@example.com"},
        },
    )

    with desk.house.records.reading() as uow:
        now = consent.permissions(uow, "tea", "17850")
        people = uow.rows(select(person.c.customer_id))
    told = {(one.purpose, said.channel): said.state for one in now.purposes for said in one.told}

    assert told == {("analytics", None): "withdrawn", ("marketing", None): "given", ("marketing", "sms"): "withdrawn"}
    assert desk.events() == []
    assert people == []


def test_the_same_refused_message_again_adds_nothing_to_the_ledger(desk: Desk) -> None:
    for message_id in ("m1", "m1", "m2"):
        desk.take(track("Secret", message_id, **NO))

    with desk.house.records.reading() as uow:
        assert len(consent.history(uow, "tea", "17850")) == 1


def test_counts_add_up_on_both_databases_and_old_days_are_forgotten(any_records: Records, home: Path) -> None:
    caller = Caller.system("test", Keyring.open(home))
    with any_records.unit() as uow:
        shops.create(uow, caller, shop_id="tea", name="Tea", timezone="UTC", currency="EUR")
        made = sources.create(uow, caller, shop_id="tea", name="Web", kind="browser").source.source_id
        at = {made: datetime(2026, 3, 1, 23, 59, tzinfo=UTC)}
        for _ in range(2):
            uncollected.keep(uow, Counter({(made, "refused"): 2, ("gone", "refused"): 9}), at)
        uncollected.keep(uow, Counter({(made, "refused"): 1}), {made: clock.now()})
        old = {"shop_id": "tea", "source_id": made, "reason": "signal", "day": clock.now().date() - timedelta(days=2000)}
        uow.execute(insert(uncollected_count).values(**old, messages=5))

    with any_records.unit() as uow:
        whole = uncollected.by_day(uow, "tea", days=100_000)
        gone = uncollected.forget(uow, "tea", clock.now() - timedelta(days=1000))

    assert sum(one.messages for one in whole) == 10
    assert [one.messages for one in whole if one.day.isoformat() == "2026-03-01"] == [4]
    assert gone == 1
