"""Copies of the warehouse as partitioned Parquet: whole, only what differs, and never half of one."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars.errors import Conflict, InvalidInput, Unavailable
from regulars.warehouse import TABLES, Warehouse
from regulars.warehouse.arrow import arrow_rows
from regulars.warehouse.copies import copy_to, folder_of
from regulars.warehouse.engines import duckdb_copy
from regulars.warehouse.engines.table_folder import Snapshot, TableFolder

START = datetime(2026, 3, 1, 23, 30)


def events(days: int, *, shop: str = "tea", customers: int = 5, first: int = 0) -> pa.Table:
    """An event every hour."""
    rows = []
    for number in range(first * 24, days * 24):
        at = START + timedelta(hours=number)
        rows.append(
            {
                "shop_id": shop, "source_id": "s", "message_id": f"m{number}", "event_key": number, "type": "track", "event": "Viewed",
                "customer_id": f"c{number % customers}", "is_known": True, "user_id": f"c{number % customers}", "timestamp": at,
                "received_at": at, "is_bot": False, "is_history": False, "properties": "{}", "part_id": "p",
            }
        )  # fmt: skip
    return arrow_rows(TABLES["events"], rows)


def written(copied: list[duckdb_copy.Copied]) -> dict[str, tuple[int, int]]:
    """Partitions written and removed, by table, where there were any."""
    return {one.table: (one.written, one.removed) for one in copied if one.written or one.removed}


def read(folder: Path, table: str) -> list[tuple[object, ...]]:
    """What another program reads of the files of the newest commit."""
    files = [str(folder / table / path) for path in TableFolder(folder).latest().of(table)]
    columns = ", ".join(f'"{name}"' for name in TABLES[table].columns)
    return duckdb.sql(
        f"SELECT {columns} FROM read_parquet({files}, hive_partitioning = true, union_by_name = true) ORDER BY ALL"
    ).fetchall()


def test_a_copy_holds_every_row_partitioned_by_shop_and_day_and_sorted(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.append("events", events(3))
    warehouse.append("events", events(1, shop="a=b/c %ü"))

    copied = copy_to(warehouse, tmp_path / "copy")

    folder = tmp_path / "copy" / "events"
    assert written(copied) == {"events": (4 + 2, 0)}
    assert sorted(path.name for path in (folder / "shop_id=tea").iterdir()) == [f"day=2026-03-0{n}" for n in range(1, 5)]
    own = [tuple(row.values()) for row in warehouse.rows(warehouse.table("events"))]
    assert sorted(map(repr, read(tmp_path / "copy", "events"))) == sorted(map(repr, own))
    whole = pq.read_table(folder / "shop_id=tea" / "day=2026-03-02").to_pylist()
    assert len(whole) == 24
    assert whole == sorted(whole, key=lambda row: (row["customer_id"], row["timestamp"]))


def test_only_partitions_that_differ_are_written_again(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.append("events", events(4))
    copy_to(warehouse, tmp_path)

    nothing = copy_to(warehouse, tmp_path)
    warehouse.append("events", events(5, first=4))
    new_day = copy_to(warehouse, tmp_path)
    warehouse.update("events", {"customer_id": "joined"}, lambda t: t.message_id == "m30")
    merged = copy_to(warehouse, tmp_path)
    warehouse.delete("events", lambda t: t.timestamp < START + timedelta(minutes=30))
    erased = copy_to(warehouse, tmp_path)

    assert written(nothing) == {}
    assert written(new_day) == {"events": (2, 0)}
    assert written(merged) == {"events": (1, 0)}
    assert written(erased) == {"events": (0, 1)}
    assert len(read(tmp_path, "events")) == 5 * 24 - 1
    assert TableFolder(tmp_path).latest().number == 4


def test_erased_rows_leave_the_folder_at_once_when_asked_and_else_after_an_hour(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.append("events", events(1))
    copy_to(warehouse, tmp_path)
    before = list(tmp_path.glob("events/*/day=2026-03-02/*.parquet"))
    warehouse.delete("events", lambda t: t.customer_id == "c1")

    copy_to(warehouse, tmp_path)
    kept = all(path.exists() for path in before)
    copy_to(warehouse, tmp_path, clean=True)

    assert kept
    assert not any(path.exists() for path in before)
    assert {row[6] for row in read(tmp_path, "events")} == {"c0", "c2", "c3", "c4"}


def test_old_files_and_commits_go_after_an_hour(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.append("events", events(1))
    copy_to(warehouse, tmp_path)
    before = list(tmp_path.glob("events/**/*.parquet"))
    warehouse.update("events", {"title": "x"}, lambda t: t.shop_id == "tea")
    copy_to(warehouse, tmp_path)
    long_ago = time.time() - 7200
    for path in (*before, *tmp_path.glob("_commits/*.json")):
        os.utime(path, (long_ago, long_ago))

    copy_to(warehouse, tmp_path)

    assert not any(path.exists() for path in before)
    assert len(list(tmp_path.glob("_commits/*.json"))) == 1


def test_a_copy_that_is_cut_off_counts_for_nothing_and_goes_on_with_what_it_finished(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.append("events", events(4))
    monkeypatch.setattr(duckdb_copy, "_ROWS_AT_ONCE", 1)
    write, calls = duckdb_copy._write, []

    def twice(*told: object) -> dict[str, int]:
        calls.append(told[3])
        if len(calls) == 3:
            raise KeyboardInterrupt
        return write(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(duckdb_copy, "_write", twice)
    with pytest.raises(KeyboardInterrupt):
        copy_to(warehouse, tmp_path)
    after_cut = TableFolder(tmp_path).latest()
    files = len(list(tmp_path.glob("events/**/*.parquet")))

    copy_to(warehouse, tmp_path)

    assert (after_cut.number, files) == (0, 2)
    assert len(calls) == 3 + 3  # two of five days were there
    assert len(read(tmp_path, "events")) == 96


def test_what_is_written_meanwhile_is_in_the_next_copy_and_not_half_in_this_one(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.append("events", events(2))
    copy_table = duckdb_copy._copy_table

    def slow(*told: object) -> object:
        if told[2].name == "refunds":  # type: ignore[attr-defined]
            warehouse.append("events", events(3, first=2))
        return copy_table(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(duckdb_copy, "_copy_table", slow)
    first = copy_to(warehouse, tmp_path)
    monkeypatch.undo()
    second = copy_to(warehouse, tmp_path)

    rows = [{one.table: one.rows for one in copied}["events"] for copied in (first, second)]
    assert rows == [48, 72]


def test_a_copy_with_other_numbers_of_rows_counts_for_nothing(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.append("events", events(1))
    write = duckdb_copy._write
    monkeypatch.setattr(duckdb_copy, "_write", lambda *told: {path: rows - 1 for path, rows in write(*told).items()})

    with pytest.raises(Unavailable, match="the copy of events has 22 rows, the warehouse 24"):
        copy_to(warehouse, tmp_path)

    assert TableFolder(tmp_path).latest().number == 0


def test_two_writers_of_one_folder_are_told_apart(tmp_path: Path) -> None:
    one, other = TableFolder(tmp_path), TableFolder(tmp_path)
    one.create()
    seen = other.latest()
    one.commit(Snapshot().with_table("events", {"shop_id=a/x.parquet": 1}))

    with pytest.raises(Conflict, match="another process"):
        other.commit(seen.with_table("events", {}))

    assert other.latest().rows("events") == 1


def test_a_target_is_a_folder_or_the_address_of_a_spark(tmp_path: Path) -> None:
    assert folder_of("spark://host:7077/mnt/tables?spark.executor.memory=4g", tmp_path) == Path("/mnt/tables")
    assert folder_of("spark+local://2//mnt/tables", tmp_path) == Path("/mnt/tables")
    assert folder_of("file:///mnt/ta%20bles", tmp_path) == Path("/mnt/ta bles")
    assert folder_of("tables", tmp_path) == tmp_path / "tables"
    with pytest.raises(InvalidInput, match="with its own tool"):
        folder_of("s3a://bucket/tables", tmp_path)
