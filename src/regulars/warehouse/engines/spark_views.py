"""The tables of a folder as views of one Spark session, always over the files of one commit."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pyarrow as pa

from regulars.values.ids import new_id
from regulars.warehouse.arrow import arrow_schema
from regulars.warehouse.engines.spark_sql import column_type, quote
from regulars.warehouse.engines.table_folder import Snapshot, TableFolder, days_of
from regulars.warehouse.schema import TABLES
from regulars.warehouse.specs import TableSpec

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_TABLE = re.compile(r"\b(" + "|".join(sorted(TABLES, key=len, reverse=True)) + r")\b")


class Views:
    """One session's views; those that a statement names are brought to the commit it is asked of."""

    def __init__(self, session: SparkSession, folder: TableFolder) -> None:
        self.session, self.folder = session, folder
        self._shown: dict[str, frozenset[str]] = {}
        self._lock = threading.Lock()  # a view and the statement that is analysed with it belong together

    def sql(self, sql: str, snapshot: Snapshot) -> DataFrame:
        """The statement, analysed over the files of `snapshot`; it keeps them, whatever views show later."""
        with self._lock:
            for name in sorted(set(_TABLE.findall(sql))):
                self._show(name, snapshot)
            return self.session.sql(sql)

    def with_files(self, table: TableSpec, snapshot: Snapshot) -> str:
        """A view with one more column `__file`, the file of each row."""
        name = f"__files_of_{table.name}"
        files = self._read(table, snapshot.of(table.name))
        files.selectExpr(*map(quote, table.columns), "_metadata.file_path AS __file").createOrReplaceTempView(name)
        return name

    def part(self, table: TableSpec, files: Mapping[str, int]) -> str:
        """A view of some files only."""
        name = f"__part_of_{table.name}"
        self._read(table, files).selectExpr(*map(quote, table.columns)).createOrReplaceTempView(name)
        return name

    def path_of(self, table: TableSpec, uri: str) -> str:
        """The path inside the table's folder of a file that Spark names."""
        path = Path(unquote(urlsplit(uri).path))
        return path.relative_to((self.folder.path / table.name).resolve()).as_posix()

    @contextmanager
    def named(self, file: Path, table: TableSpec | None) -> Iterator[str]:
        """A file outside the tables, as a view."""
        name = f"__{new_id('given')}"
        rows = self.session.read.parquet(_pattern(file))
        if table is not None:
            rows = named(table, rows)
        rows.createOrReplaceTempView(name)
        try:
            yield name
        finally:
            self.session.catalog.dropTempView(name)

    def forget(self) -> None:
        """Drop what is remembered; the session ends with its application."""
        self._shown.clear()

    def _show(self, name: str, snapshot: Snapshot) -> None:
        files = snapshot.of(name)
        wanted = frozenset(files)
        if self._shown.get(name) == wanted:
            return
        table = TABLES[name]
        if files:
            rows = self._read(table, files).selectExpr(*map(quote, table.columns))
        else:
            nothing = ", ".join(f"CAST(NULL AS {column_type(kind)}) AS {quote(column)}" for column, kind in table.columns.items())
            rows = self.session.sql(f"SELECT {nothing} WHERE false")
        rows.createOrReplaceTempView(name)
        self._shown[name] = wanted

    def _read(self, table: TableSpec, files: Mapping[str, int]) -> DataFrame:
        columns = {column: column_type(kind) for column, kind in table.columns.items()}
        if days_of(table):
            columns["day"] = "STRING"
        schema = ", ".join(f"{quote(column)} {kind}" for column, kind in columns.items())
        base = (self.folder.path / table.name).resolve()
        reader = self.session.read.schema(schema).option("basePath", place(base))
        return reader.parquet(*[_pattern(base / path) for path in files])


def named(table: TableSpec, rows: DataFrame) -> DataFrame:
    """Rows with the table's columns and types, matched by name; what is missing is null."""
    there = {column.lower(): kind for column, kind in rows.dtypes}

    def value(column: str, kind: str) -> str:
        found = there.get(column)
        if found is None:
            return "NULL"
        if kind.lstrip("!") in ("int64", "int32") and found.startswith(("double", "float", "decimal")):
            return f"round({quote(column)}, 0)" if found.startswith("decimal") else f"rint({quote(column)})"
        return quote(column)

    return rows.selectExpr(
        *(f"CAST({value(column, kind)} AS {column_type(kind)}) AS {quote(column)}" for column, kind in table.columns.items())
    )


def as_arrow(rows: DataFrame) -> pa.Table:
    """The answer as Arrow; instants lose their zone mark, which is UTC."""
    found = rows.toArrow()
    fields = [
        field.with_type(pa.timestamp("us")) if pa.types.is_timestamp(field.type) and field.type.tz else field
        for field in found.schema
    ]
    return found.cast(pa.schema(fields)) if fields != list(found.schema) else found


def empty(table: TableSpec) -> pa.Table:
    """No rows."""
    return arrow_schema(table).empty_table()


def place(path: Path) -> str:
    """A path as Spark takes it: an address in which nothing is escaped."""
    return f"file://{path}"


def _pattern(path: Path) -> str:
    """The pattern that only this file matches, as files to read are told to Spark."""
    return re.sub(r"([{}\[\]*?\\])", r"\\\1", place(path))
