"""Which separator, quote and header a delimited file has, judged by its beginning."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass

from regulars.collect.imports.readers.cutting import BLANKS, ONE_COLUMN, Dialect, Record, records
from regulars.collect.imports.readers.description import ReadOptions

_SEPARATORS = ("\t", ";", "|", ",", "\x01", "^", "~")
_LOOK_RECORDS = 400
_DATA = re.compile(
    r"""^[\s'="]*(?:
        [-+(]?[¥￥$€£]?\s?\d[\d.,\s]*[%)]?          # a number or an amount
        | \d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}.*      # a date
        | [^@\s]+@[^@\s]+\.[a-z]+                    # an e-mail
        | [0-9a-f]{16,}                              # a long id
        | true | false | null | na | nan
    )["\s]*$""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are in a delimited file: dialect, title rows, header, number of fields of a data row."""

    dialect: Dialect
    skip_rows: int
    header: bool
    fields: int
    names: tuple[str, ...]
    titles: tuple[str, ...]
    sample: tuple[tuple[str | None, ...], ...]
    declared_separator: bool = False  # Excel's `sep=;` line is one of the title rows


def judge(text: str, overrides: ReadOptions) -> Layout:
    """The layout of a delimited text, from its first lines.

    Every separator and quote is tried on a few hundred records; the one under which most records have the same number (above
    one) of fields wins, more fields before fewer. Title rows above the header are those with fewer filled cells.
    """
    declared = re.match(r'\s*"?sep=(.)"?\s*$', text.partition("\n")[0].strip("\r"))
    separator = overrides.separator or (declared[1] if declared else None)
    best: tuple[tuple[float, ...], Dialect, list[Record]] | None = None
    for dialect in _candidates(text, separator, overrides):
        cut = list(itertools.islice(records(_lines(text, dialect), dialect), _LOOK_RECORDS))
        score = _score(cut, dialect)
        if best is None or score > best[0]:
            best = (score, dialect, cut)
    assert best is not None
    return _layout(best[1], best[2], overrides, declared is not None)


def _candidates(text: str, separator: str | None, overrides: ReadOptions) -> list[Dialect]:
    if separator is not None:
        separators: tuple[str, ...] = (separator,)
    else:
        separators = (*tuple(s for s in _SEPARATORS if s in text), BLANKS, ONE_COLUMN)
    quotes: tuple[str, ...]
    if overrides.quote is not None:
        quotes = (overrides.quote,)
    else:
        quotes = ('"', "") if '"' in text else ('"',)
        if re.search(r"(^|[,;\t|])'[^'\n]*'([,;\t|]|\r?$)", text[:20_000], re.MULTILINE):
            quotes += ("'",)
    found = []
    for sep, quote in itertools.product(separators, quotes):
        if sep == BLANKS:
            if quote == quotes[0]:
                found.append(Dialect(BLANKS, "", ""))
            continue
        if overrides.escape is not None:
            found.append(Dialect(sep, quote, overrides.escape if quote else ""))
            continue
        found.append(Dialect(sep, quote, quote))
        if quote and "\\" + quote in text:
            found.append(Dialect(sep, quote, "\\"))
    return found


def _lines(text: str, dialect: Dialect) -> list[str]:
    lines = text.splitlines(keepends=True) if "\n" not in text else re.findall(r"[^\n]*\n|[^\n]+", text)
    if dialect.separator == BLANKS:
        return [" ".join(line.split()) for line in lines]
    return lines


def _score(cut: list[Record], dialect: Dialect) -> tuple[float, ...]:
    """Larger is better: share of records that agree, no failures, many fields, quotes rather than none."""
    widths = Counter(len(r.fields) for r in cut if r.fields is not None)
    if not widths:
        return (0.0,)
    width = max(widths, key=lambda w: (widths[w] * (w > 1), w))
    agree = widths[width] / len(cut)
    if dialect.separator == ONE_COLUMN:
        # Only where nothing else splits the rows.
        failures = sum(r.fields is None for r in cut) / len(cut)
        return (0.45 - failures / 10, 0.0, 0.0, float(bool(dialect.quote)))
    if dialect.separator == BLANKS:
        filled = [r.fields for r in cut if r.fields is not None and len(r.fields) == width]
        numeric = sum(bool(_DATA.match(cell)) for row in filled for cell in row) / max(1, sum(map(len, filled)))
        if width < 2 or agree < 0.95 or numeric < 0.5:
            return (0.0,)
        return (0.5, 0.0, 0.0, 0.0)  # better than one column, worse than any separator that splits
    if width == 1 or agree < 0.5:
        return (0.0,)
    if not dialect.quote and _mostly_enclosed(cut):
        return (0.0,)
    quoted = float(bool(dialect.quote))
    enclosed = dialect.quote == "'"
    doubled = float(dialect.escape == dialect.quote)
    return (round(agree, 2) + 0.5, float(min(width, 100)), -float(enclosed), quoted, doubled)


def _mostly_enclosed(cut: list[Record]) -> bool:
    """True if quotes do their work: more fields begin and end with one than only begin with one."""
    starting = [cell for r in cut for cell in r.fields or () if cell.startswith('"')]
    whole = sum(len(cell) > 1 and cell.endswith('"') for cell in starting)
    return whole * 2 > len(starting)


def _layout(dialect: Dialect, cut: list[Record], overrides: ReadOptions, declared: bool) -> Layout:
    whole = [r for r in cut if r.fields is not None]
    skip = overrides.skip_rows if overrides.skip_rows is not None else _title_rows(whole, declared)
    titles = tuple(r.text for r in cut[:skip])
    rows = [r.fields for r in cut[skip:] if r.fields is not None]
    header = overrides.header if overrides.header is not None else names_columns(rows)
    data = rows[1:] if header else rows
    names = list(rows[0]) if header and rows else []
    widths = Counter(len(row) for row in data)
    common = max(widths, key=lambda w: (widths[w], w == len(names), w)) if widths else len(names)
    if not header:
        fields = common
    elif common > len(names) or (common == len(names) - 1 and not names[-1].strip()):
        fields = common  # data rows end with a separator, or have unnamed columns; or only the header ends with one
    else:
        fields = len(names)
    sample = tuple(tuple(cell or None for cell in row) for row in data if len(row) == fields)[:20]
    return Layout(dialect, skip, header, fields, tuple(names[:fields]), titles, sample, declared)


def _title_rows(whole: list[Record], declared: bool) -> int:
    """How many rows stand above the table: those before the first row that is as wide and nearly as filled as most."""
    rows = [r.fields or [] for r in whole[:_LOOK_RECORDS]]
    if not rows:
        return 0
    start = 1 if declared else 0
    later = rows[start:]
    if not later:
        return start
    width = max(Counter(len(row) for row in later).items(), key=lambda item: (item[1], item[0]))[0]
    if width < 2:
        return start
    filled = sorted(_filled(row) for row in later if len(row) == width)
    usual = filled[len(filled) // 2]
    for index, row in enumerate(later[:40]):
        if abs(len(row) - width) <= 1 and _filled(row) >= max(2, 0.6 * min(usual, width)):
            return start + index
    return start


def _filled(row: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def names_columns(rows: list[list[str]]) -> bool:
    """True if the first row reads as names of the columns below it.

    Names are no numbers, dates or e-mails, and hardly any of them occurs again below. A file of one row is all header.
    """
    if not rows:
        return True
    first = [cell.strip().strip("'\"=\t") for cell in rows[0]]
    named = [cell for cell in first if cell]
    if not named or any(_DATA.match(cell) for cell in named):
        return False
    if len(first) == 1 and (len(named[0]) > 60 or any(sign in named[0] for sign in _SEPARATORS)):
        return False  # a line of text, not a name
    below = rows[1:60]
    again = sum(1 for i, cell in enumerate(first) if cell and any(i < len(row) and row[i].strip() == cell for row in below))
    return again <= len(named) // 2
