"""The evidence of a column: every shape in which its values are written, with how often."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.collect.imports.parsing.missing import text
from regulars.warehouse.workbench import Workbench, literal, quote

_MOST_SHAPES = 3_000


@dataclass(frozen=True, slots=True)
class Shape:
    """Values written alike: digits as `9`, everything else as it stands, blanks around it taken off."""

    shape: str
    rows: int
    example: str


@dataclass(frozen=True, slots=True)
class Shapes:
    """All shapes of a column, most frequent first; cells that mean nothing are left out.

    `complete` is False where a column has too many shapes to look at each; then only the most frequent ones are here.
    `padded`: some values have blanks around them. `rows`: values present, if complete.
    """

    found: tuple[Shape, ...]
    complete: bool
    padded: bool

    @property
    def rows(self) -> int:
        return sum(shape.rows for shape in self.found)


def shapes(bench: Workbench, table: str, column_sql: str) -> Shapes:
    """The shapes of a column.

    Equal values are counted first where there are many, which leaves little to look at.
    """
    value = f"CAST({column_sql} AS VARCHAR)"
    source = f"SELECT {value} AS value, 1 AS n FROM {quote(table)} WHERE {column_sql} IS NOT NULL"
    distinct, looked = bench.rows(f"SELECT count(DISTINCT value), count(*) FROM ({source} LIMIT 20000)")[0]
    if distinct * 2 < looked:
        source = f"SELECT value, sum(n) AS n FROM ({source}) GROUP BY 1"
    digits = "translate(value, '012345678', '999999999')"
    found = bench.rows(
        f"SELECT {digits} AS shape, sum(n) AS n, min(value) FROM ({source}) GROUP BY 1"
        f" ORDER BY n DESC, shape LIMIT {_MOST_SHAPES + 1}"
    )
    kept: list[Shape] = []
    padded = False
    for shape, rows, example in found[:_MOST_SHAPES]:
        bare = text(str(example))
        padded = padded or bare not in (None, example)
        if bare is not None:
            kept.append(Shape(str(text(str(shape))), int(rows), bare))
    return Shapes(tuple(kept), len(found) <= _MOST_SHAPES, padded)


def present(bench: Workbench, table: str, seen: Shapes, text_sql: str) -> int:
    """How many cells say something."""
    return seen.rows if seen.complete else int(bench.rows(f"SELECT count({text_sql}) FROM {quote(table)}")[0][0])


def count_where(bench: Workbench, table: str, condition: str) -> int:
    """How many rows of a table meet a condition."""
    return int(bench.rows(f"SELECT count(*) FROM {quote(table)} WHERE {condition}")[0][0])


def column_type(bench: Workbench, table: str, column: str) -> str:
    """DuckDB's name for the column's type."""
    found = {str(row[0]): str(row[1]) for row in bench.rows(f"DESCRIBE {quote(table)}")}
    return found.get(column, "VARCHAR")


def is_number(duck_type: str) -> bool:
    """True for types that hold numbers already."""
    return duck_type.startswith("DECIMAL") or duck_type in ("DOUBLE", "FLOAT") or duck_type.endswith(("INT", "INTEGER"))


def many(rows: int, what: str = "row") -> str:
    """`1 row`, `312 rows`."""
    return f"{rows:,} {what}" + ("" if rows == 1 else "s")


def matches(column_sql: str, pattern: str) -> str:
    """The whole text matches an RE2 pattern."""
    return f"regexp_full_match({column_sql}, {literal(pattern)})"
