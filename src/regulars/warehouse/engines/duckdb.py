"""DuckDB, the default engine: one file, one writing process, any number of reading threads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from regulars.errors import InvalidInput
from regulars.warehouse.engine import Capabilities, MergeCounts
from regulars.warehouse.engines.analysts import bounded
from regulars.warehouse.engines.duckdb_sql import by_row_groups, column_type, literal, quote, told
from regulars.warehouse.engines.faults import explain_file
from regulars.warehouse.engines.free_blocks import force, overwrite_free
from regulars.warehouse.engines.handle import Handle
from regulars.warehouse.specs import TableSpec

#: A file up to this size is copied within a minute.
_COPIED_AT_ONCE = 256 * 1024 * 1024


class DuckDB:
    """A DuckDB file behind the engine protocol."""

    capabilities = Capabilities(transactions=True, several_processes=False, small_writes=True, sorted_streams=True)
    dialect = "duckdb"

    def __init__(self, path: Path | None, *, memory_limit: str | None = None, threads: int | None = None) -> None:
        self.path = path
        self._handle = Handle(path, memory_limit=memory_limit, threads=threads)

    @classmethod
    def from_url(cls, url: str, *, memory_limit: str | None = None, threads: int | None = None) -> DuckDB:
        """Open `duckdb:////absolute/path` (or `duckdb://:memory:` for tests)."""
        parts = urlsplit(url)
        if parts.netloc == ":memory:" or parts.path in ("", "/:memory:"):
            return cls(None, memory_limit=memory_limit, threads=threads)
        return cls(
            Path(unquote(parts.path[1:] if parts.path.startswith("//") else parts.path)), memory_limit=memory_limit, threads=threads
        )

    # -- tables ---------------------------------------------------------------------------------------------------

    def create(self, tables: Sequence[TableSpec]) -> None:
        """Create missing tables; add missing columns (as nullable, they were not there before)."""
        for table in tables:
            columns = ", ".join(
                f"{quote(name)} {column_type(kind)}{' NOT NULL' if kind.startswith('!') else ''}"
                for name, kind in table.columns.items()
            )
            self._handle.write(f"CREATE TABLE IF NOT EXISTS {quote(table.name)} ({columns})")
            known = {
                row[0]
                for row in self._handle.writer.execute(f"SELECT name FROM pragma_table_info({literal(table.name)})").fetchall()
            }
            for name, kind in table.columns.items():
                if name not in known:
                    self._handle.write(f"ALTER TABLE {quote(table.name)} ADD COLUMN {quote(name)} {column_type(kind)}")

    # -- reading --------------------------------------------------------------------------------------------------

    def compile(self, expression: ir.Expr) -> str:
        """DuckDB SQL, by Ibis as a pure compiler (no Ibis connection involved)."""
        return str(ibis.to_sql(expression, dialect="duckdb"))

    def literal(self, text: str) -> str:
        """A text inside this engine's SQL."""
        return literal(text)

    def state(self) -> int:
        """Nobody else writes while the file is open here."""
        return 0

    def query(self, sql: str) -> pa.Table:
        """Run on a cursor of its own; inside a transaction on the writer's connection, so that it sees what it wrote."""
        return self._handle.read(sql)

    def reading(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A connection that sees one state of all tables until the block ends, whatever is written meanwhile."""
        return self._handle.reading()

    def analysts_query(self, text: str, views: Mapping[str, Sequence[str]], shop_id: str, limit: int) -> tuple[pa.Table, list[str]]:
        """Rows of SQL that somebody wrote, over one shop's rows of some tables; and which of these it reads."""
        with self._handle.cursor() as cursor:
            cursor.execute("SET python_enable_replacements = false")
            sql, used = bounded(cursor, text, views, shop_id, limit)
            try:
                return self._handle.run(cursor, sql), used
            except (duckdb.BinderException, duckdb.CatalogException, duckdb.ConversionException, duckdb.DataError) as error:
                said = str(error).split("LINE ", 1)[0].strip()[:300]
                raise InvalidInput(f"this SQL cannot be answered: {said}", mend="correct it", code="sql_wrong") from None

    def batches(self, sql: str, rows: int) -> Iterator[pa.RecordBatch]:
        """As `query`, on a cursor of its own that is read while it runs."""
        return self._handle.batches(sql, rows)

    # -- writing --------------------------------------------------------------------------------------------------

    def append(self, table: TableSpec, data: pa.Table | pa.RecordBatchReader) -> int:
        """Insert by column name."""
        with self._handle.registered(data) as source:
            return self._handle.count(f"INSERT INTO {quote(table.name)} BY NAME SELECT * FROM {source}")

    def append_new(self, table: TableSpec, data: pa.Table, hashed: str) -> int:
        """The hashes are compared in one scan; only where one is there already are the keys themselves compared."""
        name, column = quote(table.name), quote(hashed)
        on = " AND ".join(f"s.{quote(key)} = t.{quote(key)}" for key in table.key)
        with self._handle.registered(data) as source:
            met = quote(f"met_{table.name}")
            hashes = f"SELECT t.rowid AS place FROM {name} t SEMI JOIN {source} s ON t.{column} = s.{column}"
            self._handle.write(f"CREATE OR REPLACE TEMP TABLE {met} AS {hashes}")
            if self._handle.writer.execute(f"SELECT 1 FROM {met} LIMIT 1").fetchall():
                keys = ", ".join(quote(key) for key in table.key)
                same = f"(SELECT {keys} FROM {name} WHERE rowid IN (SELECT place FROM {met}))"
                return self._handle.count(f"INSERT INTO {name} BY NAME SELECT s.* FROM {source} s ANTI JOIN {same} t ON {on}")
        return sum(self.append(table, some) for some in by_row_groups(data))

    def merge(self, table: TableSpec, source: Sequence[Path] | pa.Table, *, update: bool) -> MergeCounts:
        """Anti-join for what is new; compare all columns but `load_id` for what has changed."""
        if isinstance(source, pa.Table):
            with self._handle.registered(source) as rows:
                return self._merge(table, rows, update)
        if not source:
            return MergeCounts(0, 0, 0)
        return self._merge(table, f"read_parquet([{', '.join(literal(str(file)) for file in source)}])", update)

    def _merge(self, table: TableSpec, source: str, update: bool) -> MergeCounts:
        name = quote(table.name)
        here = {column: told(table, "t", column) for column in table.columns}
        columns = {row[0] for row in self._handle.writer.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
        absent = [column for column in table.columns if column not in columns and column != "named_as"]  # of an older release
        kept = ""
        if "named_as" in table.columns:
            same = f"{here['customer_id']} IS NOT DISTINCT FROM s.customer_id"
            plain = "s.* EXCLUDE (named_as)" if "named_as" in columns else "s.*"
            kept = f"{plain} REPLACE (CASE WHEN {same} THEN t.customer_id ELSE s.customer_id END AS customer_id), CASE WHEN {same} THEN t.named_as END AS named_as"
        on = " AND ".join(f"s.{quote(key)} = {here[key]}" for key in table.key)
        left = {*table.key, "load_id", "named_as", *absent}
        rest = [column for column in table.columns if column not in left]
        differs = " OR ".join(f"s.{quote(column)} IS DISTINCT FROM {here[column]}" for column in rest) or "false"
        total = self._handle.writer.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0]
        if self._handle.writer.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchall() == []:
            return MergeCounts(self._handle.count(f"INSERT INTO {name} BY NAME SELECT * FROM {source}"), 0, 0)
        updated = 0
        if update and rest:
            changed = quote(f"changed_{table.name}")
            stored = "".join(f", t.{quote(column)}" for column in absent)
            self._handle.write(
                f"CREATE OR REPLACE TEMP TABLE {changed} AS SELECT {kept or 's.*'}{stored} FROM {source} s JOIN {name} t ON {on} WHERE {differs}"
            )
            updated = self._handle.writer.execute(f"SELECT count(*) FROM {changed}").fetchall()[0][0]
            if updated:
                gone = on if not kept else " AND ".join(f"{told(table, 's', key)} = {here[key]}" for key in table.key)
                self._handle.write(f"DELETE FROM {name} t USING {changed} s WHERE {gone}")
                self._handle.write(f"INSERT INTO {name} BY NAME SELECT * FROM {changed}")
            self._handle.write(f"DROP TABLE {changed}")
        inserted = self._handle.count(f"INSERT INTO {name} BY NAME SELECT s.* FROM {source} s ANTI JOIN {name} t ON {on}")
        return MergeCounts(inserted, updated, total - inserted - updated)

    def replace(self, table: TableSpec, source: pa.Table | str, where: Mapping[str, str]) -> int:
        """Delete the partition, then insert; a query's result is kept aside first, as it may read the same table."""
        condition = " AND ".join(f"{quote(column)} = {literal(value)}" for column, value in where.items())
        if isinstance(source, str):
            aside = quote(f"new_{table.name}")
            self._handle.write(f"CREATE OR REPLACE TEMP TABLE {aside} AS {source}")
            self._handle.write(f"DELETE FROM {quote(table.name)} WHERE {condition}")
            count = self._handle.count(f"INSERT INTO {quote(table.name)} BY NAME SELECT * FROM {aside}")
            self._handle.write(f"DROP TABLE {aside}")
            return count
        self._handle.write(f"DELETE FROM {quote(table.name)} WHERE {condition}")
        return self.append(table, source)

    def exchange(self, table: TableSpec, gone: str, source: str) -> int:
        """Both results are kept aside first, as they may read the same table."""
        name, old, new = quote(table.name), quote(f"gone_{table.name}"), quote(f"new_{table.name}")
        self._handle.write(f"CREATE OR REPLACE TEMP TABLE {old} AS {gone}")
        self._handle.write(f"CREATE OR REPLACE TEMP TABLE {new} AS {source}")
        columns = [row[0] for row in self._handle.writer.execute(f"DESCRIBE {old}").fetchall()]
        on = " AND ".join(f"t.{quote(column)} = o.{quote(column)}" for column in columns)
        self._handle.write(f"DELETE FROM {name} t USING {old} o WHERE {on}")
        count = self._handle.count(f"INSERT INTO {name} BY NAME SELECT * FROM {new}")
        self._handle.write(f"DROP TABLE {old}")
        self._handle.write(f"DROP TABLE {new}")
        return count

    def delete(self, table: TableSpec, condition: str) -> int:
        """Remove matching rows."""
        return self._handle.count(f"DELETE FROM {quote(table.name)} WHERE {condition}")

    def update(self, table: TableSpec, assignments: Mapping[str, str], condition: str) -> int:
        """Change matching rows."""
        changes = ", ".join(f"{quote(column)} = {value}" for column, value in assignments.items())
        return self._handle.count(f"UPDATE {quote(table.name)} SET {changes} WHERE {condition}")

    def relabel(self, table: TableSpec, labels: pa.Table, where: Mapping[str, str], *, others_too: bool) -> int:
        """One update from the labels, hashed; with `others_too` one more for the rows without."""
        name = f"coalesce({', '.join('t.' + quote(column) for column in table.told)})"
        mine = " AND ".join(f"t.{quote(column)} = {literal(value)}" for column, value in where.items())

        def giving(label: str) -> str:
            changes = [f"customer_id = {label}"]
            if "named_as" in table.columns:
                changes.append(f"named_as = CASE WHEN {label} = {name} THEN NULL ELSE {name} END")
            if "is_known" in table.columns:
                changes.append(f"is_known = NOT starts_with({label}, 'v_')")
            return f"UPDATE {quote(table.name)} t SET {', '.join(changes)}"

        with self._handle.registered(labels) as source:
            changed = self._handle.count(
                f"{giving('s.label')} FROM {source} s WHERE {mine} AND {name} = s.told AND t.customer_id IS DISTINCT FROM s.label"
            )
            if others_too:
                changed += self._handle.count(
                    f"{giving(name)} WHERE {mine} AND t.customer_id IS DISTINCT FROM {name} AND {name} IS NOT NULL"
                    f" AND {name} NOT IN (SELECT told FROM {source})"
                )
        return changed

    def transaction(self) -> AbstractContextManager[None]:
        """BEGIN ... COMMIT on the writer; ROLLBACK when the body raises."""
        return self._handle.transaction()

    # -- care -----------------------------------------------------------------------------------------------------

    def interrupt(self) -> None:
        """Interrupt all running statements."""
        self._handle.interrupt()

    def check(self) -> list[str]:
        """Read every column of every table once; a damaged block raises."""
        wrong: list[str] = []
        tables = self._handle.writer.cursor().execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall()
        for (name,) in tables:
            try:
                self._handle.writer.cursor().execute(f"SELECT count(*), max(hash(COLUMNS(*))) FROM {quote(name)}").fetchall()
            except duckdb.Error as error:
                wrong.append(f"table {name} cannot be read: {str(error).splitlines()[0]}")
        return wrong

    def overwrite_free(self, *, thorough: bool = False) -> int:
        """Make what deleted and changed rows left in the file unreadable; returns bytes that were overwritten or given back.

        DuckDB never overwrites: what was deleted stays in free blocks, and in blocks that other columns still use. A file of up to
        a quarter of a gigabyte, and any with `thorough`, is copied into a new one that takes its place; in a larger one only the free blocks
        are overwritten now.
        """
        if self.path is None:
            return 0
        self._handle.make_writable()
        try:
            if not thorough and not self.copied_at_once():
                return overwrite_free(self._handle.writer, self.path)
            return self._copied(self.path)
        except OSError as error:
            raise explain_file(error, "overwriting what is free in the warehouse") from None

    def _copied(self, path: Path) -> int:
        """A copy takes the place of the file; returns the bytes of the old one."""
        before = path.stat().st_size
        fresh = path.with_name(path.name + ".fresh")
        for leftover in (fresh, fresh.with_name(fresh.name + ".wal")):
            leftover.unlink(missing_ok=True)
        self._handle.write("CHECKPOINT")
        name = self._handle.writer.execute("SELECT current_database()").fetchall()[0][0]
        self._handle.write(f"ATTACH {literal(str(fresh))} AS fresh_copy")
        try:
            self._handle.write(f"COPY FROM DATABASE {quote(name)} TO fresh_copy")
        finally:
            self._handle.write("DETACH fresh_copy")
        with self._handle.exchanged():
            force(fresh)
            fresh.replace(path)
            path.with_name(path.name + ".wal").unlink(missing_ok=True)
            force(path.parent)
        return before

    def copied_at_once(self) -> bool:
        """Whether the file is small."""
        return self.path is None or self.path.stat().st_size <= _COPIED_AT_ONCE

    def size(self) -> Mapping[str, Any]:
        """File bytes and estimated rows by table."""
        rows = (
            self._handle.writer.cursor()
            .execute("SELECT table_name, estimated_size FROM duckdb_tables() WHERE NOT temporary ORDER BY 1")
            .fetchall()
        )
        return {"bytes": self.path.stat().st_size if self.path and self.path.exists() else 0, "rows": dict(rows)}

    def close(self) -> None:
        """Close (DuckDB checkpoints the file)."""
        self._handle.close()
