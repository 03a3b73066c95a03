"""Items that go together: looked at in the same sessions, looked at next, and bought in the same basket.

Every table is a sparse matrix of items by items with at most so many entries a row, made a block of rows at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
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
_BLOCK = 80_000
#: Pairs that a block of products is made of at most, before they are counted together.
_WORK = 4_000_000


def incidence(items: Ints, starts: Ints, n_items: int) -> sparse.csr_matrix:
    """Sessions (or baskets) by items, ones where an item occurs; of long ones the last items."""
    lengths = np.diff(starts)
    owner = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    kept = np.arange(len(items)) >= np.repeat(starts[1:] - MOST_OF_ONE, lengths)
    ones = np.ones(int(kept.sum()), np.float32)
    made = sparse.csr_matrix((ones, (owner[kept], items[kept])), shape=(len(lengths), n_items))
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


def next_views(items: Ints, starts: Ints, n_items: int, *, kept: int = KEPT) -> sparse.csr_matrix:
    """What is looked at after an item, one over the steps between: directed, as a case comes after a phone and not before."""
    owner = np.repeat(np.arange(len(starts) - 1, dtype=np.int32), np.diff(starts))
    blocks = []
    for begin in range(0, n_items, _BLOCK):
        end = min(begin + _BLOCK, n_items)
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
    return sparse.csr_matrix(sparse.vstack(blocks, format="csr")) if blocks else sparse.csr_matrix((0, 0), dtype=np.float32)


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
    lengths = np.diff(rows.indptr)
    work = np.concatenate([[0], np.cumsum(lengths[transposed.indices], dtype=np.int64)])[transposed.indptr]
    blocks, begin = [], 0
    while begin < rows.shape[1]:
        end = max(begin + 1, int(np.searchsorted(work, work[begin] + _WORK, side="right")) - 1)
        block = sparse.csr_matrix(transposed[begin:end] @ rows)
        valued(block, begin)
        blocks.append(_pruned(block, kept))
        begin = end
    return sparse.csr_matrix(sparse.vstack(blocks, format="csr")) if blocks else sparse.csr_matrix((0, 0), dtype=np.float32)


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
