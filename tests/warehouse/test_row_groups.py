"""Large inserts are cut by the row groups of DuckDB, and lose nothing."""

from __future__ import annotations

import pyarrow as pa
import pytest

from regulars.warehouse.engines import duckdb_sql


@pytest.mark.parametrize(("rows", "sizes"), [(0, [0]), (3, [3]), (4, [4]), (9, [8, 1]), (12, [12])])
def test_rows_that_fill_row_groups_come_first(monkeypatch: pytest.MonkeyPatch, rows: int, sizes: list[int]) -> None:
    monkeypatch.setattr(duckdb_sql, "_ROW_GROUP", 4)
    table = pa.concat_tables(
        [pa.table({"n": pa.array(range(start, min(start + 5, rows)), pa.int64())}) for start in range(0, max(rows, 1), 5)]
    )

    found = duckdb_sql.by_row_groups(table)

    assert [one.num_rows for one in found] == sizes
    assert pa.concat_tables(found).column("n").to_pylist() == list(range(rows))
    assert all(batch.num_rows <= 4 for one in found[:1] if rows > 4 for batch in one.to_batches())
