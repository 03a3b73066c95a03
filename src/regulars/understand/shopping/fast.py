"""Carts in one pass over sorted numbers, where the engine streams them: the same answer as the portable expressions in `queries.carts`.

A row is a hash of its customer, and its instant with its kind in the low bits; money, products and what tells an order again go along
only where there is any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.understand.questions import Calendar
from regulars.understand.questions.native import epoch_us, hashed
from regulars.understand.questions.sorting import MOST, Ints, by_customer, coded
from regulars.understand.shopping.domain import CartsQuery
from regulars.understand.shopping.queries import carts as expressions
from regulars.understand.shopping.queries.carts import ADDED, CHECKOUT, ORDERED, REMOVED
from regulars.warehouse import Warehouse

_KIND_BITS = 2
_BATCH = 120_000

Bools = np.ndarray[Any, np.dtype[np.bool_]]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Carts:
    """What `figures` and `left_most` of the portable way say: of all, by bucket, and what lies in abandoned carts."""

    total: Row | None
    buckets: Mapping[int, Row]
    left: list[dict[str, Any]]


def offered(warehouse: Warehouse, query: CartsQuery) -> bool:
    """Whether the engine streams rows as numbers; groups are told apart by the portable way."""
    return warehouse.capabilities.sorted_streams and query.breakdown is None


def carts(warehouse: Warehouse, query: CartsQuery, currency: str, calendar: Calendar | None, *, most: int = MOST) -> Carts | None:
    """All carts opened in the range; null: there are more events than `most`."""
    read: list[pa.RecordBatch] = []
    rows = 0
    for batch in warehouse.batches(_numbered(query, currency), rows=_BATCH):
        rows += batch.num_rows
        if rows > most:
            return None
        read.append(batch)
    read = _told_once(read)
    names, read = coded(read, "product_id")
    worth = names or any(pc.any(pc.not_equal(batch.column("amount"), 0)).as_py() for batch in read)
    chosen = [
        pa.RecordBatch.from_arrays(
            [batch.column("u"), batch.column("at"), *([batch.column("amount"), batch.column("product_id")] if worth else [])],
            ["u", "at", *(["amount", "code"] if worth else [])],
        )
        for batch in read
    ]
    counts = _Counts(len(calendar) if calendar is not None else 0, len(names), query, calendar)
    for owner, at, *along in by_customer(chosen) or ():
        counts.add(owner, at, *along)
    return Carts(counts.row(0), {i: counts.row(i + 1) for i in range(counts.buckets)}, counts.left(names))


def _numbered(query: CartsQuery, currency: str) -> ir.Table:
    """Columns `u`, `at`, `amount`, `product_id` and, of orders, `told` and `event_key`."""
    rows = expressions.chosen(query)
    return rows.select(
        u=hashed(rows.customer_id),
        at=epoch_us(rows.timestamp) * (1 << _KIND_BITS) + rows.kind,
        amount=expressions.amount(rows, currency),
        product_id=rows.product_id,
        told=ibis.cases((rows.kind == ORDERED, hashed(expressions.told(rows)))),
        event_key=rows.event_key,
    )


def _told_once(read: list[pa.RecordBatch]) -> list[pa.RecordBatch]:
    """Without orders that are told again: of one told several times the first counts, whoever it is told of."""
    if not read:
        return read
    told = pa.chunked_array([batch.column("told") for batch in read])
    orders = told.drop_null().to_numpy()
    in_turn = np.sort(orders)
    if not np.any(in_turn[1:] == in_turn[:-1]):
        return read
    place = np.flatnonzero(told.is_valid().to_numpy())
    at, key = (pa.chunked_array([batch.column(name) for batch in read]).to_numpy()[place] for name in ("at", "event_key"))
    order = np.lexsort((key, at, orders))
    again = np.concatenate(([False], orders[order][1:] == orders[order][:-1]))
    kept = np.ones(len(told), bool)
    kept[place[order[again]]] = False
    starts = np.cumsum([0, *(batch.num_rows for batch in read)])
    return [batch.filter(pa.array(kept[low:high])) for batch, low, high in zip(read, starts, starts[1:], strict=False)]


class _Counts:
    """Sums over carts: row 0 of all of them, the others by bucket."""

    def __init__(self, buckets: int, products: int, query: CartsQuery, calendar: Calendar | None) -> None:
        self.buckets = buckets
        self._query = query
        self._edges = calendar.microseconds if calendar is not None else None
        self._sums: dict[str, Ints] = {name: np.zeros(buckets + 1, np.int64) for name in _SUMS}
        self._left = np.zeros((3, products), np.int64)  # carts, customers, value

    def add(self, owner: Ints, at: Ints, amount: Ints | None = None, code: Ints | None = None) -> None:
        """Whole customers' rows in order."""
        query = self._query
        t, kind = at >> _KIND_BITS, (at & ((1 << _KIND_BITS) - 1)).astype(np.int8)
        breaks = np.ones(len(t), bool)
        breaks[1:] = (owner[1:] != owner[:-1]) | (kind[:-1] == ORDERED) | (np.diff(t) >= query.silence)
        heads = np.flatnonzero(breaks)
        ends = np.append(heads[1:], len(t)) - 1
        adds = np.flatnonzero(kind == ADDED)
        first = np.append(adds, len(t))[np.searchsorted(adds, heads)]
        there = first <= ends
        there[there] &= self._inside(t[first[there]])
        first, ends = first[there], ends[there]
        ordered = kind[ends] == ORDERED
        lost = ~ordered & (t[ends] + query.silence <= round(query.as_of.timestamp() * 1_000_000))
        told = {
            "carts": np.ones(len(first), np.int64),
            "abandoned": lost,
            "converted": ordered,
            "at_checkout": lost & (_between(kind == CHECKOUT, first, ends) > 0),
            "took": np.where(ordered, t[ends] - t[first], 0),
        }
        if amount is not None:
            told["value"] = np.where(lost, np.maximum(_between(amount, first, ends), 0), 0)
        whose = owner[first]
        self._count(0, np.zeros(len(first), np.int64), whose, told)
        if self._edges is not None:
            bucket = np.searchsorted(self._edges, t[first], side="right")
            known = (bucket > 0) & (bucket <= self.buckets)
            self._count(1, bucket[known] - 1, whose[known], {name: one[known] for name, one in told.items()})
        if code is not None and amount is not None and self._left.shape[1]:
            self._lie(first[lost], ends[lost], owner, kind, amount, code)

    def _inside(self, opened: Ints) -> Bools:
        start, end = self._query.moments.start, self._query.moments.end
        inside = np.ones(len(opened), bool)
        if start is not None:
            inside &= opened >= round(start.timestamp() * 1_000_000)
        if end is not None:
            inside &= opened < round(end.timestamp() * 1_000_000)
        return inside

    def _count(self, low: int, cell: Ints, whose: Ints, told: Mapping[str, Any]) -> None:
        """Add carts in order of customer and time; one customer's carts of a cell stand together."""
        size = self.buckets if low else 1
        for name, one in told.items():
            if name in ("took", "value"):
                sums = np.zeros(size, np.int64)
                np.add.at(sums, cell, one)
            else:
                sums = np.bincount(cell[one.astype(bool)], minlength=size)
            self._sums[name][low : low + size] += sums
        for name, mine in (("customers", slice(None)), ("abandoned_customers", told["abandoned"])):
            cells, owners = cell[mine], whose[mine]
            new = np.ones(len(cells), bool)
            new[1:] = (owners[1:] != owners[:-1]) | (cells[1:] != cells[:-1])
            self._sums[name][low : low + size] += np.bincount(cells[new], minlength=size)

    def _lie(self, first: Ints, ends: Ints, owner: Ints, kind: Any, amount: Ints, code: Ints) -> None:
        """What was put into abandoned carts and not taken out again."""
        sizes = ends - first + 1
        cart = np.repeat(np.arange(len(first)), sizes)
        row = np.arange(len(cart)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + np.repeat(first, sizes)
        mine = (code[row] >= 0) & ((kind[row] == ADDED) | (kind[row] == REMOVED))
        cart, row = cart[mine], row[mine]
        products = self._left.shape[1]
        key, inverse = np.unique(cart * products + code[row], return_inverse=True)
        put, value = np.zeros(len(key), np.int64), np.zeros(len(key), np.int64)
        np.add.at(put, inverse, np.where(kind[row] == ADDED, 1, -1))
        np.add.at(value, inverse, amount[row])
        key, value = key[put > 0], value[put > 0]
        product, whose = key % products, owner[first[key // products]]
        self._left[0] += np.bincount(product, minlength=products)
        self._left[1] += np.bincount(np.unique(whose * products + product) % products, minlength=products)
        np.add.at(self._left[2], product, value)

    def row(self, i: int) -> Row:
        """The figures of all carts, or of a bucket."""
        return {name: int(sums[i]) for name, sums in self._sums.items()}

    def left(self, names: list[str]) -> list[dict[str, Any]]:
        """The products that lie in most abandoned carts."""
        carts_, customers, value = self._left
        held = np.flatnonzero(carts_)
        limit = self._query.limit
        if len(held) > limit:
            least = np.partition(carts_[held], len(held) - limit)[len(held) - limit]
            held = held[carts_[held] >= least]
        order = sorted(held.tolist(), key=lambda i: (-carts_[i], names[i].encode()))[:limit]
        return [
            {"product_id": names[i], "carts": int(carts_[i]), "customers": int(customers[i]), "value": int(value[i])} for i in order
        ]


_SUMS = ("carts", "abandoned", "converted", "customers", "abandoned_customers", "at_checkout", "value", "took")


def _between(numbers: Any, first: Ints, last: Ints) -> Ints:
    """Sums over rows from the first to the last, both included."""
    upto: Ints = np.cumsum(numbers, dtype=np.int64)
    found: Ints = upto[last] - upto[first] + numbers[first]
    return found
