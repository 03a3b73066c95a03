"""Items that go together: looked at in the same sessions, looked at next, and bought in the same basket.

Every table is a sparse matrix of items by items with at most so many entries a row, made a block of rows at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Items = Ints | npt.NDArray[np.int32]
Scores = tuple[Ints, Floats]

#: Neighbours kept of an item.
KEPT = 100
#: Of a session or basket so many distinct items count: one of a thousand says nothing of any pair.
MOST_OF_ONE = 50
#: Steps over which one view leads to another.
STEPS = 3
#: Baskets a pair must have been in together.
SUPPORT = 3
_CHANCE = 5.0
#: Pairs that a block of products is made of at most, before they are counted together; and views, of what is looked at next.
_WORK, _VIEWS = 4_000_000, 1_000_000


def incidence(items: Items, starts: Ints, n_items: int) -> sparse.csr_matrix:
    """Sessions (or baskets) by items, ones where an item occurs; of long ones the last items."""
    lengths = np.diff(starts)
    if len(lengths) and lengths.max() > MOST_OF_ONE:
        kept = np.arange(len(items)) >= np.repeat(starts[1:] - MOST_OF_ONE, lengths)
        items = items[kept]
        starts = np.concatenate([[0], np.minimum(lengths, MOST_OF_ONE).cumsum()])
    index = items.astype(np.int32)
    made = sparse.csr_matrix((np.ones(len(index), np.float32), index, starts.astype(np.int32)), shape=(len(lengths), n_items))
    made.sum_duplicates()
    made.data[:] = 1.0  # of an item that occurs twice too
    return made


def co_views(sessions: sparse.csr_matrix, *, kept: int = KEPT) -> sparse.csr_matrix:
    """Cosine of the sessions of two items. An item is most like itself: in sessions people come back to what they saw."""
    size = np.sqrt(np.maximum(np.asarray(sessions.sum(axis=0)).ravel(), 1.0)).astype(np.float32)

    def cosine(block: sparse.csr_matrix, begin: int) -> None:
        rows = np.repeat(np.arange(block.shape[0]), np.diff(block.indptr))
        block.data /= size[begin + rows] * size[block.indices]

    return _products(sessions, cosine, kept)


def co_baskets(baskets: sparse.csr_matrix, *, support: int = SUPPORT, kept: int = KEPT) -> sparse.csr_matrix:
    """Lift of two items in one basket, drawn towards 1 where there are few of them; only pairs with support, none with itself.

    The value is `(lift - 1) * n / (n + 5)` with n the baskets that hold both; what is bought together less than by chance is left out.
    """
    counts = np.maximum(np.asarray(baskets.sum(axis=0)).ravel(), 1.0)
    n_baskets = baskets.shape[0]

    def lift(block: sparse.csr_matrix, begin: int) -> None:
        rows = begin + np.repeat(np.arange(block.shape[0]), np.diff(block.indptr))
        both = block.data.astype(np.float64)
        value = (both * n_baskets / (counts[rows] * counts[block.indices]) - 1.0) * both / (both + _CHANCE)
        block.data[:] = np.where((both >= support) & (rows != block.indices), np.maximum(value, 0.0), 0.0)

    return _products(baskets, lift, kept)


def next_views(items: Items, starts: Ints, n_items: int, *, kept: int = KEPT) -> sparse.csr_matrix:
    """What is looked at after an item, one over the steps between: directed, as a case comes after a phone and not before."""
    owner = np.repeat(np.arange(len(starts) - 1, dtype=np.int32), np.diff(starts))
    work = np.concatenate([[0], np.bincount(items, minlength=n_items).cumsum()])
    blocks = []
    for begin, end in _blocks(work, _VIEWS):
        here = np.flatnonzero((items >= begin) & (items < end))
        rows, columns, weights = [], [], []
        for gap in range(1, STEPS + 1):
            first = here[here < len(items) - gap]
            first = first[owner[first] == owner[first + gap]]
            rows.append(items[first] - begin)
            columns.append(items[first + gap])
            weights.append(np.full(len(first), 1.0 / gap, np.float32))
        block = sparse.csr_matrix(
            (np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))), shape=(end - begin, n_items)
        )
        block.sum_duplicates()
        blocks.append(_pruned(block, kept))
    return _stacked(blocks, n_items)


def summed(table: sparse.csr_matrix, seeds: Sequence[int], weights: Sequence[float] | None = None) -> Scores:
    """What goes with these items taken together: their rows added up, in no order."""
    known = [(seed, 1.0 if weights is None else weights[place]) for place, seed in enumerate(seeds) if 0 <= seed < table.shape[0]]
    parts = [(table.indptr[seed], table.indptr[seed + 1], weight) for seed, weight in known]
    if not parts:
        return np.empty(0, np.int64), np.empty(0)
    ids = np.concatenate([table.indices[begin:end] for begin, end, _ in parts]).astype(np.int64)
    values = np.concatenate([table.data[begin:end] * weight for begin, end, weight in parts]).astype(np.float64)
    found, places = np.unique(ids, return_inverse=True)
    return found, np.bincount(places, weights=values, minlength=len(found)).astype(np.float64)


def _products(rows: sparse.csr_matrix, valued: Callable[[sparse.csr_matrix, int], None], kept: int) -> sparse.csr_matrix:
    """`rows` transposed times itself, each block given its values and pruned; blocks are of about the same work, so that memory is."""
    transposed = sparse.csr_matrix(rows.T)
    each = transposed @ np.diff(rows.indptr).astype(np.float64)
    blocks = []
    for begin, end in _blocks(np.concatenate([[0], each.cumsum()]), _WORK):
        block = sparse.csr_matrix(transposed[begin:end] @ rows)
        valued(block, begin)
        blocks.append(_pruned(block, kept))
    return _stacked(blocks, rows.shape[1])


def _blocks(work: npt.NDArray[Any], most: int) -> Iterator[tuple[int, int]]:
    """Ranges of products with about so much work each; `work` is that of all before each product."""
    begin = 0
    while begin < len(work) - 1:
        end = max(begin + 1, int(np.searchsorted(work, work[begin] + most, side="right")) - 1)
        yield begin, end
        begin = end


def _stacked(blocks: list[sparse.csr_matrix], n_items: int) -> sparse.csr_matrix:
    """One table of the blocks, which are let go of."""
    made = sparse.csr_matrix((n_items, n_items), dtype=np.float32)
    if not blocks:
        return made
    counts = np.concatenate([np.diff(block.indptr) for block in blocks])
    data, indices = [block.data for block in blocks], [block.indices for block in blocks]
    blocks.clear()
    made.indptr = np.concatenate([[0], counts.cumsum()]).astype(np.int64 if counts.sum() >= 2**31 else np.int32)
    made.data = np.concatenate(data)
    data.clear()
    made.indices = np.concatenate(indices).astype(np.int32, copy=False)
    return made


def _pruned(block: sparse.csr_matrix, kept: int) -> sparse.csr_matrix:
    """The largest entries of every row; rows that have no more than that stay as they are."""
    lengths = np.diff(block.indptr)
    good = block.data > 0
    long = np.flatnonzero(lengths > kept)
    if len(long):
        counts = lengths[long]
        offsets = np.repeat(counts.cumsum() - counts, counts)
        inside = np.repeat(block.indptr[long], counts) + np.arange(counts.sum()) - offsets
        rows = np.repeat(np.arange(len(long)), counts)
        values = block.data[inside].astype(np.float64)
        order = np.argsort(rows + (1.0 - values / max(float(values.max()), 1e-12)) * 0.5, kind="stable")
        place = np.arange(len(order)) - offsets
        good[inside[order[place >= kept]]] = False
    rows = np.repeat(np.arange(block.shape[0]), lengths)[good]
    starts = np.concatenate([[0], np.bincount(rows, minlength=block.shape[0]).cumsum()])
    made = sparse.csr_matrix(block.shape, dtype=np.float32)
    made.data, made.indices, made.indptr = block.data[good].astype(np.float32), block.indices[good].astype(np.int32), starts
    return made
