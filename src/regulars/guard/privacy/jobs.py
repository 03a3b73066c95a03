"""Once a day: what is past its time is deleted."""

from __future__ import annotations

from datetime import timedelta

from regulars.guard.privacy import service
from regulars.work import JobContext, JobHandler
from regulars.work.schedules import Schedule

KIND = "privacy.expire"


def expire(ctx: JobContext) -> None:
    """Apply a shop's retention times."""
    service.expire(ctx.records, ctx.warehouse, ctx.home, ctx.shop_id)


JOBS: dict[str, JobHandler] = {KIND: expire}
SCHEDULES = [Schedule(KIND, timedelta(days=1))]
