"""A scratch database in which files are read and cleaned before anything goes to the store."""

from __future__ import annotations

from regulars.warehouse.engines.duckdb_sql import literal, quote
from regulars.warehouse.engines.workbench import Workbench

__all__ = ["Workbench", "literal", "quote"]
