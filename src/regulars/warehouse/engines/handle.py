"""A DuckDB file that is held open: one connection that writes, cursors that read, and opened again when a fault of the disk took it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from regulars.errors import RegularsError, Unavailable
from regulars.warehouse.engines.duckdb_sql import connect
from regulars.warehouse.engines.faults import explain
from regulars.warehouse.engines.gate import Gate
from regulars.warehouse.watching import watch

log = logging.getLogger(__name__)

#: What DuckDB says of a handle that it has given up.
_INVALIDATED = "database has been invalidated"


class Handle:
    """The connections to one file. Any number of threads may read; `whole` is held by who writes, from begin to end."""

    def __init__(self, path: Path | None, *, memory_limit: str | None = None, threads: int | None = None) -> None:
        self.path = path
        self.whole = threading.RLock()
        self._options: dict[str, Any] = {
            "memory_limit": memory_limit,
            "threads": threads,
            "temp": path.parent / "warehouse.tmp" if path else None,
        }
        self._in_transaction = False
        self._transaction_thread = 0
        self._running: set[duckdb.DuckDBPyConnection] = set()
        self._running_lock = threading.Lock()
        self._gate = Gate()
        self._lost = False
        self._only_reads = False  # opened again while the disk was read-only
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self.writer = self._connect()
        except duckdb.Error as error:
            known = explain(error, "opening the warehouse")
            if known is not error:
                raise known from None
            raise Unavailable(
                f"the warehouse file {path} cannot be opened: {error}",
                mend="put the last backup in its place, or rebuild it with `regulars warehouse rebuild`",
                code="warehouse_damaged",
            ) from None

    def _connect(self, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
        return connect(str(self.path) if self.path else ":memory:", read_only=read_only, **self._options)

    # -- reading --------------------------------------------------------------------------------------------------

    def read(self, sql: str) -> pa.Table:
        """Run on a cursor of its own, so that readers never wait for the writer.

        Inside a transaction the writer's own connection is asked, so that it sees what it wrote.
        """
        if self._in_transaction and threading.get_ident() == self._transaction_thread:
            return self.run(self.writer, sql)
        try:
            return self._asked(sql)
        except (RegularsError, duckdb.Error):
            if not self._lost:
                raise
            return self._asked(sql)

    def _asked(self, sql: str) -> pa.Table:
        with self.cursor() as cursor:
            return self.run(cursor, sql)

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own for who reads."""
        if self._lost:
            self._open_anew()
        with self._gate.entered():
            cursor = self.writer.cursor()
            try:
                yield cursor
            finally:
                cursor.close()

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that sees one state of all tables until the block ends, whatever is written meanwhile."""
        if self._lost:
            self._open_anew()
        with self._gate.entered():
            cursor = self.writer.cursor()
            try:
                cursor.execute("BEGIN TRANSACTION")
                yield cursor
                cursor.execute("COMMIT")
            except duckdb.Error as error:
                raise self._explained(error, "reading the warehouse") from None
            finally:
                cursor.close()

    def batches(self, sql: str, rows: int) -> Iterator[pa.RecordBatch]:
        """As `read`, on a cursor of its own that is read while it runs."""
        asked = watch.get()
        with self.cursor() as cursor:
            with self._running_lock:
                self._running.add(cursor)
            try:
                if asked is None:
                    yield from cursor.execute(sql).to_arrow_reader(rows)
                    return
                cursor.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
                with asked.running(cursor.interrupt, cursor.query_progress):
                    yield from cursor.execute(sql).to_arrow_reader(rows)
            except duckdb.Error as error:
                raise self._explained(error, "answering a question") from None
            finally:
                with self._running_lock:
                    self._running.discard(cursor)

    def run(self, connection: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
        """The answer; who watches it sees how far it is, and may stop it."""
        asked = watch.get()
        with self._running_lock:
            self._running.add(connection)
        try:
            if asked is None:
                return connection.execute(sql).to_arrow_table()
            connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
            with asked.running(connection.interrupt, connection.query_progress):
                return connection.execute(sql).to_arrow_table()
        except duckdb.Error as error:
            raise self._explained(error, "answering a question") from None
        finally:
            with self._running_lock:
                self._running.discard(connection)

    # -- writing --------------------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """BEGIN ... COMMIT on the writer; ROLLBACK when the body raises."""
        with self.whole:
            self.make_writable()
            self.write("BEGIN TRANSACTION")
            self._in_transaction, self._transaction_thread = True, threading.get_ident()
            try:
                yield
                self.write("COMMIT")
            except BaseException:
                with suppress(duckdb.Error):  # a failed commit has rolled back already
                    self.writer.execute("ROLLBACK")
                raise
            finally:
                self._in_transaction = False

    def write(self, sql: str) -> None:
        """Run a statement on the connection that writes."""
        try:
            self.writer.execute(sql)
        except duckdb.Error as error:
            raise self._explained(error, "writing to the warehouse") from None

    def count(self, sql: str) -> int:
        """The same, for the number it answers with."""
        try:
            rows = self.writer.execute(sql).fetchall()
        except duckdb.Error as error:
            raise self._explained(error, "writing to the warehouse") from None
        return int(rows[0][0]) if rows else 0

    @contextmanager
    def registered(self, data: pa.Table | pa.RecordBatchReader) -> Iterator[str]:
        """The data under a name that statements may use."""
        self.writer.register("incoming", data)
        try:
            yield "incoming"
        finally:
            self.writer.unregister("incoming")

    # -- the file -------------------------------------------------------------------------------------------------

    def make_writable(self) -> None:
        """Open the file again, where a fault of the disk took the handle or left one that only reads.

        Raises
        ------
        Unavailable : the disk is still read-only.
        """
        if self._lost or self._only_reads:
            self._open_anew(to_write=True)

    def _open_anew(self, *, to_write: bool = False) -> None:
        """Open the file again after a fault that DuckDB does not go on from: a checkpoint that failed on a full disk is one.

        What was committed is in the file and its log; nothing else was lost than the handle. On a disk that is read-only meanwhile
        questions are answered, and who wants to write next tries again.
        """
        with self.whole, self._gate.closed():
            if self.path is None or not (self._lost or (to_write and self._only_reads)):
                return
            with suppress(duckdb.Error):
                self.writer.close()
            self._lost, only_reads = True, False
            try:
                self.writer = self._connect()
            except duckdb.Error as error:
                why = explain(error, "opening the warehouse again")
                try:
                    self.writer = self._connect(read_only=True)
                except duckdb.Error:
                    raise why from None
                only_reads = True
            self._lost, before, self._only_reads = False, self._only_reads, only_reads
            if only_reads and to_write:
                raise why
            if only_reads != before or not only_reads:
                log.warning(
                    "the warehouse was opened again after a fault of its disk%s", ", for reading only" if only_reads else ""
                )

    @contextmanager
    def exchanged(self) -> Iterator[None]:
        """Closed, with nobody inside, while the body puts another file in its place; open again afterwards."""
        with self._gate.closed():
            self.writer.close()
            try:
                yield
                self.writer = self._connect()
            except BaseException:
                self._lost = True
                raise

    def _explained(self, error: duckdb.Error, doing: str) -> Exception:
        if isinstance(error, duckdb.FatalException) or _INVALIDATED in str(error):
            self._lost = True
        return explain(error, doing)

    def interrupt(self) -> None:
        """Interrupt all running statements."""
        self.writer.interrupt()
        with self._running_lock:
            for connection in self._running:
                connection.interrupt()

    def close(self) -> None:
        """Close (DuckDB checkpoints the file)."""
        self.writer.close()
