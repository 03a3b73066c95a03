"""Opening a file: what it is by its first bytes, and its unpacked bytes as a stream that stops a bomb in time."""

from __future__ import annotations

import errno
import gzip
import io
import logging
import lzma
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import pyarrow as pa

from regulars.collect.imports.readers.description import Compression, Limits
from regulars.errors import InvalidInput, NotFound, RegularsError, StorageFull

log = logging.getLogger(__name__)

#: First bytes of things that are no tables, and what they are.
_NO_TABLES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"{\\rtf", "an RTF document"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an XZ archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
)


class ByteSource(Protocol):
    """A stream of unpacked bytes that knows how much of the packed file is behind it."""

    def read(self, size: int) -> bytes: ...

    def packed_done(self) -> int: ...


def check_path(path: Path) -> int:
    """The file's size; or why it cannot be read at all."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise InvalidInput(
                f"'{path.name}' is a folder", mend="name the files in it, for example with a * at the end", code="is_a_folder"
            )
        if not stat.S_ISREG(mode):  # asked before it is opened, as a pipe without a writer would wait for ever
            raise InvalidInput(
                f"'{path.name}' is a pipe or a device, not a file on disk",
                mend="save what it gives into a file, and load that",
                code="not_a_file",
            )
        with path.open("rb"):
            size = path.stat().st_size
    except OSError as error:
        raise explain_os_error(error, path) from None
    if size == 0:
        raise InvalidInput(f"'{path.name}' is empty", mend="export it again and look whether it has rows", code="empty_file")
    return size


def explain_os_error(error: OSError, path: Path) -> RegularsError:
    """What the system's refusal means for the person who gave the file."""
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return NotFound(f"there is no file '{path}'", mend="check the name and the folder", code="no_such_file")
        case errno.EACCES | errno.EPERM:
            return InvalidInput(
                f"no permission to read '{path.name}'",
                mend="give the user that runs regulars the right to read it",
                code="no_permission",
            )
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:  # no room, or the limit of what may be written
            return StorageFull(
                "the disk is full while reading the file", mend="free some space and try again; nothing was half written"
            )
        case errno.ENAMETOOLONG | errno.EINVAL | errno.ELOOP:
            return InvalidInput("this is not a usable file name", mend="check the name and the folder", code="bad_file_name")
        case _:
            return InvalidInput(
                f"'{path.name}' cannot be read: {error.strerror or error}",
                mend="copy the file anew and try again",
                code="unreadable_file",
            )


def compression_of(head: bytes) -> Compression:
    """How a file is packed, by its first bytes; a spreadsheet (a zip as well) counts as not packed."""
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return "zstd"
    return "none"


