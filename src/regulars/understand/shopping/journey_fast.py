"""The new-customer journey in one pass over sorted numbers, where the engine streams them: the same answer as `queries.journey`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from regulars.understand.questions import Calendar, EventFilter
from regulars.understand.questions.native import epoch_us, hashed
from regulars.understand.questions.sorting import MOST, Ints, by_customer
from regulars.understand.shopping.domain import JourneyQuery
from regulars.understand.shopping.queries import journey as expressions
from regulars.understand.shopping.queries.journey import REGISTERED
from regulars.understand.shopping.ways import Ways
from regulars.warehouse import Warehouse

_BATCH = 120_000
#: Low bits of a row's number that hold the place of its event's name among all names in order.
_NAME_BITS = 10


def offered(warehouse: Warehouse, query: JourneyQuery) -> bool:
    """Whether the engine streams rows as numbers, and an event's name tells which stages it counts for."""
    asked = [*(query.entry or ()), *(one for stage in query.stages for one in stage.filters)]
    return warehouse.capabilities.sorted_streams and not any(one.where for one in asked)


def ways(warehouse: Warehouse, query: JourneyQuery, calendar: Calendar, *, most: int = MOST) -> Ways | None:
    """All new customers; null: there are more events than `most`, or more names than fit."""
    read = _read(warehouse, query, most)
    if read is None:
        return None
    names, batches = read
    made = Ways.empty(len(calendar), len(query.stages))
    last = np.zeros((len(query.stages), len(names)), np.int64)
    told = _Meanings(query, names)
    for owner, at in by_customer(batches) or ():
        _count(made, last, (owner, at >> _NAME_BITS, at & ((1 << _NAME_BITS) - 1)), query, calendar, told)
    for depth, sizes in enumerate(last):
        made.last[depth] = Counter({names[i]: int(sizes[i]) for i in np.flatnonzero(sizes)})
    return made


def _read(warehouse: Warehouse, query: JourneyQuery, most: int) -> tuple[list[str], Iterator[pa.RecordBatch]] | None:
    """All names in order, and columns `u` (a hash of the customer) and `at` (microseconds, and in the low bits the name)."""
    places: dict[str, int] = {}
    read: list[tuple[pa.Array, pa.Array, Ints]] = []
    rows = 0
    for batch in warehouse.batches(_numbered(query), rows=_BATCH):
        rows += batch.num_rows
        event = batch.column("event").dictionary_encode()
        own = [places.setdefault(name, len(places)) for name in event.dictionary.to_pylist()]
        if rows > most or len(places) > 1 << _NAME_BITS:
            return None
        read.append((batch.column("u"), batch.column("t"), np.array(own, np.int64)[event.indices].astype(np.int16)))
    names = sorted(places)
    rank = np.zeros(len(names), np.int64)
    rank[[places[name] for name in names]] = np.arange(len(names))
    return names, _packed(read, rank)


def _packed(read: list[tuple[pa.Array, pa.Array, Ints]], rank: Ints) -> Iterator[pa.RecordBatch]:
    """Each read part once, then it can go."""
    while read:
        u, t, name = read.pop()
        yield pa.RecordBatch.from_arrays([u, pa.array(t.to_numpy() * (1 << _NAME_BITS) + rank[name])], ["u", "at"])


def _numbered(query: JourneyQuery) -> ir.Table:
    """Columns `u`, `t` (microseconds) and `event`: every event that may be an entry, a stage or the last one."""
    rows = expressions.happenings(query)
    return rows.select(u=hashed(rows.customer_id), t=epoch_us(rows["at"]), event=rows.event)


class _Meanings:
    """By the place of a name: is it an entry, for which stages does it count, is it an event."""

    def __init__(self, query: JourneyQuery, names: list[str]) -> None:
        def of(filters: tuple[EventFilter, ...], orders: str = "") -> Any:
            wanted = {one.event for one in filters}
            return np.array([(name in wanted or (None in wanted and name[:1] != "\x01")) or name == orders for name in names], bool)

        self.event = np.array([name[:1] != "\x01" for name in names], bool)
        self.entry = self.event.copy() if query.entry is None else of(query.entry)
        if query.with_registrations:
            self.entry |= np.array([name == REGISTERED for name in names], bool)
        self.stages = [
            of(stage.filters, expressions.ordered(k) if stage.with_orders else "") for k, stage in enumerate(query.stages, start=1)
        ]


def _count(made: Ways, last: Ints, part: tuple[Ints, ...], query: JourneyQuery, calendar: Calendar, told: _Meanings) -> None:
    owner, t, name = part
    edges, window = calendar.microseconds, query.window.microseconds
    assert query.moments.end is not None
    begin = round(query.moments.start.timestamp() * 1_000_000) if query.moments.start is not None else np.iinfo(np.int64).min
    end = round(query.moments.end.timestamp() * 1_000_000)
    entries = np.flatnonzero(told.entry[name])
    customer, first = _firsts(owner, entries)
    mine = (t[first] >= begin) & (t[first] < end)
    customer, entered = customer[mine], t[first[mine]]
    number = np.full(int(owner[-1]) + 1, -1, np.int64)
    number[customer] = np.arange(len(customer))
    of = number[owner]
    rows = np.flatnonzero(of >= 0)
    rows = rows[(t[rows] <= entered[of[rows]] + window) & (t[rows] >= begin)]
    after = rows[t[rows] >= entered[of[rows]]]
    came = np.full((len(query.stages) + 1, len(customer)), -1, np.int64)
    came[0] = entered
    depth = np.zeros(len(customer), np.int64)
    for k, stage in enumerate(told.stages, start=1):
        who, at = _firsts(of, after[stage[name[after]]])
        came[k, who], depth[who] = t[at], k
        both = (came[k] >= 0) & (came[k - 1] >= 0)
        took = (came[k] - came[k - 1])[both]
        made.took[k - 1].append(took[took >= 0])
    bucket = np.searchsorted(edges, entered, side="right") - 1
    np.add.at(made.ends, (bucket, depth), 1)
    acts = rows[told.event[name[rows]]]
    acts = acts[depth[of[acts]] < len(query.stages)]
    who, at = _firsts(of, acts[::-1])  # of one instant the last name
    np.add.at(last, (depth[who], name[at]), 1)


def _firsts(owner: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Of rows whose owners stand together: each owner, and its first row."""
    whose = owner[rows]
    heads = np.flatnonzero(np.concatenate((np.ones(min(len(rows), 1), bool), whose[1:] != whose[:-1])))
    return whose[heads], rows[heads]
