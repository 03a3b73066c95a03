"""The archive of events: each loaded stretch of the journal as Parquet in pseudonyms, so that the warehouse can be made anew.

    home/events/<shop>/<part_id>.parquet

A part is written under another name, forced to disk and renamed: what has the ending is whole. A file into which parts were merged
(`compaction`) bears the name of the first of them and says in its footer which is the last; their own files, where they are still
there, hold nothing that it does not.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from regulars.errors import StorageFull, Unavailable

SUFFIX = ".parquet"
#: In the footer of a file: the last part whose rows are in it.
LAST_PART = b"regulars.last_part"
_DRAFT = ".writing"
_BLOCK_BYTES = 16 * 1024 * 1024
_BLOCK_ROWS = 64 * 1024
_GROUP_ROWS = 128 * 1024  # what has to be read of a file at once
_UNIQUE = frozenset({"message_id", "event_key"})  # a dictionary of their values would only be made to be thrown away


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the archive: the first and the last part whose rows it holds; mostly the same."""

    path: Path
    part_id: str
    last_part: str


def folder_of(home: Path, shop_id: str) -> Path:
    """Where a shop's parts are."""
    return home / "events" / shop_id


def path_of(home: Path, shop_id: str, part_id: str) -> Path:
    """The file of a part."""
    return folder_of(home, shop_id) / f"{part_id}{SUFFIX}"


def write(home: Path, shop_id: str, part_id: str, table: pa.Table) -> Path:
    """Write a part; an earlier one of that name is replaced.

    Raises
    ------
    StorageFull : there is no room; nothing is left behind.
    """
    path = path_of(home, shop_id, part_id)
    draft = path.with_suffix(_DRAFT)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with draft.open("wb") as file:
            pq.write_table(table, file, row_group_size=_GROUP_ROWS, **form_of(table.schema))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        force(path.parent)
    except OSError as fault:
        with suppress(OSError):  # of a folder that is read-only nothing can be removed; the next start does
            draft.unlink(missing_ok=True)
        if fault.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull("the disk of the events archive is full", mend="free some space; loading goes on by itself") from None
        raise Unavailable(
            f"the events archive cannot be written ({fault.strerror})",
            mend="give this user write access to home/events",
            code="archive_failed",
        ) from None
    return path


def form_of(schema: pa.Schema) -> dict[str, Any]:
    """How files of the archive are written, as Parquet's writer is told."""
    return {
        "compression": "zstd",
        "compression_level": 1,
        "write_page_checksum": True,
        "use_dictionary": [name for name in schema.names if name not in _UNIQUE],
    }


def read(path: Path) -> pa.Table:
    """The rows of a part.

    Raises
    ------
    Unavailable : the file is damaged or missing.
    """
    try:
        return pq.read_table(path, page_checksum_verification=True)
    except (OSError, pa.ArrowException) as fault:
        raise _damaged(path) from fault


def is_sound(path: Path) -> bool:
    """Whether every page of a part can be read and is what was written."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            for _ in file.iter_batches():
                pass
    except (OSError, pa.ArrowException):
        return False
    return True


def _damaged(path: Path) -> Unavailable:
    return Unavailable(
        f"the part {path.parent.name}/{path.name} of the events archive cannot be read",
        mend=f"put the last backup of home/events/{path.parent.name}/{path.name} in place",
        code="archive_damaged",
    )


def parts(home: Path, shop_id: str | None = None) -> Iterator[tuple[str, Path]]:
    """Shop and file of every part, in the order in which the events came; files whose rows are in an earlier one are left out."""
    shop_ids = [shop_id] if shop_id else sorted(path.name for path in (home / "events").glob("*") if path.is_dir())
    found = [(part, one) for one in shop_ids for part in in_force(listed(home, one))]
    for part, one in sorted(found, key=lambda pair: (pair[0].part_id, pair[1])):
        yield one, part.path


def count(home: Path, shop_id: str | None = None) -> int:
    """How many files the archive has, those among them that were merged into another one and are deleted soon."""
    return sum(1 for _ in (home / "events").glob(f"{shop_id or '*'}/*{SUFFIX}"))


def listed(home: Path, shop_id: str) -> Iterator[Part]:
    """Every file of a shop, in order."""
    for path in sorted(folder_of(home, shop_id).glob(f"*{SUFFIX}")):
        yield Part(path, path.stem, last_part_of(path))


def in_force(found: Iterable[Part]) -> Iterator[Part]:
    """Without the files whose rows an earlier one holds."""
    until = ""
    for part in found:
        if part.last_part > until:
            yield part
            until = part.last_part


def last_part_of(path: Path) -> str:
    """The last part whose rows a file holds; of a damaged file its own name, as what is wrong shows when it is read."""
    try:
        told: bytes | None = (pq.read_metadata(path).metadata or {}).get(LAST_PART)
    except (OSError, pa.ArrowException):
        return path.stem
    return told.decode() if told else path.stem


def rows_in(path: Path) -> int:
    """How many rows a file holds.

    Raises
    ------
    Unavailable : the file is damaged or missing.
    """
    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowException) as fault:
        raise _damaged(path) from fault


def holding(home: Path, shop_id: str, part_id: str) -> Path | None:
    """The file that holds a part's rows: its own, or the one that it was merged into."""
    own = path_of(home, shop_id, part_id)
    if own.is_file():
        return own
    earlier = sorted((path for path in own.parent.glob(f"*{SUFFIX}") if path.stem < part_id), reverse=True)
    return next((path for path in earlier if last_part_of(path) >= part_id), None)


def blocks(paths: Iterable[Path]) -> Iterator[pa.Table]:
    """The rows of files one after the other, some megabytes at a time; each page is checked.

    Raises
    ------
    OSError, ArrowException : a file is damaged or missing.
    """
    waiting: list[pa.RecordBatch] = []
    size = rows = 0
    for path in paths:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            for batch in file.iter_batches(_BLOCK_ROWS, use_threads=False):
                waiting.append(batch.replace_schema_metadata(None))
                size, rows = size + batch.nbytes, rows + batch.num_rows
                if size >= _BLOCK_BYTES or rows >= _BLOCK_ROWS:
                    yield pa.Table.from_batches(waiting).combine_chunks()
                    waiting, size, rows = [], 0, 0
    if rows:
        yield pa.Table.from_batches(waiting).combine_chunks()


def read_blocks(path: Path) -> Iterator[pa.Table]:
    """The rows of one file, some megabytes at a time.

    Raises
    ------
    Unavailable : the file is damaged or missing.
    """
    try:
        yield from blocks([path])
    except (OSError, pa.ArrowException) as fault:
        raise _damaged(path) from fault


def clear_drafts(home: Path) -> None:
    """Remove what a crash left half written."""
    for path in (home / "events").glob(f"*/*{_DRAFT}"):
        path.unlink(missing_ok=True)


def force(folder: Path) -> None:
    """Force a folder's names to disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
