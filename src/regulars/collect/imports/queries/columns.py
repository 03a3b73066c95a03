"""Columns of a file as typed cells: each column is read once, and where its values repeat, each different value is read once.

A file of half a million lines has a few thousand different products, prices and dates. Reading a value (trimming, formats, signs) costs
far more than a join, so a column with many repeats gets a dictionary: a table of its different values, read there and joined back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from regulars.collect.imports.domain.rules import BIT
from regulars.warehouse.workbench import literal, quote

ROW_BITS = 40


@dataclass(frozen=True, slots=True)
class Reading:
    """A file in the workbench, its columns as fields, and the convention of each."""

    number: int
    table: str
    columns: Mapping[str, str]  # field -> column
    conventions: Mapping[str, Any]
    all_columns: tuple[str, ...]
    zone: str
    currency: str
    digits: int
    dictionaries: Mapping[str, str] = field(default_factory=dict)  # field -> table of the column's different values (`raw`)
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    currency_words: Mapping[str, str] = field(default_factory=dict)  # cell, or sign beside an amount -> ISO code
    signed: tuple[str, ...] = ()  # amounts whose signs name the row's currency, where no column does
    written_currency: str | None = None  # the one currency its amounts name by sign or header
    status_codes: Mapping[str, int] = field(default_factory=dict)  # cell -> cells.STATUS_CODES
    payment_codes: Mapping[str, int] = field(default_factory=dict)
    unknown_words: frozenset[str] = frozenset()
    shops: Mapping[str, str] = field(default_factory=dict)  # cell -> shop_id, where the load holds several
    default_shop: str | None = None  # of rows that name none; set where the load holds several shops
    compare_rows: bool = True

    @property
    def only_currency(self) -> str | None:
        """The currency of rows whose cell is empty: where a file names one only, its other lines mean the same.

        Exports that write an order's columns on its first line leave the cell empty on the others.
        """
        codes = set(self.currency_words.values())
        return codes.pop() if len(codes) == 1 else None

    def column(self, name: str) -> str:
        """The quoted column of a field."""
        return quote(self.columns[name])

    def has(self, name: str) -> bool:
        """Whether a column stands for the field."""
        return name in self.columns


def source_row(row_id: int) -> tuple[int, int]:
    """File number and data row of a row_id."""
    return row_id >> ROW_BITS, row_id & ((1 << ROW_BITS) - 1)


class CellQuery:
    """Builds the SELECT that reads a file's cells; conditions on clean cells are written in a query around it."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._direct: dict[str, str] = {"row_id": f"({reading.number}::BIGINT << {ROW_BITS}) + f.row_no"}
        self._words: dict[str, dict[str, str]] = {}  # field -> cell -> expression on `raw`
        self._derived: dict[str, dict[str, str]] = {}  # field -> cell -> expression on the field's other cells
        self.out: dict[str, str] = {"row_id": "row_id"}
        self.between: dict[str, str] = {}  # computed from cells once, before `out`
        self.faults: list[str] = []

    def row(self, name: str, expression: str) -> None:
        """A cell made of the whole row (alias `f`)."""
        self._direct[name] = expression

    def cell(self, field_name: str, name: str, read: Callable[[str], str]) -> str:
        """A cell of one field; `read` gives its expression for a column. Returns the cell's name."""
        if field_name in self.reading.dictionaries:
            self._words.setdefault(field_name, {})[name] = read("raw")
        else:
            self._direct[name] = read(f"f.{self.reading.column(field_name)}")
        return name

    def derived(self, field_name: str, name: str, cell: str, read: Callable[[str], str]) -> str:
        """Something told by a clean cell alone: read once per different value where the column has a dictionary.

        Returns an expression: the name of a cell, or `read` of the cell itself.
        """
        if field_name not in self.reading.dictionaries:
            return f"({read(cell)})"
        self._derived.setdefault(field_name, {})[name] = read(quote(cell))
        return name

    def bad(self, field_name: str, rule: str) -> None:
        """The rule's bit where the field cannot be read; nothing is looked at where the whole column can."""
        convention = self.reading.conventions[field_name]
        if convention.unreadable:
            self.faults.append(flag(rule, self.cell(field_name, f"{field_name}_bad", convention.bad)))

    def outside(self, field_name: str, rule: str) -> None:
        """The rule's bit where the field is read, but beyond reason."""
        convention = self.reading.conventions[field_name]
        if convention.out_of_range("x") not in ("false", "(false)"):
            self.faults.append(flag(rule, self.cell(field_name, f"{field_name}_outside", convention.out_of_range)))

    def statements(self) -> list[str]:
        """The tables of read values that the SELECT joins."""
        made = []
        for name, cells in self._words.items():
            read = f"SELECT raw, {_listed(cells)} FROM {quote(self.reading.dictionaries[name])}"
            if derived := self._derived.get(name):
                read = f"SELECT *, {_listed(derived)} FROM ({read})"
            made.append(f"CREATE OR REPLACE TABLE {self._read_table(name)} AS {read}")
        return made

    def select(self) -> str:
        """The SELECT, with the row's faults as a bit mask."""
        joins = []
        cells = dict(self._direct)
        for name, read in self._words.items():
            alias = quote(f"of_{name}")
            joins.append(f"LEFT JOIN {self._read_table(name)} {alias} ON {alias}.raw = f.{self.reading.column(name)}")
            cells |= {cell: f"{alias}.{quote(cell)}" for cell in (*read, *self._derived.get(name, ()))}
        inner = f"SELECT {_listed(cells)} FROM {quote(self.reading.table)} f {' '.join(joins)}"
        if self.between:
            inner = f"SELECT *, {_listed(self.between)} FROM ({inner})"
        out = {**self.out, "faults": " + ".join(part for part in self.faults if part) or "0"}
        return f"SELECT {_listed(out)} FROM ({inner})"

    def _read_table(self, name: str) -> str:
        return quote(f"read_{self.reading.number}_{name}")


def _listed(cells: Mapping[str, str]) -> str:
    return ", ".join(f"{expression} AS {quote(name)}" for name, expression in cells.items())


def flag(rule: str, condition: str) -> str:
    """The rule's bit where a condition holds."""
    return f"CASE WHEN {condition} THEN {BIT[rule]} ELSE 0 END"


def product_of_name(name: str) -> str:
    """The product's number where a file tells names only: the same name is the same product, in orders and in product lists."""
    return f"'n_' || substr(md5({name}), 1, 20)"


def half_even(whole: str, unit: int) -> str:
    """An integer divided by `unit`, rounded half to even; `whole` must be cheap, it is named several times."""
    if unit == 1:
        return whole
    rest = f"abs({whole} % {unit}) * 2"
    return f"({whole} // {unit} + CASE WHEN {rest} > {unit} OR {rest} = {unit} AND {whole} // {unit} % 2 <> 0 THEN sign({whole}) ELSE 0 END)"


def lookup(value: str, table: Mapping[str, Any], kind: str) -> str:
    """A word's meaning from a short table, NULL for other words."""
    if not table:
        return f"NULL::{kind}"
    cases = " ".join(f"WHEN {literal(word)} THEN {literal(to) if isinstance(to, str) else to}" for word, to in table.items())
    return f"CAST(CASE {value} {cases} END AS {kind})"


def texts(words: Any) -> str:
    """Words as a list of literals."""
    return ", ".join(literal(word) for word in words)
