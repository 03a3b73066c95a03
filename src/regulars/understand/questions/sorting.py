"""Rows put in order of customer and a number in memory: apart by hash first, then each part as one number a row, which sorts fastest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa

Ints = np.ndarray[Any, np.dtype[np.int64]]
_Keys = np.ndarray[Any, np.dtype[np.uint64]]

#: Of so many rows the engine does the sorting, as it can use the disk; in memory a row takes 16 bytes.
MOST = 100_000_000
#: Rows of a part: what the processor keeps near it.
_PART = 1 << 17
_MOST_PARTS = 256
_BITS = 64


def by_customer(batches: Iterable[pa.RecordBatch], *, most: int = MOST) -> Iterator[tuple[Ints, ...]] | None:
    """Whole customers' rows, part by part: a number for the customer, and the row's own; sorted by both. Null: there are more rows than `most`.

    Parameters
    ----------
    batches : rows in any order, of columns without nulls: a hash of the customer with 64 bits, a number, and whatever goes along.
    """
    read: list[tuple[tuple[_Keys | Ints, ...], Ints]] = []
    rows = 0
    for batch in batches:
        rows += batch.num_rows
        if rows > most:
            return None
        if batch.num_rows:
            read.append(_put_apart(batch))
    return _parts(read, rows)


def coded(read: list[pa.RecordBatch], name: str) -> tuple[list[str], list[pa.RecordBatch]]:
    """The batches with a column of texts as places in the names that are answered; -1: no text."""
    columns = [batch.column(name) for batch in read]
    if all(column.null_count == len(column) for column in columns):
        names, codes = [], [pa.array(np.full(len(column), -1, np.int32)) for column in columns]
    else:
        whole = pa.chunked_array([column.dictionary_encode() for column in columns]).unify_dictionaries()
        names, codes = whole.chunk(0).dictionary.to_pylist(), [chunk.indices.fill_null(-1) for chunk in whole.chunks]
    place = read[0].schema.get_field_index(name) if read else 0
    return names, [batch.set_column(place, name, codes[i]) for i, batch in enumerate(read)]


def _put_apart(batch: pa.RecordBatch) -> tuple[tuple[_Keys | Ints, ...], Ints]:
    """A batch's columns in order of as many parts as there may be, and where each of these begins; the batch itself can go."""
    customers = _numbers(batch.column(0)).view(np.uint64)
    part = (customers & np.uint64(_MOST_PARTS - 1)).astype(np.uint8)
    order = np.argsort(part, kind="stable")
    ends = np.concatenate(([0], np.cumsum(np.bincount(part, minlength=_MOST_PARTS))))
    return (customers[order], *(_numbers(one)[order] for one in batch.columns[1:])), ends


def _parts(read: list[tuple[tuple[_Keys | Ints, ...], Ints]], rows: int) -> Iterator[tuple[Ints, ...]]:
    count = min(1 << (rows // _PART).bit_length(), _MOST_PARTS)
    step = _MOST_PARTS // count
    for k in range(0, _MOST_PARTS, step):
        mine = [tuple(column[ends[k] : ends[k + step]] for column in columns) for columns, ends in read if ends[k] < ends[k + step]]
        if mine:
            customers, numbers, *along = (np.concatenate(columns) for columns in zip(*mine, strict=True))
            yield _along(customers, numbers, along) if along else _sorted(customers, numbers)


def _along(customers: _Keys, numbers: Ints, along: list[Ints]) -> tuple[Ints, ...]:
    """As `_sorted`, with more columns."""
    owner = np.asarray(pa.array(customers).dictionary_encode().indices)
    low = int(numbers.min())
    bits = (int(numbers.max()) - low).bit_length()
    if bits + int(owner.max()).bit_length() > _BITS or bits == _BITS:
        order = np.lexsort((numbers, owner))
    else:
        order = np.argsort((numbers - low).view(np.uint64) | (owner.astype(np.uint64) << np.uint64(bits)))
    return (owner[order].astype(np.int64), numbers[order], *(column[order] for column in along))


def _sorted(customers: _Keys, numbers: Ints) -> tuple[Ints, Ints]:
    """Customers take small numbers; with them in the high bits of the row's own number one plain sort is enough, where they fit."""
    owner = np.asarray(pa.array(customers).dictionary_encode().indices)
    low = int(numbers.min())
    bits = (int(numbers.max()) - low).bit_length()
    if bits + int(owner.max()).bit_length() > _BITS:
        order = np.lexsort((numbers, owner))
        return owner[order].astype(np.int64), numbers[order]
    if bits == _BITS:  # of one customer
        return owner.astype(np.int64), np.sort(numbers)
    shift = np.uint64(bits)
    keys = (numbers - low).view(np.uint64) | (owner.astype(np.uint64) << shift)
    keys.sort()
    own = (keys & np.uint64((1 << bits) - 1)).view(np.int64) + low
    return (keys >> shift).view(np.int64), own


def _numbers(column: pa.Array) -> Ints:
    found: Ints = column.to_numpy(zero_copy_only=False)
    return found
