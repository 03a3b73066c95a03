"""Classes of retention that rooms add: what was put aside, counts of what was not collected, and proofs of consents that ended."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import time_machine
from sqlalchemy import insert, select, update

from regulars.access import audit, shops
from regulars.collect.track.tables import quarantined_event, uncollected_count
from regulars.guard import privacy
from regulars.guard.consent.keeping import forget_superseded
from regulars.guard.consent.tables import consent
from regulars.records import Records
from regulars.values import clock
from tests.collect.track.conftest import Desk, track


def test_what_was_put_aside_goes_after_its_time(desk: Desk) -> None:
    desk.take(track("", "m1"), track("", "m2"))
    long_ago = clock.now() - timedelta(days=366)
    with desk.house.records.unit() as uow:
        uow.execute(update(quarantined_event).where(quarantined_event.c.message_id == "m1").values(received_at=long_ago))
        row = {"shop_id": "tea", "source_id": desk.source_id, "reason": "signal", "messages": 3}
        uow.execute(insert(uncollected_count), [{**row, "day": (clock.now() - timedelta(days=days)).date()} for days in (2, 1200)])

    run = privacy.expire(desk.house.records, desk.house.warehouse, desk.house.home, "tea")

    assert run.deleted == {"quarantine": {"records": 1}, "uncollected": {"records": 1}}
    assert [one.message_id for one in desk.aside()] == ["m2"]


def test_files_that_no_load_took_go_after_the_time_of_the_shop_that_keeps_them_longest(desk: Desk) -> None:
    house = desk.house
    for days in (5, 8, 40):
        folder = house.home / "uploads" / f"of_{days}"
        folder.mkdir(parents=True)
        at = (clock.now() - timedelta(days=days)).timestamp()
        os.utime(folder, (at, at))
    with house.records.unit() as uow:
        shops.create(uow, desk.caller, shop_id="coffee", name="Coffee", timezone="UTC", currency="EUR")
        privacy.change_retention(uow, desk.caller, "tea", {"uploads": 2})

    run = privacy.expire(house.records, house.warehouse, house.home, "tea")

    assert run.deleted == {"uploads": {"shared": 2}}
    assert [one.name for one in (house.home / "uploads").iterdir()] == ["of_5"]

    with house.records.unit() as uow:
        privacy.change_retention(uow, desk.caller, "coffee", {"uploads": 3})
    assert privacy.expire(house.records, house.warehouse, house.home, "coffee").deleted == {"uploads": {"shared": 1}}


def test_the_audit_trail_goes_after_three_years_unless_one_shop_keeps_it(desk: Desk) -> None:
    house = desk.house

    def acts() -> list[str]:
        with house.records.reading() as uow:
            verdict = audit.verify(uow, house.keyring)
            assert verdict.ok, verdict.reason
            return [one.action for one in audit.entries(uow)]

    with time_machine.travel(clock.now() + timedelta(days=1096)):
        with house.records.unit() as uow:
            privacy.change_retention(uow, desk.caller, "tea", {"audit": None})
        kept = privacy.expire(house.records, house.warehouse, house.home, "tea"), acts()
        with house.records.unit() as uow:
            privacy.change_retention(uow, desk.caller, "tea", {"audit": 1000})
        gone = privacy.expire(house.records, house.warehouse, house.home, "tea"), acts()
        again = privacy.expire(house.records, house.warehouse, house.home, "tea"), acts()

    assert "shop.created" in kept[1]
    assert "shop.created" not in gone[1]
    assert gone[1] == again[1] == ["audit.shortened", "privacy.decided", "privacy.decided"]
    assert (kept[0].deleted, list(gone[0].deleted), again[0].deleted) == ({}, ["audit"], {})


def test_a_proof_is_kept_while_its_consent_holds_and_three_years_more(any_records: Records) -> None:
    def told(n: int, state: str, years_ago: float, purpose: str = "marketing", who: str = "17850") -> dict[str, object]:
        at = datetime(2026, 11, 1, tzinfo=UTC) - timedelta(days=365 * years_ago)
        own = {"consent_id": f"c{n}", "shop_id": "tea", "customer_id": who, "told_as": who, "purpose": purpose, "channel": ""}
        return {**own, "state": state, "source": "api", "happened_at": at, "recorded_at": at, "proof": ""}

    before = datetime(2026, 11, 1, tzinfo=UTC) - timedelta(days=3 * 365)
    with any_records.unit() as uow:
        rows = [told(1, "given", 9), told(2, "withdrawn", 4), told(3, "given", 1), told(4, "given", 9, "analytics")]
        uow.execute(insert(consent), [*rows, told(5, "given", 9, who="17851"), told(6, "withdrawn", 2, who="17851")])

        gone = forget_superseded(uow, "tea", before)
        left = [row["consent_id"] for row in uow.rows(select(consent.c.consent_id).order_by(consent.c.consent_id))]

    assert (gone, left) == (1, ["c2", "c3", "c4", "c5", "c6"])


def test_the_register_tells_of_every_place(desk: Desk) -> None:
    with desk.house.records.reading() as uow:
        lines = {one.place: one for one in privacy.register(uow, "tea")}

    assert (lines["quarantined_event"].days, lines["quarantined_event"].identified) == (365, True)
    assert (lines["consent"].days, lines["home/journal"].kept) == (1095, "minutes, until loaded")
    assert (lines["audit_entry"].days, lines["audit_entry"].kept) == (1095, "")
    assert (lines["home/uploads"].days, lines["home/uploads"].kept) == (7, "until loaded")
    assert {"home/events", "home/imports", "home/uploads", "home/quarantine", "audit_entry", "uncollected_count"} <= set(lines)
