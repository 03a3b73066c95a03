"""Long questions: asked beside the request, watched while they run, cancelled without touching others, kept for a while.

Runs live in the memory of the process that has the warehouse open: a run that was lost with it is simply asked again.
"""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from regulars.errors import Conflict, NotFound, RegularsError
from regulars.understand.questions import Desk
from regulars.understand.reports.asking import ask
from regulars.understand.reports.domain.answers import Answered
from regulars.understand.reports.domain.running import Failure, Run, RunState
from regulars.understand.reports.kinds import report_of
from regulars.values import clock
from regulars.values.ids import new_id
from regulars.warehouse import Warehouse
from regulars.warehouse.watching import Watch, watched

log = logging.getLogger(__name__)

KEPT = timedelta(minutes=15)
#: Ended runs that are kept at most; the oldest go first.
MOST_KEPT = 200
#: Runs of one shop that wait or run at most.
MOST_OPEN = 200
_AT_ONCE = 4


@dataclass
class _Held:
    run_id: str
    shop_id: str
    kind: str
    question: Mapping[str, Any]
    asked_at: datetime
    began: float
    watch: Watch = field(default_factory=Watch)
    state: RunState = "waiting"
    ended_at: datetime | None = None
    seconds: float = 0.0
    answer: Answered | None = None
    failure: Failure | None = None
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def is_open(self) -> bool:
        return self.state in ("waiting", "running")

    def shown(self, with_answer: bool = True) -> Run:
        return Run(
            run_id=self.run_id,
            shop_id=self.shop_id,
            kind=self.kind,
            question=self.question,
            state=self.state,
            percent=self.watch.progress() if self.is_open else None,
            seconds=round(time.monotonic() - self.began if self.is_open else self.seconds, 3),
            asked_at=self.asked_at,
            ended_at=self.ended_at,
            kept_until=None if self.ended_at is None else self.ended_at + KEPT,
            answer=self.answer if with_answer else None,
            failure=self.failure,
        )


class RunBook:
    """The runs of one warehouse."""

    def __init__(self) -> None:
        self._runs: OrderedDict[str, _Held] = OrderedDict()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="regulars-report")

    def start(self, desk: Desk, kind: str, question: Mapping[str, Any]) -> Run:
        """Begin to answer a question.

        Raises
        ------
        InvalidInput, NotFound : it cannot be understood; said at once.
        Conflict : too many questions of the shop are under way.
        """
        report_of(kind).read(desk, question)
        held = _Held(new_id("run"), desk.shop.shop_id, kind, dict(question), clock.now(), time.monotonic())
        with self._lock:
            self._forget()
            under_way = sum(one.is_open for one in self._runs.values() if one.shop_id == held.shop_id)
            if under_way >= MOST_OPEN:
                raise Conflict(
                    f"{under_way} questions of this shop are under way",
                    mend="wait for one, or cancel one",
                    code="too_many_runs",
                    status=429,
                )
            self._runs[held.run_id] = held
        self._pool.submit(self._answer, desk, held)
        return held.shown()

    def get(self, run_id: str, shop_id: str) -> Run:
        """A run as it is now, with its answer once there is one."""
        return self._held(run_id, shop_id).shown()

    def wait(self, run_id: str, shop_id: str, seconds: float) -> Run:
        """A run once it has ended, or as it is after so long."""
        held = self._held(run_id, shop_id)
        held.over.wait(seconds)
        return held.shown()

    def cancel(self, run_id: str, shop_id: str) -> Run:
        """Stop a run; one that has ended stays as it is."""
        held = self._held(run_id, shop_id)
        if held.is_open:
            waited = held.state == "waiting"
            held.watch.cancel()
            if waited:
                self._end(held, "cancelled")
        return held.shown()

    def stop(self) -> None:
        """Cancel all and take no more."""
        with self._lock:
            under_way = [one for one in self._runs.values() if one.is_open]
        for held in under_way:
            held.watch.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _held(self, run_id: str, shop_id: str) -> _Held:
        with self._lock:
            self._forget()
            held = self._runs.get(run_id)
        if held is None or held.shop_id != shop_id:
            raise NotFound(
                f"there is no run '{run_id[:60]}'",
                mend=f"ask again: answers are kept for {KEPT.seconds // 60} minutes",
                code="no_such_run",
            )
        return held

    def _forget(self) -> None:
        """Let go of what has been kept long enough; called with the lock held."""
        ended = [one for one in self._runs.values() if one.ended_at is not None]
        for one in [*ended[:-MOST_KEPT], *(one for one in ended if one.ended_at and one.ended_at + KEPT < clock.now())]:
            self._runs.pop(one.run_id, None)

    def _answer(self, desk: Desk, held: _Held) -> None:
        if held.watch.cancelled():
            return
        held.state = "running"
        try:
            with watched(held.watch):
                held.answer = ask(desk, held.kind, held.question)
            self._end(held, "done")
        except RegularsError as error:
            if held.watch.cancelled():
                self._end(held, "cancelled")
            else:
                held.failure = Failure(code=error.code, message=error.message, mend=error.mend)
                self._end(held, "failed")
        except Exception:
            log.exception("a report failed", extra={"kind": held.kind, "run_id": held.run_id})
            held.failure = Failure(code="error", message="something went wrong on our side", mend="look into the server's log")
            self._end(held, "cancelled" if held.watch.cancelled() else "failed")

    def _end(self, held: _Held, state: RunState) -> None:
        if held.over.is_set():
            return
        held.seconds = time.monotonic() - held.began
        held.ended_at = clock.now()
        held.state = state
        held.over.set()


_BOOKS: weakref.WeakKeyDictionary[Warehouse, RunBook] = weakref.WeakKeyDictionary()
_BOOKS_LOCK = threading.Lock()


def stop_runs(warehouse: Warehouse) -> None:
    """Cancel every question of a warehouse that is about to be closed."""
    with _BOOKS_LOCK:
        book = _BOOKS.pop(warehouse, None)
    if book is not None:
        book.stop()


def book_of(warehouse: Warehouse) -> RunBook:
    """The runs of a warehouse."""
    with _BOOKS_LOCK:
        return _BOOKS.setdefault(warehouse, RunBook())
