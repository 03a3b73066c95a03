"""One engine per analytical store, chosen by URL scheme; drivers are imported here and nowhere else."""

from __future__ import annotations

from urllib.parse import urlsplit

from regulars.errors import InvalidInput
from regulars.warehouse.engine import Capabilities, Engine


def open_engine(url: str, *, memory_limit: str | None = None, threads: int | None = None) -> Engine:
    """The engine behind a warehouse URL."""
    match urlsplit(url).scheme:
        case "spark" | "spark+local":
            from regulars.warehouse.engines.spark import Spark

            return Spark.from_url(url, memory_limit=memory_limit, threads=threads)
        case "duckdb":
            from regulars.warehouse.engines.duckdb import DuckDB

            return DuckDB.from_url(url, memory_limit=memory_limit, threads=threads)
        case "file":
            from regulars.warehouse.engines.duckdb_file import EventsFile

            return EventsFile.from_url(url, memory_limit=memory_limit, threads=threads)
        case scheme:
            raise _unknown(scheme or url)


def capabilities_of(url: str) -> Capabilities:
    """What the engine behind a URL can do, without opening it."""
    match urlsplit(url).scheme:
        case "spark" | "spark+local":
            from regulars.warehouse.engines.spark import Spark

            return Spark.capabilities
        case "duckdb":
            from regulars.warehouse.engines.duckdb import DuckDB

            return DuckDB.capabilities
        case "file":
            from regulars.warehouse.engines.duckdb_file import EventsFile

            return EventsFile.capabilities
        case scheme:
            raise _unknown(scheme or url)


def _unknown(scheme: str) -> InvalidInput:
    return InvalidInput(
        f"there is no warehouse engine for '{scheme}'",
        mend="write duckdb:////absolute/path/warehouse.duckdb, or spark://host:7077/path/of/the/tables",
        code="unknown_engine",
    )
