"""Sums of integers by integer key, exact, over pieces."""

from __future__ import annotations

import numpy as np

from regulars.understand.paths.rows import Codes, Ints

#: Up to so many different keys are counted in an array of their own size.
_DENSE = 4_000_000
#: So few possible keys are places themselves.
_FEW = 1 << 16
_LOW = 20
#: So many new keys wait before they are put together with the ones before.
_PATIENCE = 2_000_000


class Sums:
    """Several sums for each key; keys and sums come piece by piece, a customer in one piece only.

    Keys are numbers, or columns of several words each.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._keys: list[Ints] = []
        self._sums: list[list[Ints]] = [[] for _ in range(width)]
        self._waiting = 0  # keys that came since they were last put together
        self._patience = _PATIENCE

    def add(self, keys: Ints, sums: list[Ints]) -> None:
        """Keys that are distinct, and their sums; keys whose first sum is 0 did not occur."""
        met = np.flatnonzero(sums[0])
        self._keys.append(keys[..., met])
        for kept, more in zip(self._sums, sums, strict=True):
            kept.append(more[met])
        self._waiting += len(met)
        if self._waiting > self._patience:
            keys, columns = self.total()
            self._keys, self._sums = [keys], [[column] for column in columns]
            self._waiting, self._patience = 0, max(_PATIENCE, keys.shape[-1])

    def total(self) -> tuple[Ints, list[Ints]]:
        """Each key once, in order, and its sums."""
        if not self._keys:
            return np.empty(0, dtype=np.int64), [np.empty(0, dtype=np.int64)] * self._width
        if len(self._keys) == 1:
            return self._keys[0], [each[0] for each in self._sums]
        keys, places = distinct_of(np.concatenate(self._keys, axis=-1))
        return keys, [summed(places, np.concatenate(each), keys.shape[-1]) for each in self._sums]


def distinct_of(keys: Codes) -> tuple[Ints, Codes]:
    """Keys in order, each once, and the place of each key; words of one key stand in one column, the first decides most."""
    if keys.ndim == 1:
        distinct, places = np.unique(keys, return_inverse=True)
        return distinct.astype(np.int64), places
    _, places = np.unique(keys[0], return_inverse=True)
    for more in keys[1:]:
        values, own = np.unique(more, return_inverse=True)
        _, places = np.unique(places * len(values) + own, return_inverse=True)
    some = np.empty(int(places.max()) + 1 if len(places) else 0, dtype=np.int64)
    some[places] = np.arange(len(places))
    return keys[:, some].astype(np.int64), places


def places_of(keys: Codes, most: int) -> tuple[Ints, Codes]:
    """Keys in order, all that occur among them, and the place of each key. Keys are below `most`."""
    if most <= _FEW:
        return np.arange(most), keys
    if most <= _DENSE:
        met = np.zeros(most, dtype=np.bool_)
        met[keys] = True
        distinct = np.flatnonzero(met)
        place = np.zeros(most, dtype=np.int32)
        place[distinct] = np.arange(len(distinct), dtype=np.int32)
        return distinct, place[keys]
    return distinct_of(keys)


def summed(places: Codes, values: Ints, size: int) -> Ints:
    """The sum of the values at each place, exact up to 2 to the power of 63."""
    if not len(values):
        return np.zeros(size, dtype=np.int64)
    if size == 1:
        return np.array([values.sum()], dtype=np.int64)
    if int(np.abs(values).max()) * len(values) < 1 << 52:
        return np.bincount(places, weights=values, minlength=size).astype(np.int64)
    low = np.bincount(places, weights=values & ((1 << _LOW) - 1), minlength=size).astype(np.int64)
    high = np.bincount(places, weights=values >> _LOW, minlength=size).astype(np.int64)
    return (high << _LOW) + low


def counted(places: Codes, size: int) -> Ints:
    """How often each place occurs."""
    if size == 1:
        return np.array([len(places)], dtype=np.int64)
    return np.bincount(places, minlength=size).astype(np.int64)


def distinct_owners(places: Codes, owners: Codes, size: int) -> Ints:
    """How many different owners each place has; owners are numbers from 0 that never fall along the array."""
    if not len(places):
        return np.zeros(size, dtype=np.int64)
    if size == 1:
        return np.array([np.count_nonzero(owners[1:] != owners[:-1]) + 1], dtype=np.int64)
    narrow = (int(owners[-1]) + 1) * size < 1 << 31
    pairs: Codes = owners.astype(np.int32) if narrow else owners.astype(np.int64)
    pairs *= size
    pairs += places
    if not (pairs[1:] >= pairs[:-1]).all():
        pairs.sort()
    first = np.empty(len(pairs), dtype=np.bool_)
    first[0] = True
    np.not_equal(pairs[1:], pairs[:-1], out=first[1:])
    return counted(pairs[first] % size, size)
