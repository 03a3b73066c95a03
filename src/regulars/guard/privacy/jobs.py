"""Once a day what is past its time is deleted; after an erasure what files still hold of it is overwritten."""

from __future__ import annotations

from datetime import timedelta

from regulars.guard.privacy import overwriting, service
from regulars.work import JobContext, JobHandler
from regulars.work.schedules import Schedule

KIND = "privacy.expire"


def expire(ctx: JobContext) -> None:
    """Apply a shop's retention times."""
    service.expire(ctx.records, ctx.warehouse, ctx.home, ctx.shop_id)


def overwrite(ctx: JobContext) -> None:
    """Copy the warehouse's file when an erasure waits for it."""
    overwriting.finish_overwriting(ctx.records, ctx.warehouse)


JOBS: dict[str, JobHandler] = {KIND: expire, overwriting.KIND: overwrite}
SCHEDULES = [Schedule(KIND, timedelta(days=1))]
