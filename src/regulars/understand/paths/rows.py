"""Sorted events as numpy arrays: how they come out of the engine, piece by piece, every customer in one piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from regulars.understand.paths.queries.packed import bits_of, packed
from regulars.understand.questions import READ
from regulars.understand.questions.sorting import MOST, by_customer
from regulars.warehouse import Warehouse

Ints = np.ndarray[Any, np.dtype[np.int64]]
Codes = np.ndarray[Any, np.dtype[np.integer[Any]]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

#: Rows of one piece; a piece ends with a customer, so it may hold some more.
AT_ONCE = 120_000


@dataclass(frozen=True)
class Piece:
    """Events of whole customers, sorted by customer, instant and code."""

    customer: Ints  # a hash, or another number that is the customer's in this piece
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
    """The distinct values of a text column, in order; null is none of them. Kept until something is written."""
    asked = rows.filter(rows[column].notnull()).select(column).distinct()

    def answer() -> list[str]:
        return sorted(str(one) for one in warehouse.query(asked).column(column).to_pylist())

    return list(warehouse.cached(("paths.names", asked.op()), answer, of=READ))


def pieces(
    warehouse: Warehouse, rows: ir.Table, names: Sequence[str] | None, *, at_once: int = AT_ONCE, most: int = MOST
) -> Iterator[Piece]:
    """More rows than `most` are sorted by the engine. `rows` have `customer_id`, `at` and, with `names`, `node`; a code is the place of the node among the names (behind the last: null)."""
    bits = bits_of(names)
    if bits is not None:
        parts = by_customer(warehouse.batches(packed(rows, names, in_order=False), rows=at_once), most=most)
        if parts is not None:
            yield from (_whole(owner, at, bits) for owner, at in parts)
            return
    waiting: list[pa.RecordBatch] = []
    for batch in warehouse.batches(packed(rows, names), rows=at_once):
        if not batch.num_rows:
            continue
        waiting.append(batch)
        customers = _numbers(batch.column("customer"))
        cut = int(np.searchsorted(customers, customers[-1]))  # the last customer may go on in the next batch
        if cut:
            waiting[-1] = batch.slice(0, cut)
            yield _piece(waiting, bits)
            waiting = [batch.slice(cut)]
    if waiting:
        yield _piece(waiting, bits)


def _piece(batches: Sequence[pa.RecordBatch], bits: int | None) -> Piece:
    def column(name: str) -> Ints:
        each = [_numbers(batch.column(name)) for batch in batches]
        return each[0] if len(each) == 1 else np.concatenate(each)

    at = column("at")
    if bits is None:
        return Piece(column("customer"), at, column("code"))
    return _whole(column("customer"), at, bits)


def _whole(customer: Ints, at: Ints, bits: int) -> Piece:
    if not bits:
        return Piece(customer, at, np.zeros(len(at), dtype=np.int8))
    return Piece(customer, at >> bits, (at & ((1 << bits) - 1)).astype(np.int8))


def _numbers(column: pa.Array) -> Ints:
    """The numbers of a column without nulls."""
    found: Ints = column.to_numpy(zero_copy_only=False)
    return found
