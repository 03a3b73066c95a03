"""A certificate says when nothing was left in the warehouse's file: at once for a small one, after a job for a large one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from regulars.access import Caller
from regulars.guard import privacy
from regulars.guard.privacy import jobs, overwriting
from regulars.guard.privacy.checks import remains_are_overwritten
from regulars.guard.privacy.tables import erasure
from regulars.records import Records
from regulars.values import clock
from regulars.warehouse import Warehouse
from regulars.warehouse.engines import duckdb as engine
from regulars.work import CheckContext
from regulars.work.tables import job
from tests.guard.privacy.conftest import SHOP, append


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file counts as too large to be copied while somebody waits."""
    monkeypatch.setattr(engine, "_COPIED_AT_ONCE", 0)


def waiting(records: Records) -> list[str]:
    with records.reading() as uow:
        return [row["kind"] for row in uow.rows(select(job.c.kind).where(job.c.state == "waiting"))]


def test_of_a_small_warehouse_all_is_gone_when_the_certificate_is_given(
    filled: Records, warehouse: Warehouse, home: Path, shell: Caller, mei: str
) -> None:
    certificate = privacy.erase(filled, warehouse, home, shell, SHOP, mei)

    assert certificate.overwritten_at == certificate.erased_at is not None
    assert overwriting.KIND not in waiting(filled)


@pytest.mark.usefixtures("large")
def test_a_large_warehouse_is_copied_by_a_job_asked_for_at_once_and_the_certificate_says_when(
    filled: Records, warehouse: Warehouse, home: Path, shell: Caller
) -> None:
    append(warehouse, "reviews", {"shop_id": SHOP, "review_id": "r9", "customer_id": "c_of-one-shop-only", "load_id": "load_1"})
    first = privacy.erase(filled, warehouse, home, shell, SHOP, "c_of-one-shop-only")
    asked = waiting(filled)

    done = overwriting.finish_overwriting(filled, warehouse)
    again = overwriting.finish_overwriting(filled, warehouse)
    then = privacy.erase(filled, warehouse, home, shell, SHOP, "c_of-one-shop-only")

    assert (first.overwritten_at, asked) == (None, [overwriting.KIND])
    assert overwriting.KIND in jobs.JOBS
    assert (done, again) == (1, 0)
    assert then.erased_at is not None
    assert then.overwritten_at is not None
    assert then.overwritten_at >= then.erased_at
    assert b"of-one-shop-only" not in b"".join(path.read_bytes() for path in home.rglob("*.duckdb*"))


@pytest.mark.usefixtures("large")
def test_the_daily_run_does_it_where_the_job_could_not_and_the_doctor_tells(
    filled: Records, warehouse: Warehouse, home: Path, shell: Caller, mei: str
) -> None:
    privacy.erase(filled, warehouse, home, shell, SHOP, mei)
    with filled.unit() as uow:
        uow.execute(update(erasure).values(erased_at=clock.now() - timedelta(days=2)))
    context = CheckContext(filled, warehouse, home)

    told = list(remains_are_overwritten(context))
    privacy.expire(filled, warehouse, home, SHOP)

    assert len(told) == 1
    assert list(remains_are_overwritten(context)) == []


def test_only_who_was_erased_before_the_copy_began_is_noted(any_records: Records) -> None:
    began = clock.now()
    with any_records.unit() as uow:
        for name, erased_at in (
            ("before", began - timedelta(seconds=1)),
            ("after", began + timedelta(seconds=1)),
            ("waiting", None),
        ):
            told = {"digest": name, "erasure_id": name, "successor": f"x_{name}", "asked_at": began - timedelta(minutes=1)}
            uow.execute(insert(erasure).values(shop_id=SHOP, erased_at=erased_at, **told))

    noted = overwriting.note_overwritten(any_records, began)

    with any_records.reading() as uow:
        done = uow.rows(select(erasure.c.digest).where(erasure.c.overwritten_at.is_not(None)))
    assert (noted, [row["digest"] for row in done]) == (1, ["before"])
