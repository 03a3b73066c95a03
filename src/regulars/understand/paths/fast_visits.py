"""Sessions counted in numpy behind one sorted read: the fast route of an engine in this process."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.understand.paths.domain import SessionFigures, SessionsQuery
from regulars.understand.paths.queries import visits as expressions
from regulars.understand.paths.rows import AT_ONCE, Codes, Ints, Piece, names_of, pieces
from regulars.understand.paths.sums import counted, distinct_owners, summed
from regulars.understand.paths.visit_counting import EMPTY, VisitCounts, figures, largest
from regulars.understand.questions import NONE, OTHER, Calendar
from regulars.understand.questions.sorting import MOST
from regulars.warehouse import Warehouse


@dataclass(frozen=True)
class Visits:
    """Sessions of a piece, one after the other, by customer."""

    began: Ints
    took: Ints
    events: Ints
    owner: Codes  # number of the customer in the piece, from 0; never falls
    code: Codes  # what the first event carries

    def __len__(self) -> int:
        return len(self.took)


def count(
    warehouse: Warehouse, query: SessionsQuery, calendar: Calendar, *, at_once: int = AT_ONCE, most: int = MOST
) -> VisitCounts:
    """As `visit_counting.count`."""
    rows = expressions.noted(query)
    names = names_of(warehouse, rows, "node") if query.breakdown else None
    edges = calendar.microseconds
    total, by_bucket = Cells(1), Cells(len(calendar))
    sizes = np.zeros(len(names or ()) + 1, dtype=np.int64)
    read: list[Visits] = []  # which groups are shown is known when all were seen
    for piece in pieces(warehouse, rows, names, at_once=at_once, most=most):
        visits = _visits(piece, query)
        if not len(visits):
            continue
        total.add(np.zeros(len(visits), dtype=np.int8), visits)
        by_bucket.add(np.searchsorted(edges, visits.began, side="right") - 1, visits)
        if names is not None:
            sizes += counted(visits.code, len(sizes))
            read.append(visits)
    whole = total.figures().get(0, EMPTY)
    if names is None or not read:
        return VisitCounts(whole, by_bucket.figures(), {})
    named = [*names, NONE]
    known = dict.fromkeys(named, 0)
    for name, size in zip(named, sizes.tolist(), strict=True):
        known[name] += size
    known = {name: size for name, size in known.items() if size}
    kept = largest(known, query.limit)
    shown = sorted(known) if kept is None else [*kept, OTHER]
    places = {name: place for place, name in enumerate(shown)}
    drawn = np.array([places.get(name, len(shown) - 1) for name in named])
    groups = Cells(len(shown))
    for visits in read:
        groups.add(drawn[visits.code], visits)
    return VisitCounts(whole, by_bucket.figures(), {shown[i]: one for i, one in groups.figures().items()})


def _visits(piece: Piece, query: SessionsQuery) -> Visits:
    changes = piece.changes()
    begins = changes.copy()
    begins[1:] |= np.diff(piece.moment) >= query.gap_minutes * 60_000_000
    first = np.flatnonzero(begins)
    last = np.r_[first[1:], len(piece)] - 1
    began = piece.moment[first]
    assert query.moments.start is not None
    assert query.moments.end is not None
    low, high = (round(one.timestamp() * 1_000_000) for one in (query.moments.start, query.moments.end))
    inside = (began >= low) & (began < high)
    if not inside.all():
        first, last, began = first[inside], last[inside], began[inside]
    owner = np.cumsum(changes, dtype=np.int32)[first] - 1
    return Visits(began, piece.moment[last] - began, (last - first + 1).astype(np.int32), owner, piece.code[first])


class Cells:
    """The figures of some cells, summed over pieces; each piece has customers of its own.

    Of lengths only those above nothing are kept, which the medians need: most sessions are one event.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._sessions, self._customers, self._events, self._bounces, self._took = np.zeros((5, size), dtype=np.int64)
        self._places: list[Codes] = []
        self._lengths: list[Ints] = []

    def add(self, places: Codes, visits: Visits) -> None:
        """Count the sessions of a piece, each in the cell of its place."""
        size = self._size
        self._sessions += counted(places, size)
        self._customers += distinct_owners(places, visits.owner, size)
        self._events += summed(places, visits.events, size)
        self._bounces += counted(places[visits.events == 1], size)
        long = np.flatnonzero(visits.took)
        lengths = visits.took[long]
        self._took += summed(places[long], lengths, size)
        self._places.append(places[long].astype(np.int32))
        self._lengths.append(lengths)

    def figures(self) -> dict[int, SessionFigures]:
        """Of every cell that has sessions."""
        columns = (self._sessions, self._customers, self._events, self._bounces, self._took, self._middles())
        return {int(i): figures(*(int(column[i]) for column in columns)) for i in np.flatnonzero(self._sessions)}

    def _middles(self) -> Ints:
        """The sum of the two middle lengths of each cell: twice the median."""
        if not self._lengths:
            return np.zeros(self._size, dtype=np.int64)
        places, lengths = np.concatenate(self._places), np.concatenate(self._lengths)
        long = counted(places, self._size)
        longest = int(lengths.max(initial=0)) + 1
        if longest * self._size < 1 << 62:  # a number that sorts by place, then by length
            lengths += places * np.int64(longest)
            lengths.sort()
            lengths %= longest
        else:
            lengths = lengths[np.lexsort((lengths, places))]
        lengths = np.append(lengths, 0)
        starts, still = np.cumsum(long) - long, self._sessions - long
        found = np.zeros(self._size, dtype=np.int64)
        for rank in (np.maximum(self._sessions - 1, 0) // 2, self._sessions // 2):
            behind = np.minimum(rank, np.maximum(self._sessions - 1, 0)) - still  # the place among those that took time
            found += np.where(behind >= 0, lengths[np.clip(starts + behind, 0, len(lengths) - 1)], 0)
        return found
