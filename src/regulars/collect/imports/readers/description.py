"""What is known about a file: its form, its columns, what the reader noticed, and what a person may overrule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Format = Literal["csv", "blanks", "xlsx", "xls", "jsonl", "json", "parquet"]
Compression = Literal["none", "gzip", "zstd", "zip"]

#: `progress(done, total)` in bytes of the file as it lies on disk; may raise to stop the reading.
Progress = Callable[[int, int], None]


def no_progress(done: int, total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a file may unpack, so that a small upload cannot fill the disk or the memory."""

    unpacked_bytes: int = 64 << 30  # of a gzip, zstd or zip stream, on disk
    unpack_ratio: int = 150  # unpacked / packed, once `unpack_free_bytes` are exceeded; tables pack 3 to 50 times
    unpack_free_bytes: int = 256 << 20
    sheet_bytes: int = 3 << 30  # of all parts of a spreadsheet together
    sheet_cells: int = 20_000_000  # the rectangle around all filled cells of the sheet read
    line_bytes: int = 16 << 20  # one row
    columns: int = 2_000
    json_document_bytes: int = 256 << 20  # one JSON document that is not a plain array of objects


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a person says about a file; None leaves it to the reader's own judgement."""

    separator: str | None = None  # one character, or " " for runs of blanks
    quote: str | None = None  # "" = quotes are ordinary characters
    escape: str | None = None  # "\\" = quotes inside fields are written \"
    encoding: str | None = None  # a Python codec name
    header: bool | None = None
    skip_rows: int | None = None  # title rows above the header (or above the data)
    sheet: str | None = None
    columns: tuple[str, ...] | None = None  # names to use instead of the file's
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader did or saw that a person should know before loading.

    Codes: `duplicate_column` (values: column, positions, names), `unnamed_column` (column, position), `empty_column_dropped`
    (column, position), `title_rows` (rows, text), `other_sheets` (sheet, sheets), `merged_header` (columns), `text_guard`
    (column, guard, rows), `trailing_blanks` (columns), `damaged_characters` (count, lines), `nul_bytes` (count),
    `bad_rows` (rows), `encoding` (encoding), `nested` (columns), `wrapped` (key), `no_header`, `header_only`, `slow_path`.
    """

    code: str
    message: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDescription:
    """What a first look at a file (its first megabyte) says about it.

    Attributes
    ----------
    encoding : Python codec name of text files; "utf-8" is provisional until the whole file was read.
    separator, quote, escape : of delimited text; quote "" means there is none; escape equals quote where quotes are doubled.
    header : the first row (after `skip_rows` title rows) names the columns. Without a header columns are `column_1`, `column_2` ...
    columns : unique names (blanks trimmed), compared without regard to case; `source_columns` as they stand in the file.
    types : DuckDB type of each column; text formats have VARCHAR only.
    sample : up to 20 data rows as text (None = empty).
    rows : number of data rows where the file says it by itself (Parquet), else None.
    """

    path: Path
    format: Format
    compression: Compression = "none"
    size_bytes: int = 0
    member: str | None = None  # the file inside a .zip
    encoding: str | None = None
    bom: bool = False
    separator: str | None = None
    quote: str | None = None
    escape: str | None = None
    header: bool = True
    skip_rows: int = 0
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    json_path: str | None = None  # where the rows are inside a JSON document, e.g. "orders"
    json_lines: str | None = None  # the key of an order that holds its lines, each of which becomes a row
    columns: tuple[str, ...] = ()
    source_columns: tuple[str, ...] = ()
    types: dict[str, str] = field(default_factory=dict)
    sample: tuple[tuple[str | None, ...], ...] = ()
    rows: int | None = None
    notices: tuple[Notice, ...] = ()

    @property
    def form(self) -> str:
        """The file's form in a few words, e.g. `CSV, semicolon, GB18030, gzip`."""
        words = {
            "csv": "CSV",
            "blanks": "text in blank-separated columns",
            "jsonl": "JSON lines",
            "json": "JSON",
            "parquet": "Parquet",
        }
        parts = [words.get(self.format, self.format.upper())]
        names = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
        if self.format == "csv" and self.separator:
            parts.append(names.get(self.separator, f"separator {self.separator!r}"))
        if self.encoding:
            parts.append(self.encoding.upper() + (" with byte order mark" if self.bom else ""))
        if self.compression != "none":
            parts.append(self.compression)
        if self.sheet:
            parts.append(f"sheet '{self.sheet}'")
        if not self.header:
            parts.append("no header")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """A file's rows in a workbench, under `name`, and those that could not be cut into columns, under `bad_name`.

    `name` has `row_no` BIGINT (1-based number of the data row in file order, bad rows counted too) and the columns; an empty
    field is NULL. `bad_name` has `row_no` BIGINT, `line` BIGINT (1-based line of the unpacked file, NULL where lines mean
    nothing), `reason` VARCHAR (`too_many_fields`, `too_few_fields`, `stray_quote`, `unclosed_quote`, `not_json`, `not_an_object`,
    `line_too_long`) and `text` VARCHAR, the row as it stands in the file. rows + bad_rows = all data rows of the file.
    """

    name: str
    bad_name: str
    columns: tuple[str, ...]
    types: dict[str, str]
    rows: int
    bad_rows: int
    description: FileDescription
    notices: tuple[Notice, ...] = ()
