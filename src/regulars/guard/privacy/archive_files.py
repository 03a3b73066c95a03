"""Archived Parquet files: whose turn it is to change them, and a file put in the place of another, row group by row group."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

DRAFT = ".writing"
#: The unfinished file of several parts that are merged. Only who holds the archive writes or removes one.
MERGING = ".merging"


@contextmanager
def held(home: Path, *, what: str = "events", wait: bool = True) -> Iterator[bool]:
    """Nobody else, in no other process either, changes files that are archived already while the block runs.

    Erasures, retention times and the merging of parts take turns by this. Without `wait` the block is given False where it is
    somebody else's turn. The loader takes no part: it only adds files. `what` names other turns that are taken in the same way.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(home / f"{what}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)


def row_groups(path: Path) -> Iterator[pa.Table]:
    """The rows of a file, a row group at a time."""
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            yield file.read_row_group(number)


def put(path: Path, groups: Iterable[pa.Table]) -> None:
    """Row groups in the place of a Parquet file, under its schema and marks: written beside it, forced to disk, renamed over it."""
    draft = path.with_suffix(DRAFT)
    schema = pq.read_schema(path)
    try:
        with draft.open("wb") as file:
            with pq.ParquetWriter(file, schema, compression="zstd", compression_level=1, write_page_checksum=True) as writer:
                for rows in groups:
                    if rows.num_rows:
                        writer.write_table(rows, row_group_size=rows.num_rows)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync(path.parent)


def sync(folder: Path) -> None:
    """Force a folder's names to disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
