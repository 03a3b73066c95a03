"""Classes of retention that rooms add: what was put aside, counts of what was not collected, and proofs of consents that ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select, update

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
    assert {"home/events", "home/imports", "home/uploads", "home/quarantine", "audit_entry", "uncollected_count"} <= set(lines)
