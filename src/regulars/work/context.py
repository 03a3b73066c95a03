"""What a job is given to work with."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regulars.work import jobs

if TYPE_CHECKING:
    from regulars.records import Records
    from regulars.warehouse import Warehouse

_REPORT_EVERY_SECONDS = 0.5


class JobStopped(Exception):
    """Someone asked the job to stop, or its lease went to another worker."""


@dataclass
class JobContext:
    """The stores, the request, and ways to tell how far it is."""

    job_id: str
    shop_id: str
    payload: Mapping[str, Any]
    records: Records
    warehouse: Warehouse
    home: Path
    worker: str
    lost: bool = field(default=False)  # set by the heartbeat
    _reported_at: float = field(default=0.0)

    def progress(self, done: int, total: int | None = None, note: str | None = None) -> None:
        """Tell how far the job is (written at most twice a second), and stop here when asked to."""
        self.check_stop()
        if time.monotonic() - self._reported_at < _REPORT_EVERY_SECONDS and done != total:
            return
        self._reported_at = time.monotonic()
        with self.records.unit() as uow:
            jobs.report(uow, self.job_id, done, total, note)

    def check_stop(self) -> None:
        """Raise `JobStopped` when the job should not go on."""
        if self.lost:
            raise JobStopped(self.job_id)
