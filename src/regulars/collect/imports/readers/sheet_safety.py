"""Looking into a workbook before it is unpacked: real sizes, and how large a rectangle each sheet fills.

A workbook is a zip of XML. Its reader holds a sheet as the rectangle around all filled cells, so two cells far apart, or a few
kilobytes that unpack to gigabytes, would take the machine down. Each part is therefore unpacked here as a stream first, against
limits, and without believing the sizes the archive states about itself.
"""

from __future__ import annotations

import html
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from regulars.collect.imports.readers.description import Limits
from regulars.collect.imports.readers.opening import bomb, damaged
from regulars.errors import InvalidInput

_CHUNK = 1 << 20
_SHEET_RATIO = 250  # XML of a spreadsheet packs well, but not as well as a bomb
_FREE = 128 << 20
_REFERENCE = re.compile(rb' r=["\']([A-Z]{1,3})([0-9]{1,7})["\']')
_CELL_TAGS = (b"<c ", b"<c>", b":c ", b":c>", b"<c/", b":c/")


@dataclass(slots=True)
class Extent:
    """The rectangle around a sheet's filled cells, from the first row and column on."""

    rows: int = 0
    columns: int = 0
    cells: int = 0

    @property
    def area(self) -> int:
        return self.rows * self.columns


def check_workbook(name: str, path: Path, limits: Limits) -> dict[str, Extent]:
    """The extent of every worksheet by its name; raises where reading the workbook would not be safe."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            if any(info.flag_bits & 1 for info in archive.infolist()):
                raise InvalidInput(f"'{name}' is protected by a password", mend="save it without one", code="password")
            parts = _sheet_parts(archive)
            extents: dict[str, Extent] = {}
            budget = _Budget(name, limits, path.stat().st_size)
            for info in archive.infolist():
                if not info.filename.endswith((".xml", ".rels")):
                    continue
                stream = _inflated(file, info, name, budget)
                sheet = parts.get(info.filename)
                if sheet is None:
                    for _ in stream:
                        pass
                else:
                    extents[sheet] = _extent(stream)
            return extents
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, KeyError, NotImplementedError, UnicodeDecodeError) as error:
        raise damaged(name, error) from None


def refuse_too_wide(name: str, sheet: str, extent: Extent, limits: Limits) -> None:
    """Raise if holding the sheet would take too much memory."""
    if extent.area > limits.sheet_cells:
        raise InvalidInput(
            f"sheet '{sheet}' of '{name}' spans {extent.rows} rows and {extent.columns} columns",
            mend="delete stray cells far below or right of the table, or save the sheet as CSV",
            code="sheet_too_large",
        )


class _Budget:
    """Bytes unpacked so far, against the limits."""

    def __init__(self, name: str, limits: Limits, packed: int) -> None:
        self._name = name
        self._limit = limits.sheet_bytes
        self._packed = max(packed, 1)
        self._spent = 0

    def spend(self, size: int) -> None:
        self._spent += size
        if self._spent > self._limit or (self._spent > _FREE and self._spent > _SHEET_RATIO * self._packed):
            raise bomb(self._name, self._spent)


def _inflated(file: BinaryIO, info: zipfile.ZipInfo, name: str, budget: _Budget) -> Iterator[bytes]:
    """A member's real content, whatever size its entry claims."""
    file.seek(info.header_offset)
    header = file.read(30)
    if header[:4] != b"PK\x03\x04":
        raise damaged(name, ValueError("no local header"))
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    position = info.header_offset + 30 + name_length + extra_length
    left = info.compress_size
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InvalidInput(
            f"'{name}' is packed in an unusual way", mend="open it in Excel or WPS and save it anew", code="unsupported_format"
        )
    inflate = zlib.decompressobj(-15) if info.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0:
        file.seek(position)
        packed = file.read(min(_CHUNK, left))
        if not packed:
            raise EOFError("the archive ends early")
        position += len(packed)
        left -= len(packed)
        if inflate is None:
            budget.spend(len(packed))
            yield packed
            continue
        data = inflate.decompress(packed, 4 * _CHUNK)
        while data or inflate.unconsumed_tail:
            budget.spend(len(data))
            yield data
            data = inflate.decompress(inflate.unconsumed_tail, 4 * _CHUNK)
    if inflate is not None and not inflate.eof:
        raise EOFError("a part of the workbook ends early")


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Names of the parts that hold worksheets, with the sheets' names."""
    workbook = _small(archive, "xl/workbook.xml")
    relations = _small(archive, "xl/_rels/workbook.xml.rels")
    targets: dict[str, str] = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\s[^>]*>", relations):
        identity, target = _attribute(tag, "Id"), _attribute(tag, "Target")
        if identity and target:
            targets[identity] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    found: dict[str, str] = {}
    for tag in re.findall(r"<(?:\w+:)?sheet\s[^>]*>", workbook):
        sheet, relation = _attribute(tag, "name"), _attribute(tag, r"\w+:id")
        if sheet is not None and relation in targets:
            found[targets[relation]] = sheet
    return found


def _small(archive: zipfile.ZipFile, part: str) -> str:
    with archive.open(part) as opened:
        return opened.read(4 << 20).decode("utf-8", errors="replace")


def _attribute(tag: str, name: str) -> str | None:
    match = re.search(rf'\s{name}\s*=\s*(?:"([^"]*)"|\'([^\']*)\')', tag)
    return html.unescape(match[1] if match[1] is not None else match[2]) if match else None


def _extent(stream: Iterator[bytes]) -> Extent:
    """Rows and columns a sheet's cells reach to, from their references, or by counting where they have none."""
    extent = Extent()
    letters: set[bytes] = set()
    rest = b""
    counted_rows = 0
    for data in stream:
        text = rest + data
        cut = text.rfind(b"<")
        cut = text.rfind(b"<", 0, cut) if cut > 0 else cut  # a tag may be open at the end
        text, rest = (text[:cut], text[cut:]) if cut > 0 else (text, b"")
        counted_rows = _count(text, extent, letters, counted_rows)
        if len(rest) > 8 << 20:
            rest = rest[-(1 << 20) :]
    _count(rest, extent, letters, counted_rows)
    extent.columns = max([extent.columns, *(_number(name) for name in letters)])
    return extent


def _count(text: bytes, extent: Extent, letters: set[bytes], counted_rows: int) -> int:
    found = _REFERENCE.findall(text)
    extent.cells += len(found)
    letters.update({column for column, _ in found})
    if found:
        extent.rows = max(extent.rows, max(map(int, {row for _, row in found})))
    cells = sum(text.count(tag) for tag in _CELL_TAGS)
    if cells > len(found):  # cells without references stand one after another
        extent.cells += cells - len(found)
        for row in re.split(rb"<(?:\w+:)?row[\s>]", text):
            counted_rows += 1
            extent.columns = max(extent.columns, sum(row.count(tag) for tag in _CELL_TAGS))
        extent.rows = max(extent.rows, counted_rows)
    return counted_rows


def _number(letters: bytes) -> int:
    total = 0
    for letter in letters:
        total = total * 26 + letter - 64
    return total
