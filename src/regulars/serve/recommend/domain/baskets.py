"""What somebody buys next, repeats included: personal frequency, TIFU-KNN and UP-CF@r, and the two of them together.

Hu et al. 2020 (TIFU-KNN: temporal item frequency with user neighbours); Faggioli et al. 2020 (UP-CF@r: popularity in the last r
baskets of users that bought alike).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import sparse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Histories:
    """Baskets of users, oldest first: `items` of basket b of the user at `of_user[b]` are `items[starts[b]:starts[b+1]]`, each once."""

    items: Ints
    starts: Ints
    of_user: Ints  # ascending
    n_users: int
    n_items: int
    first: Ints = field(init=False, repr=False)  # the first basket of each user
    counts: Ints = field(init=False, repr=False)  # baskets of each user

    def __post_init__(self) -> None:
        counts = np.bincount(self.of_user, minlength=self.n_users).astype(np.int64)
        object.__setattr__(self, "counts", counts)
        object.__setattr__(self, "first", counts.cumsum() - counts)

    @classmethod
    def of(cls, users: Sequence[Sequence[Sequence[int]]], n_items: int) -> Histories:
        """From lists of baskets."""
        baskets = [sorted(set(basket)) for one in users for basket in one]
        lengths = np.array([len(basket) for basket in baskets], np.int64)
        flat = np.array([item for basket in baskets for item in basket], np.int64)
        owner = np.repeat(np.arange(len(users)), [len(one) for one in users]).astype(np.int64)
        return cls(flat, np.concatenate([[0], lengths.cumsum()]).astype(np.int64), owner, len(users), n_items)

    def weighted(self, of_basket: Floats) -> sparse.csr_matrix:
        """Users by items: the weights of the baskets that hold the item, added up."""
        each = np.repeat(of_basket, np.diff(self.starts))
        users = np.repeat(self.of_user, np.diff(self.starts))
        kept = each > 0
        made = sparse.csr_matrix((each[kept], (users[kept], self.items[kept])), shape=(self.n_users, self.n_items))
        made.sum_duplicates()
        return made

    def without_last(self) -> tuple[Histories, list[list[int]]]:
        """The same without each user's last basket, and those baskets."""
        kept = self.back > 0
        lengths = np.diff(self.starts)
        starts = np.concatenate([[0], lengths[kept].cumsum()]).astype(np.int64)
        earlier = Histories(self.items[np.repeat(kept, lengths)], starts, self.of_user[kept], self.n_users, self.n_items)
        last: list[list[int]] = [[] for _ in range(self.n_users)]
        for basket in np.flatnonzero(~kept).tolist():
            last[int(self.of_user[basket])] = self.items[self.starts[basket] : self.starts[basket + 1]].tolist()
        return earlier, last

    @property
    def back(self) -> Ints:
        """How many baskets each basket lies behind its user's last one."""
        return self.counts[self.of_user] - 1 - (np.arange(len(self.of_user)) - self.first[self.of_user])


def frequency(histories: Histories, last: int) -> sparse.csr_matrix:
    """The share of a user's last baskets that hold an item."""
    lately = histories.back < last
    return histories.weighted(np.where(lately, 1.0 / np.minimum(histories.counts[histories.of_user], last), 0.0))


@dataclass(frozen=True, slots=True)
class Tifu:
    """Settings of TIFU-KNN: neighbours, decay within groups of baskets and between groups, group size, weight of the own vector."""

    k: int = 300
    within: float = 0.9
    between: float = 0.7
    group: int = 7
    own: float = 0.7


@dataclass(frozen=True, slots=True)
class Upcf:
    """Settings of UP-CF@r: baskets looked back, neighbours, power of similarity, asymmetry of the cosine."""

    recent: int = 10
    k: int = 300
    power: float = 5.0
    asymmetry: float = 0.25


