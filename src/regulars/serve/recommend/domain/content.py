"""Products that are alike by what they are: category, brand, words of the name and price; for those nobody has looked at yet."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy import sparse

_WEIGHTS = {"c": 3.0, "b": 2.0, "s": 0.5, "p": 1.0, "w": 1.0}
_WORD = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+", re.IGNORECASE)


def marks(product: Mapping[str, Any]) -> list[str]:
    """What a product is known by: `c` category, `b` brand, `s` seller, `p` price band (a factor of two), `w` words; of Chinese pairs of signs."""
    found = [
        f"{kind}:{product[name]}" for kind, name in (("c", "category"), ("b", "brand"), ("s", "seller_id")) if product.get(name)
    ]
    price = product.get("price_minor")
    if price:
        found.append(f"p:{round(math.log2(price))}")
    for word in _WORD.findall(str(product.get("name") or "").lower()):
        if word.isascii():
            found.append(f"w:{word}")
        else:
            found += [f"w:{word[place : place + 2]}" for place in range(max(1, len(word) - 1))]
    return found


class Likeness:
    """Cosine of marks, rare marks counting more."""

    def __init__(self, products: Sequence[Mapping[str, Any]]) -> None:
        told = [Counter(marks(product)) for product in products]
        seen = Counter(mark for one in told for mark in one)
        self._place = {mark: place for place, mark in enumerate(sorted(seen))}
        rows = [place for place, one in enumerate(told) for _ in one]
        columns = [self._place[mark] for one in told for mark in one]
        values = [self._weight(mark, seen[mark], len(told)) for one in told for mark in one]
        made = sparse.csr_matrix((values, (rows, columns)), shape=(len(told), max(len(self._place), 1)))
        self._weights = {mark: self._weight(mark, count, len(told)) for mark, count in seen.items()}
        self._late: dict[int, sparse.csr_matrix] = {}
        length = np.sqrt(np.asarray(made.multiply(made).sum(axis=1)).ravel())
        self._rows = sparse.csr_matrix(sparse.diags(1.0 / np.maximum(length, 1e-12)) @ made)
        self._by_mark = sparse.csr_matrix(self._rows.T)

    @staticmethod
    def _weight(mark: str, seen: int, n: int) -> float:
        return _WEIGHTS[mark[0]] * math.log(1 + n / seen)

    def add(self, item: int, product: Mapping[str, Any]) -> None:
        """A product that came since, under its number; marks that nothing else has tell nothing."""
        counts = {mark: count for mark, count in Counter(marks(product)).items() if mark in self._place}
        values = np.array([count * self._weights[mark] for mark, count in counts.items()])
        length = float(np.sqrt((values**2).sum())) or 1.0
        places = [self._place[mark] for mark in counts]
        shape = (1, self._rows.shape[1])
        self._late[item] = sparse.csr_matrix((values / length, ([0] * len(places), places)), shape=shape)

    def _row(self, item: int) -> sparse.csr_matrix | None:
        if item in self._late:
            return self._late[item]
        return self._rows[item] if 0 <= item < self._rows.shape[0] else None

    def near(self, item: int, size: int, among: Iterable[int] | None = None) -> list[tuple[int, float]]:
        """The products most like this one, itself left out, with the cosine."""
        row = self._row(item)
        if row is None:
            return []
        found = sparse.csr_matrix(row @ self._by_mark)
        told = dict(zip(found.indices.tolist(), found.data.tolist(), strict=True))
        for late, other in self._late.items():
            told[late] = float((row @ other.T).toarray()[0, 0])
        wanted = None if among is None else set(among)
        pairs = [(one, value) for one, value in told.items() if one != item and value > 0 and (wanted is None or one in wanted)]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:size]

    def alike(self, one: int, other: int) -> float:
        """The cosine of two products."""
        first, second = self._row(one), self._row(other)
        return 0.0 if first is None or second is None else float((first @ second.T).toarray()[0, 0])
