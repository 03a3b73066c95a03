"""Sorted events as numpy arrays: how they come out of the engine, piece by piece, every customer in one piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from regulars.understand.paths.queries.steps import coded
from regulars.warehouse import Warehouse

Ints = np.ndarray[Any, np.dtype[np.int64]]
Codes = np.ndarray[Any, np.dtype[np.integer[Any]]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

#: Rows of one piece; a piece ends with a customer, so it may hold some more.
AT_ONCE = 4_000_000
#: Up to so many names are told apart by comparing; more are looked up.
_COMPARED = 40


@dataclass(frozen=True)
class Piece:
    """Events of whole customers, sorted by customer, instant and code."""

    customer: Ints  # a hash
    moment: Ints  # microseconds since 1970
    code: Codes

    def __len__(self) -> int:
        return len(self.moment)

    def changes(self) -> Flags:
        """Where another customer begins; the first row is one."""
        found = np.empty(len(self), dtype=np.bool_)
        found[:1] = True
        np.not_equal(self.customer[1:], self.customer[:-1], out=found[1:])
        return found


def names_of(warehouse: Warehouse, rows: ir.Table, column: str) -> list[str]:
    """The distinct values of a text column, in order; null is none of them."""
    found = warehouse.query(rows.filter(rows[column].notnull()).group_by(column).aggregate(events=lambda t: t.count()))
    return sorted(str(one) for one in found.column(column).to_pylist())


def pieces(warehouse: Warehouse, rows: ir.Table, names: Sequence[str] | None, *, at_once: int = AT_ONCE) -> Iterator[Piece]:
    """`rows` have `customer_id`, `at` and, with `names`, `node`; a code is the place of the node among the names (behind the last: null)."""
    chosen = {"customer": rows.customer_id.hash(), "at": rows.at}
    if names is not None:
        rows = coded(rows, names, compared=len(names) <= _COMPARED)
        chosen = {"customer": rows.customer_id.hash(), "at": rows.at, "code": rows.code}
    sorted_rows = warehouse.query(rows.select(**chosen).order_by([ibis.asc(name) for name in chosen]))
    offset = 0
    while offset < sorted_rows.num_rows:
        length = _whole_customers(sorted_rows, offset, at_once)
        yield _piece(sorted_rows.slice(offset, length))
        offset += length


def _whole_customers(rows: pa.Table, offset: int, at_once: int) -> int:
    """How many rows from here hold about `at_once` and end with a customer."""
    length: int = min(at_once, rows.num_rows - offset)
    while offset + length < rows.num_rows:
        customers = _numbers(rows.column("customer").slice(offset + length - 1, at_once + 1))
        behind = np.flatnonzero(customers != customers[0])
        if len(behind):
            return length + int(behind[0]) - 1
        length += len(customers) - 1
    return length


def _piece(rows: pa.Table) -> Piece:
    moment = _numbers(rows.column("at"))
    code = _numbers(rows.column("code")) if "code" in rows.column_names else np.zeros(len(moment), dtype=np.int8)
    return Piece(_numbers(rows.column("customer")), moment, code)


def _numbers(column: pa.ChunkedArray) -> Ints:
    """The numbers of a column without nulls; instants as microseconds."""
    whole = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if pa.types.is_timestamp(whole.type):
        whole = whole.cast(pa.timestamp("us")).view(pa.int64())
    found: Ints = whole.to_numpy(zero_copy_only=False)
    return found
