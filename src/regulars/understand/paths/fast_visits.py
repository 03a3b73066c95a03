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
from regulars.warehouse import Warehouse


@dataclass(frozen=True)
class Visits:
    """Sessions, one after the other, by customer."""

    began: Ints
    took: Ints
    events: Ints
    owner: Ints  # number of the customer, from 0; never falls
    code: Codes  # what the first event carries

    def __len__(self) -> int:
        return len(self.began)


def count(warehouse: Warehouse, query: SessionsQuery, calendar: Calendar, *, at_once: int = AT_ONCE) -> VisitCounts:
    """As `visit_counting.count`."""
    rows = expressions.noted(query)
    names = names_of(warehouse, rows, "node") if query.breakdown else None
    found = [_visits(piece, query) for piece in pieces(warehouse, rows, names, at_once=at_once)]
    visits = _joined(found)
    if not len(visits):
        return VisitCounts(EMPTY, {}, {})
    edges = calendar.microseconds
    buckets = np.searchsorted(edges, visits.began, side="right") - 1
    by_bucket = _figures(visits, buckets, len(calendar))
    total = _figures(visits, np.zeros(len(visits), dtype=np.int64), 1)[0]
    if names is None:
        return VisitCounts(total, by_bucket, {})
    named = [*names, NONE]
    sizes = counted(visits.code, len(named))
    known = dict.fromkeys(named, 0)
    for name, size in zip(named, sizes.tolist(), strict=True):
        known[name] += size
    known = {name: size for name, size in known.items() if size}
    kept = largest(known, query.limit)
    shown = sorted(known) if kept is None else [*kept, OTHER]
    places = {name: place for place, name in enumerate(shown)}
    drawn = np.array([places.get(name, len(shown) - 1) for name in named])
    return VisitCounts(total, by_bucket, {shown[i]: one for i, one in _figures(visits, drawn[visits.code], len(shown)).items()})


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
    inside = np.flatnonzero((began >= low) & (began < high))
    first, last = first[inside], last[inside]
    owner = np.cumsum(changes, dtype=np.int64)[first] - 1
    return Visits(began[inside], piece.moment[last] - began[inside], last - first + 1, owner, piece.code[first])


def _joined(found: list[Visits]) -> Visits:
    """The sessions of all pieces; each piece has customers of its own."""
    if len(found) == 1:
        return found[0]
    empty = np.empty(0, dtype=np.int64)
    owners, before = [empty], 0
    for one in found:
        owners.append(one.owner + before)
        before += int(one.owner[-1]) + 1 if len(one) else 0

    def whole(name: str) -> Ints:
        return np.concatenate([empty, *(getattr(one, name) for one in found)])

    return Visits(whole("began"), whole("took"), whole("events"), np.concatenate(owners), whole("code").astype(np.int64))


def _figures(visits: Visits, places: Codes, size: int) -> dict[int, SessionFigures]:
    sessions = counted(places, size)
    customers = distinct_owners(places, visits.owner, size)
    events = summed(places, visits.events, size)
    bounces = counted(places[visits.events == 1], size)
    took = summed(places, visits.took, size)
    middles = _middles(visits.took, places, sessions)
    columns = (sessions, customers, events, bounces, took, middles)
    return {int(i): figures(*(int(column[i]) for column in columns)) for i in np.flatnonzero(sessions)}


def _middles(took: Ints, places: Codes, sessions: Ints) -> Ints:
    """The sum of the two middle lengths of each place: twice the median."""
    longest = int(took.max()) + 1
    if longest * len(sessions) < 1 << 62:  # a number that sorts by place, then by length
        order = np.sort(places * longest + took)
        starts = np.cumsum(sessions) - sessions
        low, high = starts + np.maximum(sessions - 1, 0) // 2, starts + sessions // 2
        last = len(order) - 1
        found: Ints = order[np.minimum(low, last)] % longest + order[np.minimum(high, last)] % longest
        return found
    by_place = [np.sort(took[places == place]) for place in range(len(sessions))]
    return np.array([int(one[(len(one) - 1) // 2] + one[len(one) // 2]) if len(one) else 0 for one in by_place], dtype=np.int64)