def refuse_no_table(head: bytes, name: str) -> None:
    """Raise if the first bytes belong to something that is known not to be a table."""
    for magic, what in _NO_TABLES:
        if head.startswith(magic):
            mend = (
                "unpack it and give the files in it"
                if "archive" in what
                else "give the table itself, as CSV, XLSX, JSON or Parquet"
            )
            raise InvalidInput(f"'{name}' is {what}, not a table", mend=mend, code="not_a_table")
    start = head[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<table", b"<meta", b"<body")):
        raise InvalidInput(
            f"'{name}' is a web page, not a table",
            mend="open it in Excel or WPS and save it as .xlsx or CSV; if it is a sign-in page, download the export again",
            code="not_a_table",
        )
    if start.startswith(b"<?xml") or start.startswith(b"<svg"):
        raise InvalidInput(
            f"'{name}' is XML, not a table", mend="open it in Excel or WPS and save it as .xlsx or CSV", code="not_a_table"
        )


@contextmanager
def unpacked(path: Path, compression: Compression, limits: Limits, member: str | None = None) -> Iterator[ByteSource]:
    """The file's bytes as they are once unpacked; damage and bombs become an `InvalidInput`."""
    try:
        with path.open("rb") as file:
            yield _Source(file, path, compression, limits, member)
    except OSError as error:
        raise explain_os_error(error, path) from None


class _Source:
    """One packed or plain file, read once from front to back."""

    def __init__(self, file: BinaryIO, path: Path, compression: Compression, limits: Limits, member: str | None) -> None:
        self._file = file
        self._name = path.name
        self._limits = limits
        self._packed = compression != "none"
        self._unpacked_bytes = 0
        self._inner: Any
        match compression:
            case "none":
                self._inner = file
            case "gzip":
                self._inner = gzip.GzipFile(fileobj=file)
            case "zstd":
                self._inner = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")
            case "zip":
                self._inner = self._damage(lambda: zipfile.ZipFile(file).open(member or ""))  # noqa: SIM115 - closed with the file

    def packed_done(self) -> int:
        return self._file.tell()

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, fewer only at the end."""
        data: bytes = self._damage(lambda: self._inner.read(size))
        if self._packed:
            self._unpacked_bytes += len(data)
            self._check_ratio()
        return data

    def _damage(self, step: Callable[[], Any]) -> Any:
        if not self._packed:
            return step()
        try:
            return step()
        except (EOFError, gzip.BadGzipFile, zlib.error, zipfile.BadZipFile, lzma.LZMAError, pa.ArrowException) as error:
            raise damaged(self._name, error) from None
        except RuntimeError as error:  # zipfile's word for a password
            raise InvalidInput(f"'{self._name}' is protected by a password", mend="save it without one", code="password") from error
        except OSError as error:
            if error.errno:
                raise
            raise damaged(self._name, error) from None  # Arrow's word for a broken zstd stream

    def _check_ratio(self) -> None:
        done, limits = self._unpacked_bytes, self._limits
        packed = max(self._file.tell(), 1)
        if done > limits.unpacked_bytes or (done > limits.unpack_free_bytes and done / packed > limits.unpack_ratio):
            raise bomb(self._name, done)


def damaged(name: str, error: Exception) -> InvalidInput:
    """Half a file, or one hurt on the way; what the library said of it is for the log alone."""
    log.debug("file damaged", extra={"why": str(error)})
    return InvalidInput(
        f"'{name}' is damaged or only half there",
        mend="download or copy it again and compare the sizes",
        code="damaged_file",
    )


def bomb(name: str, size: int) -> InvalidInput:
    """Unpacks to far more than a table would."""
    return InvalidInput(
        f"'{name}' unpacks to more than is reasonable ({size >> 20} MB and more), reading was stopped",
        mend="unpack it yourself, look at it, and give the plain file if it is what you expect",
        code="unpacks_too_large",
    )


def zip_member(path: Path, limits: Limits) -> str | None:
    """The only table in a .zip archive; None if the zip is a spreadsheet itself."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, EOFError) as error:
        raise damaged(path.name, error) from None
    names = {info.filename for info in infos}
    if "[Content_Types].xml" in names or "xl/workbook.xml" in names:
        if "xl/workbook.bin" in names:
            raise InvalidInput(
                f"'{path.name}' is a binary workbook (.xlsb)", mend="save it as .xlsx or CSV", code="unsupported_format"
            )
        if not any(name.startswith("xl/") for name in names):
            raise InvalidInput(
                f"'{path.name}' is an Office document without a table", mend="give an .xlsx or a CSV", code="not_a_table"
            )
        return None
    if "mimetype" in names and "content.xml" in names:
        raise InvalidInput(f"'{path.name}' is an OpenDocument file", mend="save it as .xlsx or CSV", code="unsupported_format")
    files = [
        i for i in infos if not i.is_dir() and not i.filename.startswith("__MACOSX/") and not Path(i.filename).name.startswith(".")
    ]
    if len(files) != 1:
        found = ", ".join(sorted(i.filename for i in files)[:5])
        raise InvalidInput(
            f"'{path.name}' holds {len(files)} files" + (f" ({found}{' ...' if len(files) > 5 else ''})" if files else ""),
            mend="unpack it and give the table you mean",
            code="several_files_in_zip",
        )
    info = files[0]
    if info.flag_bits & 1:
        raise InvalidInput(f"'{path.name}' is protected by a password", mend="save it without one", code="password")
    if info.file_size > limits.unpacked_bytes or (
        info.file_size > limits.unpack_free_bytes and info.file_size > limits.unpack_ratio * max(info.compress_size, 1)
    ):
        raise bomb(path.name, info.file_size)
    return info.filename


def first_bytes(path: Path, compression: Compression, limits: Limits, size: int, member: str | None = None) -> bytes:
    """The beginning of the unpacked file."""
    with unpacked(path, compression, limits, member) as source:
        parts = io.BytesIO()
        while parts.tell() < size and (data := source.read(size - parts.tell())):
            parts.write(data)
    return parts.getvalue()
