"""Opening a file for loading: read it into the workbench, find its columns' fields, and decide how each column is written."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from regulars.access.domain import Shop
from regulars.collect.imports import parsing, readers
from regulars.collect.imports.domain.fields import FIELDS, Kind
from regulars.collect.imports.domain.mapping import ColumnMap, fingerprint, recognise
from regulars.collect.imports.domain.options import LoadOptions
from regulars.collect.imports.domain.rules import BIT
from regulars.collect.imports.domain.statuses import STATUS_MEANINGS, plain_status
from regulars.collect.imports.domain.synonyms import currency_in
from regulars.collect.imports.queries.cells import STATUS_CODES
from regulars.collect.imports.queries.columns import ROW_BITS, Reading
from regulars.errors import InvalidInput
from regulars.values.money import minor_digits
from regulars.warehouse.workbench import Workbench, quote

_MOST_WORDS = 2_000

#: A dictionary is made in files of at least so many rows, for columns whose values occur so many times on average.
_WORTH_A_DICTIONARY = 20_000
_REPEATS = 3

#: Words a currency column holds besides ISO codes.
_CURRENCY_WORDS = {
    "RMB": "CNY",
    "CN¥": "CNY",
    "人民币": "CNY",
    "元": "CNY",
    "¥": "CNY",
    "￥": "CNY",
    "$": "USD",
    "US$": "USD",
    "€": "EUR",
    "£": "GBP",
    "R$": "BRL",
}


@dataclass(frozen=True, slots=True)
class Given:
    """A file as handed in: where it lies and what it is called."""

    path: Path
    name: str


@dataclass(slots=True)
class Opened:
    """A file in the workbench: what it looked like, which column is what, and how each is read."""

    given: Given
    sha256: str
    raw: readers.RawTable
    mapping: ColumnMap
    reading: Reading
    assumptions: list[str] = field(default_factory=list)

    @property
    def number(self) -> int:
        """The file's number in row ids."""
        return self.reading.number


def sha256_of(path: Path, progress: Callable[[int, int], None] | None = None) -> str:
    """The content of a file as a hash.

    Raises
    ------
    NotFound, InvalidInput : there is no such file, or it is none that can be read.
    """
    digest = hashlib.sha256()
    total = readers.check_path(path)
    try:
        done = 0
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
                done += len(chunk)
                if progress:
                    progress(done, total)
    except OSError as error:
        raise readers.explain_os_error(error, path) from None
    return digest.hexdigest()


def read_options(options: LoadOptions) -> readers.ReadOptions:
    """What a person said about the file's form."""
    return readers.ReadOptions(
        separator=options.separator,
        encoding=options.encoding,
        sheet=options.sheet,
        header=options.header,
        skip_rows=options.skip_rows,
    )


def look(path: Path, options: LoadOptions) -> readers.FileDescription:
    """The first look at a file."""
    return readers.describe(path, read_options(options))


def match(
    kind: Kind, description: readers.FileDescription, options: LoadOptions, saved: Mapping[str, Mapping[str, str]], name: str
) -> ColumnMap:
    """Which column is which field; `saved` mappings are known by their fingerprint."""
    twice = frozenset(
        str(name_)
        for notice in description.notices
        if notice.code == "duplicate_column"
        for name_ in (notice.values.get("names") or [notice.values.get("column")])
    )
    return recognise(
        kind,
        description.columns,
        has_header=description.header,
        sample=description.sample,
        given=options.maps,
        saved=saved.get(fingerprint(kind, description.columns)),
        twice=twice,
        name=name,
    )


def open_file(
    given: Given,
    number: int,
    sha256: str,
    description: readers.FileDescription,
    mapping: ColumnMap,
    bench: Workbench,
    shop: Shop,
    options: LoadOptions,
    progress: readers.Progress,
) -> Opened:
    """Read the whole file and decide how each mapped column is written."""
    raw = readers.read(given.path, bench, description, name=f"raw_{number}", overrides=read_options(options), progress=progress)
    columns = mapping.as_dict()
    table = raw.name
    if "ordered_time" in columns and "ordered_at" in columns:
        table = _join_date_and_time(bench, raw, columns)
    utc = bool(mapping.layout and mapping.layout.utc and not options.timezone)
    reading = Reading(
        number=number,
        table=table,
        columns={name: column for name, column in columns.items() if name != "ordered_time"},
        conventions={},
        all_columns=raw.columns,
        zone="UTC" if utc else options.timezone or shop.timezone,
        currency=shop.currency,
        digits=minor_digits(shop.currency),
        rates=options.rates,
        compare_rows=options.duplicates == "once",
    )
    opened = Opened(given, sha256, raw, mapping, reading)
    _decide(bench, opened, options)
    return opened


