"""Overwriting the free blocks of a DuckDB file, in which deleted rows would stay readable."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from regulars.errors import Unavailable

_HEADERS = 3 * 4096  # the main header and the two that take turns
_PATIENCE_SECONDS = 30.0
#: A process of its own writes: closing a file lets go of all locks that this process holds on it (POSIX), DuckDB's among them.
_WRITE = """
import os, sys
path, size, first = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
zeros, written = bytes(size), 0
file = os.open(path, os.O_RDWR)
for number in sys.stdin.read().split():
    place = first + int(number) * size
    if os.pread(file, size, place) not in (zeros, b""):
        os.pwrite(file, zeros, place)
        written += size
os.fsync(file)
print(written)
"""


def overwrite_free(writer: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Bytes that were overwritten. The caller holds the right to write, so that no block is taken meanwhile.

    Raises
    ------
    Unavailable : questions that run for long keep old blocks in use, or the file's layout is not the one known here.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        writer.execute("CHECKPOINT")
        size, total, told = _told(writer)
        used = _used(writer)
        if len(used) == told and (not used or max(used) < total):
            break
        if time.monotonic() > deadline:
            raise Unavailable(
                "the free blocks of the warehouse file cannot be told from the used ones",
                mend="try again when no long question runs; it goes on by itself at the next start",
                code="blocks_in_use",
            )
        time.sleep(0.2)
    free = [str(block) for block in range(total) if block not in used]
    if not free:
        return 0
    command = [sys.executable, "-I", "-c", _WRITE, os.fspath(path), str(size), str(_HEADERS)]
    done = subprocess.run(command, input=" ".join(free), capture_output=True, text=True, check=False)  # noqa: S603 (our own text)
    if done.returncode:
        raise Unavailable(
            "the free blocks of the warehouse file cannot be overwritten",
            mend="free some space, or give this user write access to the file",
            code="blocks_not_overwritten",
        )
    return int(done.stdout)


def force(path: Path) -> None:
    """Force a file, or a folder's names, to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _told(writer: duckdb.DuckDBPyConnection) -> tuple[int, int, int]:
    """Bytes of a block, blocks of the file, and how many of them DuckDB says are in use."""
    row = writer.execute("SELECT block_size, total_blocks, used_blocks FROM pragma_database_size()").fetchall()[0]
    return int(row[0]), int(row[1]), int(row[2])


def _used(writer: duckdb.DuckDBPyConnection) -> set[int]:
    found = {row[0] for row in writer.execute("SELECT block_id FROM pragma_metadata_info()").fetchall()}
    tables = writer.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary AND NOT internal").fetchall()
    for (name,) in tables:
        quoted = "'" + name.replace("'", "''") + "'"
        segments = writer.execute(
            f"SELECT DISTINCT unnest(list_append(coalesce(additional_block_ids, []), block_id)) FROM pragma_storage_info({quoted})"
        )
        found.update(row[0] for row in segments.fetchall() if row[0] is not None and row[0] >= 0)
    return found
