"""The analytical store: questions as Ibis expressions in, Arrow tables out, on any engine.

Answers "what happened and why" in scans. Append-mostly, pseudonymous, and it can be rebuilt from events and imports.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from regulars.errors import InvalidInput, NotFound
from regulars.warehouse.changes import Changes, Key, keys_of
from regulars.warehouse.engine import Capabilities, Engine, MergeCounts
from regulars.warehouse.engines import capabilities_of, open_engine
from regulars.warehouse.json_text import json_text
from regulars.warehouse.placeholders import filled, placeholder
from regulars.warehouse.schema import TABLES
from regulars.warehouse.specs import TableSpec

__all__ = [
    "TABLES",
    "Capabilities",
    "MergeCounts",
    "TableSpec",
    "Warehouse",
    "capabilities_of",
    "json_text",
    "must_serve",
    "placeholder",
    "unbound",
]

T = TypeVar("T")

_COMPILED_KEPT = 512
_ANSWERS_KEPT = 256
#: Ibis and sqlglot load their parts when they are first needed and promise nothing to threads; compiling holds the interpreter anyway.
_COMPILING = threading.Lock()


class Warehouse:
    """A store of events and orders. Safe to share between threads: one writes at a time, readers never wait."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.version = 0
        self._write_lock = threading.RLock()
        self._depth = 0
        self._versions: dict[str, int] = {}
        self._touched: dict[
            str, set[Key] | None
        ] = {}  # tables written by the transaction that runs, and which rows where it is known
        self._changes = Changes()
        self._compiled: OrderedDict[Hashable, str] = OrderedDict()
        self._answers: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()
        self._cache_lock = threading.Lock()

    @classmethod
    def open(cls, url: str, *, memory_limit: str | None = None, threads: int | None = None, create: bool = True) -> Warehouse:
        """Open the store behind a URL and create what is missing.

        Raises
        ------
        InvalidInput : no engine has this URL scheme.
        Unavailable : another process has the file open, or the file is damaged.
        """
        warehouse = cls(open_engine(url, memory_limit=memory_limit, threads=threads))
        if create:
            warehouse.engine.create(list(TABLES.values()))
        return warehouse

    @property
    def capabilities(self) -> Capabilities:
        """What the engine can do."""
        return self.engine.capabilities

    # -- questions ------------------------------------------------------------------------------------------------

    def table(self, name: str) -> ir.Table:
        """An unbound Ibis table with the columns of `schema.TABLES[name]`."""
        return unbound(name)

    def tables(self) -> Mapping[str, TableSpec]:
        """Every table of the warehouse by name."""
        return TABLES

    def query(self, expression: ir.Expr, **values: str) -> pa.Table:
        """Run an expression; compiled SQL is kept by the structure of the expression. `values` fill its placeholders."""
        return self.engine.query(filled(self.compile(expression), values, self.engine.literal))

    def rows(self, expression: ir.Expr, **values: str) -> list[dict[str, Any]]:
        """The rows as plain Python values; instants are naive and in UTC. `values` fill the expression's placeholders."""
        found: list[dict[str, Any]] = self.query(expression, **values).to_pylist()
        return found

    def batches(self, expression: ir.Expr, *, rows: int = 1_000_000) -> Iterator[pa.RecordBatch]:
        """The answer piece by piece, of about so many rows, so that a large one needs no memory of its size."""
        return self.engine.batches(self.compile(expression), rows)

    def value(self, expression: ir.Expr) -> Any:
        """The only cell of a one-row, one-column answer (None when there is no row)."""
        table = self.query(expression)
        return table.column(0)[0].as_py() if table.num_rows else None

    def analysts_query(
        self, text: str, views: Mapping[str, Sequence[str]], shop_id: str, *, limit: int
    ) -> tuple[pa.Table, list[str]]:
        """Rows of SQL that somebody wrote, over one shop's rows of the named tables (name -> columns), at most `limit`; and which of these it reads.

        Raises
        ------
        InvalidInput : it is not one SELECT over these, or this engine takes none.
        """
        ask = getattr(self.engine, "analysts_query", None)
        if ask is None:
            raise InvalidInput("this engine takes no SQL of analysts", mend="ask the DuckDB warehouse", code="sql_refused")
        found: tuple[pa.Table, list[str]] = ask(text, views, shop_id, limit)
        return found

    def compile(self, expression: ir.Expr) -> str:
        """The engine's SQL for an expression."""
        key = expression.op()
        with self._cache_lock:
            sql = self._compiled.get(key)
            if sql is not None:
                self._compiled.move_to_end(key)
                return sql
        with _COMPILING:
            sql = self.engine.compile(expression)
        with self._cache_lock:
            self._compiled[key] = sql
            while len(self._compiled) > _COMPILED_KEPT:
                self._compiled.popitem(last=False)
        return sql

    def make_ready(self) -> None:
        """Let Ibis load its parts, before threads ask: it loads them when it is first asked, which now and then fails in two at once."""
        events = self.table("events")
        self.compile(events.group_by("event").aggregate(n=events.count()))

    def cached(self, key: Hashable, answer: Callable[[], T], *, of: Sequence[str] | None = None) -> T:
        """The answer to a question asked before, as long as nothing was written since; `key` names question and arguments.

        `of` names the tables the answer is made from: writes to others do not count. None means all tables.
        """
        version: Hashable = (self.engine.state(), self.version) if of is None else self.state_of(of)
        with self._cache_lock:
            kept = self._answers.get(key)
            if kept is not None and kept[0] == version:
                self._answers.move_to_end(key)
                found: T = kept[1]
                return found
        made = answer()
        with self._cache_lock:
            self._answers[key] = (version, made)
            while len(self._answers) > _ANSWERS_KEPT:
                self._answers.popitem(last=False)
        return made

    def state_of(self, tables: Sequence[str]) -> Hashable:
        """What is another after every write to one of these tables; asking costs nothing."""
        return (self.engine.state(), tuple(self._versions.get(name, 0) for name in tables))

    def changed_since(self, tables: Sequence[str], state: Hashable) -> set[Key] | None:
        """The keys of rows that were written to these `followed` tables since `state_of` told this; None where all must be looked at."""
        engine, now = self.engine.state(), tuple(self._versions.get(name, 0) for name in tables)
        if not isinstance(state, tuple) or state[0] != engine:
            return None
        found: set[Key] = set()
        for table, before, after in zip(tables, state[1], now, strict=True):
            keys = self._changes.since(table, before, after)
            if keys is None:
                return None
            found |= keys
        return found

    # -- writes ---------------------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything written inside is committed together or not at all; other writers wait."""
        with self._write_lock:
            if self._depth:
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1
                return
            self._depth = 1
            self._touched.clear()
            try:
                with self.engine.transaction():
                    yield
            finally:
                self._depth = 0
            self.version += 1
            for name, keys in self._touched.items():
                self._changes.note(name, self._versions.get(name, 0) + 1, keys)
                self._versions[name] = self._versions.get(name, 0) + 1

    def append(self, table: str, data: pa.Table | pa.RecordBatchReader) -> int:
        """Add rows; columns are matched by name."""
        with self._writing(table):
            return self.engine.append(spec(table), data)

    def append_new(self, table: str, data: pa.Table, *, hashed: str) -> int:
        """Add the rows whose key is not there yet, and return how many; `hashed` is an integer column made from the key."""
        with self._writing(table):
            return self.engine.append_new(spec(table), data, hashed)

    def merge(self, table: str, source: Sequence[Path] | pa.Table, *, update: bool = True) -> MergeCounts:
        """Upsert Parquet files, or rows, with the table's columns by the table's key.

        Without `update`, rows whose key is known stay as they are. Within the source every key occurs once.
        """
        with self._writing(table, keys_of(spec(table), source)):
            return self.engine.merge(spec(table), source, update=update)

    def replace(self, table: str, data: pa.Table | ir.Table, *, shop_id: str) -> int:
        """Put new rows in the place of one shop's rows; an Ibis expression is run inside the engine."""
        source = data if isinstance(data, pa.Table) else self.compile(data)
        with self._writing(table):
            return self.engine.replace(spec(table), source, {"shop_id": shop_id})

    def exchange(self, table: str, gone: ir.Table, source: ir.Table, **values: str) -> int:
        """Put the rows of `source` in the place of those that `gone` names by some columns; both run inside the engine.

        `values` fill the placeholders of both. Returns how many rows were put there.
        """
        asked = [filled(self.compile(one), values, self.engine.literal) for one in (gone, source)]
        with self._writing(table):
            return self.engine.exchange(spec(table), *asked)

    def delete(self, table: str, where: Callable[[ir.Table], ir.BooleanValue]) -> int:
        """Remove the rows for which `where` (given the table) is true; returns how many."""
        with self._writing(table):
            return self.engine.delete(spec(table), self._condition(table, where))

    def update(
        self, table: str, values: Mapping[str, str | int | bool | None], where: Callable[[ir.Table], ir.BooleanValue]
    ) -> int:
        """Set columns to constants in the rows for which `where` is true; returns how many."""
        assignments = {column: self._constant(value) for column, value in values.items()}
        with self._writing(table):
            return self.engine.update(spec(table), assignments, self._condition(table, where))

    def relabelled(self) -> list[str]:
        """The tables whose rows follow when customers are merged."""
        return [name for name, table in TABLES.items() if table.told]

    def relabel(self, table: str, labels: pa.Table, *, shop_id: str, others_too: bool = False) -> int:
        """Give the rows of one shop to the customers that the ids they were told under belong to; returns how many changed.

        Parameters
        ----------
        labels : columns `told` (an id, each once) and `label` (the customer_id it belongs to).
        others_too : rows told under other ids go back to those.
        """
        with self._writing(table):
            return self.engine.relabel(spec(table), labels, {"shop_id": shop_id}, others_too=others_too)

    @contextmanager
    def _writing(self, table: str, keys: set[Key] | None = None) -> Iterator[None]:
        """A transaction, or a part of the one that runs, that writes one table: these rows, or any of them."""
        with self.transaction():
            before = self._touched.get(table, set())
            self._touched[table] = None if keys is None or before is None else before | keys
            yield

    def _condition(self, table: str, where: Callable[[ir.Table], ir.BooleanValue]) -> str:
        """`where` as SQL: the keys of the matching rows, or the bare predicate taken from a filter."""
        import sqlglot

        unbound = self.table(table)
        dialect = self.engine.dialect
        with _COMPILING:
            tree = sqlglot.parse_one(self.engine.compile(unbound.filter(where(unbound))), dialect=dialect)
        clause = tree.find(sqlglot.exp.Where)
        if clause is None:
            return "true"
        for column in clause.find_all(sqlglot.exp.Column):
            column.set("table", None)
        return str(clause.this.sql(dialect=dialect))

    def _constant(self, value: str | int | bool | None) -> str:
        match value:
            case None:
                return "NULL"
            case bool():
                return "TRUE" if value else "FALSE"
            case int():
                return str(value)
            case str():
                return self.engine.literal(value)

    # -- care -----------------------------------------------------------------------------------------------------

    def interrupt(self) -> None:
        """Stop the statements that run now."""
        self.engine.interrupt()

    def overwrite_free(self, *, thorough: bool = False) -> int:
        """Make what deleted and changed rows left in the store's files unreadable (P20); writers wait meanwhile."""
        with self._write_lock:
            return self.engine.overwrite_free(thorough=thorough)

    def copied_at_once(self) -> bool:
        """Whether `overwrite_free(thorough=True)` is quick enough for somebody who waits."""
        return self.engine.copied_at_once()

    def check(self) -> list[str]:
        """What is wrong with the store, in sentences."""
        return self.engine.check()

    def close(self) -> None:
        """Let go of the store."""
        with self._write_lock:
            self.engine.close()


def must_serve(url: str) -> None:
    """Refuse, before anything is opened, a URL whose engine cannot serve a shop.

    Raises
    ------
    InvalidInput : the engine does not take many small writes.
    """
    if not capabilities_of(url).small_writes:
        raise InvalidInput(
            "this engine answers reports, and does not take the many small writes of a shop that is served",
            mend="keep warehouse_url on duckdb, copy with `regulars warehouse copy --to`, and ask with `regulars show --on`",
            code="engine_for_reports",
        )


@cache
def unbound(name: str) -> ir.Table:
    """The Ibis table of that name, for questions that are built once and asked of any warehouse."""
    return ibis.table(dict(spec(name).columns), name=name)


def spec(table: str) -> TableSpec:
    """The specification of a warehouse table."""
    try:
        return TABLES[table]
    except KeyError:
        raise NotFound(f"the warehouse has no table '{table}'", mend=f"use one of {', '.join(TABLES)}") from None
