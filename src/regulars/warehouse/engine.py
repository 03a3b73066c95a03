"""The protocol every analytical engine fulfils; an engine is done when `tests/engines/` passes on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import ibis.expr.types as ir
import pyarrow as pa

from regulars.warehouse.specs import TableSpec


@dataclass(frozen=True, slots=True)
class MergeCounts:
    """What an upsert did: rows that were new, rows that replaced an older form, rows that were there already."""

    inserted: int
    updated: int
    unchanged: int

    def __add__(self, other: MergeCounts) -> MergeCounts:
        return MergeCounts(self.inserted + other.inserted, self.updated + other.updated, self.unchanged + other.unchanged)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What differs between engines, so that callers ask instead of guessing by name."""

    transactions: bool  # several writes commit together
    several_processes: bool  # more than one process may write at a time
    sorted_streams: bool = False  # large sorted answers come in batches, and DuckDB's own functions are there


class Engine(Protocol):
    """One analytical store. Writes come from one thread at a time (the warehouse sees to it); queries from many."""

    capabilities: Capabilities

    def create(self, tables: Sequence[TableSpec]) -> None:
        """Create the tables that are missing, and add columns that a newer release brought."""

    def compile(self, expression: ir.Expr) -> str:
        """The expression as this engine's SQL."""

    def query(self, sql: str) -> pa.Table:
        """Run a compiled query; timestamps are UTC without zone mark."""

    def append(self, table: TableSpec, data: pa.Table | pa.RecordBatchReader) -> int:
        """Add rows; returns how many."""

    def append_new(self, table: TableSpec, data: pa.Table, hashed: str) -> int:
        """Add the rows whose key is not there yet; returns how many. Keys are unique within `data`.

        `hashed` is an integer column made from the key: it is compared first, so that no key of the table is read in vain.
        """

    def merge(self, table: TableSpec, source: Sequence[Path] | pa.Table, *, update: bool) -> MergeCounts:
        """Upsert Parquet files or rows (the table's columns) by the table's key. Keys are unique within the source.

        A row's customer is compared as its source named it; while that stays, so does the customer it was given since.
        """

    def replace(self, table: TableSpec, source: pa.Table | str, where: Mapping[str, str]) -> int:
        """Put a table or the result of a compiled query in the place of the rows that match `where`."""

    def exchange(self, table: TableSpec, gone: str, source: str) -> int:
        """Put the result of the compiled query `source` in the place of rows; returns how many were put there.

        The compiled query `gone` tells the rows that go, by columns of the table that are not null. Both are asked before anything changes.
        """

    def delete(self, table: TableSpec, condition: str) -> int:
        """Remove the rows that match a compiled condition."""

    def update(self, table: TableSpec, assignments: Mapping[str, str], condition: str) -> int:
        """Set columns to compiled values in the rows that match a compiled condition."""

    def relabel(self, table: TableSpec, labels: pa.Table, where: Mapping[str, str], *, others_too: bool) -> int:
        """Set `customer_id` (and what follows from it) of the rows that match `where` to the `label` of what they were `told` under.

        `table.told` names the columns that tell it. Rows told under an id without label stay, or with `others_too` get that id.
        """

    def transaction(self) -> AbstractContextManager[None]:
        """Writes inside commit together or not at all."""

    def interrupt(self) -> None:
        """Stop the statements that run now."""

    def check(self) -> list[str]:
        """What is wrong with the store itself, in sentences; empty when all is well."""

    def overwrite_free(self, *, thorough: bool = False) -> int:
        """Make what deleted and changed rows left in the store's files unreadable; returns bytes that were overwritten.

        `thorough`: however long it takes. Engines that keep no such remains answer 0.
        """

    def copied_at_once(self) -> bool:
        """Whether a thorough `overwrite_free` takes only seconds."""

    def size(self) -> Mapping[str, Any]:
        """Bytes on disk and rows by table."""

    def close(self) -> None:
        """Let go of the store."""
