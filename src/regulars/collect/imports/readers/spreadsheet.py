"""Reading spreadsheets: which sheet is the table, where its header is, and its cells as text."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import python_calamine as calamine

from regulars.collect.imports.readers import tables
from regulars.collect.imports.readers.description import Compression, FileDescription, Notice, RawTable, ReadOptions
from regulars.collect.imports.readers.exact import exact_schema
from regulars.collect.imports.readers.naming import column_names
from regulars.collect.imports.readers.opening import damaged
from regulars.collect.imports.readers.sheet_layout import Cell, Row, SheetLayout, lay_out
from regulars.collect.imports.readers.sheet_safety import check_workbook, refuse_too_wide
from regulars.collect.imports.readers.watching import Meter, run_watched
from regulars.errors import InvalidInput
from regulars.values.ids import new_id
from regulars.warehouse.workbench import Workbench, quote

_BATCH = 20_000
_EXACT_DIGITS = 10**15  # a spreadsheet keeps 15 digits of a number


class _Texts:
    """Cells as text, and how many numbers were too long for a spreadsheet to keep."""

    def __init__(self) -> None:
        self.cut: dict[int, int] = {}  # column (0-based) -> numbers of more than 15 digits

    def row(self, cells: list[Cell], width: int) -> Row:
        """One row as text."""
        texts: Row = [self._text(cell, i) for i, cell in enumerate(cells[:width])]
        return texts + [None] * (width - len(texts))

    def _text(self, cell: Cell, column: int) -> str | None:
        if isinstance(cell, str):
            return cell or None
        if isinstance(cell, bool):
            return "true" if cell else "false"
        if isinstance(cell, float):
            if not cell.is_integer():
                return repr(cell)
            if abs(cell) >= _EXACT_DIGITS:
                self.cut[column] = self.cut.get(column, 0) + 1
            return str(int(cell))
        if isinstance(cell, dt.datetime):
            return str(cell)
        if isinstance(cell, dt.timedelta):
            minutes, seconds = divmod(int(cell.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
        return cell.isoformat() if isinstance(cell, dt.date | dt.time) else str(cell)


def describe_sheet(
    path: Path, plain: Path, old: bool, compression: Compression, member: str | None, overrides: ReadOptions
) -> FileDescription:
    """What a workbook holds: the sheet that looks like a table, its columns and first rows."""
    with _opened(path, plain) as book:
        sheet_name, others = _choose(path, plain, old, book, overrides)
        layout = lay_out(book.get_sheet_by_name(sheet_name), overrides)
        sheets = tuple(book.sheet_names)
        names, notices = _names(layout, overrides)
        texts = _Texts()
        sample = tuple(tuple(texts.row(cells, layout.width)) for cells in itertools.islice(layout.rows(), 20))
    notices = _sheet_notices(layout, sheet_name, others, bool(sample)) + notices
    return FileDescription(
        path=path,
        format="xls" if old else "xlsx",
        compression=compression,
        size_bytes=path.stat().st_size,
        member=member,
        header=layout.named,
        skip_rows=layout.skip_rows,
        sheet=sheet_name,
        sheets=sheets,
        columns=names,
        source_columns=layout.header,
        types=dict.fromkeys(names, "VARCHAR"),
        sample=sample,
        notices=tuple(notices),
    )


def read_sheet(
    plain: Path, description: FileDescription, bench: Workbench, name: str, overrides: ReadOptions, meter: Meter
) -> RawTable:
    """Read the described sheet into `name`; every row has the sheet's width, so `name_bad` stays empty."""
    tables.forget(bench, name)
    with _opened(description.path, plain) as book:
        layout = lay_out(book.get_sheet_by_name(description.sheet or book.sheet_names[0]), overrides)
        names, notices = _names(layout, overrides)
        texts = _Texts()
        done = [0]

        def batches() -> Iterator[pa.RecordBatch]:
            schema = exact_schema(layout.width)
            first = 1
            rows = (texts.row(cells, layout.width) for cells in layout.rows())
            while block := list(itertools.islice(rows, _BATCH)):
                columns = [pa.array(column, pa.string()) for column in zip(*block, strict=True)]
                numbers = pa.array(range(first, first + len(block)), pa.int64())
                first += len(block)
                done[0] = first
                yield pa.record_batch([numbers, *columns], schema=schema)

        source = new_id("sheet")
        bench.register(source, pa.RecordBatchReader.from_batches(exact_schema(layout.width), batches()))
        try:
            run_watched(
                bench,
                f"CREATE TABLE {quote(name + '__rows')} AS SELECT * FROM {quote(source)}",
                meter,
                lambda: done[0] / max(layout.height, 1),
            )
        finally:
            bench.unregister(source)
    tables.bad_table(bench, name)
    stored = [f"c{i}" for i in range(1, layout.width + 1)]
    rows = tables.count(bench, f"{name}__rows")
    nameless = [(n.values["position"], n.values["column"]) for n in notices if n.code == "unnamed_column"]
    empty = tables.drop_empty(bench, name, stored, nameless) if rows else []
    gone = {n.values["position"] for n in empty}
    shown = [(quote(stored[i]), n) for i, n in enumerate(names) if i + 1 not in gone]
    columns = tuple(n for _, n in shown)
    tables.expose(bench, name, "row_no", [e for e, _ in shown], columns)
    told = [n for n in description.notices if n.code not in {x.code for x in notices}]
    told += [n for n in notices if not (n.code == "unnamed_column" and n.values["position"] in gone)] + empty
    told += [
        Notice(
            "cut_digits",
            f"{count} numbers in '{names[column]}' have more than 15 digits; the spreadsheet has made their last digits zeros",
            {"column": names[column], "rows": count},
        )
        for column, count in sorted(texts.cut.items())
    ]
    meter.phase(0.0, 1.0)
    meter.at(1.0)
    final = replace(description, columns=columns, types=dict.fromkeys(columns, "VARCHAR"), rows=rows, notices=tuple(told))
    return RawTable(
        name=name,
        bad_name=f"{name}_bad",
        columns=columns,
        types=final.types,
        rows=rows,
        bad_rows=0,
        description=final,
        notices=tuple(told),
    )


