"""One question under watch: how far the engine is with it, and a way to stop that question and nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from regulars.errors import Unavailable

#: A statement that is just about to begin does not hear the first call to stop.
_CALLED_AGAIN_SECONDS = 0.05
_CALLED_FOR_SECONDS = 10.0


class Watch:
    """Statements that run for one question; `cancel` stops them and those that would follow. Safe to share between threads."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._running: dict[int, tuple[Callable[[], None], Callable[[], float]]] = {}
        self._lock = threading.Lock()
        self._next = 0

    def cancelled(self) -> bool:
        """Whether somebody stopped the question."""
        return self._stopped.is_set()

    def cancel(self) -> None:
        """Stop the question: what runs is interrupted, what follows does not begin."""
        self._stopped.set()
        if self._interrupt():
            threading.Thread(target=self._go_on, name="regulars-cancel", daemon=True).start()

    def progress(self) -> float | None:
        """Percent done of the statement that runs now; None when nobody knows."""
        with self._lock:
            told = [progress() for _, progress in self._running.values()]
        return max(told) if told and max(told) >= 0 else None

    @contextmanager
    def running(self, interrupt: Callable[[], None], progress: Callable[[], float]) -> Iterator[None]:
        """Around a statement; refused once the question was cancelled."""
        with self._lock:
            place = self._next = self._next + 1
            self._running[place] = (interrupt, progress)
        try:
            self.check()
            yield
        finally:
            with self._lock:
                del self._running[place]

    def check(self) -> None:
        """Raise when the question was cancelled."""
        if self._stopped.is_set():
            raise Unavailable("the question was cancelled", mend="ask it again", code="interrupted")

    def _interrupt(self) -> bool:
        with self._lock:
            for interrupt, _ in self._running.values():
                interrupt()
            return bool(self._running)

    def _go_on(self) -> None:
        until = time.monotonic() + _CALLED_FOR_SECONDS
        while time.monotonic() < until and self._interrupt():
            time.sleep(_CALLED_AGAIN_SECONDS)


#: The watch of the question that this thread answers.
watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watched(one: Watch) -> Iterator[None]:
    """Everything that is asked of a warehouse inside, in this thread, belongs to that watch."""
    token = watch.set(one)
    try:
        yield
    finally:
        watch.reset(token)
