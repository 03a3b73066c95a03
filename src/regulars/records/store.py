"""Opening the operational store: SQLite (WAL, every commit forced to disk) or PostgreSQL by URL."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as NoConnection

from regulars.errors import InvalidInput, RegularsError, StorageFull, Unavailable
from regulars.records.keeping import Kept
from regulars.records.unit import UnitOfWork

T = TypeVar("T")
_LOCK_SECONDS = 15
#: Of one process to PostgreSQL: as many as requests are answered at a time, so that none waits for another's connection.
_MOST_CONNECTIONS = 40
_DISK_FAULTS = frozenset({"records_read_only", "disk_error"})


class Records:
    """The store of transactions. Safe to share between threads; on SQLite one thread writes at a time, in turn."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._turn = threading.Lock() if self.is_sqlite else nullcontext()
        self._kept = Kept(self)

    @property
    def is_sqlite(self) -> bool:
        """Whether the store is a SQLite file."""
        return self.engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path | None:
        """The SQLite file; None on a server."""
        return Path(self.engine.url.database) if self.is_sqlite and self.engine.url.database else None

    @classmethod
    def open(cls, url: str) -> Records:
        """Connect to `sqlite:////absolute/path/records.sqlite` or `postgresql://user@host/database`.

        Raises
        ------
        InvalidInput : the URL names neither, or its driver is not installed.
        """
        try:
            parsed = make_url(url)
            if parsed.drivername in ("postgresql", "postgres"):
                parsed = parsed.set(drivername="postgresql+psycopg")
            if parsed.get_backend_name() not in ("sqlite", "postgresql"):
                raise NoSuchModuleError
            if parsed.get_backend_name() == "sqlite":
                if parsed.database:
                    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
                engine = create_engine(
                    parsed, hide_parameters=True, connect_args={"timeout": _LOCK_SECONDS, "check_same_thread": False}
                )
                event.listen(engine, "connect", _prepare_sqlite)
                event.listen(engine, "begin", _begin_sqlite)
            else:
                engine = create_engine(
                    parsed,
                    hide_parameters=True,
                    pool_pre_ping=True,
                    pool_size=8,
                    max_overflow=_MOST_CONNECTIONS - 8,
                    connect_args={"options": "-c timezone=UTC"},
                )
        except (ArgumentError, NoSuchModuleError):
            raise InvalidInput(
                f"'{_without_password(url)}' is not a records URL",
                mend="write sqlite:////absolute/path/records.sqlite or postgresql://user@host/database",
                code="bad_records_url",
            ) from None
        except ModuleNotFoundError:
            raise InvalidInput(
                "the PostgreSQL driver is not installed", mend="pip install 'regulars[postgres]'", code="no_driver"
            ) from None
        return cls(engine)

    @contextmanager
    def unit(self) -> Iterator[UnitOfWork]:
        """A write transaction: committed when the block ends, rolled back when it raises."""
        with self._turn, self._connected(writes=True) as connection:
            work = UnitOfWork(connection, writes=True)
            with connection.begin():
                yield work
        work.committed()

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """A read-only view at one instant; it never waits for writers and nothing in it is kept."""
        with self._connected(writes=False) as connection:
            transaction = connection.begin()
            try:
                if not self.is_sqlite:
                    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
                yield UnitOfWork(connection, writes=False)
            finally:
                transaction.rollback()

    def cached(self, key: Hashable, ask: Callable[[UnitOfWork], T]) -> T:
        """The answer to a small question that is asked all the time, read again after anybody's commit; `key` names it.

        What depends on the time of day must not be part of it. A store that cannot tell of commits is asked every time.
        """
        return self._kept.cached(key, ask)

    def is_cached(self, key: Hashable) -> bool:
        """Whether that answer is at hand."""
        return self._kept.holds(key)

    @contextmanager
    def _connected(self, *, writes: bool) -> Iterator[Connection]:
        try:
            with self.engine.connect() as connection:
                connection.info["writes"] = writes
                yield connection
        except RegularsError:
            raise
        except NoConnection:
            raise Unavailable(
                "more is asked of the records at once than they can answer", mend="try again in a moment", code="too_busy"
            ) from None
        except DBAPIError as error:
            known = explain(error)
            if self.is_sqlite and isinstance(known, Unavailable) and known.code in _DISK_FAULTS:
                self.engine.dispose()  # a connection that was opened while the disk was read-only would stay so for ever
            if known is None:
                raise
            raise known from error

    def migrate(self) -> list[str]:
        """Bring the schema to this release; returns the revisions applied. Killed in the middle, it goes on at the next call."""
        from regulars.records.revisions import is_newest

        with self.reading() as work:
            if is_newest(work):
                return []
        from regulars.records.migrate import upgrade

        return upgrade(self)

    def check(self) -> list[str]:
        """What is wrong with the store itself, in sentences."""
        if not self.is_sqlite:
            return []
        with self.reading() as work:
            found = [row[0] for row in work.execute(text("PRAGMA integrity_check"))]
            broken = [(row.table, row.parent) for row in work.execute(text("PRAGMA foreign_key_check"))]
        return [f"SQLite: {line}" for line in found if line != "ok"] + [
            f"SQLite: table {table} refers to a missing {parent}" for table, parent in broken
        ]

    def close(self) -> None:
        """Let go of all connections."""
        self._kept.close()
        self.engine.dispose()


def explain(error: DBAPIError) -> RegularsError | None:
    """What a driver error means for the person at the keyboard; None for a fault of our own."""
    text_ = str(error.orig)
    if "disk is full" in text_ or "No space left" in text_ or "could not extend file" in text_:
        return StorageFull("the disk of the records is full", mend="free some space and try again; reading goes on")
    if "readonly database" in text_ or "read-only transaction" in text_ or "unable to open database file" in text_:
        return Unavailable(
            "the records cannot be written", mend="give this user write access to the data folder", code="records_read_only"
        )
    if " is locked" in text_ or "locking protocol" in text_ or "lock timeout" in text_:
        return Unavailable("the records are busy", mend="try again in a moment", code="records_busy")
    if "disk I/O error" in text_:
        return Unavailable("the disk of the records failed", mend="check the disk, then run `regulars doctor`", code="disk_error")
    if "malformed" in text_ or "not a database" in text_:
        return Unavailable(
            "the records file is damaged",
            mend="put the last backup in its place, then run `regulars doctor`",
            code="records_damaged",
        )
    if (
        error.connection_invalidated
        or "connection refused" in text_.lower()
        or "could not connect" in text_
        or "connection failed" in text_
    ):
        return Unavailable(
            "the records server does not answer", mend="check REGULARS_RECORDS_URL and that PostgreSQL runs", code="no_records"
        )
    return None


def _without_password(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return url.split("@")[-1]


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun by us, see below
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA cache_size = -65536")  # 64 MB: large loads of people write many index pages


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock at once: a later upgrade from reading to writing could only fail.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.info.get("writes", True) else "BEGIN")
