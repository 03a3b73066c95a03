"""Runs of connectors: one at a time holds a connector, a silent one loses it, and how each ended is written down."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, or_, select, update

from regulars.collect.platforms.connectors import LEASE, no_such_connector
from regulars.collect.platforms.tables import connector, connector_run
from regulars.errors import Conflict, RegularsError
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from regulars.records import Records, UnitOfWork

log = logging.getLogger(__name__)

_KEEP_RUNS = timedelta(days=90)


def forget_old_runs(uow: UnitOfWork) -> int:
    """Drop runs older than 90 days; returns how many."""
    old = connector_run.c.started_at < clock.now() - _KEEP_RUNS
    return uow.execute(connector_run.delete().where(old)).rowcount


def claim(records: Records, connector_id: str) -> tuple[str, Mapping[str, Any]]:
    """Hold the connector for a new run; of two that try, one gets it."""
    run_id, now = new_id("run"), clock.now()
    c, r = connector, connector_run
    with records.unit() as uow:
        row = uow.one(select(c).where(c.c.connector_id == connector_id))
        if row is None:
            raise no_such_connector(connector_id)
        free = or_(c.c.running_until.is_(None), c.c.running_until < now)
        held = uow.execute(
            update(c).where(c.c.connector_id == connector_id, free).values(running_id=run_id, running_until=now + LEASE)
        )
        if held.rowcount != 1:
            raise Conflict("this connector is running already", mend="wait until the run has ended", code="connector_running")
        cut_off = (r.c.connector_id == connector_id) & (r.c.state == "running")
        uow.execute(
            update(r)
            .where(cut_off)
            .values(state="stopped", error="the run was cut off; the next one does it again", finished_at=now)
        )
        uow.execute(
            insert(r).values(
                run_id=run_id,
                connector_id=connector_id,
                shop_id=row["shop_id"],
                state="running",
                rows=0,
                messages=0,
                quarantined=0,
                cursor_before=row["cursor"],
                cursor_after=row["cursor"],
                started_at=now,
            )
        )
    return run_id, dict(row)


def hold(uow: UnitOfWork, run_id: str, connector_id: str) -> None:
    """Prolong the hold; refuse where another run has taken over or the connector is gone."""
    c = connector
    mine = (c.c.connector_id == connector_id) & (c.c.running_id == run_id)
    if uow.execute(update(c).where(mine).values(running_until=clock.now() + LEASE)).rowcount != 1:
        raise Conflict("the connector was taken over or removed", mend="look at its newest run", code="connector_taken")


def finish(
    records: Records, run_id: str, connector_id: str, state: str, error: RegularsError | None, *, again_in: timedelta | None = None
) -> None:
    """Write down how a run ended, and when the next one is due: by default after the connector's own minutes."""
    c, r = connector, connector_run
    now = clock.now()
    with records.unit() as uow:
        values = {"state": state, "finished_at": now}
        if error is not None:
            values |= {"error": str(error)[:600], "error_code": error.code[:40]}
        uow.execute(update(r).where(r.c.run_id == run_id, r.c.state == "running").values(**values))
        row = uow.one(select(c.c.every_minutes).where(c.c.connector_id == connector_id, c.c.running_id == run_id))
        if row is not None:
            later = now + (timedelta(minutes=row["every_minutes"]) if again_in is None else again_in)
            uow.execute(
                update(c)
                .where(c.c.connector_id == connector_id, c.c.running_id == run_id)
                .values(running_id=None, running_until=None, next_run_at=later)
            )
    log.info("a connector ran", extra={"connector_id": connector_id, "run_id": run_id, "state": state})
