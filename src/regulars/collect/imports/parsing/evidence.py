"""The evidence of a column: every shape in which its values are written, with how often."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.collect.imports.parsing.missing import text_sql
from regulars.warehouse.workbench import Workbench, quote

_MOST_SHAPES = 3_000


@dataclass(frozen=True, slots=True)
class Shape:
    """Values written alike: digits as `9`, everything else as it stands."""

    shape: str
    rows: int
    example: str
    leading_zero: bool  # the first digit is a 0


def shapes(bench: Workbench, table: str, text: str) -> list[Shape]:
    """The most frequent shapes of a text expression, most frequent first; what is missing (NULL) is left out."""
    digits = f"translate({text}, '012345678', '999999999')"
    zero = f"starts_with(ltrim({text}, '-+( '), '0')"
    found = bench.rows(
        f"SELECT {digits} AS shape, {zero} AS zero, count(*) AS n, min({text}) FROM {quote(table)} WHERE {text} IS NOT NULL"
        f" GROUP BY 1, 2 ORDER BY n DESC, shape LIMIT {_MOST_SHAPES}"
    )
    return [Shape(str(shape), int(n), str(example), bool(zero)) for shape, zero, n, example in found]


def column_type(bench: Workbench, table: str, column: str) -> str:
    """DuckDB's name for the column's type."""
    return str(bench.rows(f"SELECT typeof({quote(column)}) FROM {quote(table)} LIMIT 1")[0][0]) if has_rows(bench, table) else "VARCHAR"


def has_rows(bench: Workbench, table: str) -> bool:
    """True if there is at least one row."""
    return bool(bench.rows(f"SELECT 1 FROM {quote(table)} LIMIT 1"))


def is_number(duck_type: str) -> bool:
    """True for types that hold numbers already."""
    return duck_type.startswith(("DECIMAL", "DOUBLE", "FLOAT")) or duck_type.endswith("INT") or duck_type.endswith("INTEGER")


def cell_text(column_sql: str) -> str:
    """The cell as text, NULL where missing (see `missing`)."""
    return text_sql(column_sql)


def many(rows: int, what: str = "row") -> str:
    """`1 row`, `312 rows`."""
    return f"{rows:,} {what}" + ("" if rows == 1 else "s")
