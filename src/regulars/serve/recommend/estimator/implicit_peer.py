"""The library `implicit` as a peer in the nightly evaluation, where it is installed; nothing it says is ever shown to a shopper."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from regulars.serve.recommend.domain.baskets import Histories

Ints = npt.NDArray[np.int64]
#: Neighbours of an item that are kept: of sessions, and of baskets.
_SESSION_K, _BASKET_K = 200, 100


def installed() -> bool:
    """Whether `regulars[implicit]` is here."""
    return importlib.util.find_spec("implicit") is not None


def next_item(items: Ints | npt.NDArray[np.int32], starts: Ints, n_items: int, size: int) -> Callable[[Sequence[int]], list[int]]:
    """Its item cosine over sessions, asked with the whole session, repeats allowed."""
    from implicit.nearest_neighbours import CosineRecommender

    sessions = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    rows = sparse.csr_matrix((np.ones(len(items), np.float32), (sessions, items)), shape=(len(starts) - 1, n_items))
    model = CosineRecommender(K=_SESSION_K, num_threads=1)
    model.fit(rows, show_progress=False)

    def best(prefix: Sequence[int]) -> list[int]:
        asked = sorted({item for item in prefix if item < n_items})
        row = sparse.csr_matrix((np.ones(len(asked), np.float32), ([0] * len(asked), asked)), shape=(1, n_items))
        ids, scores = model.recommend(0, row, N=size, filter_already_liked_items=False)
        return [int(item) for item, score in zip(ids, scores, strict=True) if score > 0]

    return best


def next_basket(histories: Histories, users: Ints, size: int, fill: Sequence[int]) -> list[list[int]]:
    """Its BM25 neighbours over what each buyer bought, how often counting; filled up with best sellers."""
    from implicit.nearest_neighbours import BM25Recommender

    rows = histories.weighted(np.ones(len(histories.of_user))).astype(np.float32)
    model = BM25Recommender(K=_BASKET_K, num_threads=1)
    model.fit(rows, show_progress=False)
    ids, scores = model.recommend(users, rows[users], N=size, filter_already_liked_items=False)
    lists = []
    for one, worth in zip(ids.tolist(), scores.tolist(), strict=True):
        found = [item for item, value in zip(one, worth, strict=True) if value > 0]
        lists.append([*found, *(item for item in fill if item not in found)][:size])
    return lists
