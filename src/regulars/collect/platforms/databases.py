"""Reading a shop's own database: one query, read-only as far as the database can be made to keep to it, page by page.

The address is what somebody with the permission to connect data gave. Options in it that would make a driver read files or load
programs are refused; a SQLite file must be there already and is never one of our own.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlglot
from sqlalchemy import URL, Connection, Engine, column, create_engine, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.expression import TextualSelect
from sqlglot import exp

from regulars.collect.platforms.domain.cursor import Cut, check_order, cut
from regulars.errors import InvalidInput, Unavailable

#: Backends and the drivers that may speak to them, the one taken by default first.
DRIVERS: dict[str, tuple[str, ...]] = {
    "postgresql": ("psycopg",),
    "mysql": ("pymysql", "mysqldb"),
    "mariadb": ("pymysql", "mysqldb"),
    "mssql": ("pymssql",),
    "oracle": ("oracledb",),
    "sqlite": ("pysqlite",),
}
_OPTIONS = frozenset({"sslmode", "ssl", "charset", "application_name", "service_name", "encryption"})
_SQLGLOT = {"postgresql": "postgres", "mariadb": "mysql", "mssql": "tsql"}
_WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Command, exp.Into)
_COLON = re.compile(r"(?<![:\\]):(?=\w)")
_SECONDS = 10
_QUERY_SECONDS = 300
#: Rows with one and the same cursor value are read at once; so many fit into memory.
MOST_TIED = 200_000
_ALLOWED_IN_SQLITE = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})


def checked_url(given: str, home: Path, own: URL) -> URL:
    """The address of a database that may be read.

    Parameters
    ----------
    home, own : the data folder and the address of our records, which are never read so.

    Raises
    ------
    InvalidInput : it is none, of a kind that is not read, has options that are not allowed, or is one of our own stores.
    """
    try:
        url = make_url(given.strip())
    except ArgumentError:
        raise _bad_url("this is not the address of a database") from None
    backend = "postgresql" if url.get_backend_name() == "postgres" else url.get_backend_name()
    drivers = DRIVERS.get(backend)
    if drivers is None:
        raise _bad_url(f"databases of the kind '{backend[:30]}' are not read")
    driver = url.drivername.partition("+")[2] or drivers[0]
    if driver not in drivers:
        raise _bad_url(f"the driver '{driver[:30]}' is not taken for {backend}")
    unknown = sorted(set(url.query) - _OPTIONS)
    if unknown:
        raise InvalidInput(
            f"the option '{unknown[0][:60]}' of the address is not allowed",
            mend=f"leave it out; allowed are {', '.join(sorted(_OPTIONS))}",
            code="bad_database_url",
        )
    url = url.set(drivername=f"{backend}+{driver}")
    if backend == "sqlite":
        return url.set(database=str(_sqlite_file(url.database, home)), query={})
    if backend == own.get_backend_name() and (url.host, url.port or 5432, url.database) == (
        own.host,
        own.port or 5432,
        own.database,
    ):
        raise InvalidInput("these are the product's own records", mend="name the shop's database", code="own_store")
    return url


def shown(url: URL) -> str:
    """The address without user, password and options."""
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{url.database}"
    port = f":{url.port}" if url.port else ""
    return f"{url.get_backend_name()}://{url.host or ''}{port}/{url.database or ''}"


def checked_query(query: str, backend: str) -> str:
    """One SELECT.

    Raises
    ------
    InvalidInput : it is something else, several statements, or holds a statement that writes.
    """
    plain = query.strip().rstrip(";").strip()
    bad = InvalidInput("the query is not one SELECT", mend="write a single SELECT without a semicolon", code="bad_query")
    if not plain or len(plain) > 20_000 or "\x00" in plain:
        raise bad
    try:
        parsed = sqlglot.parse(plain, read=_SQLGLOT.get(backend, backend))
    except sqlglot.errors.SqlglotError:
        if not re.match(r"(?is)(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:select|with)\b", plain) or ";" in plain:
            raise bad from None
        return plain
    if len(parsed) != 1 or not isinstance(parsed[0], exp.Query) or parsed[0].find(*_WRITES):
        raise bad
    return plain


class Database:
    """A database that is open for reading one query."""

    def __init__(self, connection: Connection, query: str, cursor_column: str) -> None:
        self._connection = connection
        self._text = query
        self._cursor = cursor_column
        self.columns = self._columns()
        if cursor_column not in self.columns:
            raise InvalidInput(
                f"the query has no column '{cursor_column}' to tell how far was read",
                mend=f"choose one of: {', '.join(self.columns)}",
                code="missing_cursor_column",
                column=cursor_column,
            )

    def check_cursor(self) -> None:
        """Refuse a cursor column with empty cells: their rows would never be read."""
        rows = self._rows()
        empty = select(rows.c[self._cursor]).where(rows.c[self._cursor].is_(None)).limit(1)
        if self._ask(empty):
            raise InvalidInput(
                f"the cursor column '{self._cursor}' has empty cells, whose rows would never be read",
                mend=f"leave them out (WHERE {self._cursor} IS NOT NULL) or choose another column",
                code="bad_cursor_column",
                column=self._cursor,
            )

    def page(self, after: Any, limit: int, *, including: bool) -> tuple[list[dict[str, Any]], Cut]:
        """The next rows in the cursor's order, cut between two cursor values; more than `limit` where so many share one value.

        Raises
        ------
        InvalidInput : the cursor's values do not grow, or too many rows share one.
        """
        rows = self._rows()
        place = rows.c[self._cursor]
        wanted = select(rows).order_by(place).limit(limit + 1)
        if after is not None:
            wanted = wanted.where(place >= after if including else place > after)
        found = self._ask(wanted)
        values = [row[self._cursor] for row in found]
        check_order(values, after, self._cursor)
        end = cut(values, limit)
        if end.tied is None:
            return found[: end.taken], end
        tied = self._ask(select(rows).where(place == end.tied).limit(MOST_TIED + 1))
        if len(tied) > MOST_TIED or not tied:
            raise InvalidInput(
                f"more than {MOST_TIED:,} rows share one value of the cursor column '{self._cursor}'",
                mend="choose a finer column, such as the row's own number",
                code="bad_cursor_column",
                column=self._cursor,
            )
        return tied, Cut(len(tied), end.tied, more=True)

    def where_in(self, name: str, values: Sequence[Any]) -> list[dict[str, Any]]:
        """All rows with one of the values in a column."""
        rows = self._rows()
        found: list[dict[str, Any]] = []
        for start in range(0, len(values), 500):
            part = list(values[start : start + 500])
            found += self._ask(select(rows).where(rows.c[name].in_(part)).order_by(rows.c[self._cursor]))
        return found

    def _columns(self) -> tuple[str, ...]:
        names = tuple(
            self._run(text(f"SELECT * FROM (\n{_COLON.sub(chr(92) + ':', self._text)}\n) source_rows WHERE 1 = 0")).keys()
        )
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise InvalidInput(
                f"the query has the column '{twice}' twice", mend="give each column a name of its own with AS", code="column_twice"
            )
        return names

    def _rows(self) -> Any:
        written: TextualSelect = text(_COLON.sub(r"\\:", self._text) + "\n").columns(*[column(name) for name in self.columns])
        return written.subquery("source_rows")

    def _ask(self, statement: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in self._run(statement).mappings()]

    def _run(self, statement: Any) -> Any:
        try:
            return self._connection.execute(statement)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise _away(error, self._connection.engine.url) from None
            raise InvalidInput(
                f"the database refuses the query: {_words(error, self._connection.engine.url)}",
                mend="try it in the database's own shell, then correct it",
                code="bad_query",
            ) from None
        except SQLAlchemyError as error:
            raise InvalidInput(
                f"the database refuses the query: {str(error).splitlines()[0][:300]}", mend="correct the query", code="bad_query"
            ) from None


@contextmanager
def opened(url: URL, query: str, cursor_column: str) -> Iterator[Database]:
    """The database, inside one read-only transaction that is always undone.

    Raises
    ------
    Unavailable : it does not answer, or does not let us in.
    InvalidInput : its driver is not installed, the query is refused, a column is missing.
    """
    engine = _engine(url)
    try:
        try:
            connection = engine.connect()
        except DBAPIError as error:
            raise _away(error, url) from None
        with connection, connection.begin() as transaction:
            try:
                _make_read_only(connection)
                yield Database(connection, query, cursor_column)
            finally:
                transaction.rollback()
    finally:
        engine.dispose()


def _engine(url: URL) -> Engine:
    backend = url.get_backend_name()
    arguments: dict[str, Any] = {}
    options: dict[str, Any] = {}
    match backend:
        case "postgresql":
            settings = f"-c default_transaction_read_only=on -c statement_timeout={_QUERY_SECONDS * 1000} -c timezone=UTC"
            arguments = {"connect_timeout": _SECONDS, "options": settings}
            options = {"isolation_level": "REPEATABLE READ"}
        case "mysql" | "mariadb":
            arguments = {
                "connect_timeout": _SECONDS,
                "read_timeout": _QUERY_SECONDS,
                "init_command": "SET SESSION TRANSACTION READ ONLY",
            }
        case "mssql":
            arguments = {"login_timeout": _SECONDS, "timeout": _QUERY_SECONDS}
    try:
        if backend == "sqlite":
            path = str(url.database)
            engine = create_engine("sqlite+pysqlite://", creator=lambda: _sqlite(path), poolclass=NullPool, hide_parameters=True)
            engine.url = url
            return engine
        return create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=arguments, **options)
    except (NoSuchModuleError, ModuleNotFoundError):
        driver = url.drivername.partition("+")[2]
        raise InvalidInput(
            f"the driver {driver} is not installed", mend=f"pip install {driver}, then restart the server", code="no_driver"
        ) from None


def _make_read_only(connection: Connection) -> None:
    if connection.dialect.name == "oracle":
        connection.execute(text("SET TRANSACTION READ ONLY"))
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION READ ONLY"))


def _sqlite(path: str) -> sqlite3.Connection:
    opened_ = sqlite3.connect(f"{Path(path).as_uri()}?mode=ro", uri=True, timeout=_SECONDS, check_same_thread=False)
    opened_.execute("PRAGMA query_only = ON")
    opened_.set_authorizer(_authorise)
    return opened_


def _authorise(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    asks = action == sqlite3.SQLITE_PRAGMA and second is None  # the driver asks for its settings, and sets none
    reads = action in _ALLOWED_IN_SQLITE and second != "load_extension"
    return sqlite3.SQLITE_OK if reads or asks or action == sqlite3.SQLITE_TRANSACTION else sqlite3.SQLITE_DENY


def _sqlite_file(name: str | None, home: Path) -> Path:
    if not name or name == ":memory:" or name.startswith("file:") or not Path(name).is_absolute():
        raise _bad_url("a SQLite database is named by the absolute path of its file")
    path = Path(name).resolve()
    if path == home.resolve() or home.resolve() in path.parents:
        raise InvalidInput("this file is one of the product's own", mend="name the shop's database", code="own_store")
    if not path.is_file():
        raise _bad_url("there is no such SQLite file")
    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\x00":
            raise _bad_url("this file is not a SQLite database")
    return path


def _bad_url(message: str) -> InvalidInput:
    return InvalidInput(
        message,
        mend="write it as postgresql://user:password@host:5432/database, mysql://... or sqlite:////absolute/path/shop.db",
        code="bad_database_url",
    )


def _away(error: DBAPIError, url: URL) -> Unavailable:
    return Unavailable(
        f"the database {shown(url)} cannot be reached: {_words(error, url)}",
        mend="check that it runs, that this server may reach it, and the user and password",
        code="database_away",
    )


def _words(error: DBAPIError, url: URL) -> str:
    """What the driver says, in one line and without the password."""
    words = " ".join(str(error.orig).split())
    for secret in (url.password, url.username):
        if secret and len(str(secret)) > 1:
            words = words.replace(str(secret), "***")
    return words[:300]
