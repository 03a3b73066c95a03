"""Long statements under watch: progress while they run, and a stop that takes effect at once."""

from __future__ import annotations

import threading
from collections.abc import Callable

from regulars.collect.imports.readers.description import Progress
from regulars.warehouse.workbench import Workbench


class Meter:
    """Turns the phases of a reading into one progress in bytes of the file."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._window = (0.0, 1.0)
        self._from, self._to = 0.0, 1.0
        self._done = -1

    def window(self, start: float, end: float) -> None:
        """All phases from here on share this part of the whole."""
        self._window = (start, end)
        self._from, self._to = start, end

    def phase(self, start: float, end: float) -> None:
        """What comes next takes the progress from one share of the window to another (0 to 1)."""
        low, high = self._window
        self._from, self._to = low + (high - low) * start, low + (high - low) * end

    def at(self, share: float) -> None:
        """The current phase is done to this share."""
        done = int(self._total * (self._from + (self._to - self._from) * min(max(share, 0.0), 1.0)))
        if done > self._done:
            self._done = done
            self._progress(done, self._total)


def run_watched(bench: Workbench, sql: str, meter: Meter, share: Callable[[], float] | None = None) -> None:
    """Run a statement in a thread of its own and report its progress from this one; an exception here stops it.

    `share` tells how much is done where the engine cannot know, because the rows come from Python.
    """
    failure: list[BaseException] = []

    def work() -> None:
        try:
            bench.execute(sql)
        except BaseException as error:  # handed to the watching thread
            failure.append(error)

    thread = threading.Thread(target=work, name="regulars-read", daemon=True)
    thread.start()
    pause = 0.05
    try:
        while True:
            thread.join(pause)
            if not thread.is_alive():
                break
            meter.at(share() if share else (bench.progress() or 0.0) / 100)
            pause = min(pause * 1.5, 0.5)
    except BaseException:
        while thread.is_alive():
            bench.interrupt()
            thread.join(0.2)
        raise
    if failure:
        raise failure[0]
    meter.at(1.0)
