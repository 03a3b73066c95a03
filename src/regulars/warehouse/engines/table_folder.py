"""A folder of tables as plain Parquet, partitioned by shop (events by day too), with commits: what readers see changes in one step.

    <folder>/events/shop_id=tea/day=2026-03-01/part-….parquet     rows, sorted by customer and time
    <folder>/_commits/00000012.json                              the files that count since commit 12

Any program reads the files; those of the newest commit are the whole truth. Nothing is changed in place, so a reader goes on with
the commit it began with, and a writer that is cut off leaves nothing that counts.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from regulars.errors import Conflict, InvalidInput, StorageFull, Unavailable
from regulars.values.ids import new_id
from regulars.warehouse.arrow import arrow_schema
from regulars.warehouse.specs import TableSpec

_FORMAT = 1
#: How long files and commits that no longer count stay for those who still read them.
KEPT_SECONDS = 3600.0
_BATCH_ROWS = 500_000
_ROW_GROUP = 200_000
#: The signs that Spark and Hive write as %XX in the name of a partition.
_ESCAPED = frozenset("\"#%'*/:=?\\\x7f{[]^") | {chr(code) for code in range(1, 0x20)}


@dataclass(frozen=True)
class Snapshot:
    """What counts as of one commit: by table the files (path inside the table's folder) with their rows."""

    number: int = 0
    files: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    marks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # of copies: what each partition was made from

    def of(self, table: str) -> Mapping[str, int]:
        """The files of a table."""
        return self.files.get(table, {})

    def rows(self, table: str) -> int:
        """How many rows a table has."""
        return sum(self.of(table).values())

    def with_table(self, table: str, files: Mapping[str, int], marks: Mapping[str, str] | None = None) -> Snapshot:
        """The same with other files for one table; what copies noted of it is forgotten unless it is given anew."""
        return Snapshot(self.number, {**self.files, table: dict(files)}, {**self.marks, table: dict(marks or {})})


def days_of(table: TableSpec) -> str | None:
    """The column by whose UTC day a table is partitioned, below the shop."""
    return "timestamp" if table.name == "events" else None


def order_of(table: TableSpec) -> list[str]:
    """The columns by which rows stand inside a file."""
    times = ("timestamp", "ordered_at", "refunded_at", "started_at")
    return [column for column in ("customer_id", *times) if column in table.columns]


def partition(table: TableSpec, shop_id: str, day: str | None) -> str:
    """The folder of a partition inside its table's."""
    shop = "".join(f"%{ord(sign):02X}" if sign in _ESCAPED else sign for sign in shop_id)
    return f"shop_id={shop}/day={day}" if days_of(table) else f"shop_id={shop}"


def shop_of(path: str) -> str:
    """The shop of a file."""
    return unquote(path.split("/", 1)[0].removeprefix("shop_id="))


def files_schema(table: TableSpec) -> pa.Schema:
    """The columns inside the files: all but the shop, which the folder's name tells."""
    return pa.schema([column for column in arrow_schema(table) if column.name != "shop_id"])


class TableFolder:
    """The folder, on a disk that this machine and everybody who reads see under the same path."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._commits = path / "_commits"
        self._read: Snapshot | None = None

    def create(self) -> None:
        """Make what is missing."""
        try:
            self._commits.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise refused(error, self.path) from None

    # -- commits --------------------------------------------------------------------------------------------------

    def latest(self) -> Snapshot:
        """The newest commit; reading goes on with it whatever is written meanwhile."""
        number = max(self._numbers(), default=0)
        if self._read is None or self._read.number != number:
            self._read = self._load(number) if number else Snapshot()
        return self._read

    def commit(self, snapshot: Snapshot) -> Snapshot:
        """Make the files of `snapshot` the ones that count, in one step.

        Raises
        ------
        Conflict : somebody else has committed since `snapshot` was read.
        """
        made = Snapshot(snapshot.number + 1, snapshot.files, snapshot.marks)
        body = {"format": _FORMAT, "tables": {name: dict(files) for name, files in made.files.items()}, "marks": dict(made.marks)}
        draft = self._commits / f".{new_id('commit')}"
        try:
            with draft.open("w", encoding="utf-8") as file:
                json.dump(body, file)
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, self._place(made.number))
            _force(self._commits)
        except FileExistsError:
            raise Conflict(
                "another process has written to the folder of tables meanwhile", mend="let one process write, and run this again"
            ) from None
        except OSError as error:
            raise refused(error, self.path) from None
        finally:
            draft.unlink(missing_ok=True)
        self._read = made
        return made

    def clean(self, *, at_once: bool = False) -> int:
        """Remove files that no longer count; returns their bytes. Those of the last hour stay for readers, unless `at_once`.

        Called by the one who may write, outside a transaction.
        """
        now, numbers = time.time(), self._numbers()
        kept = set(numbers[-1:])
        for older, newer in pairwise(numbers):
            if not at_once and now - self._place(newer).stat().st_mtime < KEPT_SECONDS:
                kept.add(older)
        named = {(table, path) for number in kept for table, files in self._load(number).files.items() for path in files}
        removed = 0
        for file in self.path.glob("[!_.]*/**/*.parquet"):
            table, path = file.relative_to(self.path).as_posix().split("/", 1)
            told = file.stat()
            if (table, path) not in named and (at_once or now - told.st_mtime > KEPT_SECONDS):
                file.unlink(missing_ok=True)
                removed += told.st_size
        for draft in self.path.glob("[!_.]*/**/.*.parquet.*"):  # of a writer that was cut off
            if now - draft.stat().st_mtime > KEPT_SECONDS:
                draft.unlink(missing_ok=True)
        for number in set(numbers) - kept:
            self._place(number).unlink(missing_ok=True)
        return removed

    def _numbers(self) -> list[int]:
        try:
            return sorted(int(name[:-5]) for name in os.listdir(self._commits) if name.endswith(".json"))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise refused(error, self.path) from None

    def _place(self, number: int) -> Path:
        return self._commits / f"{number:08}.json"

    def _load(self, number: int) -> Snapshot:
        try:
            told: dict[str, Any] = json.loads(self._place(number).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise Unavailable(
                f"commit {number} of the folder of tables cannot be read: {error}",
                mend="copy the warehouse into an empty folder",
                code="warehouse_damaged",
            ) from None
        if told.get("format") != _FORMAT:
            raise InvalidInput(
                "the folder of tables was written by another release", mend="update regulars, or copy into an empty folder"
            )
        return Snapshot(number, told["tables"], told.get("marks", {}))

    # -- files ----------------------------------------------------------------------------------------------------

    def write(self, table: TableSpec, data: pa.Table | pa.RecordBatchReader) -> dict[str, int]:
        """Write rows in any order into new files, which count from the next commit on."""
        written: dict[str, int] = {}
        for rows in _pieces(data):
            for (shop_id, day), part in _parts(table, conformed(table, rows)):
                path = f"{partition(table, shop_id, day)}/part-{new_id('f')}.parquet"
                with self.file(table, path) as file:
                    file.write(part)
                written[path] = part.num_rows
        return written

    def file(self, table: TableSpec, path: str) -> File:
        """A new file of one partition."""
        return File(self.path / table.name / path, files_schema(table))

    def adopt(self, table: TableSpec, staged: Path) -> dict[str, int]:
        """Take over the files that an engine wrote under `staged` in the same partitions."""
        adopted: dict[str, int] = {}
        try:
            for file in sorted(staged.glob("**/*.parquet")):
                path = (file.relative_to(staged).parent / f"part-{new_id('f')}.parquet").as_posix()
                rows = pq.read_metadata(file).num_rows
                target = self.path / table.name / path
                target.parent.mkdir(parents=True, exist_ok=True)
                file.replace(target)
                if rows:
                    adopted[path] = rows
        except OSError as error:
            raise refused(error, self.path) from None
        return adopted


class File:
    """One Parquet file on its way; it takes its name when it is whole and forced to disk."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path, self._schema = path, schema
        self._draft = path.with_name(f".{path.name}.{new_id('draft')}")

    def __enter__(self) -> File:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(self._draft, self._schema, compression="zstd")
        except OSError as error:
            raise refused(error, self.path) from None
        return self

    def write(self, rows: pa.Table) -> None:
        """Add rows, which have at least the file's columns."""
        try:
            self._writer.write_table(rows.select(self._schema.names).cast(self._schema), row_group_size=_ROW_GROUP)
        except OSError as error:
            raise refused(error, self.path) from None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self._writer.close()
            if kind is None:
                _force(self._draft)
                self._draft.replace(self.path)
                _force(self.path.parent)
        except OSError as error:
            raise refused(error, self.path) from None
        finally:
            self._draft.unlink(missing_ok=True)


def conformed(table: TableSpec, rows: pa.Table) -> pa.Table:
    """Rows with the table's columns and types, matched by name; what is missing is null where that is allowed.

    Raises
    ------
    InvalidInput : a column is unknown, or a value is missing that may not be.
    """
    schema = arrow_schema(table)
    unknown = [name for name in rows.column_names if name not in schema.names]
    if unknown:
        raise InvalidInput(f"table {table.name} has no column '{unknown[0]}'", mend=f"it has {', '.join(schema.names)}")
    columns = []
    for column in schema:
        values = rows[column.name].cast(column.type) if column.name in rows.column_names else pa.nulls(rows.num_rows, column.type)
        if not column.nullable and values.null_count:
            raise InvalidInput(f"{column.name} is missing in a row for table {table.name}", mend="give it a value")
        columns.append(values)
    return pa.table(columns, schema=schema)


def refused(error: OSError, path: Path) -> Exception:
    """What a fault of the disk means."""
    if error.errno in (28, 122):
        return StorageFull(
            "the disk with the folder of tables is full", mend="free some space and try again; nothing was half written"
        )
    return Unavailable(
        f"the folder of tables {path} cannot be used: {error.strerror or error}",
        mend="mount it, and give this user write access to it",
        code="folder_unusable",
    )


def _pieces(data: pa.Table | pa.RecordBatchReader) -> Iterator[pa.Table]:
    if isinstance(data, pa.Table):
        if data.num_rows:
            yield data
        return
    gathered: list[pa.RecordBatch] = []
    for batch in data:
        gathered.append(batch)
        if sum(each.num_rows for each in gathered) >= _BATCH_ROWS:
            yield pa.Table.from_batches(gathered)
            gathered = []
    if any(each.num_rows for each in gathered):
        yield pa.Table.from_batches(gathered)


def _parts(table: TableSpec, rows: pa.Table) -> Iterable[tuple[tuple[str, str | None], pa.Table]]:
    """The rows of each partition, sorted."""
    by = ["shop_id"]
    if column := days_of(table):
        rows = rows.append_column("day", rows[column].cast(pa.date32()).cast(pa.string()))
        by.append("day")
    rows = rows.sort_by([(name, "ascending") for name in (*by, *order_of(table))])
    counted = rows.select(by).group_by(by, use_threads=False).aggregate([([], "count_all")])
    counted = counted.sort_by([(name, "ascending") for name in by])
    start = 0
    for part in counted.to_pylist():
        yield (part["shop_id"], part.get("day")), rows.slice(start, part["count_all"])
        start += part["count_all"]


def _force(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
