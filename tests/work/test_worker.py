"""Jobs: once, in order, with a lease, and through failures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from regulars.errors import InvalidInput, Unavailable
from regulars.records import Records
from regulars.warehouse import Warehouse
from regulars.work import JobContext, Schedule, Worker, ask_to_stop, enqueue, job_progress
from regulars.work.jobs import LEASE, claim, renew
from regulars.work.schedules import enqueue_due
from regulars.work.tables import job

T0 = datetime(2025, 1, 1, tzinfo=UTC)


def ask(records: Records, kind: str = "count", key: str | None = None, run_at: datetime | None = None) -> str:
    with records.unit() as uow:
        return enqueue(uow, kind, {"n": 1}, shop_id="s", key=key, run_at=run_at)


def state(records: Records, job_id: str) -> str:
    with records.reading() as view:
        return job_progress(view, job_id).state


def test_a_job_runs_once_with_what_was_asked(any_records: Records, warehouse: Warehouse) -> None:
    seen: list[object] = []
    worker = Worker(any_records, warehouse, None, {"count": lambda c: seen.append((c.shop_id, dict(c.payload)))})  # type: ignore[arg-type]
    job_id = ask(any_records)

    assert worker.run_until_idle() == 1
    assert worker.run_until_idle() == 0

    assert seen == [("s", {"n": 1})]
    assert state(any_records, job_id) == "done"


def test_asking_again_under_the_same_key_joins_the_waiting_job(any_records: Records) -> None:
    first, second = ask(any_records, key="k"), ask(any_records, key="k")
    with any_records.unit() as uow:
        claim(uow, "w", ["count"])
    third = ask(any_records, key="k")

    assert first == second
    assert third != first


def test_a_job_is_not_run_before_its_time(any_records: Records, warehouse: Warehouse) -> None:
    ran: list[int] = []
    worker = Worker(any_records, warehouse, None, {"count": lambda c: ran.append(1)})  # type: ignore[arg-type]

    with time_machine.travel(T0, tick=False) as clock:
        ask(any_records, run_at=T0 + timedelta(minutes=5))
        worker.run_until_idle()
        assert ran == []
        clock.shift(301)
        worker.run_until_idle()

    assert ran == [1]


def test_commands_leave_unhurried_jobs_to_a_server(records: Records, warehouse: Warehouse) -> None:
    ran: list[str] = []
    handlers = {"quick": lambda c: ran.append("quick"), "slow": lambda c: ran.append("slow")}
    worker = Worker(records, warehouse, None, handlers, unhurried=["slow"])  # type: ignore[arg-type]
    ask(records, "slow")
    ask(records, "quick")

    assert worker.run_until_idle(unhurried=False) == 1
    assert ran == ["quick"]
    assert worker.run_until_idle() == 1
    assert ran == ["quick", "slow"]


def test_two_workers_never_get_the_same_job(any_records: Records) -> None:
    ask(any_records)

    with any_records.unit() as one:
        first = claim(one, "w1", ["count"])
    with any_records.unit() as two:
        second = claim(two, "w2", ["count"])

    assert first is not None
    assert second is None


def test_a_dead_workers_job_is_taken_over_and_it_cannot_come_back(any_records: Records) -> None:
    with time_machine.travel(T0, tick=False) as clock:
        job_id = ask(any_records)
        with any_records.unit() as uow:
            claim(uow, "dead", ["count"])
        clock.shift(LEASE + timedelta(seconds=1))
        with any_records.unit() as uow:
            taken = claim(uow, "heir", ["count"])
        with any_records.unit() as uow:
            kept = renew(uow, job_id, "dead")

    assert taken is not None
    assert taken["attempts"] == 2
    assert kept is False


@pytest.mark.parametrize(
    ("error", "runs", "end"),
    [(Unavailable("no disk"), 3, "failed"), (InvalidInput("no"), 1, "failed"), (ValueError("13800138000"), 1, "failed")],
)
def test_only_what_may_pass_is_tried_again(records: Records, warehouse: Warehouse, error: Exception, runs: int, end: str) -> None:
    ran: list[int] = []

    def break_down(context: JobContext) -> None:
        ran.append(1)
        raise error

    worker = Worker(records, warehouse, None, {"count": break_down})  # type: ignore[arg-type]
    with time_machine.travel(T0, tick=False) as clock:
        job_id = ask(records)
        for _ in range(5):
            worker.run_until_idle()
            clock.shift(1000)

    assert len(ran) == runs
    assert state(records, job_id) == end
    with records.reading() as view:
        assert "13800138000" not in str(view.value(select(job.c.error)))


def test_a_job_asked_to_stop_stops_at_its_next_step(records: Records, warehouse: Warehouse) -> None:
    steps: list[int] = []

    def work(context: JobContext) -> None:
        with records.unit() as uow:
            ask_to_stop(uow, context.job_id)
        context.lost = True  # what the heartbeat finds out
        for step in range(10):
            context.progress(step, 10)
            steps.append(step)

    job_id = ask(records)
    Worker(records, warehouse, None, {"count": work}).run_until_idle()  # type: ignore[arg-type]

    assert steps == []
    assert state(records, job_id) == "stopped"


def test_a_schedule_comes_back_and_does_not_make_up_for_what_was_missed(any_records: Records) -> None:
    nightly = [Schedule("count", timedelta(hours=24))]

    def due() -> int:
        with any_records.unit() as uow:
            return enqueue_due(uow, nightly, ["s"])

    with time_machine.travel(T0, tick=False) as clock:
        asked = [due()]
        clock.shift(timedelta(days=10))
        asked += [due(), due()]

    assert asked == [0, 1, 0]
