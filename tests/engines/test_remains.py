"""What was deleted or changed is not left in the engine's files, and nothing else is lost by taking it away."""

from __future__ import annotations

import threading
from pathlib import Path

import pyarrow as pa
import pytest

from regulars.warehouse import Warehouse
from regulars.warehouse.engines import duckdb as engine

COLUMNS = ("shop_id", "load_id", "kind")


@pytest.fixture
def filled(tmp_path: Path) -> Warehouse:
    """Loads of two kinds: some bear a secret in their number. Reopened once, so that columns share blocks of the file."""
    url = f"duckdb:///{tmp_path}/w.duckdb"
    first = Warehouse.open(url, memory_limit="1GB")
    rows = 3000
    at = pa.array([0] * rows, pa.timestamp("us"))
    ids = [f"secret-number-{n}" if n % 2 else f"load-{n}" for n in range(rows)]
    first.append(
        "loads",
        pa.table({"shop_id": ["tea"] * rows, "load_id": ids, "kind": ["k"] * rows, "committed_at": at, "rows": list(range(rows))}),
    )
    first.close()
    return Warehouse.open(url, memory_limit="1GB")


@pytest.mark.parametrize("most", [512 * 1024 * 1024, 0])
def test_deleted_rows_leave_the_file_and_all_others_stay(
    filled: Warehouse, tmp_path: Path, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_COPIED_AT_ONCE", most)
    loads = filled.table("loads")
    filled.update("loads", {"load_id": "gone"}, lambda t: t.load_id.startswith("secret"))

    filled.overwrite_free()

    assert filled.value(loads.count()) == 3000
    assert filled.value(loads.filter(loads.load_id == "gone").count()) == 1500
    assert filled.value(loads.filter(loads.load_id == "load-2998").count()) == 1
    filled.append("loads", filled.query(loads.limit(5)))
    filled.close()
    if most:
        assert b"secret-number" not in (tmp_path / "w.duckdb").read_bytes()
    again = Warehouse.open(f"duckdb:///{tmp_path}/w.duckdb", memory_limit="1GB")
    assert again.value(loads.count()) == 3005
    assert again.check() == []
    again.close()


def test_who_reads_meanwhile_reads_on(filled: Warehouse) -> None:
    loads, seen, stop = filled.table("loads"), set(), threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.add(filled.value(loads.count()))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for _ in range(5):
        filled.overwrite_free(thorough=True)
    stop.set()
    for reader in readers:
        reader.join()
    filled.close()

    assert seen == {3000}