@contextmanager
def _opened(path: Path, plain: Path) -> Iterator[calamine.CalamineWorkbook]:
    try:
        book = calamine.CalamineWorkbook.from_path(str(plain))
    except calamine.PasswordError:
        raise InvalidInput(f"'{path.name}' is protected by a password", mend="save it without one", code="password") from None
    except calamine.CalamineError as error:
        raise _not_readable(path, error) from None
    try:
        yield book
    except calamine.CalamineError as error:
        raise damaged(path.name, error) from None
    finally:
        book.close()


def _not_readable(path: Path, error: Exception) -> InvalidInput:
    if "password" in str(error).lower():
        return InvalidInput(f"'{path.name}' is protected by a password", mend="save it without one", code="password")
    if "workbook" in str(error).lower() and "not found" in str(error).lower():
        return InvalidInput(
            f"'{path.name}' is an old Office file without a table", mend="give an .xlsx or a CSV", code="not_a_table"
        )
    return damaged(path.name, error)


def _choose(path: Path, plain: Path, old: bool, book: calamine.CalamineWorkbook, overrides: ReadOptions) -> tuple[str, list[str]]:
    """The sheet a person named, else the one with most cells; and the other sheets with cells."""
    if old:  # at most 65,536 rows of 256 cells: safe to open
        sizes = {}
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            sizes[name] = sheet.height * sheet.width
    else:
        extents = check_workbook(path.name, plain, overrides.limits)
        sizes = {name: extents[name].cells for name in book.sheet_names if name in extents}
    if overrides.sheet is not None and overrides.sheet not in sizes:
        raise InvalidInput(
            f"'{path.name}' has no sheet '{overrides.sheet}'", mend=f"it has: {', '.join(book.sheet_names)}", code="no_such_sheet"
        )
    filled = [name for name, cells in sizes.items() if cells]
    if not filled:
        raise InvalidInput(
            f"'{path.name}' has no filled cells", mend="export it again and look whether it has rows", code="empty_file"
        )
    chosen = overrides.sheet or max(filled, key=lambda name: sizes[name])
    if not old:
        refuse_too_wide(path.name, chosen, extents[chosen], overrides.limits)
    return chosen, [name for name in filled if name != chosen]


def _names(layout: SheetLayout, overrides: ReadOptions) -> tuple[tuple[str, ...], list[Notice]]:
    if overrides.columns is not None and len(overrides.columns) != layout.width:
        raise InvalidInput(
            f"{len(overrides.columns)} column names were given, the sheet has {layout.width} columns",
            mend="name every column",
            code="wrong_column_count",
        )
    return column_names(overrides.columns or layout.header, layout.width, overrides.limits)


def _sheet_notices(layout: SheetLayout, sheet: str, others: list[str], filled: bool) -> list[Notice]:
    notices = []
    if others:
        notices.append(
            Notice("other_sheets", f"sheet '{sheet}' was read; not read: {', '.join(others)}", {"sheet": sheet, "sheets": others})
        )
    if layout.skip_rows:
        notices.append(
            Notice(
                "title_rows",
                f"{layout.skip_rows} rows above the table were skipped",
                {"rows": layout.skip_rows, "text": layout.titles},
            )
        )
    if layout.merged_header:
        notices.append(
            Notice("merged_header", "the header has merged cells; their names were joined", {"columns": list(layout.header)})
        )
    if layout.merged_cells:
        notices.append(
            Notice(
                "merged_cells",
                f"{layout.merged_cells} merged cells below the header count for every row they span",
                {"count": layout.merged_cells},
            )
        )
    if not layout.named:
        notices.append(Notice("no_header", f"the sheet has no header; its columns are called column_1 to column_{layout.width}"))
    elif not filled:
        notices.append(Notice("header_only", "the sheet has a header and no rows"))
    return notices
