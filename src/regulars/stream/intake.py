"""The intake of behaviour events as screens and the API watch it: how far loading is, what waits, and what was turned away."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Protocol

_KEPT_SECONDS = 3600


class Progress(Protocol):
    """How far a loader is, since its process started."""

    @property
    def parts(self) -> int:
        """Parts loaded."""

    @property
    def events(self) -> int:
        """Events taken."""

    @property
    def duplicates(self) -> int:
        """Events that were there already."""

    @property
    def quarantined(self) -> int:
        """Messages put aside."""

    @property
    def last_part_at(self) -> float:
        """When the last part was done, in seconds of the epoch; 0 before the first."""

    @property
    def fault(self) -> str:
        """Why loading stands still; empty while it goes on."""


class Loading(Protocol):
    """A loader, as far as others need it."""

    @property
    def progress(self) -> Progress:
        """How far it is."""

    def backlog_bytes(self) -> int:
        """Bytes of the journal that wait."""

    def archive_files(self, shop_id: str | None = None) -> int:
        """How many files the events archive has, of a shop or of all."""


@dataclass
class Refusals:
    """Requests that the ingest door turned away in the last hour, by code; no request of ours is kept, only that it was."""

    _found: deque[tuple[float, str]] = field(default_factory=lambda: deque(maxlen=100_000))
    _one: threading.Lock = field(default_factory=threading.Lock)

    def note(self, code: str) -> None:
        """One more."""
        with self._one:
            self._found.append((time.monotonic(), code))

    def recent(self) -> dict[str, int]:
        """How many of each code in the last hour, the most frequent first."""
        with self._one:
            begin = time.monotonic() - _KEPT_SECONDS
            while self._found and self._found[0][0] < begin:
                self._found.popleft()
            return dict(Counter(code for _, code in self._found).most_common())


@dataclass(frozen=True, slots=True)
class Intake:
    """The loader of this process, and what its door turned away."""

    loading: Loading
    refusals: Refusals
