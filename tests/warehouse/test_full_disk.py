"""DuckDB gives up its handle when a checkpoint fails on a full disk: the warehouse opens it again by itself (P18)."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from regulars.errors import StorageFull
from regulars.warehouse import TABLES, Warehouse
from regulars.warehouse.arrow import arrow_rows
from tests.support.disks import fill, small_disk


def products(start: int, count: int) -> pa.Table:
    rows = [
        {
            **dict.fromkeys(TABLES["products"].columns),
            "shop_id": "tea",
            "product_id": f"p{n}",
            "name": f"tea {n * 7919}",
            "load_id": "x",
        }
        for n in range(start, start + count)
    ]
    return arrow_rows(TABLES["products"], rows)


def test_reading_and_writing_go_on_after_a_checkpoint_that_failed(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=48) as disk:
        warehouse = Warehouse.open(f"duckdb:///{disk}/warehouse.duckdb", memory_limit="500MB")
        table = warehouse.table("products")
        warehouse.append("products", products(0, 30_000))
        ballast = fill(disk)

        with pytest.raises(StorageFull):
            warehouse.overwrite_free(thorough=True)
        read = warehouse.value(table.count())
        ballast.unlink()
        warehouse.append("products", products(30_000, 10))
        after = warehouse.value(table.count())
        sound = warehouse.check()
        warehouse.close()

    assert (read, after, sound) == (30_000, 30_010, [])
