"""When databases are read, and old notes thrown away."""

from __future__ import annotations

from datetime import timedelta

from regulars.access import Keyring
from regulars.collect.platforms import connectors, pulling, receiving, runs
from regulars.errors import Conflict, NotFound
from regulars.work import JobContext, JobHandler, Schedule

LOOK = "platforms.look_for_due"
TIDY = "platforms.tidy"


def look_for_due(ctx: JobContext) -> None:
    """Ask for a run of every connector that is due."""
    with ctx.records.unit() as uow:
        for connector_id in connectors.due(uow, ctx.shop_id):
            connectors.ask_for_run(uow, ctx.shop_id, connector_id)


def run(ctx: JobContext) -> None:
    """Run one connector; one that is running or gone needs nothing."""
    keyring = Keyring.open(ctx.home)
    try:
        pulling.run_connector(
            ctx.records, ctx.home, keyring, ctx.payload["connector_id"], tell=lambda rows: ctx.progress(rows, None, "read")
        )
    except (NotFound, Conflict):
        return


def tidy(ctx: JobContext) -> None:
    """Forget deliveries that no platform repeats any more, and old runs."""
    with ctx.records.unit() as uow:
        receiving.forget_old(uow)
        runs.forget_old_runs(uow)


JOBS: dict[str, JobHandler] = {connectors.RUN: run, LOOK: look_for_due, TIDY: tidy}
SCHEDULES = [Schedule(LOOK, timedelta(minutes=1)), Schedule(TIDY, timedelta(hours=24))]
