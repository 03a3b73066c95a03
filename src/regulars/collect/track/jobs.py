"""The events archive is compacted at start and every hour; all shops share its parts, so the first shop's job does it for all."""

from __future__ import annotations

from datetime import timedelta

from regulars.collect.track.compaction import running
from regulars.errors import Conflict
from regulars.work import JobContext, JobHandler, Schedule

COMPACT = "track.compact"


def compact(ctx: JobContext) -> None:
    """Merge small files of the events archive; where somebody does so already there is nothing to do."""
    try:
        running.compact(ctx.records, ctx.warehouse, ctx.home, go_on=ctx.check_stop)
    except Conflict:
        return


JOBS: dict[str, JobHandler] = {COMPACT: compact}
SCHEDULES = [Schedule(COMPACT, timedelta(hours=1))]
AT_START = [COMPACT]
