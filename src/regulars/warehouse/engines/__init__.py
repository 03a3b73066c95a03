"""One file per analytical engine, chosen by URL scheme; drivers are imported here and nowhere else."""

from __future__ import annotations

from urllib.parse import urlsplit

from regulars.errors import InvalidInput
from regulars.warehouse.engine import Engine


def open_engine(url: str, *, memory_limit: str | None = None, threads: int | None = None) -> Engine:
    """The engine behind a warehouse URL."""
    scheme = urlsplit(url).scheme
    match scheme:
        case "duckdb":
            from regulars.warehouse.engines.duckdb import DuckDB

            return DuckDB.from_url(url, memory_limit=memory_limit, threads=threads)
        case "spark" | "spark+local":
            from regulars.warehouse.engines.spark import Spark

            return Spark.from_url(url, memory_limit=memory_limit, threads=threads)
        case "file":
            from regulars.warehouse.engines.duckdb_file import EventsFile

            return EventsFile.from_url(url, memory_limit=memory_limit, threads=threads)
        case _:
            raise InvalidInput(
                f"there is no warehouse engine for '{scheme or url}'",
                mend="set REGULARS_WAREHOUSE_URL to duckdb:////absolute/path/warehouse.duckdb, or ask spark://host:7077/path/of/the/tables",
                code="unknown_engine",
            )
