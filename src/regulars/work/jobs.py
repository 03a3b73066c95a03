"""Jobs: asked for inside a transaction, done later by one worker at a time, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, RowMapping, and_, insert, or_, select, update

from regulars.errors import NotFound
from regulars.records import UnitOfWork
from regulars.values.clock import now
from regulars.values.ids import new_id
from regulars.work.tables import job

JobState = Literal["waiting", "running", "done", "failed", "stopped"]

LEASE = timedelta(seconds=60)
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is; `total` is None where nobody can know."""

    job_id: str
    shop_id: str
    kind: str
    state: JobState
    done: int | None
    total: int | None
    note: str | None
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


def enqueue(
    uow: UnitOfWork,
    kind: str,
    payload: Mapping[str, Any],
    *,
    shop_id: str,
    key: str | None = None,
    run_at: datetime | None = None,
) -> str:
    """Ask for a job in this transaction; returns its id.

    With a `key`, a job that still waits under the same key is returned instead of a second one (it will see the newest data
    anyway); one that runs already does not count, as it may have read before this change.
    """
    if key is not None:
        waiting = uow.value(select(job.c.job_id).where(job.c.key == key))
        if waiting is not None:
            return str(waiting)
    job_id = new_id("job")
    uow.execute(
        insert(job).values(
            job_id=job_id,
            shop_id=shop_id,
            kind=kind,
            key=key,
            payload=dict(payload),
            state="waiting",
            run_at=run_at or now(),
            attempts=0,
            stop_asked=False,
            created_at=now(),
        )
    )
    return job_id


def claim(uow: UnitOfWork, worker: str, kinds: list[str]) -> Mapping[str, Any] | None:
    """Take the oldest due job, or one whose worker has not been heard of; None when there is nothing to do.

    The conditional update decides: of two workers that saw the same job, one gets a row count of 1.
    """
    due = _due()
    candidate = uow.one(select(job).where(due, job.c.kind.in_(kinds)).order_by(job.c.run_at, job.c.job_id).limit(1))
    if candidate is None:
        return None
    taken = uow.execute(
        update(job)
        .where(job.c.job_id == candidate["job_id"], job.c.attempts == candidate["attempts"], due)
        .values(
            state="running",
            key=None,
            worker=worker,
            attempts=candidate["attempts"] + 1,
            lease_until=now() + LEASE,
            started_at=now(),
            error=None,
        )
    )
    return {**candidate, "attempts": candidate["attempts"] + 1} if taken.rowcount == 1 else None


def any_due(uow: UnitOfWork, kinds: list[str]) -> bool:
    """Whether there is a job to take; asked on a read, so that an idle worker never holds the write lock."""
    return uow.value(select(job.c.job_id).where(_due(), job.c.kind.in_(kinds)).limit(1)) is not None


def _due() -> ColumnElement[bool]:
    return or_(
        and_(job.c.state == "waiting", job.c.run_at <= now()),
        and_(job.c.state == "running", job.c.lease_until < now()),
    )


def renew(uow: UnitOfWork, job_id: str, worker: str) -> bool:
    """Extend the lease; False when the job was given to another worker or asked to stop."""
    held = uow.execute(
        update(job)
        .where(job.c.job_id == job_id, job.c.worker == worker, job.c.state == "running")
        .values(lease_until=now() + LEASE)
    )
    return held.rowcount == 1 and not uow.value(select(job.c.stop_asked).where(job.c.job_id == job_id))


def report(uow: UnitOfWork, job_id: str, done: int | None, total: int | None, note: str | None) -> None:
    """Write down how far the job is."""
    uow.execute(update(job).where(job.c.job_id == job_id).values(progress_done=done, progress_total=total, note=note))


def finish(uow: UnitOfWork, job_id: str, state: JobState, error: str | None = None) -> None:
    """The job has ended."""
    uow.execute(
        update(job)
        .where(job.c.job_id == job_id)
        .values(state=state, error=error, finished_at=now(), lease_until=None, worker=None, key=None)
    )


def fail(uow: UnitOfWork, job_id: str, attempts: int, error: str, *, retriable: bool) -> JobState:
    """The job raised: tried again after 5, 25, ... seconds where that can help, else failed."""
    if retriable and attempts < _ATTEMPTS:
        uow.execute(
            update(job)
            .where(job.c.job_id == job_id)
            .values(state="waiting", run_at=now() + timedelta(seconds=5**attempts), error=error, worker=None, lease_until=None)
        )
        return "waiting"
    finish(uow, job_id, "failed", error)
    return "failed"


def release(uow: UnitOfWork, worker: str) -> None:
    """Give back what this worker held (at an orderly stop), to be done again by the next one."""
    uow.execute(
        update(job).where(job.c.worker == worker, job.c.state == "running").values(state="waiting", worker=None, lease_until=None)
    )


def ask_to_stop(uow: UnitOfWork, job_id: str) -> None:
    """Ask a job to stop at its next step; one that still waits is stopped at once."""
    if uow.execute(update(job).where(job.c.job_id == job_id).values(stop_asked=True)).rowcount == 0:
        raise NotFound(f"there is no job '{job_id}'", mend="look at the list of loads for its id")
    uow.execute(
        update(job).where(job.c.job_id == job_id, job.c.state == "waiting").values(state="stopped", finished_at=now(), key=None)
    )


def job_progress(uow: UnitOfWork, job_id: str) -> JobProgress:
    """How far a job is."""
    row = uow.one(select(job).where(job.c.job_id == job_id))
    if row is None:
        raise NotFound(f"there is no job '{job_id}'", mend="look at the list of loads for its id")
    return _progress(row)


def is_asked_for(uow: UnitOfWork, kind: str, shop_id: str) -> bool:
    """Whether a job of that kind waits or runs for the shop."""
    asked = select(job.c.job_id).where(job.c.kind == kind, job.c.shop_id == shop_id, job.c.state.in_(("waiting", "running")))
    return uow.value(asked.limit(1)) is not None


def open_jobs(uow: UnitOfWork, shop_id: str) -> list[JobProgress]:
    """Jobs of a shop that wait or run, oldest first."""
    rows = uow.rows(select(job).where(job.c.shop_id == shop_id, job.c.state.in_(("waiting", "running"))).order_by(job.c.created_at))
    return [_progress(row) for row in rows]


def _progress(row: RowMapping) -> JobProgress:
    return JobProgress(
        job_id=row["job_id"],
        shop_id=row["shop_id"],
        kind=row["kind"],
        state=row["state"],
        done=row["progress_done"],
        total=row["progress_total"],
        note=row["note"],
        error=row["error"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )
