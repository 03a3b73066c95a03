"""The two verbs: describe a file by its beginning, and read all of it into a workbench."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

from regulars.collect.imports.readers.columnar import describe_parquet, read_parquet
from regulars.collect.imports.readers.delimited import DelimitedReading
from regulars.collect.imports.readers.description import Compression, FileDescription, Progress, RawTable, ReadOptions, no_progress
from regulars.collect.imports.readers.documents import describe_json, looks_like_json, read_json
from regulars.collect.imports.readers.encoding import looks_binary, mark_of, wide_without_mark
from regulars.collect.imports.readers.looking import describe_text
from regulars.collect.imports.readers.opening import (
    check_path,
    compression_of,
    explain_os_error,
    first_bytes,
    refuse_no_table,
    zip_member,
)
from regulars.collect.imports.readers.spreadsheet import describe_sheet, read_sheet
from regulars.collect.imports.readers.staging import unpack
from regulars.collect.imports.readers.watching import Meter
from regulars.errors import InvalidInput
from regulars.values.ids import new_id
from regulars.warehouse.workbench import Workbench

_HEAD = 1 << 20
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
Kind = Literal["spreadsheet", "old_spreadsheet", "parquet", "text"]


def describe(path: Path, overrides: ReadOptions | None = None) -> FileDescription:
    """What kind of table a file is, judged by its first megabyte.

    Parameters
    ----------
    path : a file of any supported form (CSV and its kin, XLSX, JSON, Parquet; plain, gzip, zstd or the only table in a .zip).
    overrides : what a person says about it.

    Raises
    ------
    InvalidInput : not a table, half a file, empty, a directory, unreadable, or it would unpack beyond the limits.
    NotFound : there is no such file.
    """
    path, overrides = Path(path), overrides or ReadOptions()
    size = check_path(path)
    compression, member, head = _open(path, overrides)
    kind = _kind(head, path.name)
    if kind == "text":
        complete = len(head) < _HEAD
        if looks_like_json(head):
            return describe_json(path, head, complete, compression, member, overrides)
        return describe_text(path, head, complete, compression, member, overrides)
    with _in_place(path, compression, member, overrides, size) as plain:
        if kind == "parquet":
            return describe_parquet(path, plain, compression, member, overrides)
        return describe_sheet(path, plain, kind == "old_spreadsheet", compression, member, overrides)


def read(
    path: Path,
    bench: Workbench,
    description: FileDescription | None = None,
    *,
    name: str = "raw",
    overrides: ReadOptions | None = None,
    progress: Progress = no_progress,
) -> RawTable:
    """Read a whole file into `name` (and `name_bad`) of a workbench, in bounded memory.

    Parameters
    ----------
    path, overrides : as for `describe`.
    bench : where the tables go; temporary files go into its folder. Existing tables of these names are replaced.
    description : from `describe` with the same overrides, to spare a second look.
    progress : called with bytes done and bytes in all, from the calling thread; may raise to stop.

    Returns
    -------
    RawTable : names, columns, counts and notices. The description in it holds what the whole file showed (final encoding).

    Raises
    ------
    InvalidInput, NotFound : as `describe`, and what only shows later in the file (truncated archive, damaged JSON).
    StorageFull : no room for the scratch files.
    """
    path, overrides = Path(path), overrides or ReadOptions()
    check_path(path)
    description = description or describe(path, overrides)
    meter = Meter(progress, description.size_bytes)
    plain = path
    staged: Path | None = None
    try:
        if description.compression != "none":
            meter.window(0.0, 0.2)
            plain = staged = bench.folder / new_id("file")
            unpack(path, plain, description.compression, overrides.limits, description.member, meter)
            meter.window(0.2, 1.0)
        return _read_plain(plain, description, bench, name, overrides, meter)
    except OSError as error:
        raise explain_os_error(error, path) from None
    finally:
        if staged is not None:
            staged.unlink(missing_ok=True)


def _read_plain(
    plain: Path, description: FileDescription, bench: Workbench, name: str, overrides: ReadOptions, meter: Meter
) -> RawTable:
    match description.format:
        case "csv" | "blanks":
            return DelimitedReading(plain, description, bench, name, overrides, meter).run()
        case "jsonl" | "json":
            return read_json(plain, description, bench, name, overrides, meter)
        case "parquet":
            return read_parquet(plain, description, bench, name, meter)
        case "xlsx" | "xls":
            return read_sheet(plain, description, bench, name, overrides, meter)


def _open(path: Path, overrides: ReadOptions) -> tuple[Compression, str | None, bytes]:
    """How the file is packed, the member if it is a zip, and the first megabyte unpacked."""
    head = first_bytes(path, "none", overrides.limits, 8)
    compression, member = compression_of(head), None
    if head.startswith((_ZIP, b"PK\x05\x06")):
        member = zip_member(path, overrides.limits)
        compression = "zip" if member is not None else "none"
    head = first_bytes(path, compression, overrides.limits, _HEAD, member)
    if not head:
        raise InvalidInput(
            f"'{path.name}' is empty once unpacked", mend="export it again and look whether it has rows", code="empty_file"
        )
    return compression, member, head


def _kind(head: bytes, name: str) -> Kind:
    if head.startswith(_ZIP):
        return "spreadsheet"
    if head.startswith(_OLE):
        return "old_spreadsheet"
    if head.startswith(b"PAR1"):
        return "parquet"
    refuse_no_table(head, name)
    if mark_of(head) is None and wide_without_mark(head) is None and looks_binary(head):
        raise InvalidInput(f"'{name}' is not a table", mend="give a CSV, XLSX, JSON or Parquet file", code="not_a_table")
    return "text"


@contextmanager
def _in_place(path: Path, compression: Compression, member: str | None, overrides: ReadOptions, size: int) -> Iterator[Path]:
    """The plain file: itself, or unpacked into a temporary folder, for forms that are read from the end."""
    if compression == "none":
        yield path
        return
    folder = Path(tempfile.mkdtemp(prefix="regulars-look-"))
    try:
        plain = folder / "file"
        unpack(path, plain, compression, overrides.limits, member, Meter(no_progress, size))
        if compression == "zip" and zip_member_inside(plain, overrides):
            raise InvalidInput(
                f"'{path.name}' holds another archive", mend="unpack it and give the table you mean", code="not_a_table"
            )
        yield plain
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def zip_member_inside(plain: Path, overrides: ReadOptions) -> bool:
    """True if an unpacked file is again an archive and not a spreadsheet."""
    with plain.open("rb") as file:
        return file.read(4) == _ZIP and zip_member(plain, replace(overrides).limits) is not None
