"""A DuckDB warehouse as a folder of partitioned Parquet: one state of all tables, written where it differs from the last copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from regulars.errors import Unavailable
from regulars.warehouse.engines.duckdb import DuckDB
from regulars.warehouse.engines.duckdb_sql import literal, quote
from regulars.warehouse.engines.table_folder import Snapshot, TableFolder, days_of, order_of, partition
from regulars.warehouse.specs import TableSpec

_ROWS_AT_ONCE = 2_000_000
_BATCH = 100_000


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy did with one table."""

    table: str
    rows: int
    partitions: int
    written: int  # partitions that were new or had changed
    removed: int  # partitions that are there no more


@dataclass(frozen=True, slots=True)
class _Partition:
    """Rows of one shop (and day), and a sum over all their values."""

    shop_id: str
    day: str | None
    rows: int
    sum: str

    @property
    def mark(self) -> str:
        return f"{self.rows}-{self.sum}"


def copy(engine: DuckDB, folder: TableFolder, tables: Mapping[str, TableSpec]) -> list[Copied]:
    """Bring the folder to what the warehouse holds now.

    Every partition is summed up in DuckDB and compared with the sum of the last copy; only those that differ are written, so that
    new days, late events, merges of customers and erasures arrive alike. A copy that was cut off goes on with the files it had
    finished. Readers see the copy when it is whole.

    Raises
    ------
    Unavailable : the files have other numbers of rows than the warehouse; nothing counts then.
    Conflict : another process wrote to the folder meanwhile.
    """
    folder.create()
    before = folder.latest()
    after, copied = before, []
    with engine.reading() as connection:
        for table in tables.values():
            after, done = _copy_table(connection, folder, table, before, after)
            copied.append(done)
    for done in copied:
        if after.rows(done.table) != done.rows:
            raise Unavailable(
                f"the copy of {done.table} has {after.rows(done.table):,} rows, the warehouse {done.rows:,}",
                mend="run the copy again",
                code="copy_differs",
            )
    if after is not before:
        folder.commit(after)
    return copied


def _copy_table(
    connection: duckdb.DuckDBPyConnection, folder: TableFolder, table: TableSpec, before: Snapshot, after: Snapshot
) -> tuple[Snapshot, Copied]:
    found = _partitions(connection, table)
    there = {partition(table, one.shop_id, one.day): one for one in found}
    marks, kept = before.marks.get(table.name, {}), _by_partition(before.of(table.name))
    files: dict[str, int] = {}
    missing: list[_Partition] = []
    for name, one in there.items():
        if marks.get(name) == one.mark and sum(kept.get(name, {}).values()) == one.rows:
            files |= kept[name]
        elif _finished(folder, table, one):
            files[_path(table, one)] = one.rows
        else:
            missing.append(one)
    for group in _groups(missing):
        files |= _write(connection, folder, table, group)
    gone = [name for name in kept if name not in there]
    changed = [name for name, one in there.items() if marks.get(name) != one.mark]
    rows = int(connection.execute(f"SELECT count(*) FROM {quote(table.name)}").fetchall()[0][0])
    told = Copied(table.name, rows, len(there), len(changed), len(gone))
    if files == dict(before.of(table.name)) and not changed:
        return after, told
    return after.with_table(table.name, files, {name: one.mark for name, one in there.items()}), told


def _partitions(connection: duckdb.DuckDBPyConnection, table: TableSpec) -> list[_Partition]:
    day = _day(table)
    columns = ", ".join(map(quote, table.columns))
    sums = f"SELECT shop_id, {day} AS day, count(*), sum(hash({columns})::HUGEINT)::VARCHAR FROM {quote(table.name)}"
    return [_Partition(*row) for row in connection.execute(f"{sums} GROUP BY 1, 2 ORDER BY 1, 2").fetchall()]


def _day(table: TableSpec) -> str:
    column = days_of(table)
    return f"strftime({quote(column)}, '%Y-%m-%d')" if column else "NULL"


def _groups(partitions: list[_Partition]) -> Iterator[list[_Partition]]:
    """Partitions of one shop that are read together, as many as are sorted in bounded memory."""
    group: list[_Partition] = []
    for one in partitions:
        if group and (one.shop_id != group[0].shop_id or sum(each.rows for each in group) + one.rows > _ROWS_AT_ONCE):
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _write(connection: duckdb.DuckDBPyConnection, folder: TableFolder, table: TableSpec, group: list[_Partition]) -> dict[str, int]:
    """The files of a group, in one pass over its rows in their order."""
    where = [f"shop_id = {literal(group[0].shop_id)}"]
    if column := days_of(table):
        days = sorted(str(one.day) for one in group)
        where.append(f"{quote(column)} >= DATE '{days[0]}' AND {quote(column)} < DATE '{days[-1]}' + INTERVAL 1 DAY")
        where.append(f"{_day(table)} IN ({', '.join(map(literal, days))})")
    order = ", ".join(["day", *(quote(column) for column in (*order_of(table), *table.key))])
    reader = connection.execute(
        f"SELECT *, {_day(table)} AS day FROM {quote(table.name)} WHERE {' AND '.join(where)} ORDER BY {order}"
    ).to_arrow_reader(_BATCH)
    rows = _Rows(reader)
    written = {}
    for one in group:
        with folder.file(table, _path(table, one)) as file:
            left = one.rows
            while left:
                part = rows.take(left)
                if not part.num_rows:
                    break
                file.write(part)
                left -= part.num_rows
        written[_path(table, one)] = one.rows - left
    return written


class _Rows:
    """Rows of a stream, taken as many at a time as are wanted."""

    def __init__(self, reader: pa.RecordBatchReader) -> None:
        self._reader, self._rest = reader, pa.table({})

    def take(self, most: int) -> pa.Table:
        """Some rows, at most so many; none at the end."""
        if not self._rest.num_rows:
            batch: Any = next(iter(self._reader), None)
            self._rest = pa.table({}) if batch is None else pa.Table.from_batches([batch])
        taken, self._rest = self._rest.slice(0, most), self._rest.slice(most)
        return taken


def _path(table: TableSpec, one: _Partition) -> str:
    return f"{partition(table, one.shop_id, one.day)}/part-{one.mark}.parquet"


def _finished(folder: TableFolder, table: TableSpec, one: _Partition) -> bool:
    """Whether a copy that was cut off has written this file; a file has its name only when it is whole."""
    file = folder.path / table.name / _path(table, one)
    return file.exists() and pq.read_metadata(file).num_rows == one.rows


def _by_partition(files: Mapping[str, int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for path, rows in files.items():
        found.setdefault(path.rsplit("/", 1)[0], {})[path] = rows
    return found
