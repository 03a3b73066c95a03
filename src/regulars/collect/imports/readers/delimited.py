"""Reading delimited text: in parallel by the engine where the file is regular, record by record where it is not."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from regulars.collect.imports.readers import guards, tables
from regulars.collect.imports.readers.cutting import BLANKS, Dialect
from regulars.collect.imports.readers.description import FileDescription, Notice, RawTable, ReadOptions
from regulars.collect.imports.readers.dialect import Layout, judge
from regulars.collect.imports.readers.encoding import Encoding
from regulars.collect.imports.readers.exact import BadRows, Lines, exact_batches, exact_schema
from regulars.collect.imports.readers.looking import decoded, named_columns, provisional_encoding
from regulars.collect.imports.readers.staging import decide_encoding, transcode
from regulars.collect.imports.readers.survey import Survey, survey
from regulars.collect.imports.readers.watching import Meter, run_watched
from regulars.errors import RegularsError
from regulars.values.ids import new_id
from regulars.warehouse.workbench import Workbench, literal, quote

log = logging.getLogger(__name__)

#: Below this size rows are kept uncompressed in memory, twice as fast; above it in the bench's file.
_IN_MEMORY_BYTES = 128 << 20
_HEAD = 1 << 20
_BACKSLASH = "\\"


class DelimitedReading:
    """One delimited text, already unpacked, on its way into `name` and `name_bad` of a workbench."""

    def __init__(
        self, plain: Path, description: FileDescription, bench: Workbench, name: str, overrides: ReadOptions, meter: Meter
    ) -> None:
        self._path = plain
        self._description = description
        self._bench = bench
        self._name = name
        self._rows_table = f"{name}__rows"
        self._overrides = overrides
        self._meter = meter
        self._temporary: list[Path] = []
        self._notices: list[Notice] = []
        self._layout: Layout
        self._encoding: Encoding
        self._dialect: Dialect
        self._bad_rows = 0
        self._numbered = False  # the stored rows carry their own row_no

    def run(self) -> RawTable:
        """Read it."""
        tables.forget(self._bench, self._name)
        try:
            self._meter.phase(0.0, 0.25)
            self._make_utf8()
            seen = self._survey()
            if seen.irregularity == "not_utf8":  # only a later stretch shows it: now the whole file decides
                self._meter.phase(0.25, 0.35)
                self._make_utf8(decide_encoding(self._path, self._meter))
                seen = self._survey()
            self._meter.phase(0.4, 0.98)
            if seen.irregularity is not None or not self._read_in_parallel(seen):
                log.info("file read record by record", extra={"irregularity": seen.irregularity or "engine"})
                self._read_exactly()
        finally:
            for file in self._temporary:
                file.unlink(missing_ok=True)
        return self._answer()

    def _make_utf8(self, decided: Encoding | None = None) -> None:
        """Find encoding and layout; write a UTF-8 copy if the file cannot be read as it stands."""
        with self._path.open("rb") as file:
            head = file.read(_HEAD)
        complete = len(head) < _HEAD
        encoding, _ = provisional_encoding(head, complete, self._overrides)
        if decided is None and encoding.codec != "utf-8" and not self._overrides.encoding and not encoding.codec.startswith("utf-"):
            decided = decide_encoding(self._path, self._meter)
        encoding = decided or encoding
        text = decoded(head, encoding, complete)
        self._layout = judge(text, self._overrides)
        self._encoding = encoding
        self._dialect = self._layout.dialect
        blanks = self._dialect.separator == BLANKS
        lone_returns = b"\r" in head and b"\n" not in head
        if blanks or lone_returns or encoding.damaged or encoding.codec != "utf-8":
            target = self._bench.folder / f"{new_id('text')}.csv"
            self._temporary.append(target)
            damaged = transcode(self._path, target, encoding, self._meter, blanks=blanks, lone_returns=lone_returns)
            self._path = target
            if damaged:
                self._notices.append(
                    Notice(
                        "damaged_characters", f"{damaged} characters are damaged in the file and were replaced", {"count": damaged}
                    )
                )
        if blanks:
            self._dialect = Dialect("\t", "", "")

    @property
    def _skip(self) -> int:
        return self._layout.skip_rows + self._layout.header

    def _survey(self) -> Survey:
        if self._dialect.escape == _BACKSLASH or not self._dialect.separator.isascii():
            return Survey("quotes")
        self._meter.phase(0.25, 0.4)
        return survey(self._path, self._dialect, self._layout.fields, self._skip, self._overrides.limits.line_bytes, self._meter.at)

    def _read_in_parallel(self, seen: Survey) -> bool:
        """Let the engine read a regular file; True if it found exactly the records that the survey counted."""
        dialect, bench = self._dialect, self._bench
        columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(1, self._layout.fields + 1))
        options = [
            f"columns = {{{columns}}}",
            "auto_detect = false",
            "header = false",
            f"skip = {seen.skipped_lines}",
            f"delim = {literal(dialect.separator)}",
            f"quote = {literal(dialect.quote)}",
            f"escape = {literal(dialect.quote)}",
            "nullstr = ''",
            "comment = ''",
            "new_line = '\\r\\n'" if seen.newline == "\r\n" else "new_line = '\\n'",
        ]
        if seen.longest > 1 << 20:
            options += [f"max_line_size = {seen.longest + 4096}", f"buffer_size = {max(32 << 20, 3 * seen.longest)}"]
        kind = "TEMP TABLE" if self._path.stat().st_size < _IN_MEMORY_BYTES else "TABLE"
        source = f"read_csv({literal(str(self._path))}, {', '.join(options)})"
        bench.execute("SET preserve_insertion_order = true")
        try:
            run_watched(bench, f"CREATE {kind} {quote(self._rows_table)} AS SELECT * FROM {source}", self._meter)
        except RegularsError:
            raise
        except Exception as error:  # the engine's reader and the survey disagree on this file; the exact path settles it
            log.warning("the engine could not read a regular file", extra={"error": str(error)[:500]})
            return False
        finally:
            bench.execute("SET preserve_insertion_order = false")
        if tables.count(bench, self._rows_table) == seen.records:
            tables.bad_table(bench, self._name)
            return True
        log.warning("the engine found another number of rows than the survey", extra={"survey": seen.records})
        bench.execute(f"DROP TABLE {quote(self._rows_table)}")
        return False

    def _read_exactly(self) -> None:
        """Cut record by record; where most failures write quotes as \\", try once more with that escape."""
        bad = self._cut_all(self._dialect)
        if bad.count and bad.backslash_quotes * 2 >= bad.count and self._dialect.quote and self._dialect.escape != _BACKSLASH:
            rows = tables.count(self._bench, self._rows_table)
            first = bad
            other = replace(self._dialect, escape=_BACKSLASH)
            self._bench.execute(f"ALTER TABLE {quote(self._rows_table)} RENAME TO {quote(self._rows_table + '_first')}")
            bad = self._cut_all(other)
            if tables.count(self._bench, self._rows_table) >= rows:
                self._dialect = other
                self._bench.execute(f"DROP TABLE {quote(self._rows_table + '_first')}")
            else:
                self._bench.execute(f"DROP TABLE {quote(self._rows_table)}")
                self._bench.execute(f"ALTER TABLE {quote(self._rows_table + '_first')} RENAME TO {quote(self._rows_table)}")
                bad = first
        self._bad_rows = tables.bad_table(self._bench, self._name, bad.path)
        self._numbered = True

    def _cut_all(self, dialect: Dialect) -> BadRows:
        bench = self._bench
        lines = Lines(self._path, self._overrides.limits.line_bytes, self._description.path.name)
        bad = BadRows(bench.folder / f"{new_id('bad')}.parquet")
        self._temporary.append(bad.path)
        failure: list[BaseException] = []

        def batches() -> Iterator[pa.RecordBatch]:
            try:
                yield from exact_batches(lines, dialect, self._layout.fields, self._skip, bad)
            except BaseException as error:  # kept, because Arrow passes on only its text
                failure.append(error)
                raise

        source = new_id("lines")
        bench.register(source, pa.RecordBatchReader.from_batches(exact_schema(self._layout.fields), batches()))
        try:
            run_watched(
                bench, f"CREATE TABLE {quote(self._rows_table)} AS SELECT * FROM {quote(source)}", self._meter, lambda: lines.share
            )
        except Exception:
            if failure and isinstance(failure[0], RegularsError):
                raise failure[0] from None
            raise
        finally:
            bench.unregister(source)
        if lines.nul_bytes:
            self._notices.append(Notice("nul_bytes", f"{lines.nul_bytes} zero bytes were left out", {"count": lines.nul_bytes}))
        return bad

    def _answer(self) -> RawTable:
        """Names over the stored columns, guards taken off, and the count of everything."""
        bench, name, layout = self._bench, self._name, self._layout
        names, notices = named_columns(layout, self._overrides)
        stored = [f"c{i}" for i in range(1, layout.fields + 1)]
        bare, guarded = guards.take_off(bench, self._rows_table, stored, names, guards.suspects(layout.sample, layout.fields))
        nameless = [(n.values["position"], n.values["column"]) for n in notices if n.code == "unnamed_column"]
        rows = tables.count(bench, self._rows_table)
        empty = tables.drop_empty(bench, name, stored, nameless) if rows else []
        gone = {notice.values["position"] for notice in empty}
        shown = [(bare.get(i, quote(stored[i])), n) for i, n in enumerate(names) if i + 1 not in gone]
        columns = tuple(n for _, n in shown)
        tables.expose(bench, name, "row_no" if self._numbered else "rowid + 1", [e for e, _ in shown], columns)
        if self._bad_rows:
            self._notices.append(
                Notice("bad_rows", f"{self._bad_rows} rows could not be cut into {layout.fields} fields", {"rows": self._bad_rows})
            )
        kept = [n for n in notices if not (n.code == "unnamed_column" and n.values["position"] in gone)]
        told = (*kept, *guarded, *empty, *self._notices)
        self._meter.phase(0.98, 1.0)
        self._meter.at(1.0)
        final = replace(
            self._description,
            encoding=self._encoding.codec,
            escape=self._dialect.escape if self._description.format == "csv" else self._description.escape,
            columns=columns,
            types=dict.fromkeys(columns, "VARCHAR"),
            rows=rows + self._bad_rows,
            notices=told,
        )
        return RawTable(
            name=name,
            bad_name=f"{name}_bad",
            columns=columns,
            types=final.types,
            rows=rows,
            bad_rows=self._bad_rows,
            description=final,
            notices=told,
        )