def _join_date_and_time(bench: Workbench, raw: readers.RawTable, columns: dict[str, str]) -> str:
    """A view whose date column holds date and time of day together."""
    date, time = quote(columns["ordered_at"]), quote(columns["ordered_time"])
    day = f"regexp_replace(trim(CAST({date} AS VARCHAR)), '[T ]00:00(:00(\\.0+)?)?$', '')"
    clock = f"regexp_replace(trim(CAST({time} AS VARCHAR)), '^.*[T ](\\d{{1,2}}:)', '\\1')"
    view = f"{raw.name}_timed"
    bench.execute(
        f"CREATE VIEW {quote(view)} AS SELECT * REPLACE (CASE WHEN {date} IS NULL THEN NULL ELSE concat_ws(' ', {day}, {clock}) END AS {date}) FROM {quote(raw.name)}"
    )
    return view


def _decide(bench: Workbench, opened: Opened, options: LoadOptions) -> None:
    """Conventions of all columns, meanings of words, the currency."""
    reading, kind = opened.reading, opened.mapping.kind
    conventions: dict[str, Any] = {}
    dictionaries = _dictionaries(bench, opened)
    for name, column in reading.columns.items():
        table, values = (dictionaries[name], "raw") if name in dictionaries else (reading.table, column)
        how = FIELDS[kind][name].reading if name in FIELDS[kind] else ("amount" if name == "line_shipping" else "id")
        match how:
            case "id":
                conventions[name] = parsing.detect_ids(bench, table, values)
            case "instant":
                conventions[name] = parsing.detect_dates(bench, table, values, order=options.date_order)
            case "amount":
                conventions[name] = parsing.detect_amounts(bench, table, values, decimal=options.decimal)
            case "count":
                conventions[name] = parsing.detect_numbers(bench, table, values, decimal=options.decimal)
            case "share":
                conventions[name] = parsing.detect_percents(bench, table, values)
            case "flag":
                conventions[name] = parsing.detect_booleans(bench, table, values)
            case "text" | "personal":
                pass
        found = conventions.get(name)
        if found is not None and name in dictionaries:
            words = re.sub(r"(\d) row(s?)\b", r"\1 different value\2", found.explanation)
            conventions[name] = found = replace(found, explanation=words)
        if found is not None and getattr(found, "ambiguous", False):
            opened.assumptions.append(f"{column}: {found.explanation}")
    currency_words = _currency_words(bench, reading) if reading.has("currency") else {}
    written = options.currency
    if not written and not currency_words:
        signs = {c.currency for c in conventions.values() if getattr(c, "currency", None)} | {
            code for name, column in reading.columns.items() if name in conventions and (code := currency_in(column))
        }
        written = next(iter(signs)) if len(signs) == 1 else None
        if (written == "JPY" and reading.currency == "CNY") or (written == "CNY" and reading.currency == "JPY"):
            written = reading.currency  # both write ¥
    signed: tuple[str, ...] = ()
    if not written and not reading.has("currency"):
        amounts = {name: c for name, c in conventions.items() if getattr(c, "currencies", None)}
        if not all(c.fits(reading.currency) for c in amounts.values()):
            signed = tuple(amounts)
            currency_words = {sign: code for c in amounts.values() for sign, code in c.codes(reading.currency).items()}
    status_codes, unknown = _status_codes(bench, reading, "status", options) if reading.has("status") else ({}, set())
    payment_codes, _ = _status_codes(bench, reading, "payment_status", options) if reading.has("payment_status") else ({}, set())
    opened.reading = replace(
        reading,
        conventions=conventions,
        dictionaries=dictionaries,
        currency_words=currency_words,
        written_currency=written,
        signed=signed,
        status_codes=status_codes,
        payment_codes=payment_codes,
        unknown_words=frozenset(unknown),
    )


