"""When segments are evaluated: at once after next orders, and once for warnings and values that follow the same load."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from regulars.access import Caller, Keyring, shops
from regulars.events import ChurnScored, NextOrdersRefreshed, ValuesRefreshed
from regulars.records import Records
from regulars.understand.segments.jobs import HANDLERS
from regulars.work.tables import job


def test_scores_of_one_load_are_followed_by_one_evaluation(records: Records, home: Path) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    with records.unit() as uow:
        shops.create(uow, Caller.system("test", Keyring.open(home)), shop_id="tea", name="Tea", timezone="UTC", currency="CNY")
        for event in (
            NextOrdersRefreshed(shop_id="tea", as_of=at, customers=9, overdue=1),
            ChurnScored(shop_id="tea", as_of=at, customers=9, warned=1),
            ValuesRefreshed(shop_id="tea", as_of=at, customers=9),
        ):
            HANDLERS[type(event)](uow, event)

    with records.reading() as uow:
        due = [
            row["run_at"] for row in uow.rows(select(job.c.run_at).where(job.c.kind == "segments.evaluate").order_by(job.c.run_at))
        ]
    assert len(due) == 2
    assert 50 < (due[1] - due[0]).total_seconds() < 70
