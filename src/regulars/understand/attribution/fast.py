"""Attribution in one pass over sorted numbers, where the engine streams them: the same answer as the expressions in `queries`.

Touches and conversions of a customer stand in order of time, so what touched a conversion is a run of rows; every model is a few
sums over runs, and money is given out by largest remainder in whole numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from regulars.understand.attribution import queries
from regulars.understand.attribution.domain import MODELS, AttributionQuery
from regulars.understand.attribution.queries import DAY, PARTS
from regulars.understand.questions.sorting import MOST, Ints, by_customer
from regulars.warehouse import Warehouse

_BATCH = 120_000
#: Pairs of a conversion and a touch at a time.
_AT_ONCE = 4_000_000
_BITS = 63

Floats = np.ndarray[Any, np.dtype[np.float64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass
class Sums:
    """What `queries.totals` and `queries.by_value` say."""

    names: list[str]
    conversions: int = 0
    customers: int = 0
    minor: int = 0
    missed: int = 0
    missed_customers: int = 0
    missed_minor: int = 0
    by_value: dict[str, Ints | Floats] = field(default_factory=dict)

    def add(self, name: str, numbers: Ints | Floats) -> None:
        """To what is there already."""
        self.by_value[name] = self.by_value[name] + numbers if name in self.by_value else numbers

    def rows(self) -> list[dict[str, Any]]:
        """As the engine would give them."""
        if not self.by_value:
            return []
        return [
            {"value": name, **{what: numbers[i] for what, numbers in self.by_value.items()}}
            for i, name in enumerate(self.names)
            if self.by_value["touches"][i]
        ]


def offered(warehouse: Warehouse) -> bool:
    """Whether the engine streams rows as numbers."""
    return warehouse.capabilities.sorted_streams


def sums(warehouse: Warehouse, query: AttributionQuery, *, most: int = MOST) -> Sums | None:
    """All models' sums by value; null: there are more touches than `most`."""
    met: list[pa.RecordBatch] = []
    rows = 0
    for batch in warehouse.batches(queries.touches_numbered(query), rows=_BATCH):
        rows += batch.num_rows
        if rows > most:
            return None
        met.append(batch)
    names, code = _coded(met)
    bought = _once(_columns(list(warehouse.batches(queries.conversions_numbered(query), rows=_BATCH)), queries.CONVERSION))
    found = Sums(names, len(bought["at"]), 0, int(bought["minor"].sum()))
    if not len(bought["at"]):
        return found
    touched = _columns(met, ("u", "at", "key", "direct"))
    count = len(touched["at"])
    both = [
        _numbered(touched["u"], touched["at"] << 1, np.arange(count)),
        _numbered(bought["u"], (bought["at"] << 1) | 1, np.arange(count, count + len(bought["at"]))),
    ]
    for owner, number, row in by_customer(both) or ():
        is_order = (number & 1).astype(bool)
        order = row[is_order] - count
        mine = _in_turn(_Touches(owner[~is_order], number[~is_order] >> 1, row[~is_order]), touched["key"])
        _add(query, found, mine, code, touched["direct"], _Orders.of(bought, order, owner[is_order]))
    return found


@dataclass(frozen=True)
class _Touches:
    """Of some customers, by customer and time. `row`: where the rest of a touch stands."""

    owner: Ints
    at: Ints
    row: Ints


@dataclass(frozen=True)
class _Orders:
    """Of the same customers, by customer and time."""

    owner: Ints
    at: Ints
    minor: Ints
    known: Bools

    @classmethod
    def of(cls, bought: dict[str, Any], order: Ints, owner: Ints) -> _Orders:
        """Those at these places."""
        return cls(owner, bought["at"][order], bought["minor"][order], bought["known"][order])

    def __getitem__(self, some: Any) -> _Orders:
        return _Orders(self.owner[some], self.at[some], self.minor[some], self.known[some])


