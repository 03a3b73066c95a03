"""The exact path: records cut one by one in Python, for files that are not regular enough for the engine's parallel reader."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from regulars.collect.imports.readers.cutting import Dialect, Record, records
from regulars.errors import InvalidInput

_CHUNK = 4 << 20
_BATCH = 20_000
_BAD = pa.schema([("row_no", pa.int64()), ("line", pa.int64()), ("reason", pa.string()), ("text", pa.string())])


class Lines:
    """The lines of a UTF-8 file with their ends, without zero bytes; knows how far it is."""

    def __init__(self, path: Path, limit: int, name: str) -> None:
        self.nul_bytes = 0
        self.share = 0.0
        self._path = path
        self._limit = limit
        self._name = name  # as people know it; `path` may be an unpacked copy

    def __iter__(self) -> Iterator[str]:
        size = max(self._path.stat().st_size, 1)
        decoder = codecs.getincrementaldecoder("utf-8-sig")()
        rest = ""
        with self._path.open("rb") as file:
            while data := file.read(_CHUNK):
                if b"\0" in data:
                    self.nul_bytes += data.count(b"\0")
                    data = data.replace(b"\0", b"")
                text = rest + decoder.decode(data)
                lines = text.splitlines(keepends=True) if "\r" not in text and _only_line_feeds(text) else _split(text)
                rest = "" if text.endswith("\n") or not lines else lines.pop()
                if len(rest) > self._limit:
                    raise InvalidInput(
                        f"a line of '{self._name}' is longer than {self._limit >> 20} MB",
                        mend="this is not a table of lines; give a CSV, XLSX, JSON or Parquet file",
                        code="line_too_long",
                    )
                self.share = file.tell() / size
                yield from lines
        rest += decoder.decode(b"", True)
        if rest:
            yield rest


def _only_line_feeds(text: str) -> bool:
    """`splitlines` is quicker than `split`, but also breaks at rarer signs."""
    return text.isascii() and not any(sign in text for sign in "\v\f\x1c\x1d\x1e")


def _split(text: str) -> list[str]:
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


class BadRows:
    """Rows that could not be cut, kept in a Parquet file beside the workbench, so that any number of them fits."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.backslash_quotes = 0  # of them, rows that write a quote as \\"
        self._waiting: list[tuple[int, int | None, str, str]] = []
        self._writer: pq.ParquetWriter | None = None

    def add(self, row_no: int, line: int | None, reason: str, text: str) -> None:
        """Keep one row."""
        self.count += 1
        self.backslash_quotes += '\\"' in text
        self._waiting.append((row_no, line, reason, text))
        if len(self._waiting) >= _BATCH:
            self._flush()

    def close(self) -> None:
        """Write what waits; the file exists only if there were bad rows."""
        if self._waiting:
            self._flush()
        if self._writer is not None:
            self._writer.close()

    def _flush(self) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(self.path, _BAD, compression="zstd")
        columns = list(zip(*self._waiting, strict=True))
        self._writer.write_table(pa.table([pa.array(c, t.type) for c, t in zip(columns, _BAD, strict=True)], schema=_BAD))
        self._waiting.clear()


def exact_batches(lines: Lines, dialect: Dialect, fields: int, skip: int, bad: BadRows) -> Iterator[pa.RecordBatch]:
    """Record batches of `row_no`, `c1` ... `cN`; records of another width or without a clean cut go to `bad`."""
    schema = exact_schema(fields)
    numbers: list[int] = []
    rows: list[list[str]] = []
    row_no = -skip
    for record in records(lines, dialect):
        row_no += 1
        if row_no <= 0:
            continue
        cut = record.fields
        if cut is not None and len(cut) == fields:
            rows.append(cut)
            numbers.append(row_no)
            if len(rows) == _BATCH:
                yield _batch(numbers, rows, schema)
                numbers, rows = [], []
        else:
            bad.add(row_no, record.line, _reason(record, fields), record.text)
    if rows:
        yield _batch(numbers, rows, schema)
    bad.close()


def exact_schema(fields: int) -> pa.Schema:
    """`row_no` and N text columns."""
    return pa.schema([("row_no", pa.int64()), *((f"c{i}", pa.string()) for i in range(1, fields + 1))])


def _batch(numbers: list[int], rows: list[list[str]], schema: pa.Schema) -> pa.RecordBatch:
    columns = [pa.array([cell or None for cell in column], pa.string()) for column in zip(*rows, strict=True)]
    return pa.record_batch([pa.array(numbers, pa.int64()), *columns], schema=schema)


def _reason(record: Record, fields: int) -> str:
    if record.fields is None:
        return record.reason
    return "too_many_fields" if len(record.fields) > fields else "too_few_fields"
