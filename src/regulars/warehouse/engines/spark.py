"""Spark: questions answered by a cluster over a folder of partitioned Parquet; writes are whole files and a commit."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from regulars.values.ids import new_id
from regulars.warehouse.engine import Capabilities, MergeCounts
from regulars.warehouse.engines import spark_sessions as sessions
from regulars.warehouse.engines.spark_faults import explain, is_gone
from regulars.warehouse.engines.spark_sql import compiled, literal, quote
from regulars.warehouse.engines.spark_views import Views, as_arrow, empty, named, place
from regulars.warehouse.engines.table_folder import Snapshot, TableFolder, days_of, order_of, shop_of
from regulars.warehouse.schema import TABLES
from regulars.warehouse.specs import TableSpec

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

log = logging.getLogger(__name__)


class Spark:
    """A folder of tables and a cluster that reads it, behind the engine protocol.

    Readers see the newest commit. A transaction writes files beside those that count and makes them count at its end, all tables
    in one step. Rows are changed by writing the files that hold them anew.
    """

    capabilities = Capabilities(transactions=True, several_processes=False, small_writes=False)
    dialect = "spark"

    def __init__(self, address: sessions.Address) -> None:
        self.address = address
        self.folder = TableFolder(address.folder)
        self._session = sessions.open_session(address)
        self._reading = Views(self._session, self.folder)
        self._writing = Views(self._other_session(), self.folder)
        self._begun: Snapshot | None = None  # inside a transaction: what will count at its end
        self._thread = 0

    @classmethod
    def from_url(cls, url: str, *, memory_limit: str | None = None, threads: int | None = None) -> Spark:
        """Open `spark://host:7077/mnt/tables` or `spark+local://2/mnt/tables`; `?spark.executor.memory=4g` are settings of Spark's."""
        return cls(sessions.Address.parse(url, memory_limit=memory_limit, threads=threads))

    def _other_session(self) -> Any:
        other = self._session.newSession()
        sessions.set_up(other, self.address)
        return other

    # -- tables and questions -------------------------------------------------------------------------------------

    def create(self, tables: Sequence[TableSpec]) -> None:
        """Make the folder. A table without files is empty, and a column that old files lack is null."""
        self.folder.create()

    def compile(self, expression: ir.Expr) -> str:
        """Spark SQL, by Ibis's compiler."""
        return compiled(expression)

    def literal(self, text: str) -> str:
        """A text inside this engine's SQL."""
        return literal(text)

    def state(self) -> int:
        """The newest commit, also one that another process made."""
        return self.folder.latest().number

    def query(self, sql: str) -> pa.Table:
        """Ask the newest commit; inside a transaction, what it wrote too."""
        if self._begun is not None and threading.get_ident() == self._thread:
            return self._asked(self._writing, sql, self._begun)
        try:
            return self._asked(self._reading, sql, self.folder.latest())
        except Exception as error:
            if not is_gone(error):
                raise
            return self._asked(self._reading, sql, self.folder.latest())  # the files of an older commit were removed meanwhile

    def batches(self, sql: str, rows: int) -> Iterator[pa.RecordBatch]:
        """The answer is made whole, then given in pieces."""
        yield from self.query(sql).to_batches(max_chunksize=rows)

    def _asked(self, views: Views, sql: str, snapshot: Snapshot) -> pa.Table:
        with _explained("answering a question"):
            return as_arrow(views.sql(sql, snapshot))

    # -- writing --------------------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is written inside counts from its end on, all of it or nothing."""
        begun = self.folder.latest()
        self._begun, self._thread = begun, threading.get_ident()
        try:
            yield
            if self._begun is not begun:
                self.folder.commit(self._begun)
        finally:
            self._begun = None
            shutil.rmtree(self._aside, ignore_errors=True)
        if self._now.number % 50 == 0:
            self.folder.clean()

    @property
    def _now(self) -> Snapshot:
        return self._begun or self.folder.latest()

    @property
    def _aside(self) -> Path:
        return self.folder.path / "_aside"

    def append(self, table: TableSpec, data: pa.Table | pa.RecordBatchReader) -> int:
        """New files, one for each partition."""
        return self._add(table, self.folder.write(table, data))

    def append_new(self, table: TableSpec, data: pa.Table, hashed: str) -> int:
        """Hashes and keys are compared on the cluster; what is new is written from here."""
        if not self._now.of(table.name):
            return self.append(table, data)
        on = " AND ".join(f"s.{quote(column)} = t.{quote(column)}" for column in dict.fromkeys((hashed, *table.key)))
        with self._staged(table, data) as source:
            return self.append(table, self.query(f"SELECT s.* FROM {source} s LEFT ANTI JOIN {quote(table.name)} t ON {on}"))

    def merge(self, table: TableSpec, source: Sequence[Path] | pa.Table, *, update: bool) -> MergeCounts:
        """One join finds the files with rows that change; these are written anew, and what is new is added."""
        rows = (
            source if isinstance(source, pa.Table) else pa.concat_tables([pq.read_table(file) for file in source] or [empty(table)])
        )
        if not rows.num_rows or not self._now.of(table.name):
            return MergeCounts(self.append(table, rows) if rows.num_rows else 0, 0, 0)
        here = {column: _told(table, column) for column in table.columns}
        on = " AND ".join(f"s.{quote(key)} = {here[key]}" for key in table.key)
        rest = [column for column in table.columns if column not in table.key and column not in ("load_id", "named_as")]
        differs = " OR ".join(f"NOT (s.{quote(column)} <=> {here[column]})" for column in rest) or "false"
        name = quote(table.name)
        with self._staged(table, rows) as incoming:
            new = self._written(table, f"SELECT s.* FROM {incoming} s LEFT ANTI JOIN {name} t ON {on}")
            updated = 0
            if update and rest:
                values = {column: f"CASE WHEN s.{quote(table.key[0])} IS NOT NULL AND ({differs}) THEN {value} ELSE t.{quote(column)} END"
                          for column, value in _merged(table).items()}  # fmt: skip
                updated = self._rewrite(
                    table,
                    f"JOIN {incoming} s ON {on} WHERE {differs}",
                    f"{_list(values)} FROM {{part}} t LEFT JOIN {incoming} s ON {on}",
                )
        inserted = self._add(table, new)
        return MergeCounts(inserted, updated, rows.num_rows - inserted - updated)

    def replace(self, table: TableSpec, source: pa.Table | str, where: Mapping[str, str]) -> int:
        """The shop's files no longer count; a query's result is written before, as it may read the same table."""
        written = self._written(table, source) if isinstance(source, str) else self.folder.write(table, source)
        if set(where) == {"shop_id"}:
            left = {path: rows for path, rows in self._now.of(table.name).items() if shop_of(path) != where["shop_id"]}
            self._put(table, left)
        else:
            self.delete(table, " AND ".join(f"{quote(column)} = {literal(value)}" for column, value in where.items()))
        return self._add(table, written)

    def exchange(self, table: TableSpec, gone: str, source: str) -> int:
        """Both queries are asked of what counts now; then the files with rows that go are written anew without them."""
        written = self._written(table, source)
        columns = self._frame(gone).columns
        on = " AND ".join(f"t.{quote(column)} = o.{quote(column)}" for column in columns)
        with self._kept(gone) as old:
            self._rewrite(table, f"LEFT SEMI JOIN {old} o ON {on}", f"t.* FROM {{part}} t LEFT ANTI JOIN {old} o ON {on}")
        return self._add(table, written)

    def delete(self, table: TableSpec, condition: str) -> int:
        """Write the files with matching rows anew without them."""
        return self._rewrite(table, f"WHERE {condition}", f"* FROM {{part}} WHERE NOT coalesce(({condition}), false)")

    def update(self, table: TableSpec, assignments: Mapping[str, str], condition: str) -> int:
        """Write the files with matching rows anew with the values."""
        values = {
            column: f"CASE WHEN coalesce(({condition}), false) THEN {assignments[column]} ELSE {quote(column)} END"
            if column in assignments
            else quote(column)
            for column in table.columns
        }
        return self._rewrite(table, f"WHERE {condition}", f"{_list(values)} FROM {{part}}")

    def relabel(self, table: TableSpec, labels: pa.Table, where: Mapping[str, str], *, others_too: bool) -> int:
        """One join finds the files with rows that move; these are written anew."""
        told = f"coalesce({', '.join('t.' + quote(column) for column in table.told)})"
        mine = " AND ".join(f"t.{quote(column)} = {literal(value)}" for column, value in where.items())
        label = f"CASE WHEN s.told IS NOT NULL THEN s.label{f' ELSE {told}' if others_too else ''} END"
        moves = f"coalesce({mine}, false) AND {label} IS NOT NULL AND NOT (t.customer_id <=> {label})"
        changed = {"customer_id": label}
        if "named_as" in table.columns:
            changed["named_as"] = f"CASE WHEN {label} = {told} THEN NULL ELSE {told} END"
        if "is_known" in table.columns:
            changed["is_known"] = f"NOT startswith({label}, 'v_')"
        values = {
            column: f"CASE WHEN {moves} THEN {changed[column]} ELSE t.{quote(column)} END"
            if column in changed
            else f"t.{quote(column)}"
            for column in table.columns
        }
        with self._staged(None, labels) as source:
            join = f"LEFT JOIN {source} s ON {told} = s.told"
            return self._rewrite(table, f"{join} WHERE {moves}", f"{_list(values)} FROM {{part}} t {join}")

    # -- how files are written ------------------------------------------------------------------------------------

    def _rewrite(self, table: TableSpec, touched: str, rows: str) -> int:
        """Put `SELECT <rows>` in the place of the files that hold rows which match `touched`; returns how many match.

        `touched` is what follows `FROM <table> t`; in `rows`, `{part}` stands for the files that are written anew.
        """
        files = self._now.of(table.name)
        if not files:
            return 0
        with _explained("writing to the warehouse"):
            view = self._writing.with_files(table, self._now)
            found = as_arrow(
                self._writing.sql(f"SELECT t.__file AS file, count(*) AS rows FROM {view} t {touched} GROUP BY t.__file", self._now)
            ).to_pylist()
        if not found:
            return 0
        matched = {self._writing.path_of(table, row["file"]): row["rows"] for row in found}
        part = self._writing.part(table, {path: files[path] for path in matched})
        written = self._written(table, f"SELECT {rows.format(part=part)}")
        self._put(table, {path: count for path, count in files.items() if path not in matched} | written)
        return sum(matched.values())

    def _written(self, table: TableSpec, sql: str) -> dict[str, int]:
        """Run a query on the cluster into new files of the table, sorted; they count when they are added."""
        target = self._aside / new_id("rows")
        partitions = ["shop_id", *(["day"] if days_of(table) else [])]
        try:
            with _explained("writing to the warehouse"):
                rows = named(table, self._frame(sql))
                if column := days_of(table):
                    rows = rows.selectExpr("*", f"CAST(CAST({quote(column)} AS DATE) AS STRING) AS day")
                rows = rows.repartition(*partitions).sortWithinPartitions(*partitions, *order_of(table))
                rows.write.partitionBy(*partitions).option("compression", "zstd").parquet(place(target))
            return self.folder.adopt(table, target)
        finally:
            shutil.rmtree(target, ignore_errors=True)

    def _frame(self, sql: str) -> DataFrame:
        with _explained("writing to the warehouse"):
            return self._writing.sql(sql, self._now)

    @contextmanager
    def _staged(self, table: TableSpec | None, rows: pa.Table) -> Iterator[str]:
        """Rows in a file that the whole cluster sees, under a name."""
        file = self._aside / f"{new_id('staged')}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(rows, file)
        try:
            with self._writing.named(file, table) as name:
                yield name
        finally:
            file.unlink(missing_ok=True)

    @contextmanager
    def _kept(self, sql: str) -> Iterator[str]:
        """The result of a query, under a name."""
        with self._staged(None, self.query(sql)) as name:
            yield name

    def _add(self, table: TableSpec, files: Mapping[str, int]) -> int:
        if files:
            self._put(table, {**self._now.of(table.name), **files})
        return sum(files.values())

    def _put(self, table: TableSpec, files: Mapping[str, int]) -> None:
        changed = self._now.with_table(table.name, files)
        if self._begun is None:
            self.folder.commit(changed)
        else:
            self._begun = changed

    # -- care -----------------------------------------------------------------------------------------------------

    def interrupt(self) -> None:
        """Stop all jobs of this process's application."""
        self._session.sparkContext.cancelAllJobs()

    def check(self) -> list[str]:
        """Read every column of every table once, and count."""
        wrong: list[str] = []
        snapshot = self.folder.latest()
        for name in TABLES:
            try:
                rows = self.query(f"SELECT count(*) AS rows, max(hash(*)) AS read FROM {quote(name)}").to_pylist()[0]["rows"]
            except Exception as error:
                wrong.append(f"table {name} cannot be read: {str(error).splitlines()[0]}")
                continue
            if rows != snapshot.rows(name):
                wrong.append(f"table {name} has {rows:,} rows, its commit says {snapshot.rows(name):,}")
        return wrong

    def overwrite_free(self, *, thorough: bool = False) -> int:
        """Remove the files that no longer count at once: what was deleted or changed is in them."""
        return self.folder.clean(at_once=True)

    def copied_at_once(self) -> bool:
        """Whether the removal is quick: it always is."""
        return True

    def size(self) -> Mapping[str, Any]:
        """Bytes of the files that count, and rows by table."""
        snapshot = self.folder.latest()
        sizes = [(self.folder.path / table / path).stat().st_size for table, files in snapshot.files.items() for path in files]
        return {"bytes": sum(sizes), "rows": {name: snapshot.rows(name) for name in TABLES}}

    def close(self) -> None:
        """Leave the application; the last one ends it."""
        self._reading.forget()
        self._writing.forget()
        sessions.leave(self._session, self.address)


def _told(table: TableSpec, column: str) -> str:
    """A column of `t` as the row's source told it: a customer by the name it had before merges."""
    return (
        "coalesce(t.named_as, t.customer_id)" if column == "customer_id" and "named_as" in table.columns else f"t.{quote(column)}"
    )


def _merged(table: TableSpec) -> dict[str, str]:
    """What a row `t` becomes by a newer form `s`: while the customer its source named stays, so does the one it was given since."""
    values = {column: f"s.{quote(column)}" for column in table.columns}
    if "named_as" in table.columns:
        same = f"{_told(table, 'customer_id')} <=> s.customer_id"
        values["customer_id"] = f"CASE WHEN {same} THEN t.customer_id ELSE s.customer_id END"
        values["named_as"] = f"CASE WHEN {same} THEN t.named_as END"
    return values


def _list(values: Mapping[str, str]) -> str:
    return ", ".join(f"{value} AS {quote(column)}" for column, value in values.items())


@contextmanager
def _explained(doing: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise explain(error, doing) from None