def _dictionaries(bench: Workbench, opened: Opened) -> dict[str, str]:
    """Tables of different values for the mapped columns of a large file whose values repeat."""
    reading = opened.reading
    if opened.raw.rows < _WORTH_A_DICTIONARY:
        return {}
    fields = list(reading.columns)
    counted = ", ".join(f"approx_count_distinct({reading.column(name)})" for name in fields)
    different = bench.rows(f"SELECT {counted} FROM {quote(reading.table)}")[0]
    found = {}
    for name, values in zip(fields, different, strict=True):
        if values * _REPEATS > opened.raw.rows:
            continue
        table = f"values_{opened.number}_{name}"
        column = reading.column(name)
        bench.execute(
            f"CREATE TABLE {quote(table)} AS SELECT DISTINCT {column} AS raw FROM {quote(reading.table)} WHERE {column} IS NOT NULL"
        )
        found[name] = table
    return found


def words_of(bench: Workbench, reading: Reading, name: str) -> list[tuple[str, int]]:
    """The distinct words of a column with their rows, most frequent first."""
    text = parsing.text_sql(reading.column(name))
    return [
        (word, rows)
        for word, rows in bench.rows(
            f"SELECT {text} AS word, count(*) FROM {quote(reading.table)} WHERE {text} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {_MOST_WORDS + 1}"
        )
    ]


def _status_codes(bench: Workbench, reading: Reading, name: str, options: LoadOptions) -> tuple[dict[str, int], set[str]]:
    words = words_of(bench, reading, name)
    if len(words) > _MOST_WORDS:
        raise InvalidInput(
            f"the column '{reading.columns[name]}' has thousands of different words, so it cannot be the {name.replace('_', ' ')}",
            mend=f"choose another one with --map {name}=COLUMN, or none with --map {name}=",
            code="not_a_status",
        )
    codes, unknown = {}, set()
    for word, _ in words:
        plain = plain_status(word)
        meaning = options.statuses.get(plain) or STATUS_MEANINGS.get(plain)
        if meaning is None:
            unknown.add(word)
        codes[word] = STATUS_CODES[meaning or "placed"]
    return codes, unknown


def _currency_words(bench: Workbench, reading: Reading) -> dict[str, str]:
    found = {}
    for word, _ in words_of(bench, reading, "currency"):
        code = word.strip().upper()
        found[word] = _CURRENCY_WORDS.get(code, _CURRENCY_WORDS.get(word, code))
    return found


def explain_column(opened: Opened, name: str) -> str:
    """How a column's cells are read, in a sentence."""
    convention = opened.reading.conventions.get(name)
    if convention is not None and convention.explanation:
        return str(convention.explanation)
    reading = FIELDS[opened.mapping.kind][name].reading if name in FIELDS[opened.mapping.kind] else "text"
    return {
        "personal": "personal data; becomes a pseudonym or is kept encrypted",
        "text": "words as they stand",
        "id": "a key that joins the files",
    }.get(reading, "")


def bad_rows_sql(opened: Opened) -> str:
    """The rows the reader could not cut into columns, in the form of `judged` rows."""
    bit = BIT["broken_row"]
    return f"SELECT ({opened.number}::BIGINT << {ROW_BITS}) + row_no AS row_id, {bit} AS rule, {bit} AS flags FROM {quote(opened.raw.bad_name)}"


def cell_values(bench: Workbench, opened: Opened, rows: list[int], columns: list[str]) -> dict[int, dict[str, str]]:
    """The untouched cells of some rows, as text."""
    if not rows or not columns:
        return {}
    listed = ", ".join(f"CAST({quote(column)} AS VARCHAR)" for column in columns)
    found = bench.rows(
        f"SELECT row_no, {listed} FROM {quote(opened.raw.name)} WHERE row_no IN ({', '.join(str(row) for row in rows)})"
    )
    return {row[0]: {column: value or "" for column, value in zip(columns, row[1:], strict=True)} for row in found}
