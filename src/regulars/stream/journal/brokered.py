"""The journal in a broker: one write, acknowledged by the broker, for all requests that wait; read back by number."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from regulars.errors import RegularsError, Unavailable
from regulars.stream.journal.blocks import Entry
from regulars.stream.journal.lineage import Lineage
from regulars.stream.journal.reading import BEGIN, Place
from regulars.stream.journal.sealing import Opener, Sealer
from regulars.stream.journal.writing import JournalFull

if TYPE_CHECKING:
    from regulars.access.keys import Keyring

log = logging.getLogger(__name__)

_MEGABYTE = 1024 * 1024
_SET_BYTES = 16 * _MEGABYTE
_LOOK_EVERY_SECONDS = 1.0
_REMOVE_EVERY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Ends:
    """A stream as it is now: what tells it from another of its name, and the numbers behind which its messages begin and end."""

    identity: str
    first: int
    last: int


class Log(Protocol):
    """A stream of a broker. Every call may take seconds and raises Unavailable or StorageFull when the broker does not do its part."""

    @property
    def shown(self) -> str:
        """Its address without what is secret."""

    @property
    def most_bytes(self) -> int:
        """The largest message it takes."""

    def connect(self) -> Ends:
        """Connect where that is not done, make the stream where it is missing, and say how it is."""

    def write(self, messages: Sequence[bytes]) -> int:
        """Keep messages in this order; returns the number behind the last one once all are acknowledged."""

    def read(self, after: int, until: int) -> Iterator[tuple[int, bytes]]:
        """Messages behind a number, each with the number behind it; ends only where nothing up to `until` is left."""

    def drop_before(self, number: int) -> None:
        """Delete the messages up to a number."""

    def troubles(self) -> Iterator[tuple[str, str]]:
        """Settings of the broker under which it would drop what it has acknowledged."""

    def close(self) -> None:
        """Let go of it."""


class BrokerJournal:
    """A journal in a broker. Safe to call from the event loop and from threads.

    Parameters
    ----------
    folder : where the segments of streams are noted; made when missing.
    behind : the place that is loaded already; what this journal takes comes behind it.
    waiting_bytes : entries not yet acknowledged; beyond it `JournalFull` is raised at once instead of memory growing.
    """

    def __init__(
        self, stream: Log, folder: Path, keyring: Keyring, *, behind: Place = BEGIN, waiting_bytes: int = 64 * _MEGABYTE
    ) -> None:
        self.acknowledged_writes = 0
        self.bytes_written = 0
        self.notes: deque[tuple[str, str, str]] = deque(maxlen=20)
        self._stream = stream
        self._lineage = Lineage(folder)
        self._sealer = Sealer(keyring)
        self._opener = Opener(keyring)
        self._loaded = behind
        self._durable = BEGIN
        self._identity = ""
        self._away: RegularsError | None = Unavailable(
            f"{stream.shown} is being connected to", mend="send it again in a moment", code="broker_away"
        )
        self._waiting_limit = waiting_bytes
        self._waiting: deque[tuple[Entry, Callable[[BaseException | None], None]]] = deque()
        self._waiting_bytes = 0
        self._removed = behind
        self._removed_at = 0.0
        self._remove_surely = False
        self._heard: list[Callable[[], None]] = []
        self._something = threading.Condition()
        self._reading = threading.Lock()
        self._stop = False
        self._thread = threading.Thread(target=self._loop, name="regulars-journal", daemon=True)
        self._thread.start()

    # -- from outside ---------------------------------------------------------------------------------------------

    @property
    def durable(self) -> Place:
        """The broker has acknowledged everything before this place."""
        if self._away is not None:
            self._await_connection()
        return self._durable

    @property
    def waiting_bytes(self) -> int:
        """Bytes that wait to be acknowledged."""
        return self._waiting_bytes

    def on_written(self, call: Callable[[], None]) -> None:
        """Call this, briefly, after each acknowledged write."""
        self._heard.append(call)

    async def append(self, entry: Entry) -> None:
        """Return when the broker has acknowledged the entry."""
        loop = asyncio.get_running_loop()
        told: asyncio.Future[None] = loop.create_future()

        def settle(error: BaseException | None) -> None:
            loop.call_soon_threadsafe(_settle, told, error)

        self._enqueue(entry, settle)
        await told

    def append_now(self, entry: Entry, timeout: float = 60.0) -> None:
        """As `append`, for threads; waits a moment for the first connection."""
        if self._away is not None:
            self._await_connection()
        told: Future[None] = Future()

        def settle(error: BaseException | None) -> None:
            if error is None:
                told.set_result(None)
            else:
                told.set_exception(error)

        self._enqueue(entry, settle)
        told.result(timeout)

    def blocks(self, start: Place, until: Place, *, most_bytes: int) -> Iterator[tuple[Place, list[Entry]]]:
        """Entries of each write from a place on, with the place behind it; ends after `most_bytes`, or at `until`."""
        segment = until.segment
        after = start.offset if start.segment == segment else 0
        read = 0
        with self._reading:
            opener = self._opener = Opener(self._opener.keyring, self._opener.unreadable)
            for number, message in self._stream.read(after, until.offset):
                seen = opener.unreadable
                entries = opener.feed(message)
                if opener.unreadable > seen:
                    log.error(
                        "a message in the journal's stream cannot be read", extra={"stream": self._stream.shown, "number": number}
                    )
                    self._note("a message in the stream is damaged, or not one of ours", "let nobody else write there", f"{number}")
                if entries is None:
                    continue
                read += sum(entry.size for entry in entries)
                yield Place(segment, number), entries
                if read >= most_bytes:
                    return

    def rotate(self) -> Place:
        """What is durable now is removed as soon as it is loaded, and not only now and then."""
        place = self.durable
        self._remove_surely = True
        return place

    def remove_before(self, place: Place) -> int:
        """Delete what was loaded; every few seconds, or at once after `rotate`."""
        self._loaded = max(self._loaded, place)
        if place.segment != self._durable.segment or place <= self._removed:
            self._remove_surely = self._remove_surely and place < self._durable
            return 0
        if not self._remove_surely and time.monotonic() - self._removed_at < _REMOVE_EVERY_SECONDS:
            return 0
        try:
            self._stream.drop_before(place.offset)
        except RegularsError:
            if self._remove_surely:
                raise
            log.warning("what was loaded could not be removed yet", extra={"stream": self._stream.shown})
            return 0
        finally:
            self._removed_at = time.monotonic()
        self._removed, self._remove_surely = place, False
        return 1

    def backlog_bytes(self, loaded: Place) -> int:
        """The messages that wait, at the size they had so far on the average."""
        here = self._durable
        waiting = here.offset - (loaded.offset if loaded.segment == here.segment else 0)
        average = self.bytes_written // self.acknowledged_writes if self.acknowledged_writes else 100_000
        return max(waiting, 0) * average

    def troubles(self) -> Iterator[tuple[str, str, str]]:
        """Whether the broker answers, keeps what it acknowledges, and has lost nothing that was seen to be missing."""
        try:
            _ = self.durable
            for message, mend in self._stream.troubles():
                yield message, mend, self._stream.shown
        except RegularsError as error:
            yield error.message, error.mend, self._stream.shown
        yield from list(self.notes)

    def close(self) -> None:
        """Write what waits, then stop."""
        with self._something:
            self._stop = True
            self._something.notify_all()
        self._thread.join(30)
        self._stream.close()

    # -- the thread -----------------------------------------------------------------------------------------------

    def _enqueue(self, entry: Entry, settle: Callable[[BaseException | None], None]) -> None:
        with self._something:
            if self._stop:
                raise Unavailable("the server is stopping", mend="send it again in a moment", code="stopping")
            if self._away is not None:
                raise _again(self._away)
            if self._waiting_bytes + entry.size > self._waiting_limit and self._waiting:
                raise JournalFull("too many requests wait for the broker", mend="send it again in a second", code="too_busy")
            self._waiting.append((entry, settle))
            self._waiting_bytes += entry.size
            self._something.notify_all()

    def _await_connection(self, seconds: float = 6.0) -> None:
        """Wait for the first connection; one that was lost is said at once."""
        with self._something:
            if not self._identity:
                self._something.wait_for(lambda: self._away is None or self._identity or self._stop, timeout=seconds)
            if self._away is not None:
                raise _again(self._away)

    def _loop(self) -> None:
        looked_at = 0.0
        while True:
            if self._away is not None or (not self._waiting and time.monotonic() - looked_at > _LOOK_EVERY_SECONDS):
                self._look()
                looked_at = time.monotonic()
            with self._something:
                self._something.wait_for(lambda: self._waiting or self._stop, timeout=0.25 if self._away else _LOOK_EVERY_SECONDS)
                taken: list[tuple[Entry, Callable[[BaseException | None], None]]] = []
                size = 0
                while self._waiting and (not taken or size + self._waiting[0][0].size <= _SET_BYTES):
                    taken.append(self._waiting.popleft())
                    size += taken[-1][0].size
                if not taken and self._stop:
                    return
            if taken:
                self._write([entry for entry, _ in taken], [settle for _, settle in taken])
                with self._something:
                    self._waiting_bytes -= size

    def _write(self, entries: list[Entry], settled: list[Callable[[BaseException | None], None]]) -> None:
        error: RegularsError | None = self._away
        if error is None:
            try:
                messages = self._sealer.seal(entries, self._stream.most_bytes)
                number = self._stream.write(messages)
                if number <= self._durable.offset:
                    self._begins_anew()
                self._durable = Place(self._durable.segment, number)
                self.acknowledged_writes += len(messages)
                self.bytes_written += sum(map(len, messages))
            except RegularsError as fault:
                error = self._lost(fault)
            except Exception:
                log.exception("the broker's client failed")
                error = self._lost(Unavailable("the broker's client failed", mend="look into the log", code="broker_away"))
        for settle in settled:
            settle(error)
        if error is None:
            for call in self._heard:
                call()

    def _look(self) -> None:
        """See whether the broker is there, and whether its stream is still the one we know."""
        try:
            ends = self._stream.connect()
            if ends.identity != self._identity or ends.last < self._durable.offset:
                self._settle_place(ends)
        except RegularsError as fault:
            self._lost(fault)
            return
        except Exception:
            log.exception("the broker's client failed")
            self._lost(Unavailable("the broker's client failed", mend="look into the log", code="broker_away"))
            return
        with self._something:
            was_away, self._away, self._identity = self._away is not None, None, ends.identity
            self._something.notify_all()
        if was_away:
            log.info("the broker is there", extra={"stream": self._stream.shown})
            for call in self._heard:
                call()

    def _settle_place(self, ends: Ends) -> None:
        """Find the segment of a stream that is seen for the first time, was made again, or came back with less than it had."""
        behind = self._loaded
        segment = self._lineage.segment(ends.identity, behind.segment)
        known = max(self._durable, behind)
        if segment == known.segment and ends.last < known.offset:
            self._missing(known.offset - ends.last)
            segment = self._lineage.segment(ends.identity, behind.segment, anew=True)
        elif segment == behind.segment and ends.first > behind.offset:
            self._missing(ends.first - behind.offset)
        self._durable = Place(segment, ends.last)

    def _begins_anew(self) -> None:
        """The broker numbered a message as it had numbered another before: it lost some without our having seen it."""
        self._missing(0)
        segment = self._lineage.segment(self._identity, max(self._loaded, self._durable).segment, anew=True)
        self._durable = Place(segment, 0)

    def _missing(self, messages: int) -> None:
        log.error("the broker lost acknowledged messages", extra={"stream": self._stream.shown, "messages": messages})
        count = f"{messages:,} messages" if messages else "messages"
        self._note(
            f"the broker no longer has {count} that it had acknowledged; those not loaded by then are lost",
            "let it keep more copies, or force each write to its disk; see docs/how-to/run-on-nats-or-kafka.md",
            self._stream.shown,
        )

    def _note(self, message: str, mend: str, where: str) -> None:
        if (message, mend, where) not in self.notes:
            self.notes.append((message, mend, where))

    def _lost(self, fault: RegularsError) -> RegularsError:
        if self._away is None:
            log.warning("the broker is away", extra={"stream": self._stream.shown, "code": fault.code})
        with self._something:
            if self._away is None or not self._identity:
                self._identity = self._identity or "?"
            self._away = fault
            self._something.notify_all()
        return fault


def _again(fault: RegularsError) -> RegularsError:
    return type(fault)(fault.message, mend=fault.mend, code=fault.code)


def _settle(told: asyncio.Future[None], error: BaseException | None) -> None:
    if told.done():
        return
    if error is None:
        told.set_result(None)
    else:
        told.set_exception(error)
