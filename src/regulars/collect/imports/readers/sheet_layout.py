"""Where the table is on a sheet: title rows above it, a header of one or several rows with merged cells, data below."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import python_calamine as calamine

from regulars.collect.imports.readers.description import ReadOptions
from regulars.collect.imports.readers.dialect import names_columns
from regulars.collect.imports.readers.naming import clean_name

Cell = str | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta
Row = list[str | None]
_LOOK = 60
_MOST_HEADER_ROWS = 4


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range, rows and columns counted from the top left of what is read, ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class SheetLayout:
    """One sheet: its header and, through `rows`, its data."""

    sheet: calamine.CalamineSheet
    header: tuple[str, ...]
    named: bool
    skip_rows: int
    first_data: int
    width: int
    height: int
    titles: str = ""
    merged_header: bool = False
    merges: list[Merge] = field(default_factory=list)

    @property
    def merged_cells(self) -> int:
        return len(self.merges)

    def rows(self) -> Iterator[list[Cell]]:
        """The data rows that hold anything; a merged cell counts for every row and column it spans."""
        starting: dict[int, list[Merge]] = defaultdict(list)
        for merge in self.merges:
            starting[merge.top].append(merge)
        held: list[tuple[Merge, Cell]] = []
        for number, cells in enumerate(self.sheet.iter_rows()):
            if number < self.first_data:
                continue
            if held or number in starting:
                held = [(m, v) for m, v in held if m.bottom >= number]
                held += [(m, cells[m.left]) for m in starting.get(number, ())]
                own = any(cell not in ("", None) for cell in cells)
                for merge, value in held:
                    for column in range(merge.left, merge.right + 1):
                        if own or merge.top == number:
                            cells[column] = value
            if any(cell not in ("", None) for cell in cells):
                yield cells


def lay_out(sheet: calamine.CalamineSheet, overrides: ReadOptions) -> SheetLayout:
    """Find the table on a sheet.

    The header is the first row that is nearly as filled as most rows are and reads as names. A header with merged cells takes the
    rows they span (and the one below a name that spans several columns); the names above each other are joined: `Amount gross`.
    """
    top = [list(cells) for cells in itertools.islice(sheet.iter_rows(), _LOOK)]
    offset = sheet.start[1] if sheet.start else 0
    width = max((len(row) for row in top), default=0)
    texts = [[_plain(cell) for cell in row] for row in top]
    merges = [
        Merge(r1, max(c1 - offset, 0), r2, min(c2 - offset, width - 1))
        for (r1, c1), (r2, c2) in (sheet.merged_cell_ranges or [])
        if c2 >= offset
    ]
    start = _start(texts, overrides)
    named = overrides.header if overrides.header is not None else names_columns([row for row in texts[start:] if any(row)])
    if not named:
        titles = _titles(texts[:start])
        data = [m for m in merges if m.top >= start and m.bottom > m.top]
        return SheetLayout(sheet, (), False, start, start, width, sheet.total_height, titles, False, data)
    # A band of titles right above the names, merged over them, belongs to the header.
    first = start
    last = _header_end(texts, merges, start)
    header = tuple(_joined(texts, merges, first, last, column) for column in range(width))
    touched = any(first <= m.top <= last and (m.bottom > m.top or m.right > m.left) for m in merges)
    data = [m for m in merges if m.top > last and m.bottom > m.top]
    return SheetLayout(sheet, header, True, start, last + 1, width, sheet.total_height, _titles(texts[:start]), touched, data)


def _start(texts: list[list[str]], overrides: ReadOptions) -> int:
    """The first row of the table (header or data)."""
    if overrides.skip_rows is not None:
        return overrides.skip_rows
    filled = [sum(bool(cell) for cell in row) for row in texts]
    some = sorted(count for count in filled if count)
    if not some:
        return 0
    usual = some[len(some) // 2]
    if usual < 2:
        return next(i for i, count in enumerate(filled) if count)
    return next((i for i, count in enumerate(filled) if count >= max(2, 0.6 * usual)), 0)


def _header_end(texts: list[list[str]], merges: list[Merge], start: int) -> int:
    last = start
    for merge in merges:
        if start <= merge.top <= last:
            last = max(last, min(merge.bottom, start + _MOST_HEADER_ROWS - 1))
    spans = [m for m in merges if m.top == start and m.right > m.left]
    if last == start and spans and start + 1 < len(texts):
        below = texts[start + 1]
        under = [below[c] for m in spans for c in range(m.left, m.right + 1) if c < len(below)]
        if under and all(under) and names_columns([under, *[]]):
            last = start + 1
    return last


def _joined(texts: list[list[str]], merges: list[Merge], first: int, last: int, column: int) -> str:
    parts: list[str] = []
    for row in range(first, min(last, len(texts) - 1) + 1):
        text = texts[row][column] if column < len(texts[row]) else ""
        if not text:
            anchor = next((m for m in merges if m.top <= row <= m.bottom and m.left <= column <= m.right), None)
            text = texts[anchor.top][anchor.left] if anchor else ""
        if text and text not in parts:
            parts.append(text)
    return " ".join(clean_name(part) for part in parts)


def _titles(rows: list[list[str]]) -> str:
    return "\n".join(" ".join(cell for cell in row if cell) for row in rows if any(row))[:500]


def _plain(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