def tifu_vectors(histories: Histories, how: Tifu) -> sparse.csr_matrix:
    """Each user's temporal item frequencies: decayed means over the baskets of a group, then over the groups, newest counting whole.

    Groups are counted from the newest basket back; the oldest group may be smaller.
    """
    back = histories.back
    counts = histories.counts[histories.of_user]
    group_back, inside_back = back // how.group, back % how.group
    groups = -(-counts // how.group)
    oldest = group_back == groups - 1
    size = np.where(oldest, counts - (groups - 1) * how.group, how.group)
    weight = how.within**inside_back / size * how.between**group_back / groups
    return histories.weighted(weight.astype(np.float64))


class TifuUsers:
    """Vectors of all users, ready to be asked for some of them."""

    def __init__(self, vectors: sparse.csr_matrix) -> None:
        self.vectors = vectors
        self._turned = sparse.csr_matrix(vectors.T)
        self._squares = np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel()

    def scores(self, how: Tifu, users: Ints) -> sparse.csr_matrix:
        """Own vector and the mean of the nearest users' (by Euclidean distance), mixed."""
        vectors = self.vectors
        near = np.zeros((len(users), how.k), np.int64)
        k = min(how.k, max(vectors.shape[0] - 1, 0))
        if k < 1:
            return sparse.csr_matrix(vectors[users])
        step = _step(vectors.shape[0])
        for begin in range(0, len(users), step):
            some = users[begin : begin + step]
            distance = self._squares[None, :] - 2.0 * (vectors[some] @ self._turned).toarray()
            distance[np.arange(len(some)), some] = np.inf
            near[begin : begin + len(some), :k] = np.argpartition(distance, k - 1, axis=1)[:, :k]
        choice = sparse.csr_matrix(
            (np.full(len(users) * k, 1.0 / k), (np.repeat(np.arange(len(users)), k), near[:, :k].ravel())),
            shape=(len(users), vectors.shape[0]),
        )
        return sparse.csr_matrix(how.own * vectors[users] + (1 - how.own) * (choice @ vectors))


class UpcfUsers:
    """Who bought what ever and lately, ready to be asked for some users."""

    def __init__(self, histories: Histories, recent: int) -> None:
        self._recent = frequency(histories, recent)
        self._bought = (histories.weighted(np.ones(len(histories.of_user))) > 0).astype(np.float64)
        self._turned = sparse.csr_matrix(self._bought.T)
        self._size = np.maximum(np.asarray(self._bought.sum(axis=1)).ravel(), 1.0)

    def scores(self, how: Upcf, users: Ints) -> sparse.csr_matrix:
        """Recent popularity with the users that bought alike, by a power of an asymmetric cosine; the user counts too."""
        size = self._size
        blocks = []
        step = _step(len(size))
        for begin in range(0, len(users), step):
            some = users[begin : begin + step]
            alike = (self._bought[some] @ self._turned).toarray()
            alike /= size[some][:, None] ** how.asymmetry * size[None, :] ** (1 - how.asymmetry)
            if how.k < alike.shape[1]:
                cut = np.partition(alike, -how.k, axis=1)[:, -how.k][:, None]
                alike[alike < cut] = 0.0
            blocks.append(sparse.csr_matrix(alike**how.power) @ self._recent)
        return sparse.csr_matrix(sparse.vstack(blocks, format="csr")) if blocks else sparse.csr_matrix((0, self._recent.shape[1]))


def tifu_scores(vectors: sparse.csr_matrix, how: Tifu, users: Ints) -> sparse.csr_matrix:
    """TIFU-KNN's scores of some users."""
    return TifuUsers(vectors).scores(how, users)


def upcf_scores(histories: Histories, how: Upcf, users: Ints) -> sparse.csr_matrix:
    """UP-CF@r's scores of some users."""
    return UpcfUsers(histories, how.recent).scores(how, users)


def _step(n_users: int) -> int:
    """Users compared with all others at once, so that their table stays under about 80 MB."""
    return max(1, 10_000_000 // max(n_users, 1))


def scaled(scores: sparse.csr_matrix) -> sparse.csr_matrix:
    """Every row divided by its largest entry."""
    most = np.maximum(scores.max(axis=1).toarray().ravel(), 1e-12)
    return sparse.csr_matrix(sparse.diags(1.0 / most) @ scores)


def best(scores: sparse.csr_matrix, size: int, fill: Sequence[int] = ()) -> list[list[int]]:
    """The best items of each row, best first, equal ones by number; `fill` where there are too few."""
    lists = []
    for row in range(scores.shape[0]):
        begin, end = scores.indptr[row], scores.indptr[row + 1]
        ids, values = scores.indices[begin:end], scores.data[begin:end]
        ids, values = ids[values > 0], values[values > 0]
        if len(ids) > 4 * size:
            near = np.argpartition(-values, 4 * size)[: 4 * size]
            ids, values = ids[near], values[near]
        ranked = ids[np.lexsort((ids, -values))][:size].tolist()
        if len(ranked) < size:
            there = set(ranked)
            ranked += [one for one in fill if one not in there][: size - len(ranked)]
        lists.append(ranked)
    return lists
