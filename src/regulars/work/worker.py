"""The worker: takes due jobs one after the other, keeps their leases alive, and survives whatever they raise."""

from __future__ import annotations

import logging
import os
import socket
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regulars.errors import RegularsError, Unavailable
from regulars.values.ids import new_id
from regulars.work import jobs
from regulars.work.context import JobContext, JobStopped

if TYPE_CHECKING:
    from regulars.records import Records
    from regulars.warehouse import Warehouse

log = logging.getLogger(__name__)

JobHandler = Callable[[JobContext], None]

_HEARTBEAT_SECONDS = 5.0
_IDLE_SECONDS = 1.0


class Worker:
    """Runs jobs of the given kinds; `tick` is called between jobs (the relay and the schedules hang there)."""

    def __init__(
        self,
        records: Records,
        warehouse: Warehouse,
        home: Path,
        handlers: Mapping[str, JobHandler],
        *,
        tick: Callable[[], int] = lambda: 0,
        unhurried: Iterable[str] = (),
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}:{new_id('w')[-6:]}"
        self._records = records
        self._warehouse = warehouse
        self._home = home
        self._handlers = dict(handlers)
        self._unhurried = frozenset(unhurried)
        self._tick = tick
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._current: JobContext | None = None

    def also(self, tick: Callable[[], int]) -> None:
        """Call one more function between jobs; it returns how much it moved."""
        earlier = self._tick
        self._tick = lambda: earlier() + tick()

    def run_until_idle(self, *, unhurried: bool = True) -> int:
        """Do everything that is due now, in this thread; returns how many jobs ran.

        Parameters
        ----------
        unhurried : also kinds that may take long and nobody waits for.
        """
        kinds = [kind for kind in self._handlers if unhurried or kind not in self._unhurried]
        ran = 0
        while True:
            moved = self._tick()
            if self._run_one(kinds):
                ran += 1
            elif not moved:
                return ran

    def start(self) -> None:
        """Go on in a thread until `stop`."""
        self._thread = threading.Thread(target=self._loop, name="regulars-worker", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There may be something to do: look now instead of at the next tick."""
        self._wake.set()

    def stop(self, timeout: float = 20.0) -> None:
        """Finish or hand back the current job, then end."""
        self._stop.set()
        self._wake.set()
        if self._current is not None:
            self._current.lost = True
        if self._thread is not None:
            self._thread.join(timeout)
        try:
            with self._records.unit() as uow:
                jobs.release(uow, self.name)
        except RegularsError:
            log.warning("jobs could not be handed back; their leases run out by themselves")

    def _loop(self) -> None:
        told = ""
        while not self._stop.is_set():
            try:
                busy = bool(self._tick()) | self._run_one(list(self._handlers))
            except Exception as error:
                if not isinstance(error, RegularsError):
                    log.exception("the worker stumbled; it goes on")
                elif str(error) != told:
                    log.warning("the worker waits and tries again: %s", error)
                busy, told = False, str(error)
            if not busy:
                self._wake.wait(_IDLE_SECONDS)
                self._wake.clear()

    def _run_one(self, kinds: list[str]) -> bool:
        if self._stop.is_set():
            return False
        with self._records.reading() as look:
            if not jobs.any_due(look, kinds):
                return False
        with self._records.unit() as uow:
            taken = jobs.claim(uow, self.name, kinds)
        if taken is None:
            return False
        context = JobContext(
            taken["job_id"], taken["shop_id"], taken["payload"], self._records, self._warehouse, self._home, self.name
        )
        self._current = context
        over = threading.Event()
        heart = threading.Thread(target=self._beat, args=(context, over), name="regulars-heartbeat", daemon=True)
        heart.start()
        try:
            self._handlers[taken["kind"]](context)
        except Exception as error:
            self._failed(taken, error, over)
        else:
            over.set()
            with self._records.unit() as uow:
                jobs.finish(uow, context.job_id, "done")
            log.info("job done", extra={"job_id": context.job_id, "kind": taken["kind"]})
        finally:
            over.set()
            heart.join()
            self._current = None
        return True

    def _failed(self, taken: Mapping[str, Any], error: Exception, over: threading.Event) -> None:
        over.set()
        stopped = isinstance(error, JobStopped)
        retriable = isinstance(error, Unavailable)
        words = (
            str(error) if isinstance(error, RegularsError) else f"an unexpected fault ({_place(error)}); the log has the details"
        )
        if not stopped and not isinstance(error, RegularsError):
            log.exception("job failed", extra={"job_id": taken["job_id"], "kind": taken["kind"]})
        else:
            log.warning("job ended early: %s", words, extra={"job_id": taken["job_id"], "kind": taken["kind"]})
        with self._records.unit() as uow:
            if stopped and self._stop.is_set():
                jobs.release(uow, self.name)
            elif stopped:
                jobs.finish(uow, taken["job_id"], "stopped")
            else:
                jobs.fail(uow, taken["job_id"], taken["attempts"], words, retriable=retriable)

    def _beat(self, context: JobContext, over: threading.Event) -> None:
        while not over.wait(_HEARTBEAT_SECONDS):
            try:
                with self._records.unit() as uow:
                    if not jobs.renew(uow, context.job_id, self.name):
                        context.lost = True
                        return
            except RegularsError as error:
                log.warning("a heartbeat failed: %s", error)


def _place(error: BaseException) -> str:
    """What kind of fault it was, and where; never its words, which may hold what people sent."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    where = f" at {Path(last[0].filename).stem}:{last[0].lineno}" if last else ""
    return f"{type(error).__name__}{where}"
