"""CSV that spreadsheets open rightly: UTF-8 with byte order mark, and no cell that starts a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from regulars.values.answers import to_json
from regulars.values.money import Money

#: A spreadsheet takes a text that begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: Rows are handed on in pieces of about this many characters.
_PIECE = 64 * 1024

Cell = str | int | float | bool | Decimal | Money | date | datetime | None


def csv_pieces(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """A CSV file piece by piece, so that a long one is never whole in memory.

    Amounts are written in major units without a symbol, instants end in Z, a missing value is an empty cell.
    """
    file = io.StringIO(newline="")
    file.write("\ufeff")
    writer = csv.writer(file)
    writer.writerow([harmless(head) for head in heads])
    for row in rows:
        writer.writerow([written(cell) for cell in row])
        if file.tell() >= _PIECE:
            yield file.getvalue().encode()
            file.seek(0)
            file.truncate()
    if file.tell():
        yield file.getvalue().encode()


def written(cell: Cell) -> str:
    """One cell as text."""
    match cell:
        case None:
            return ""
        case str():
            return harmless(cell)
        case bool():
            return "true" if cell else "false"
        case Money():
            return str(cell.major)
        case float():
            plain = to_json(cell)
            return "" if plain is None else repr(cell)
        case _:
            return str(to_json(cell))


def harmless(text: str) -> str:
    """A text no spreadsheet takes for a formula: a leading sign is preceded by an apostrophe."""
    return "'" + text if text.startswith(_FORMULA) else text
