"""The two tables a reading leaves behind, and small questions about them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from regulars.collect.imports.readers.description import Notice
from regulars.warehouse.workbench import Workbench, literal, quote


def forget(bench: Workbench, name: str) -> None:
    """Remove what an earlier reading left under this name."""
    for table in (name, f"{name}_bad", f"{name}__rows"):
        kinds = bench.rows("SELECT table_type FROM information_schema.tables WHERE table_name = ?", [table])
        for (kind,) in kinds:
            bench.execute(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {quote(table)}")


def bad_table(bench: Workbench, name: str, file: Path | None = None) -> int:
    """Make `name_bad` from a file of bad rows, or empty; the number of its rows."""
    bad = quote(f"{name}_bad")
    if file is not None and file.exists():
        bench.execute(f"CREATE TABLE {bad} AS SELECT row_no, line, reason, text FROM read_parquet({literal(str(file))})")
        file.unlink()
    else:
        bench.execute(f"CREATE TABLE {bad} (row_no BIGINT, line BIGINT, reason VARCHAR, text VARCHAR)")
    return count(bench, f"{name}_bad")


def count(bench: Workbench, table: str) -> int:
    """The number of rows of a table."""
    return int(bench.rows(f"SELECT count(*) FROM {quote(table)}")[0][0])


def expose(bench: Workbench, name: str, row_no: str, expressions: Sequence[str], names: Sequence[str]) -> None:
    """Show the stored rows under the file's own column names, without copying them."""
    columns = "".join(f", {expression} AS {quote(column)}" for expression, column in zip(expressions, names, strict=True))
    bench.execute(f"CREATE TEMP VIEW {quote(name)} AS SELECT {row_no} AS row_no{columns} FROM {quote(f'{name}__rows')}")


def types_of(bench: Workbench, name: str) -> dict[str, str]:
    """Column names and DuckDB types, without the row number."""
    return {str(row[0]): str(row[1]) for row in bench.rows(f"DESCRIBE {quote(name)}") if row[0] != "row_no"}


def drop_empty(bench: Workbench, name: str, stored: Sequence[str], suspects: Sequence[tuple[int, str]]) -> list[Notice]:
    """Which of the nameless columns (position, name) hold nothing at all and need not be shown."""
    if not suspects:
        return []
    counts = bench.rows(
        f"SELECT {', '.join(f'count({quote(stored[position - 1])})' for position, _ in suspects)} FROM {quote(f'{name}__rows')}"
    )[0]
    return [
        Notice(
            "empty_column_dropped",
            f"column {position} has neither a name nor a value and was left out",
            {"column": column, "position": position},
        )
        for (position, column), filled in zip(suspects, counts, strict=True)
        if not filled
    ]
