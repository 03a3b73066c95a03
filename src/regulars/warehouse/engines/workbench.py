"""The workbench: an embedded DuckDB of its own, on a temporary file, with bounded memory."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pyarrow as pa

from regulars.values.ids import new_id
from regulars.warehouse.engines.duckdb_sql import connect, literal, quote
from regulars.warehouse.engines.faults import explain, explain_file


class Workbench:
    """A scratch database for one piece of work; its folder is gone when the block ends.

    SQL text given here is built by the house itself: identifiers through `quote`, texts through `literal` or parameters.
    """

    def __init__(self, folder: Path, *, memory_limit: str = "1GB", threads: int | None = None) -> None:
        self.folder = folder / new_id("bench")
        try:
            self.folder.mkdir(parents=True)
            self._connection = connect(
                str(self.folder / "bench.duckdb"), memory_limit=memory_limit, threads=threads, temp=self.folder / "spill"
            )
            # A scratch file needs no durability: no checkpoint before the end.
            self._connection.execute(
                "SET checkpoint_threshold = '16GB'; SET enable_progress_bar = true; SET enable_progress_bar_print = false"
            )
        except duckdb.Error as error:
            raise explain(error, "opening the workbench") from None
        except OSError as error:
            raise explain_file(error, "opening the workbench") from None

    def __enter__(self) -> Workbench:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run a statement."""
        self._run(sql, params)

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows as tuples."""
        return self._run(sql, params).fetchall()

    def dicts(self, sql: str, params: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Rows as dicts."""
        result = self._run(sql, params)
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def arrow(self, sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> pa.Table:
        """The whole result as an Arrow table; `params` by place (`?`) or by name (`$name`)."""
        return self._run(sql, params).to_arrow_table()

    def batches(self, sql: str, rows_per_batch: int = 100_000) -> pa.RecordBatchReader:
        """The result as a stream of Arrow batches, for what is larger than memory."""
        return self._run(sql, ()).to_arrow_reader(rows_per_batch)

    def register(self, name: str, data: pa.Table | pa.RecordBatchReader) -> None:
        """Make Arrow data readable under a name."""
        self._connection.register(name, data)

    def unregister(self, name: str) -> None:
        """Forget registered data."""
        self._connection.unregister(name)

    def progress(self) -> float | None:
        """Percent done of the statement that runs now in another thread; None when that is not known."""
        percent = float(self._connection.query_progress())
        return percent if percent >= 0 else None

    def interrupt(self) -> None:
        """Stop the statement that runs now."""
        self._connection.interrupt()

    def close(self) -> None:
        """Close and remove the scratch files."""
        self._connection.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, sql: str, params: Sequence[Any] | Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
        try:
            return self._connection.execute(sql, (params if isinstance(params, dict) else list(params)) or None)
        except duckdb.Error as error:
            raise explain(error, "reading the file") from None

    quote = staticmethod(quote)
    literal = staticmethod(literal)
