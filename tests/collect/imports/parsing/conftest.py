"""A column to judge: values go into a table, a convention comes out, and its SQL is run on the same table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import pyarrow as pa
import pytest

from regulars.warehouse.workbench import Workbench


class Convention(Protocol):
    def sql(self, column_sql: str) -> str: ...

    def bad(self, column_sql: str) -> str: ...


class Column:
    """One column `x` of a table `t`."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench

    def put(self, values: Sequence[Any], kind: pa.DataType | None = None) -> Workbench:
        self.bench.execute("DROP TABLE IF EXISTS t")
        self.bench.register("source", pa.table({"n": list(range(len(values))), "x": pa.array(values, kind or pa.string())}))
        self.bench.execute("CREATE TABLE t AS SELECT * FROM source")
        self.bench.unregister("source")
        return self.bench

    def run(self, expression: str) -> list[Any]:
        return [row[0] for row in self.bench.rows(f"SELECT {expression} FROM t ORDER BY n")]

    def values(self, convention: Convention) -> list[Any]:
        return self.run(convention.sql("x"))

    def bad(self, convention: Convention) -> list[bool]:
        return self.run(convention.bad("x"))


@pytest.fixture(scope="module")
def column(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Column]:
    with Workbench(tmp_path_factory.mktemp("columns")) as bench:
        yield Column(bench)
