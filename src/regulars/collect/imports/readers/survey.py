"""One fast pass over a whole delimited file: is it as regular as its beginning, and how many records has it?

Works on bytes with NumPy: positions of line ends, separators and quotes; a line end or separator is inside a quoted field where
the number of quotes before it is odd. A file that passes can be read in parallel by the engine, and the count of records found
here, by other means than the engine's, proves that no row was lost on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
import numpy.typing as npt

from regulars.collect.imports.readers.cutting import Dialect

Irregularity = Literal["not_utf8", "nul_bytes", "quotes", "line_ends", "ragged", "long_line", "blank_line"]
_CHUNK = 8 << 20
_LF, _CR = 10, 13


@dataclass(frozen=True, slots=True)
class Survey:
    """What the pass found. Without an irregularity: `records` of `fields` fields each follow the skipped lines."""

    irregularity: Irregularity | None
    records: int = 0
    skipped_lines: int = 0  # physical lines above the first data row
    newline: str = "\n"
    longest: int = 0


def survey(path: Path, dialect: Dialect, fields: int, skip: int, limit: int, report: Callable[[float], None]) -> Survey:
    """Survey a UTF-8 file.

    Parameters
    ----------
    fields : how many each record must have.
    skip : records at the top that may look otherwise (title rows and header), each a single line.
    limit : longest record in bytes.
    report : called with the share done.
    """
    size = max(path.stat().st_size, 1)
    with path.open("rb") as file:
        if file.read(3) != b"\xef\xbb\xbf":
            file.seek(0)
        state = _State(dialect, fields, limit)
        skipped = 0
        for _ in range(skip):
            line = file.readline(limit)
            skipped += 1
            while line and not line.strip():
                line = file.readline(limit)
                skipped += 1
            if dialect.quote and dialect.quote.encode() in line and line.count(dialect.quote.encode()) % 2:
                return Survey("quotes")
            state.longest = max(state.longest, len(line))
            state.see_skipped(line)
        while data := _next(file, dialect):
            if problem := state.feed(data):
                return Survey(problem)
            report(file.tell() / size)
        if problem := state.finish():
            return Survey(problem)
    return Survey(None, state.records, skipped, "\r\n" if state.crlf else "\n", state.longest)


def _next(file: BinaryIO, dialect: Dialect) -> bytes:
    """The next stretch, never ending between two quotes, CR and LF, or inside a character."""
    data = file.read(_CHUNK)
    open_ends = (dialect.quote.encode() or b"\r", b"\r")
    while data and (data[-1] >= 0x80 or data.endswith(open_ends)) and (more := file.read(1)):
        data += more
    return data


class _State:
    """What is carried from one stretch to the next."""

    def __init__(self, dialect: Dialect, fields: int, limit: int) -> None:
        self._separator = ord(dialect.separator)
        self._quote = ord(dialect.quote) if dialect.quote else None
        self._fields = fields
        self._limit = limit
        self._inside = 0  # 1 = an odd number of quotes so far
        self._separators = 0  # of the record that is open
        self._open_bytes = 0  # of the record that is open
        self._last = _LF
        self.records = 0
        self.longest = 0
        self.crlf: bool | None = None

    def see_skipped(self, line: bytes) -> None:
        if line.endswith(b"\n"):
            self.crlf = line.endswith(b"\r\n")

    def feed(self, data: bytes) -> Irregularity | None:
        """Take one stretch in; the first irregularity ends the survey."""
        if not data.isascii() and not _valid(data):
            return "not_utf8"
        if b"\0" in data:
            return "nul_bytes"
        view = np.frombuffer(data, np.uint8)
        ends = np.flatnonzero(view == _LF)
        separators = np.flatnonzero(view == self._separator)
        if self._quote is not None:
            quotes = np.flatnonzero(view == self._quote)
            if quotes.size and not self._quotes_in_place(view, quotes):
                return "quotes"
            if quotes.size or self._inside:
                ends = ends[(np.searchsorted(quotes, ends) + self._inside) & 1 == 0]
                separators = separators[(np.searchsorted(quotes, separators) + self._inside) & 1 == 0]
        else:
            quotes = ends[:0]
        if problem := self._line_ends(view, ends, quotes, data) or self._widths(ends, separators, len(data)):
            return problem
        self._inside = (self._inside + quotes.size) & 1
        self._last = int(view[-1])
        return None

    def finish(self) -> Irregularity | None:
        """The end of the file ends the last record."""
        if self._inside:
            return "quotes"
        if self._open_bytes:
            if self._separators + 1 != self._fields:
                return "ragged"
            self.records += 1
        return None

    def _quotes_in_place(self, view: npt.NDArray[np.uint8], quotes: npt.NDArray[np.intp]) -> bool:
        """Each quote opens a field, closes one, or is one of two that stand for a quote."""
        opening = quotes[self._inside :: 2]
        closing = quotes[1 - self._inside :: 2]
        before = view[np.maximum(opening - 1, 0)]
        if opening.size and opening[0] == 0:
            before[0] = self._last
        after = view[np.minimum(closing + 1, view.size - 1)]
        if closing.size and closing[-1] == view.size - 1:
            after[-1] = _LF  # the file ends here, as stretches do not end in a quote
        good_before = (before == self._separator) | (before == _LF) | (before == self._quote)
        good_after = (after == self._separator) | (after == _LF) | (after == _CR) | (after == self._quote)
        return bool(good_before.all() and good_after.all())

    def _line_ends(
        self, view: npt.NDArray[np.uint8], ends: npt.NDArray[np.intp], quotes: npt.NDArray[np.intp], data: bytes
    ) -> Irregularity | None:
        """All records end alike, and no carriage return stands alone outside quotes."""
        returns = data.count(b"\r")
        if not returns:
            if self.crlf and ends.size:
                return "line_ends"
            self.crlf = False if ends.size else self.crlf
            return None
        before = view[np.maximum(ends - 1, 0)] == _CR
        if ends.size and ends[0] == 0:
            before[0] = self._last == _CR
        with_return = int(np.count_nonzero(before))
        if with_return not in (0, ends.size) or (ends.size and self.crlf is not None and self.crlf != bool(with_return)):
            return "line_ends"
        self.crlf = bool(with_return) if ends.size else self.crlf
        if returns != with_return:
            alone = np.flatnonzero(view == _CR)
            outside = int(np.count_nonzero((np.searchsorted(quotes, alone) + self._inside) & 1 == 0))
            if outside != with_return:
                return "line_ends"
        return None

    def _widths(self, ends: npt.NDArray[np.intp], separators: npt.NDArray[np.intp], size: int) -> Irregularity | None:
        """Every record has the right number of separators, and none is blank or endless."""
        if not ends.size:
            self._separators += separators.size
            self._open_bytes += size
            return "long_line" if self._open_bytes > self._limit else None
        upto = np.searchsorted(separators, ends)
        counts = np.diff(upto, prepend=0)
        counts[0] += self._separators
        lengths = np.diff(ends, prepend=-1)
        lengths[0] += self._open_bytes
        if (counts != self._fields - 1).any():
            blank = lengths <= (2 if self.crlf else 1)
            if (counts[~blank] != self._fields - 1).any():
                return "ragged"
            self.records += int(np.count_nonzero(~blank))
        elif self._fields == 1 and (lengths <= (2 if self.crlf else 1)).any():
            return "blank_line"  # the engine would make it a row
        else:
            self.records += ends.size
        self.longest = max(self.longest, int(lengths.max()))
        self._separators = int(separators.size - upto[-1])
        self._open_bytes = int(size - ends[-1] - 1)
        return "long_line" if self.longest > self._limit else None


def _valid(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
