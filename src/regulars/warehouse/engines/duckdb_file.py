"""A file of events that is asked as it is: every other table is empty, and nothing of it is written anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import duckdb
import ibis.expr.types as ir

from regulars.errors import InvalidInput
from regulars.warehouse.engine import Capabilities
from regulars.warehouse.engines.duckdb import DuckDB
from regulars.warehouse.engines.duckdb_sql import column_type, literal, quote
from regulars.warehouse.engines.told_columns import column_of, plain
from regulars.warehouse.schema import TABLES
from regulars.warehouse.specs import TableSpec

#: The shop that all events of the file belong to.
SHOP = "file"
_GUESSES = {
    "customer": (
        "customer_id",
        "user_id",
        "userId",
        "customer",
        "user",
        "distinct_id",
        "visitorid",
        "visitor_id",
        "client_id",
        "uid",
    ),
    "event": ("event", "event_name", "event_type", "behaviour", "behavior", "behavior_type", "action"),
    "at": ("timestamp", "at", "ts", "time", "event_time", "created_at", "datetime"),
}


class EventsFile(DuckDB):
    """Parquet or CSV behind the engine protocol, for questions over events.

    `file:///absolute/path.parquet?customer=user_id&event=name&at=ts`: columns that are not named are found by their usual names;
    all others are properties.
    """

    capabilities = Capabilities(transactions=True, several_processes=True, small_writes=False, sorted_streams=True)

    def __init__(self, file: Path, columns: dict[str, str], *, memory_limit: str | None = None, threads: int | None = None) -> None:
        super().__init__(None, memory_limit=memory_limit, threads=threads)
        self._file = file
        self._columns = columns
        self._properties: dict[str, bool] = {}
        self._sure: frozenset[str] = frozenset()
        self.create(list(TABLES.values()))  # also for who opens it without creating anything: there is nothing else to make

    @classmethod
    def from_url(cls, url: str, *, memory_limit: str | None = None, threads: int | None = None) -> EventsFile:
        """Open a file by its address."""
        parts = urlsplit(url)
        return cls(Path(unquote(parts.path)), dict(parse_qsl(parts.query)), memory_limit=memory_limit, threads=threads)

    def compile(self, expression: ir.Expr) -> str:
        """As for a table; properties are read from the file's own columns."""
        return super().compile(plain(expression, self._properties, self._sure))

    def create(self, tables: Sequence[TableSpec]) -> None:
        """Empty tables, and the events as a view of the file.

        Raises
        ------
        InvalidInput : the file cannot be read, or a column that is needed is not in it.
        """
        super().create([table for table in tables if table.name != "events"])
        for table in tables:
            if table.name == "events":
                self._handle.write(f"CREATE OR REPLACE VIEW events AS {self._view(table)}")

    def _view(self, table: TableSpec) -> str:
        source = self._source()
        try:
            described = self._handle.writer.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        except duckdb.Error as error:
            raise InvalidInput(
                f"{self._file.name} cannot be read: {str(error).splitlines()[0]}",
                mend="give a Parquet or CSV file with a header",
                code="unreadable_file",
            ) from None
        kinds = {row[0]: row[1] for row in described}
        customer, event, at = (self._found(role, kinds) for role in ("customer", "event", "at"))
        others = [name for name in kinds if name not in (customer, event, at)]
        self._properties = {name: kinds[name] == "VARCHAR" for name in others}
        self._sure = frozenset({"customer_id"} if kinds[customer] == "VARCHAR" and self._never_null(customer) else ())
        fields = ", ".join(f"{literal(name)}, {quote(name)}" for name in others)
        made = {
            "shop_id": literal(SHOP),
            "source_id": literal(SHOP),
            "message_id": "''",
            "event_key": self._key(kinds),
            "type": "'track'",
            "event": quote(event),
            "customer_id": quote(customer),
            "is_known": "true",
            "user_id": quote(customer),
            "timestamp": _instant(at, kinds[at]),
            "received_at": _instant(at, kinds[at]),
            "is_bot": "false",
            "is_history": "true",
            "part_id": "''",
            "properties": f"json_object({fields})" if others else "'{}'",
        }
        made |= {
            name: f"TRY_CAST({quote(name)} AS {column_type(table.columns[name])})"
            for name in others
            if name in table.columns and name not in made
        }
        columns = [
            f"CAST({made.get(name, 'NULL')} AS {column_type(kind)}) AS {quote(name)}" for name, kind in table.columns.items()
        ]
        columns += [f"{quote(name)} AS {quote(column_of(name))}" for name, told in self._properties.items() if told]
        return f"SELECT {', '.join(columns)} FROM {source}"

    def _key(self, kinds: dict[str, str]) -> str:
        """What tells one event from another: its place in the file; where the format counts no rows, all that it says."""
        if self._parquet:
            return "file_row_number"
        return f"hash({', '.join(quote(name) for name in kinds)}) >> 1"

    @property
    def _parquet(self) -> bool:
        return self._file.suffix.lower() in (".parquet", ".pq")

    def _never_null(self, column: str) -> bool:
        """Whether the file itself says so, without being read through."""
        if not self._parquet:
            return False
        nulls = (
            f"SELECT count(*), count(stats_null_count), max(stats_null_count) FROM parquet_metadata({literal(str(self._file))}) "
            f"WHERE path_in_schema = {literal(column)}"
        )
        parts, told, most = self._handle.writer.execute(nulls).fetchone() or (0, 0, None)
        return bool(parts) and parts == told and most == 0

    def _source(self) -> str:
        if not self._file.exists():
            raise InvalidInput(f"there is no file {self._file}", mend="check its path", code="no_such_file")
        reads = "read_parquet" if self._parquet else "read_csv_auto"
        return f"{reads}({literal(str(self._file))})"

    def _found(self, role: str, kinds: dict[str, str]) -> str:
        told = self._columns.get(role)
        names = [told] if told else _GUESSES[role]
        for name in names:
            if name in kinds:
                return name
        raise InvalidInput(
            f"{self._file.name} has no column {told or 'for the ' + role}",
            mend=f"name it as {role}=COLUMN; there are {', '.join(list(kinds)[:20])}",
            code="no_such_column",
        )


def _instant(column: str, kind: str) -> str:
    """A column as UTC without zone mark: instants and texts as they are, numbers as seconds or milliseconds since 1970."""
    if kind in ("TIMESTAMP WITH TIME ZONE",):
        return f"CAST({quote(column)} AT TIME ZONE 'UTC' AS TIMESTAMP)"
    if kind in ("BIGINT", "INTEGER", "UBIGINT", "UINTEGER", "DOUBLE", "HUGEINT"):
        number = f"CAST({quote(column)} AS DOUBLE)"
        return f"make_timestamp(CAST(CASE WHEN {number} > 1e11 THEN {number} * 1e3 ELSE {number} * 1e6 END AS BIGINT))"
    return f"CAST({quote(column)} AS TIMESTAMP)"
