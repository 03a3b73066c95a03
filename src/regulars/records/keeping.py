"""Answers kept until anybody commits, this process or another: SQLite counts commits and tells the count in microseconds."""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from regulars.records.store import Records
    from regulars.records.unit import UnitOfWork

T = TypeVar("T")
_MOST = 1_024


class Kept:
    """Answers with the count of commits at which each was read."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._lock = threading.Lock()
        self._watch: sqlite3.Connection | None = None  # writes nothing: so every commit is another connection's
        self._answers: OrderedDict[Hashable, tuple[int, Any]] = OrderedDict()

    def cached(self, key: Hashable, ask: Callable[[UnitOfWork], T]) -> T:
        """The answer, read again where anything was committed since."""
        with self._lock:
            at = self._commits()
            kept = self._answers.get(key)
            if kept is not None and kept[0] == at:
                self._answers.move_to_end(key)
                found: T = kept[1]
                return found
        with self._records.reading() as uow:
            made = ask(uow)
        if at is not None:
            with self._lock:
                self._answers[key] = (at, made)
                while len(self._answers) > _MOST:
                    self._answers.popitem(last=False)
        return made

    def holds(self, key: Hashable) -> bool:
        """Whether `cached` would ask nobody."""
        with self._lock:
            kept = self._answers.get(key)
            return kept is not None and kept[0] == self._commits()

    def close(self) -> None:
        """Let go of what watches the file."""
        with self._lock:
            if self._watch is not None:
                self._watch.close()
                self._watch = None

    def _commits(self) -> int | None:
        """A number that is another after every commit; None where this store tells none."""
        path = self._records.path
        if path is None:
            return None
        try:
            if self._watch is None:
                self._watch = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, check_same_thread=False, isolation_level=None)
            found: int = self._watch.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:  # whoever asks the store itself is told what is wrong with it
            if self._watch is not None:
                self._watch.close()
            self._watch = None
            return None
        return found
