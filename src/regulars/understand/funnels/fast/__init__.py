"""Funnels in one pass over sorted numbers, where the engine can stream them: the same answers as the portable expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from regulars.understand.funnels.domain import FunnelQuery, TimeQuery
from regulars.understand.funnels.fast import passes
from regulars.understand.funnels.fast.rows import Valued, pieces, valued_pieces
from regulars.understand.funnels.queries.compact import packs
from regulars.understand.funnels.queries.stream import micros
from regulars.understand.questions import NONE, OTHER
from regulars.understand.questions.sorting import MOST, Ints

if TYPE_CHECKING:
    from regulars.warehouse import Warehouse

#: Of a step: customers, and mean and median of the microseconds since the step before.
Figures = tuple[int, float | None, float | None]

#: Rows with a value and a number take more memory.
_MOST_VALUED = MOST // 4


def offered(warehouse: Warehouse) -> bool:
    """Whether the engine streams sorted rows as numbers."""
    return warehouse.capabilities.sorted_streams


def offered_groups(warehouse: Warehouse, query: FunnelQuery) -> bool:
    """Whether groups are found here too: not where an event counts in several, or more than time and step tell of a row."""
    return offered(warehouse) and query.breakdown is not None and query.breakdown.attribution != "all_events" and packs(query)


def figures(warehouse: Warehouse, query: FunnelQuery, *, most: int = MOST) -> list[Figures]:
    """By step: customers, and mean and median of the microseconds since the step before. More rows than `most` are sorted by the engine."""
    customers = [0] * query.count
    took: list[list[Ints]] = [[] for _ in range(query.count)]
    for rows in pieces(warehouse, query, most):
        _, times = passes.times(rows, query)
        for k in range(query.count):
            came = times[k] >= 0
            customers[k] += int(came.sum())
            if k:
                took[k].append((times[k] - times[k - 1])[came])
    return [_figures(customers[k], _joined(took[k])) for k in range(query.count)]


def conversions(warehouse: Warehouse, query: FunnelQuery, edges: Ints, *, most: int = MOST) -> tuple[Ints, Ints]:
    """By bucket, customers counted once in each: who entered, and who has a complete attempt that starts there.

    Parameters
    ----------
    edges : microseconds at which buckets begin, and the end of the last.
    """
    count = len(edges) - 1
    made = np.zeros((2, count), np.int64)
    for rows in pieces(warehouse, query, most, every=True):
        for place, (who, t) in enumerate((passes.entered(rows, query), passes.complete(rows, query))):
            bucket = np.clip(np.searchsorted(edges, t, side="right") - 1, 0, count - 1)
            made[place] += np.bincount(np.unique(who * count + bucket) % count, minlength=count)
    return made[0], made[1]


def waits(warehouse: Warehouse, query: TimeQuery, *, most: int = MOST) -> Ints:
    """The microseconds that each customer took from one step to another."""
    found = []
    for rows in pieces(warehouse, query.funnel, most):
        _, times = passes.times(rows, query.funnel)
        came = times[query.to_step - 1] >= 0
        found.append((times[query.to_step - 1] - times[query.from_step - 1])[came])
    return _joined(found)


def groups(warehouse: Warehouse, query: FunnelQuery, *, most: int = _MOST_VALUED) -> dict[str, list[Figures]] | None:
    """By value the figures of each step: the largest by customers at step 1, the others together. Null: there are more rows than `most`."""
    assert query.breakdown is not None
    read = valued_pieces(warehouse, query, most)
    if read is None:
        return None
    names, parts = read
    kept, own = [], []
    for part in parts:
        who, times = passes.times(part.rows, query)
        kept.append(np.array(times))
        own.append(_values(part, query, who, times))
    if not kept:
        return {}
    times_, code = np.concatenate(kept, axis=1), np.concatenate(own)
    none = names.index(NONE) if NONE in names else len(names)
    names = [*names, NONE]
    code[code < 0] = none
    sizes = np.bincount(code, minlength=len(names))
    largest = sorted(np.flatnonzero(sizes).tolist(), key=lambda i: (-sizes[i], names[i].encode()))[: query.breakdown.limit]
    shown = list(dict.fromkeys([*(names[i] for i in largest), OTHER]))
    group_of = np.full(len(names), shown.index(OTHER))
    group_of[largest] = [shown.index(names[i]) for i in largest]
    group = group_of[code]
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group, minlength=len(shown)))
    made = {}
    for i, name in enumerate(shown):
        mine = times_[:, order[ends[i - 1] if i else 0 : ends[i]]]
        if mine.shape[1]:
            made[name] = [_of(mine, k) for k in range(query.count)]
    return made


def _of(times: Any, k: int) -> Figures:
    came = times[k] >= 0
    return _figures(int(came.sum()), (times[k] - times[k - 1])[came] if k else np.empty(0, np.int64))


def _values(part: Valued, query: FunnelQuery, who: Ints, times: list[Ints]) -> Ints:
    """The place of the value in which each of these customers counts; -1: none."""
    assert query.breakdown is not None
    assert query.range.end is not None
    rows, step, touch = part.rows, query.breakdown.step, query.breakdown.attribution
    if touch == "step":
        used = np.full(len(rows.t), -1, np.int64)
        used[who] = times[step - 1]
        told = rows.matching(step - 1)
        told = told[rows.t[told] == used[rows.first[told]]]
    else:
        told = np.flatnonzero((part.value >= 0) & (rows.code > 0) & (rows.t < micros(query.range.end)))
    if touch == "last_touch":
        told = told[::-1]
    customer = rows.first[told]
    heads = np.flatnonzero(np.concatenate((np.ones(min(len(told), 1), bool), customer[1:] != customer[:-1])))
    together = rows.t[told] == np.repeat(rows.t[told[heads]], np.diff(np.append(heads, len(told))))
    told = told[together]  # of each customer those of the first or last instant: there the number decides
    order = np.lexsort((-part.key[told] if touch == "last_touch" else part.key[told], rows.first[told]))
    told = told[order]
    customer, at = np.unique(rows.first[told], return_index=True)
    value = np.full(len(rows.t), -1, np.int64)
    value[customer] = part.value[told[at]]
    return value[who]


def _figures(customers: int, waits_: Ints) -> Figures:
    if not len(waits_):
        return customers, None, None
    half = len(waits_) // 2
    middle = np.partition(waits_, (half - 1, half) if len(waits_) % 2 == 0 and half else half)
    median = (int(middle[half - 1]) + int(middle[half])) / 2 if len(waits_) % 2 == 0 else float(middle[half])
    return customers, _sum(waits_) / len(waits_), median


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def _sum(numbers: Ints) -> int:
    """The exact sum, whatever its size: high and low halves apart."""
    return (int((numbers >> 32).sum()) << 32) + int((numbers & 0xFFFFFFFF).sum())
