"""CSV that spreadsheets open rightly: UTF-8 with byte order mark, and no cell that starts a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from regulars.values.answers import to_json
from regulars.values.money import Money

#: A spreadsheet takes a text that begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: Text is handed on in pieces of about this many characters.
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Table:
    """An answer as columns and rows; a cell is text, a number, money, a date, an instant, a truth value or nothing."""

    columns: tuple[str, ...]
    rows: tuple[Sequence[object], ...]


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A CSV file as pieces of text, so that a long one is never whole in memory.

    It begins with a byte order mark, so that Chinese opens in spreadsheets. Money is written in major units without a symbol,
    instants end in Z, a missing value is an empty cell.
    """
    file = io.StringIO(newline="")
    file.write("\ufeff")
    writer = csv.writer(file)
    writer.writerow([harmless(column) for column in columns])
    for row in rows:
        writer.writerow([written(cell) for cell in row])
        if file.tell() >= _PIECE:
            yield file.getvalue()
            file.seek(0)
            file.truncate()
    if file.tell():
        yield file.getvalue()


def written(cell: object) -> str:
    """One cell as text."""
    match cell:
        case str() if not isinstance(cell, Enum):
            return harmless(cell)
        case bool():
            return "true" if cell else "false"
        case Money():
            return str(cell.major)
    plain = to_json(cell)
    return "" if plain is None else harmless(plain) if isinstance(plain, str) else str(plain)


def harmless(text: str) -> str:
    """A text no spreadsheet takes for a formula: a leading sign is preceded by an apostrophe."""
    return "'" + text if text.startswith(_FORMULA) else text
