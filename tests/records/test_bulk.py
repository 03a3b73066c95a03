"""Many rows at once are the same rows on both databases, whatever is in them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from regulars.records import Records, insert_many, update_many
from regulars.records.tables import outbox
from regulars.work.tables import job

AT = datetime(2026, 3, 1, 4, 5, 6, 789, tzinfo=UTC)


def told(place: int) -> dict[str, Any]:
    """An outbox row with what is hard to quote."""
    return {
        "shop_id": "tea", "message_id": f"m{place}", "event": "O'Neill \"茶\"\\n", "customer_id": None if place else "c:1",
        "timestamp": AT, "source": "%s :name", "schema_version": 1, "properties": "{}", "told_at": AT, "attempts": place,
    }  # fmt: skip


@pytest.mark.parametrize("count", [0, 1, 3])
def test_rows_are_kept_as_they_were_given(any_records: Records, count: int) -> None:
    with any_records.unit() as uow:
        insert_many(uow.connection, outbox, [told(place) for place in range(count)])

    with any_records.reading() as uow:
        rows = uow.rows(select(outbox).order_by(outbox.c.message_id))
    assert [{name: row[name] for name in told(0)} for row in rows] == [told(place) for place in range(count)]


@pytest.mark.parametrize("count", [1, 4])
def test_rows_are_changed_by_their_keys_and_others_stay(any_records: Records, count: int) -> None:
    jobs = [
        {"job_id": f"j{place}", "shop_id": "tea", "kind": "k", "payload": {"n": [place, "茶"]}, "state": "waiting", "run_at": AT,
         "attempts": 0, "stop_asked": False, "created_at": AT}
        for place in range(4)
    ]  # fmt: skip
    with any_records.unit() as uow:
        insert_many(uow.connection, job, jobs)
        changes = [
            {"job_id": f"j{place}", "shop_id": "tea", "attempts": place + 7, "payload": None if place else {"x": 1}, "note": "n"}
            for place in range(count)
        ]
        update_many(uow.connection, job, ("job_id", "shop_id"), [{**one, "payload": one["payload"] or {}} for one in changes])

    with any_records.reading() as uow:
        rows = uow.rows(select(job).order_by(job.c.job_id))
    assert [row["attempts"] for row in rows] == [place + 7 if place < count else 0 for place in range(4)]
    assert rows[0]["payload"] == {"x": 1}
    assert [row["note"] for row in rows] == ["n" if place < count else None for place in range(4)]
    assert all(row["run_at"] == AT for row in rows)
