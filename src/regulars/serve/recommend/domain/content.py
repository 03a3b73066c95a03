"""Products that are alike by what they are: category, brand, words of the name and price; for those nobody has looked at yet."""

from __future__ import annotations

import math
import re
from array import array
from collections import Counter
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from scipy import sparse

from regulars.serve.recommend.domain.facts import Facts

Ints = npt.NDArray[np.int64]
#: Products that one is compared with, about.
_COMPARED = 2_500
_WEIGHTS = {"c": 3.0, "b": 2.0, "s": 0.5, "p": 1.0, "w": 1.0}
_WORD = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+", re.IGNORECASE)


def marks(product: Facts) -> list[str]:
    """What a product is known by: `c` category, `b` brand, `s` seller, `p` price band (a factor of two), `w` words; of Chinese pairs of signs."""
    traits = (("c", product.category), ("b", product.brand), ("s", product.seller_id))
    found = [f"{kind}:{value}" for kind, value in traits if value]
    price = product.price_minor
    if price:
        found.append(f"p:{round(math.log2(price))}")
    for word in _WORD.findall((product.name or "").lower()):
        if word.isascii():
            found.append(f"w:{word}")
        else:
            found += [f"w:{word[place : place + 2]}" for place in range(max(1, len(word) - 1))]
    return found


class Likeness:
    """Cosine of marks, rare marks counting more."""

    def __init__(self, products: Iterable[Facts]) -> None:
        place: dict[str, int] = {}
        columns, lengths = array("i"), array("i")
        for product in products:
            own = marks(product)
            columns.extend([place.setdefault(mark, len(place)) for mark in own])
            lengths.append(len(own))
        n, width = len(lengths), max(len(place), 1)
        starts = np.concatenate([[0], np.frombuffer(lengths, np.int32).cumsum() if n else []]).astype(np.int64)
        told = np.frombuffer(columns, np.int32) if len(columns) else np.empty(0, np.int32)
        made = sparse.csr_matrix((np.ones(len(told), np.float32), told, starts), shape=(n, width))
        made.sum_duplicates()
        seen = np.bincount(made.indices, minlength=width)
        kind = np.array([_WEIGHTS[mark[0]] for mark in place] or [0.0])
        self._weights = (kind * np.log(1 + n / np.maximum(seen, 1))).astype(np.float32)
        self._place = place
        made.data *= self._weights[made.indices]
        length = np.sqrt(np.add.reduceat(np.append(made.data**2, 0.0), made.indptr[:-1])) if n else np.empty(0)
        length[np.diff(made.indptr) == 0] = 1.0
        made.data /= np.repeat(length, np.diff(made.indptr)).astype(np.float32)
        self._rows = made
        self._by_mark = sparse.csr_matrix(made.T)
        self._weight = np.zeros(width, np.float32)  # a place to look up one product's marks
        self._late: dict[int, sparse.csr_matrix] = {}
        self._stacked: tuple[Ints, sparse.csr_matrix] | None = None

    def add(self, item: int, product: Facts) -> None:
        """A product that came or changed since, under its number; marks that nothing else has tell nothing."""
        counts = {self._place[mark]: count for mark, count in Counter(marks(product)).items() if mark in self._place}
        values = np.array([count * self._weights[place] for place, count in counts.items()], np.float32)
        length = float(np.sqrt((values**2).sum())) or 1.0
        shape = (1, self._rows.shape[1])
        self._late[item] = sparse.csr_matrix((values / length, ([0] * len(counts), list(counts))), shape=shape)
        self._stacked = None

    def _row(self, item: int) -> sparse.csr_matrix | None:
        if item in self._late:
            return self._late[item]
        return self._rows[item] if 0 <= item < self._rows.shape[0] else None

    def near(self, item: int, size: int) -> list[tuple[int, float]]:
        """The products most like this one, itself left out, with the cosine.

        Only products that share one of its rarer marks are compared: what shares nothing but a price or a large category is not alike.
        """
        row = self._row(item)
        if row is None:
            return []
        near = self._sharing(row)
        values = self._cosines(near, row)
        if self._late:
            late, rows = self._stacked or (np.array(list(self._late)), sparse.csr_matrix(sparse.vstack(list(self._late.values()))))
            self._stacked = late, rows
            earlier = ~np.isin(near, late)
            near = np.concatenate([near[earlier], late])
            values = np.concatenate([values[earlier], (rows @ row.T).toarray().ravel()])
        good = (values > 0) & (near != item)
        near, values = near[good], values[good]
        if len(near) > 4 * size:
            best = np.argpartition(-values, 4 * size)[: 4 * size]
            near, values = near[best], values[best]
        order = np.lexsort((near, -values))[:size]
        return list(zip(near[order].tolist(), values[order].tolist(), strict=True))

    def _cosines(self, items: Ints, row: sparse.csr_matrix) -> npt.NDArray[np.float64]:
        """Of products that were there from the beginning with this one."""
        begins = self._rows.indptr[items]
        counts = self._rows.indptr[items + 1] - begins
        if not len(items):
            return np.empty(0)
        self._weight[row.indices] = row.data
        flat = np.repeat(begins - (counts.cumsum() - counts), counts) + np.arange(counts.sum())
        worth = self._rows.data[flat] * self._weight[self._rows.indices[flat]]
        self._weight[row.indices] = 0.0
        return np.bincount(np.repeat(np.arange(len(items)), counts), weights=worth, minlength=len(items)).astype(np.float64)

    def _sharing(self, row: sparse.csr_matrix) -> Ints:
        """The products with the rarest of these marks, some thousands at most."""
        begins, ends = self._by_mark.indptr[row.indices], self._by_mark.indptr[row.indices + 1]
        parts: list[npt.NDArray[np.int32]] = []
        found = 0
        for place in np.argsort(ends - begins, kind="stable").tolist():
            having = int(ends[place] - begins[place])
            if found and found + having > _COMPARED:
                break
            parts.append(self._by_mark.indices[begins[place] : begins[place] + min(having, _COMPARED)])
            found += having
        return np.unique(np.concatenate(parts)).astype(np.int64) if parts else np.empty(0, np.int64)

    def alike(self, one: int, other: int) -> float:
        """The cosine of two products."""
        first, second = self._row(one), self._row(other)
        return 0.0 if first is None or second is None else float((first @ second.T).toarray()[0, 0])
