"""A workbench to read into, and short ways to write a file and look at what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from regulars.collect.imports.readers import RawTable, ReadOptions, read
from regulars.warehouse.workbench import Workbench, quote

Rows = list[tuple[Any, ...]]


class Reader:
    """Writes bytes to a file, reads it, and shows rows in file order."""

    def __init__(self, folder: Path, bench: Workbench) -> None:
        self.folder = folder
        self.bench = bench

    def file(self, data: bytes, name: str = "orders.csv") -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path

    def read(self, data: bytes, name: str = "orders.csv", **overrides: Any) -> RawTable:
        return read(self.file(data, name), self.bench, overrides=ReadOptions(**overrides))

    def rows(self, table: RawTable) -> Rows:
        columns = ", ".join(quote(column) for column in table.columns)
        numbered = self.bench.rows(f"SELECT row_no, {columns} FROM {quote(table.name)} ORDER BY row_no")
        assert len(numbered) == table.rows
        return [row[1:] for row in numbered]

    def numbers(self, table: RawTable) -> list[int]:
        return [row[0] for row in self.bench.rows(f"SELECT row_no FROM {quote(table.name)} ORDER BY row_no")]

    def bad(self, table: RawTable) -> Rows:
        return self.bench.rows(f"SELECT row_no, line, reason, text FROM {quote(table.bad_name)} ORDER BY row_no")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with Workbench(tmp_path / "benches", memory_limit="500MB") as opened:
        yield opened


@pytest.fixture
def reader(tmp_path: Path, bench: Workbench) -> Reader:
    return Reader(tmp_path, bench)


@pytest.fixture
def codes() -> Callable[[RawTable], set[str]]:
    """The codes of a table's notices."""
    return lambda table: {notice.code for notice in table.notices}
