"""Reading the journal from a place on, and finding at start what was cut off or damaged."""

from __future__ import annotations

import logging
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from regulars.errors import RegularsError, Unavailable
from regulars.stream.journal.blocks import BLOCK, BLOCK_HEAD, Cipher, Entry, block_at, is_all_there

if TYPE_CHECKING:
    from regulars.access.keys import Keyring

log = logging.getLogger(__name__)

SUFFIX = ".seg"
_HEAD_BYTES = 4096


class Place(NamedTuple):
    """A place between two blocks: the number of the segment and the offset in its file. Places are in order."""

    segment: int
    offset: int

    def __str__(self) -> str:
        return f"{self.segment:012d}-{self.offset:012d}"


#: Where every journal begins.
BEGIN = Place(0, 0)


@dataclass(frozen=True, slots=True)
class Damage:
    """A part of a segment that cannot be read though something was written after it."""

    segment: int
    offset: int
    length: int


def segment_path(folder: Path, segment: int) -> Path:
    """The file of a segment."""
    return folder / f"{segment:012d}{SUFFIX}"


def segments(folder: Path) -> list[int]:
    """The numbers of the segments on disk, in order."""
    return sorted(int(path.stem) for path in folder.glob(f"*{SUFFIX}") if path.stem.isdecimal())


class Reader:
    """Reads entries of one journal folder; keeps no state of its own."""

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self.folder = folder
        self._keyring = keyring

    def numbers(self) -> list[int]:
        """The segments on disk, in order."""
        return segments(self.folder)

    def blocks(self, start: Place, until: Place, *, most_bytes: int) -> Iterator[tuple[Place, list[Entry]]]:
        """Blocks from a place on, each with the place behind it; ends after `most_bytes` of entries, or at `until`."""
        read = 0
        for number in segments(self.folder):
            if number < start.segment:
                continue
            if number > until.segment or read >= most_bytes:
                return
            path = segment_path(self.folder, number)
            stop = until.offset if number == until.segment else path.stat().st_size
            at = start.offset if number == start.segment else 0
            if stop <= at or path.stat().st_size == 0:
                continue
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                cipher, begin = self._opened(number, data)
                at = max(at, begin)
                while at < stop and read < most_bytes:
                    found = block_at(data, at)
                    if found is None:
                        at = _next_block(data, at + 1, stop)
                        continue
                    block, length = found
                    entries = list(cipher.open(block, data[at + BLOCK_HEAD : at + length]))
                    at += length
                    read += sum(entry.size for entry in entries)
                    yield Place(number, at), entries

    def examine(self, segment: int) -> tuple[int, int, list[Damage]]:
        """Where the whole blocks of a segment end, how many there are, and what before that cannot be read."""
        path = segment_path(self.folder, segment)
        if path.stat().st_size == 0:
            return 0, 0, []
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            _, at = self._opened(segment, data)
            end, blocks, damaged = at, 0, []
            while at < len(data):
                found = block_at(data, at)
                if found is not None:
                    at += found[1]
                    end, blocks = at, blocks + 1
                    continue
                after = _next_block(data, at + 1, len(data))
                if after >= len(data) and not is_all_there(data, at):
                    break  # torn at the end: never answered
                damaged.append(Damage(segment, at, after - at))
                end = at = after
            return end, blocks, damaged

    def _opened(self, segment: int, data: mmap.mmap) -> tuple[Cipher, int]:
        try:
            return Cipher.of(self._keyring, segment, data[:_HEAD_BYTES])
        except RegularsError as error:
            name = segment_path(self.folder, segment).name
            raise Unavailable(
                f"{name} of the journal cannot be opened: {error.message}",
                mend=f"put the last backup of home/journal/{name} in place; without one move the file away, its events are lost",
                code="journal_damaged",
            ) from None


def _next_block(data: mmap.mmap, at: int, stop: int) -> int:
    """Where the next undamaged block begins; `stop` where there is none."""
    while True:
        at = data.find(BLOCK, at, stop)
        if at < 0:
            return stop
        if block_at(data, at) is not None:
            return at
        at += 1
