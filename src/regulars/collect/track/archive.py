"""The archive of events: each loaded stretch of the journal as Parquet in pseudonyms, so that the warehouse can be made anew.

    home/events/<shop>/<part_id>.parquet

A part is written under another name, forced to disk and renamed: what has the ending is whole.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from regulars.errors import StorageFull, Unavailable

SUFFIX = ".parquet"
_DRAFT = ".writing"


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
            pq.write_table(table, file, compression="zstd", compression_level=1, write_page_checksum=True)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _force(path.parent)
    except OSError as fault:
        draft.unlink(missing_ok=True)
        if fault.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull("the disk of the events archive is full", mend="free some space; loading goes on by itself") from None
        raise Unavailable(
            f"the events archive cannot be written ({fault.strerror})",
            mend="give this user write access to home/events",
            code="archive_failed",
        ) from None
    return path


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
    """Shop and file of every part, in the order in which the events came."""
    root = home / "events"
    found = root.glob(f"{shop_id or '*'}/*{SUFFIX}")
    for path in sorted(found, key=lambda path: (path.name, path.parent.name)):
        yield path.parent.name, path


def clear_drafts(home: Path) -> None:
    """Remove what a crash left half written."""
    for path in (home / "events").glob(f"*/*{_DRAFT}"):
        path.unlink(missing_ok=True)


def _force(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
