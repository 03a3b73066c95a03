"""A funnel's rows as sorted numbers, whole customers at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from regulars.understand.funnels.domain import FunnelQuery
from regulars.understand.funnels.queries.compact import STEP_BITS, codes, compact, packed, packs
from regulars.understand.funnels.queries.stream import micros
from regulars.understand.questions.sorting import Ints, by_customer, coded

if TYPE_CHECKING:
    from regulars.warehouse import Warehouse

Bools = np.ndarray[Any, np.dtype[np.bool_]]

_BATCH = 120_000


@dataclass
class Rows:
    """Whole customers' rows in order. `first` and `instant` are the first row of the same customer, and of the same instant."""

    t: Ints
    code: Ints
    spoils: Ints
    first: Ints
    instant: Ints

    def matching(self, k: int) -> Ints:
        """The rows that match step k (from 0)."""
        return np.flatnonzero(self.code & (1 << k))

    @property
    def customers(self) -> Ints:
        """The first rows."""
        return np.flatnonzero(self.first == np.arange(len(self.t)))


@dataclass
class Valued:
    """Rows with the value of the breakdown (a place in the names; -1: none) and the number of the event."""

    rows: Rows
    value: Ints
    key: Ints


def pieces(warehouse: Warehouse, query: FunnelQuery, most: int, *, every: bool = False) -> Iterator[Rows]:
    """The rows of whole customers, some hundred thousand at a time: sorted here where two numbers tell everything of a row, else by the engine.

    Parameters
    ----------
    every : keep every row, also those that change nothing for the steps that customers come to.
    """
    if packs(query):
        parts = by_customer(warehouse.batches(packed(query), rows=_BATCH), most=most)
        if parts is not None:
            yield from (_unpacked(query, *part, every=every) for part in parts)
            return
    left: tuple[Ints, ...] | None = None
    for batch in warehouse.batches(compact(query), rows=_BATCH):
        columns = tuple(np.asarray(batch.column(name).to_numpy(zero_copy_only=False)) for name in ("u", "t", "code", "spoils"))
        if left is not None:
            columns = tuple(np.concatenate(pair) for pair in zip(left, columns, strict=True))
        cut = int(np.searchsorted(columns[0], columns[0][-1], side="left"))
        left = tuple(column[cut:] for column in columns)
        if cut:
            yield _rows(query, *(column[:cut] for column in columns))
    if left is not None and len(left[0]):
        yield _rows(query, *left)


def valued_pieces(warehouse: Warehouse, query: FunnelQuery, most: int) -> tuple[list[str], Iterator[Valued]] | None:
    """The names of all values, and every row with its own, of a funnel that `packs`; null: there are more rows than `most`."""
    read, rows = [], 0
    for batch in warehouse.batches(packed(query, valued=True), rows=_BATCH):
        rows += batch.num_rows
        if rows > most:
            return None
        read.append(batch)
    names, read = coded(read, "value")
    parts = by_customer(read, most=most)
    assert parts is not None
    return names, (Valued(_unpacked(query, owner, at, every=True), value.astype(np.int64), key) for owner, at, value, key in parts)


def _unpacked(query: FunnelQuery, owner: Ints, at: Ints, *, every: bool) -> Rows:
    assert query.range.end is not None
    t, place = at >> STEP_BITS, (at & ((1 << STEP_BITS) - 1)).astype(np.int8)
    code_of: Any = np.array(codes(query), np.int32)
    if query.order == "ordered" and not every:
        # A step at once repeated changes nothing: of step 1 the last begins the attempt that goes on, of others the first comes first.
        # Where several steps ask for the same events, each of these counts.
        alone = np.bitwise_count(code_of) <= 1
        if alone[1]:
            place[(place == 1) & (t >= micros(query.range.end))] = 0
        again = (owner[1:] == owner[:-1]) & (place[1:] == place[:-1]) & alone[place[1:]]
        begins = place[1:] == 1
        kept = np.ones(len(t), bool)
        kept[:-1] &= ~(again & begins)
        kept[1:] &= ~again | begins
        owner, t, place = owner[kept], t[kept], place[kept]
    return _rows(query, owner, t, code_of[place], np.zeros(len(t), np.int8))


def _rows(query: FunnelQuery, u: Ints, t: Ints, code: Ints, spoils: Ints) -> Rows:
    if query.order == "strict" or query.exclusions:
        # At an instant with steps, what is no step is ignored.
        heads = np.flatnonzero(np.concatenate(([True], (u[1:] != u[:-1]) | (t[1:] != t[:-1]))))
        met = np.repeat(np.maximum.reduceat(code > 0, heads), np.diff(np.append(heads, len(t))))
        kept = (code > 0) | ~met
        u, t, code, spoils = u[kept], t[kept], code[kept], spoils[kept]
    new = np.concatenate(([True], u[1:] != u[:-1]))
    later = np.concatenate(([True], t[1:] != t[:-1])) | new
    place = np.arange(len(t))
    return Rows(t, code, spoils, np.maximum.accumulate(np.where(new, place, 0)), np.maximum.accumulate(np.where(later, place, 0)))
