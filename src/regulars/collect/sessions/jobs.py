"""What is old is made anew within a minute, and sessions of a warehouse from before there were any, at start."""

from __future__ import annotations

from datetime import timedelta

from regulars.collect.sessions.service import fill, refresh
from regulars.work import JobContext, Schedule

SETTLE = "sessions.settle"
FILL = "sessions.fill"


def settle(ctx: JobContext) -> None:
    """Make anew what the loader left, being old."""
    refresh(ctx.warehouse, ctx.shop_id)


def fill_in(ctx: JobContext) -> None:
    """Sessions of events that came before this release."""
    fill(ctx.warehouse, ctx.shop_id)


JOBS = {SETTLE: settle, FILL: fill_in}
SCHEDULES = [Schedule(SETTLE, timedelta(minutes=1))]
AT_START = [FILL]
