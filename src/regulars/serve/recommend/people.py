"""Numbers of people and what each bought, kept as arrays: a shop's millions of ids as texts would need more memory than all models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_AT_ONCE = 100_000


def hashes(ids: pa.Array) -> Ints:
    """A number of 64 bits for each text, the same within this process and told by nobody beforehand."""
    found = np.empty(len(ids), np.int64)
    for begin in range(0, len(ids), _AT_ONCE):
        some = ids.slice(begin, _AT_ONCE).to_pylist()
        found[begin : begin + len(some)] = [hash(one) for one in some]
    return found


class Places:
    """The last place of each id in a sequence of them."""

    def __init__(self, of_place: Ints) -> None:
        order = np.argsort(of_place, kind="stable")
        self._keys = of_place[order]
        self._places = order.astype(np.int32)

    def of(self, one: str) -> int | None:
        """Where an id stood last; None where it never did."""
        key = hash(one)
        at = int(np.searchsorted(self._keys, key, side="right")) - 1
        return int(self._places[at]) if at >= 0 and self._keys[at] == key else None


@dataclass
class Bought:
    """When each buyer last bought what: products by buyer as they were loaded, and what came since."""

    places: Places
    starts: Ints
    items: npt.NDArray[np.int32]
    days: npt.NDArray[np.float32]
    late: dict[str, dict[int, float]] = field(default_factory=dict)

    @classmethod
    def of_rows(cls, places: Places, buyers: Ints, items: Ints, at: Floats, n_buyers: int) -> Bought:
        """From rows in any order, a buyer's number and a product's each, and the day."""
        order = np.lexsort((at, items, buyers))
        buyers, items, at = buyers[order], items[order], at[order]
        last = np.ones(len(order), bool)
        last[:-1] = (buyers[1:] != buyers[:-1]) | (items[1:] != items[:-1])
        starts = np.concatenate([[0], np.bincount(buyers[last], minlength=n_buyers).cumsum()]).astype(np.int64)
        return cls(places, starts, items[last].astype(np.int32), at[last].astype(np.float32))

    def of(self, buyer: str) -> Mapping[int, float]:
        """What somebody bought, and the day they last did."""
        place = self.places.of(buyer)
        late = self.late.get(buyer, {})
        if place is None:
            return late
        begin, end = self.starts[place], self.starts[place + 1]
        return {**dict(zip(self.items[begin:end].tolist(), self.days[begin:end].tolist(), strict=True)), **late}

    def add(self, buyer: str, items: Iterable[int], at: float) -> None:
        """Somebody bought these just now."""
        self.late.setdefault(buyer, {}).update(dict.fromkeys(items, at))


def ranks(column: pa.ChunkedArray | pa.Array) -> tuple[Ints, Sequence[str]]:
    """For each text its place among all of them in order, and these."""
    coded = (column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column).dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    names = coded.dictionary.to_pylist()
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    return rank[np.asarray(coded.indices)] if len(names) else np.empty(0, np.int64), [names[one] for one in order]
