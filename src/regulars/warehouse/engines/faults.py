"""What DuckDB and the disk under it complain of, in the words of the house."""

from __future__ import annotations

import errno
import re

import duckdb

from regulars.errors import StorageFull, Unavailable


def explain_file(error: OSError, doing: str) -> Exception:
    """The same of a fault with the file itself."""
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return _read_only(doing)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full(doing)
    return error


def explain(error: duckdb.Error, doing: str) -> Exception:
    """What a driver error means for the person at the keyboard."""
    text = str(error)
    if "Read-only file system" in text:
        return _read_only(doing)
    if re.search(r"No space left|disk full|max_temp_directory_size|Could not write|write file", text, re.I):
        return _full(doing)
    if isinstance(error, duckdb.OutOfMemoryException):
        return Unavailable(f"not enough memory while {doing}", mend="set REGULARS_MEMORY_LIMIT higher, or free some memory")
    if "Conflicting lock" in text or "Could not set lock" in text or "different configuration" in text:
        return Unavailable(
            "another process has the warehouse open",
            mend="stop the other `regulars` process: a DuckDB file has one writing process",
            code="warehouse_busy",
        )
    if isinstance(error, duckdb.InterruptException):
        return Unavailable(f"stopped while {doing}", mend="start it again", code="interrupted")
    return error


def _read_only(doing: str) -> Unavailable:
    return Unavailable(
        f"the disk is read-only while {doing}", mend="give this user write access to the warehouse", code="warehouse_read_only"
    )


def _full(doing: str) -> StorageFull:
    return StorageFull(f"the disk is full while {doing}", mend="free some space and try again; nothing was half written")