def _add(query: AttributionQuery, found: Sums, touches: _Touches, code: Ints, direct: Bools, orders: _Orders) -> None:
    last = _places(touches, orders.owner, orders.at, "right")
    first = _places(touches, orders.owner, orders.at - query.lookback_days * DAY, "left")
    many = last - first
    found.customers += _distinct(orders.owner[orders.known])
    missed = orders[many == 0]
    found.missed += len(missed.at)
    found.missed_minor += int(missed.minor.sum())
    found.missed_customers += _distinct(missed.owner[missed.known])
    met = many > 0
    orders, first, many = orders[met], first[met], many[met]
    people: list[Ints] = []
    for some in _pieces(many):
        here = many[some]
        starts = np.cumsum(here) - here
        place = np.arange(int(here.sum())) - np.repeat(starts, here)
        touch = np.repeat(first[some], here) + place
        row = touches.row[touch]
        value = code[row]
        pairs = _Pairs(starts, here, place, touches.at[touch], direct[row], orders.minor[some])
        size = len(found.names)
        found.add("touches", np.bincount(value, minlength=size))
        whole = _apart(np.repeat(np.arange(len(here)), here) * size + value)
        found.add("conversions", np.bincount(whole % size, minlength=size))
        people.append(_apart(orders.owner[some][whole // size] * size + whole % size))
        for model, share, minor in _models(pairs, query.half_life_days):
            found.add(f"share::{model}", np.bincount(value, weights=share, minlength=size))
            found.add(f"minor::{model}", _whole_sums(value, minor, size))
    if people:
        everybody = _apart(np.concatenate(people))
        found.add("customers", np.bincount(everybody % len(found.names), minlength=len(found.names)))


@dataclass(frozen=True)
class _Pairs:
    """Touches before conversions, run by run: where runs start, how many each holds; of each touch its place in the run."""

    starts: Ints
    many: Ints
    place: Ints
    at: Ints
    direct: Bools
    minor: Ints  # by run

    def each(self, by_run: Any) -> Any:
        """A run's number for each of its touches."""
        return np.repeat(by_run, self.many)


def _models(pairs: _Pairs, half_life_days: float) -> Iterator[tuple[str, Floats, Ints]]:
    """Of every model the share of each touch, and its part of the money."""
    many = pairs.each(pairs.many)
    final = many - 1
    spoken = np.maximum.reduceat(np.where(pairs.direct, -1, pairs.place), pairs.starts)
    spoken = pairs.each(np.where(spoken < 0, pairs.many - 1, spoken))
    minor = pairs.each(pairs.minor)
    ends = (pairs.place == 0) | (pairs.place == final)
    chosen = {"first": pairs.place == 0, "last": pairs.place == final, "last_non_direct": pairs.place == spoken}
    latest = pairs.each(pairs.at[pairs.starts + pairs.many - 1])
    for model in MODELS:
        if model in chosen:
            yield model, chosen[model].astype(np.float64), np.where(chosen[model], minor, 0)
            continue
        if model == "linear":
            weight = np.ones(len(many), np.int64)
        elif model == "position":
            weight = np.where((many > 2) & ends, 2 * (many - 2), 1)
        else:
            weight = np.floor(np.exp2((pairs.at - latest) / (half_life_days * DAY)) * PARTS + 0.5).astype(np.int64)
        every = np.add.reduceat(weight, pairs.starts)
        whole = pairs.each(every)
        yield model, weight / whole, _allocated(pairs, minor, weight, whole, even=model == "linear")


def _allocated(pairs: _Pairs, minor: Ints, weight: Ints, every: Ints, *, even: bool) -> Ints:
    """Minor units by largest remainder: rounded towards zero, then one each to those who lost most (ties: to the earlier touch)."""
    product = minor * weight
    rest = np.fmod(product, every)
    given: Ints = (product - rest) // every
    missing = pairs.minor - np.add.reduceat(given, pairs.starts)
    if not np.any(missing > 0):
        return given
    if even:
        given += pairs.place < pairs.each(missing)
        return given
    short = np.flatnonzero(pairs.each(missing > 0))
    run = np.repeat(np.arange(len(pairs.many)), pairs.many)[short]
    order = short[np.lexsort((-rest[short], run))]  # stable: the earlier touch first
    begun = np.cumsum(pairs.many * (missing > 0)) - pairs.many * (missing > 0)
    turn = np.arange(len(order)) - begun[run]
    given[order[turn < missing[run]]] += 1
    return given


def _pieces(many: Ints) -> Iterator[slice]:
    """Conversions some million touches at a time."""
    upto = np.cumsum(many)
    start = 0
    while start < len(many):
        done = upto[start - 1] if start else 0
        end = max(int(np.searchsorted(upto, done + _AT_ONCE, side="right")), start + 1)
        yield slice(start, end)
        start = end


def _places(touches: _Touches, owner: Ints, at: Ints, side: Any) -> Ints:
    """Where each instant would stand among the touches of its customer."""
    low = min(touches.at.min(initial=0), at.min(initial=0))
    bits = int(max(touches.at.max(initial=0), at.max(initial=0)) - low).bit_length()
    if bits + int(owner.max(initial=0)).bit_length() <= _BITS:
        keys = (touches.owner << bits) | (touches.at - low)
        place: Ints = np.searchsorted(keys, (owner << bits) | (at - low), side=side)
        return place
    behind = np.concatenate((np.zeros(len(touches.at), np.int8), np.full(len(at), 1 if side == "right" else -1, np.int8)))
    order = np.lexsort((behind, np.concatenate((touches.at, at)), np.concatenate((touches.owner, owner))))
    before = np.cumsum(order < len(touches.at))
    found = np.empty(len(order), np.int64)
    found[order] = before
    return found[len(touches.at) :]


def _in_turn(touches: _Touches, key: Any) -> _Touches:
    """At one instant by their keys."""
    again = (touches.owner[1:] == touches.owner[:-1]) & (touches.at[1:] == touches.at[:-1])
    if not again.any():
        return touches
    order = np.lexsort((key[touches.row], touches.at, touches.owner))
    return _Touches(touches.owner[order], touches.at[order], touches.row[order])


def _once(bought: dict[str, Any]) -> dict[str, Any]:
    """Every conversion as it was told first, if it is one that is asked for."""
    told = bought["told"]
    in_turn = np.sort(told)
    mine = bought["wanted"].astype(bool)
    if np.any(in_turn[1:] == in_turn[:-1]):
        order = np.lexsort((bought["key"], bought["at"], told))
        mine[order[1:][told[order][1:] == told[order][:-1]]] = False
    return {name: column[mine] for name, column in bought.items()}


def _coded(batches: list[pa.RecordBatch]) -> tuple[list[str], Ints]:
    """Values as numbers, batch by batch."""
    if not batches:
        return [], np.empty(0, np.int64)
    whole = pa.chunked_array([batch.column("value").dictionary_encode() for batch in batches]).unify_dictionaries()
    codes = np.concatenate([chunk.indices.to_numpy(zero_copy_only=False) for chunk in whole.chunks])
    return whole.chunk(0).dictionary.to_pylist(), codes.astype(np.int64)


def _columns(batches: list[pa.RecordBatch], names: tuple[str, ...]) -> dict[str, Any]:
    if not batches:
        return {name: np.empty(0, np.uint64 if name in ("u", "told") else np.int64) for name in names}
    return {name: np.concatenate([batch.column(name).to_numpy(zero_copy_only=False) for batch in batches]) for name in names}


def _numbered(u: Any, number: Ints, row: Ints) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(u), pa.array(number), pa.array(row)], ["u", "number", "row"])


def _apart(keys: Ints) -> Ints:
    """Each once, in order."""
    keys = np.sort(keys)
    return keys[np.concatenate(([True], keys[1:] != keys[:-1]))] if len(keys) else keys


def _distinct(owner: Ints) -> int:
    """How many there are; those of one stand together."""
    return int(np.count_nonzero(owner[1:] != owner[:-1])) + (len(owner) > 0)


def _whole_sums(value: Ints, minor: Ints, size: int) -> Ints:
    """Exact: high and low halves apart."""
    high, low = minor >> 24, minor & 0xFFFFFF
    parts = [np.bincount(value, weights=half, minlength=size).astype(np.int64) for half in (high, low)]
    return (parts[0] << 24) + parts[1]
