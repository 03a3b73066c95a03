"""Cutting delimited text into records and fields, exactly and without ever giving up on the rest of the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

#: As separator: no separator at all, the file has one column.
ONE_COLUMN = "\x1f"
#: As separator: runs of blanks and tabs.
BLANKS = " "

Failure = Literal["stray_quote", "unclosed_quote"]

# How far a quoted field may run before its opening quote counts as a mistake.
_OPEN_CHARACTERS = 1 << 20
_CLOSE_LOOK = 64 << 10
_PATIENCE = 500  # mistakes after which only short fields over a few lines are still tried


@dataclass(frozen=True, slots=True)
class Dialect:
    """How delimited text is written: separator, quote ("" = none), escape (equal to quote = doubled quotes)."""

    separator: str
    quote: str = '"'
    escape: str = '"'


class Record(NamedTuple):
    """One record: its fields, or why it could not be cut and its text."""

    line: int
    fields: list[str] | None
    reason: str
    text: str


class Cutter:
    """Cuts one record's text into fields."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._backslash = dialect.escape == "\\"
        sep, quote = re.escape(dialect.separator), re.escape(dialect.quote)
        if dialect.quote:
            inner = rf"(?:[^{quote}\\]++|\\.|{quote}{quote})*+" if self._backslash else rf"(?:[^{quote}]++|{quote}{quote})*+"
            field = rf"{quote}({inner}){quote}|((?:={quote}{inner}{quote}|(?!{quote})[^{sep}]*+))"
            self._field = re.compile(rf"(?:{field})({sep}|\Z)", re.DOTALL)
            self._opening = re.compile(rf"={{0,1}}{quote}{inner}\Z", re.DOTALL)
        self._escaped = re.compile(rf"\\([{quote}\\])|{quote}({quote})") if dialect.quote and self._backslash else None

    def cut(self, text: str) -> list[str] | Failure:
        """The fields of a record, or why it has none."""
        dialect = self.dialect
        if not dialect.quote or dialect.quote not in text:
            return text.split(dialect.separator)
        fields = []
        position = 0
        while True:
            match = self._field.match(text, position)
            if match is None:
                return "unclosed_quote" if self._opening.match(text, position) else "stray_quote"
            quoted, plain, end = match.groups()
            if quoted is None:
                fields.append(plain)
            elif self._escaped is not None:
                fields.append(self._escaped.sub(lambda m: m[1] or m[2], quoted))
            else:
                fields.append(quoted.replace(dialect.quote * 2, dialect.quote))
            if not end:
                return fields
            position = match.end()


def records(lines: Iterable[str], dialect: Dialect, first_line: int = 1) -> Iterator[Record]:
    """Records of a text given as lines with their line ends; blank lines are no records.

    A quoted field may hold line breaks. Where its closing quote is not found within a megabyte, or what follows it is no
    separator, the record's first line alone fails and cutting goes on with the line after it, so one mistake costs one row.
    """
    cutter = Cutter(dialect)
    quote, separator = dialect.quote, dialect.separator
    waiting: list[str] = []
    source = iter(lines)
    number = first_line - 1
    mistakes = 0
    while True:
        line = waiting.pop() if waiting else next(source, None)
        if line is None:
            return
        number += 1
        text = line.rstrip("\r\n")
        if not quote or quote not in text:
            if text and not text.isspace():
                yield Record(number, text.split(separator), "", text)
            continue
        cut = cutter.cut(text)
        if isinstance(cut, list):
            yield Record(number, cut, "", text)
            continue
        if cut == "unclosed_quote":
            taken, cut, whole = _continue(line, waiting, source, cutter, mistakes)
            if isinstance(cut, list):
                yield Record(number, cut, "", whole)
                number += len(taken)
                continue
            waiting.extend(reversed(taken))
        mistakes += 1
        yield Record(number, None, cut, text)


def _continue(
    line: str, waiting: list[str], source: Iterator[str], cutter: Cutter, mistakes: int
) -> tuple[list[str], list[str] | Failure, str]:
    """Read on until the open field closes: the lines taken, the outcome, the whole text."""
    quote = cutter.dialect.quote
    patient = mistakes < _PATIENCE
    most = _OPEN_CHARACTERS if patient else 4096
    whole, taken = line, []
    parts = [line]
    size, quotes = len(line), line.count(quote)
    while size < most:
        following = waiting.pop() if waiting else next(source, None)
        if following is None:
            break
        taken.append(following)
        parts.append(following)
        size += len(following)
        count = following.count(quote)
        quotes += count
        if count and (quotes % 2 == 0 or size < _CLOSE_LOOK):
            whole = "".join(parts)
            parts = [whole]
            cut = cutter.cut(whole.rstrip("\r\n"))
            if isinstance(cut, list):
                return taken, cut, whole.rstrip("\r\n")
            if cut == "stray_quote":
                break
    return taken, "unclosed_quote", whole
