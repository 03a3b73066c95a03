"""Writing the journal: one thread, one forced write for all requests that wait, and honest answers when the disk is not."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from regulars.errors import RegularsError, StorageFull, Unavailable
from regulars.stream.journal.blocks import Cipher, Entry
from regulars.stream.journal.damages import note_damage, troubles
from regulars.stream.journal.reading import BEGIN, Damage, Place, Reader, segment_path, segments

if TYPE_CHECKING:
    from regulars.access.keys import Keyring

log = logging.getLogger(__name__)

_MEGABYTE = 1024 * 1024
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

Settle = asyncio.Future[None] | Future[None]


class JournalFull(Unavailable):
    """More waits than may wait: try again in a moment."""


class FileJournal:
    """The journal on this disk. Safe to call from the event loop and from threads.

    Parameters
    ----------
    folder : where the segments are; made when missing.
    behind : the place that is loaded already; new segments are numbered behind it, also when no segment is left.
    segment_bytes : a segment is closed beyond this size.
    waiting_bytes : entries not yet written; beyond it `JournalFull` is raised at once instead of memory growing.
    """

    def __init__(
        self,
        folder: Path,
        keyring: Keyring,
        *,
        behind: Place = BEGIN,
        segment_bytes: int = 64 * _MEGABYTE,
        waiting_bytes: int = 64 * _MEGABYTE,
    ) -> None:
        self.folder = folder
        self.damaged: list[Damage] = []
        self.forced_writes = 0
        self.bytes_written = 0
        self._keyring = keyring
        self._segment_bytes = segment_bytes
        self._waiting_limit = waiting_bytes
        self._waiting: list[tuple[Entry, Settle]] = []
        self._idle = False  # the thread sleeps until it is told that something waits
        self._waiting_bytes = 0
        self._something = threading.Condition()
        self._stop = False
        self._file = -1
        self._cipher: Cipher | None = None
        self._number = 0  # of the next block in the segment
        self._durable = Place(1, 0)
        self._rotate_asked = False
        self._heard: list[Callable[[], None]] = []
        self._fault = 0  # the errno that writing fails with now
        self._begin(behind)
        self._thread = threading.Thread(target=self._loop, name="regulars-journal", daemon=True)
        self._thread.start()

    # -- from outside ---------------------------------------------------------------------------------------------

    @property
    def durable(self) -> Place:
        """Everything before this place has been forced to disk."""
        return self._durable

    @property
    def waiting_bytes(self) -> int:
        """Bytes that wait to be written."""
        return self._waiting_bytes

    def on_written(self, call: Callable[[], None]) -> None:
        """Call this, briefly, after each forced write."""
        self._heard.append(call)

    async def append(self, entry: Entry) -> None:
        """Return when the entry has been forced to disk.

        Raises
        ------
        JournalFull : too much waits already.
        StorageFull, Unavailable : the disk is full, read-only or failing; nothing of the entry is kept.
        """
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._enqueue(entry, told)
        await told

    def append_now(self, entry: Entry, timeout: float = 60.0) -> None:
        """As `append`, for threads."""
        told: Future[None] = Future()
        self._enqueue(entry, told)
        told.result(timeout)

    def blocks(self, start: Place, until: Place, *, most_bytes: int) -> Iterator[tuple[Place, list[Entry]]]:
        """Blocks from a place on, each with the place behind it; ends after `most_bytes`, or at `until`."""
        return Reader(self.folder, self._keyring).blocks(start, until, most_bytes=most_bytes)

    def troubles(self) -> Iterator[tuple[str, str, str]]:
        """What cannot be read: a sentence, how to mend it, and where."""
        return troubles(self.folder, self._keyring)

    def rotate(self) -> Place:
        """Close the segment that is written, so that it can be loaded and removed; returns where the new one begins."""
        with self._something:
            self._rotate_asked = True
            self._something.notify()
            self._something.wait_for(lambda: not self._rotate_asked or self._stop, timeout=30)
        return self._durable

    def remove_before(self, place: Place) -> int:
        """Delete the segments that end before a place (their key goes with them); returns how many."""
        gone = 0
        for number in segments(self.folder):
            if number < place.segment and number < self._durable.segment:
                segment_path(self.folder, number).unlink(missing_ok=True)
                gone += 1
        if gone:
            _force_folder(self.folder)
        return gone

    def backlog_bytes(self, loaded: Place) -> int:
        """Bytes on disk behind what is loaded."""
        total = 0
        for number in segments(self.folder):
            if number < loaded.segment:
                continue
            size = self._durable.offset if number == self._durable.segment else segment_path(self.folder, number).stat().st_size
            total += size - (loaded.offset if number == loaded.segment else 0)
        return max(total, 0)

    def close(self) -> None:
        """Write what waits, then stop."""
        with self._something:
            self._stop = True
            self._something.notify_all()
        self._thread.join(30)
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    # -- the thread -----------------------------------------------------------------------------------------------

    def _enqueue(self, entry: Entry, told: Settle) -> None:
        with self._something:
            if self._stop:
                raise Unavailable("the server is stopping", mend="send it again in a moment", code="stopping")
            if self._waiting_bytes + entry.size > self._waiting_limit and self._waiting:
                raise JournalFull("too many requests wait for the disk", mend="send it again in a second", code="too_busy")
            self._waiting.append((entry, told))
            self._waiting_bytes += entry.size
            if self._idle:
                self._something.notify()

    def _loop(self) -> None:
        while True:
            with self._something:
                self._idle = True
                self._something.wait_for(lambda: self._waiting or self._stop or self._rotate_asked)
                self._idle = False
                taken, self._waiting = self._waiting, []
                if not taken and self._stop:
                    return
            if taken:
                self._write([entry for entry, _ in taken], [told for _, told in taken])
            with self._something:
                self._waiting_bytes -= sum(entry.size for entry, _ in taken)
            if self._rotate_asked:
                self._rotate()

    def _write(self, entries: list[Entry], told: list[Settle]) -> None:
        error: RegularsError | None = None
        try:
            if self._file < 0 or self._durable.offset >= self._segment_bytes:
                self._next_segment()
            assert self._cipher is not None
            block = self._cipher.seal(self._number, entries)
            _write_all(self._file, block)
            os.fdatasync(self._file)
            # In the moment in which ext4 gives up its own journal, a forced write can succeed though the file's new length was never
            # noted (seen: the block was gone after fsck). Setting that length again needs that journal, and fails where it is gone.
            os.ftruncate(self._file, self._durable.offset + len(block))
        except OSError as fault:
            error = _explain(fault)
            if fault.errno != self._fault:  # told once, not with every request that is refused
                log.error("the journal could not be written: %s", error.message, extra={"errno": fault.errno})
            self._fault = fault.errno or -1
            self._give_up_segment()
        else:
            if self._fault:
                log.warning("the journal is written again")
            self._fault = 0
            self._number += 1
            self._durable = Place(self._durable.segment, self._durable.offset + len(block))
            self.forced_writes += 1
            self.bytes_written += len(block)
        _tell(told, error)
        if error is None:
            for call in self._heard:
                call()

    def _give_up_segment(self) -> None:
        """After a failed write or a failed force nothing is certain of this file's end: cut it to what is certain, begin another."""
        if self._file >= 0:
            try:
                os.ftruncate(self._file, self._durable.offset)
                os.fsync(self._file)
            except OSError:
                log.warning("a segment keeps a torn end; it is cut off at the next start")
            os.close(self._file)
            self._file = -1

    def _rotate(self) -> None:
        try:
            if self._file >= 0 and self._number > 0:
                os.close(self._file)
                self._file = -1
                self._next_segment()
        except OSError as fault:
            log.error("no new segment could be begun", extra={"errno": fault.errno})
        finally:
            with self._something:
                self._rotate_asked = False
                self._something.notify_all()

    def _begin(self, behind: Place) -> None:
        """Cut off what was torn, note what is damaged, and go on behind it in a new segment."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        reader = Reader(self.folder, self._keyring)
        last = 0
        for number in segments(self.folder):
            end, _, damaged = reader.examine(number)
            self.damaged += damaged
            note_damage(self.folder, damaged)
            path = segment_path(self.folder, number)
            if end < path.stat().st_size:
                log.info("the torn end of a segment was cut off", extra={"segment": number, "bytes": path.stat().st_size - end})
                with path.open("r+b") as file:
                    file.truncate(end)
                    os.fsync(file.fileno())
            last = number
        self._durable = Place(max(last, behind.segment) + 1, 0)

    def _next_segment(self) -> None:
        number = max([*segments(self.folder), self._durable.segment - 1]) + 1
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        cipher, head = Cipher.new(self._keyring, number)
        path = segment_path(self.folder, number)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _write_all(handle, head)
            os.fsync(handle)
            _force_folder(self.folder)
        except OSError:
            os.close(handle)
            path.unlink(missing_ok=True)
            raise
        self._file, self._cipher, self._number = handle, cipher, 0
        self._durable = Place(number, len(head))


def _tell(told: list[Settle], error: BaseException | None) -> None:
    """Let all who wait know; each event loop is woken once, however many of its requests wait."""
    of_loops: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
    for one in told:
        if isinstance(one, Future):
            _settle(one, error)
        else:
            of_loops.setdefault(one.get_loop(), []).append(one)
    for loop, futures in of_loops.items():
        with contextlib.suppress(RuntimeError):  # a loop that was closed meanwhile has nobody who waits
            loop.call_soon_threadsafe(_settle_all, futures, error)


def _settle_all(told: list[asyncio.Future[None]], error: BaseException | None) -> None:
    for one in told:
        _settle(one, error)


def _settle(told: Settle, error: BaseException | None) -> None:
    if told.done():
        return
    if error is None:
        told.set_result(None)
    else:
        told.set_exception(error)


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _force_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _explain(fault: OSError) -> RegularsError:
    if fault.errno in _FULL:
        return StorageFull(
            "the disk of the journal is full", mend="free some space; events sent now were not taken", code="disk_full"
        )
    if fault.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return Unavailable(
            "the journal cannot be written", mend="give this user write access to home/journal", code="journal_read_only"
        )
    return Unavailable("the disk of the journal failed", mend="check the disk, then run `regulars doctor`", code="disk_error")
