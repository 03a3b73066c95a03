"""Session neighbours: what was looked at in the sessions most like this one (SKNN, STAN and V-STAN in one formula).

Sessions are kept as compressed rows with the newest sessions of every item, and a tail of what happened since: the next event
counts at once, and the rows are made anew every few minutes. Ludewig & Jannach 2018; Garg et al. 2019 (STAN); Ludewig et al. 2020.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import sparse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Scores = tuple[Ints, Floats]

#: Of a session that is asked about, so many last events count: a robot's thousand cost no more than a visitor's ten.
LAST_EVENTS = 30
#: Sessions kept of an item: more than any setting looks at.
POSTINGS = 2_500
_NOTHING: Scores = (np.empty(0, np.int64), np.empty(0, np.float64))


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What makes a session a neighbour and how much its items count; an infinite decay does not count.

    k : neighbours. m : newest sessions looked at of each item.
    spw : events after which an item of this session counts e times less. snh : the same in days of a session's age.
    inh : steps from the last shared item. ipw : steps of that item from this session's end. idf : extra weight of rare items.
    """

    k: int = 1_000
    m: int = 2_500
    spw: float = math.inf
    snh: float = math.inf
    inh: float = math.inf
    ipw: float = math.inf
    idf: float = 0.0


SKNN = Neighbourhood(k=500, m=1_000)
STAN = Neighbourhood(k=500, m=1_000, spw=0.905, snh=100.0, inh=0.905)
#: Published for RetailRocket by its authors; the default everywhere, tuned to no shop.
V_STAN = Neighbourhood(k=1_000, m=2_500, spw=3.62, snh=100.0, inh=0.4525, ipw=3.62, idf=1.0)


@dataclass
class Tail:
    """Sessions since the rows were made, by number; numbers go on from the rows."""

    first: int
    items: list[list[int]] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    distinct: list[int] = field(default_factory=list)
    postings: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))


class SessionIndex:
    """Sessions by item and items by session. Not for several threads at once: it keeps places to count in."""

    def __init__(self, items: Ints | npt.NDArray[np.int32], starts: Ints, ended: Floats, n_items: int) -> None:
        self.items: npt.NDArray[np.int32] = items.astype(np.int32, copy=False)
        self.starts: Ints = starts.astype(np.int64, copy=False)
        self.ended: Floats = ended.astype(np.float64, copy=False)
        self.n_items = n_items
        self.n_sessions = len(starts) - 1
        owner = np.repeat(np.arange(self.n_sessions, dtype=np.int32), np.diff(self.starts))
        shape = (n_items, max(self.n_sessions, 1))
        pairs = sparse.coo_matrix((np.ones(len(owner), np.int8), (self.items, owner)), shape=shape).tocsr()  # each once, in order
        del owner
        counts = np.diff(pairs.indptr).astype(np.int64)
        self.distinct = np.bincount(pairs.indices, minlength=self.n_sessions).astype(np.int32)
        self.sessions_of = counts.astype(np.int32)
        posts: npt.NDArray[np.int32] = pairs.indices.astype(np.int32, copy=False)
        if len(often := np.flatnonzero(counts > POSTINGS)):
            newest = np.ones(len(posts), bool)
            for item in often.tolist():
                newest[pairs.indptr[item] : pairs.indptr[item + 1] - POSTINGS] = False
            posts = posts[newest]
        self.posts = posts
        self.post_starts = np.concatenate([[0], np.minimum(counts, POSTINGS).cumsum()]).astype(np.int64)
        self.idf = np.log(max(self.n_sessions, 1) / np.maximum(counts, 1)).astype(np.float32)
        self.tail = Tail(self.n_sessions)
        self._session_slot = np.zeros(self.n_sessions + 1024, np.int32)
        self._item_slot = np.zeros(n_items + 1024, np.int32)

    @classmethod
    def of(cls, sessions: Sequence[Sequence[int]], ended: Sequence[float], n_items: int) -> SessionIndex:
        """From lists, oldest session first; `ended` in days."""
        lengths = np.array([len(one) for one in sessions], np.int64)
        flat = np.array([item for one in sessions for item in one], np.int64)
        return cls(flat, np.concatenate([[0], lengths.cumsum()]).astype(np.int64), np.array(ended, np.float64), n_items)

    # -- the tail -----------------------------------------------------------------------------------------------------

    def begin(self, at: float) -> int:
        """A new session; returns its number."""
        tail = self.tail
        tail.items.append([])
        tail.ended.append(at)
        tail.distinct.append(0)
        return tail.first + len(tail.items) - 1

    def append(self, session: int, item: int, at: float) -> None:
        """One more event of a session of the tail."""
        tail = self.tail
        place = session - tail.first
        seen = tail.items[place]
        if item not in seen:
            tail.distinct[place] += 1
            tail.postings[item].append(session)
        seen.append(item)
        tail.ended[place] = at
        if item >= self.n_items:
            self.n_items = item + 1

    # -- scores -------------------------------------------------------------------------------------------------------

    def scores(self, current: Sequence[int], now: float, how: Neighbourhood = V_STAN, *, without: int = -1) -> Scores:
        """Items of neighbour sessions and their scores, in no order. `without` is the number of this very session."""
        return self.scores_by(current, now, [how], without=without)[0]

    def scores_by(self, current: Sequence[int], now: float, ways: Sequence[Neighbourhood], *, without: int = -1) -> list[Scores]:
        """The same for several settings; the sessions of the items are gathered once."""
        asked = list(current)[-LAST_EVENTS:]
        last_place = {item: place for place, item in enumerate(asked, start=1)}
        shared = sorted(last_place.items(), key=lambda pair: pair[1])
        found = [self._sessions_of(item, max(way.m for way in ways), without) for item, _ in shared]
        if not sum(map(len, found)):
            return [_NOTHING for _ in ways]
        sessions = np.concatenate(found)
        if len(self._session_slot) <= self.tail.first + len(self.tail.items):
            self._session_slot = np.zeros(2 * len(self._session_slot), np.int32)
        numbers, slots = _distinct(sessions, self._session_slot)
        lengths = [len(one) for one in found]
        places = np.repeat(np.array([place for _, place in shared], np.float64), lengths)
        last = np.zeros(len(numbers), np.int64)
        last[slots] = np.repeat(np.arange(len(shared)), lengths)  # written in order: the last item of this session wins
        ended, distinct = self._of_sessions(numbers)
        size = np.sqrt(len(asked) * distinct)
        age = np.maximum(now - ended, 0.0)
        kept: dict[tuple[int, float, float, int], tuple[Ints, Floats]] = {}
        answers = []
        for way in ways:
            key = (way.k, way.spw, way.snh, way.m)
            if key not in kept:
                kept[key] = self._nearest(way, slots, places, len(asked), size, age, lengths)
            chosen, similarity = kept[key]
            answers.append(self._items_of(numbers[chosen], similarity, last[chosen], shared, len(asked), way))
        return answers

    def _sessions_of(self, item: int, most: int, without: int) -> Ints:
        late = self.tail.postings.get(item)
        early = self.posts[:0]
        if item < len(self.sessions_of):
            end = self.post_starts[item + 1]
            early = self.posts[max(self.post_starts[item], end - most) : end]
        if not late:
            return early.astype(np.int64)
        newest = np.array([one for one in late[-most - 1 :] if one != without][-most:], np.int64)
        return np.concatenate([early[max(0, len(early) + len(newest) - most) :].astype(np.int64), newest])

    def _of_sessions(self, numbers: Ints) -> tuple[Floats, Floats]:
        if not self.tail.items or not (late := numbers >= self.tail.first).any():
            return self.ended[numbers], self.distinct[numbers].astype(np.float64)
        ended, distinct = np.empty(len(numbers)), np.empty(len(numbers))
        ended[~late], distinct[~late] = self.ended[numbers[~late]], self.distinct[numbers[~late]]
        places = (numbers[late] - self.tail.first).tolist()
        ended[late] = [self.tail.ended[place] for place in places]
        distinct[late] = [self.tail.distinct[place] for place in places]
        return ended, distinct

    def _nearest(
        self, way: Neighbourhood, slots: Ints, places: Floats, length: int, size: Floats, age: Floats, lengths: Sequence[int]
    ) -> tuple[Ints, Floats]:
        weight = np.exp((places - length) / way.spw)
        if max(lengths) > way.m:  # another setting looks further back: of each item only the newest count here
            back = np.concatenate([np.arange(n, 0, -1) for n in lengths])
            weight = np.where(back <= way.m, weight, 0.0)
        similarity = np.bincount(slots, weights=weight, minlength=len(size)) / size * np.exp(-age / way.snh)
        chosen = np.arange(len(size)) if len(size) <= way.k else np.argpartition(-similarity, way.k - 1)[: way.k]
        chosen = chosen[similarity[chosen] > 0]
        return chosen, similarity[chosen]

    def _items_of(
        self, numbers: Ints, similarity: Floats, last: Ints, shared: Sequence[tuple[int, int]], length: int, way: Neighbourhood
    ) -> Scores:
        items, counts = self._rows(numbers)
        owner = np.repeat(np.arange(len(numbers)), counts)
        if way.ipw < math.inf:
            behind = length - np.array([place for _, place in shared], np.float64)
            similarity = similarity * np.exp(-behind[last] / way.ipw)
        weight = similarity[owner]
        if way.inh < math.inf:
            step = np.arange(len(items)) - np.repeat(counts.cumsum() - counts, counts)
            here = np.array([item for item, _ in shared])[last][owner] == items
            at = np.zeros(len(numbers))
            at[owner[here]] = step[here]
            weight = weight * np.exp(-np.abs(step - at[owner]) / way.inh)
        if len(self._item_slot) <= self.n_items:
            self._item_slot = np.zeros(2 * self.n_items, np.int32)
        ids, slots = _distinct(items, self._item_slot)
        score: Floats = np.bincount(slots, weights=weight, minlength=len(ids)).astype(np.float64)
        if way.idf:
            known = ids < len(self.idf)
            rare = np.full(len(ids), math.log(max(self.n_sessions, 1)))
            rare[known] = self.idf[ids[known]]
            score = score * (1 + way.idf * rare)
        return ids, score

    def _rows(self, numbers: Ints) -> tuple[Ints, Ints]:
        """The items of these sessions one after another, and how many each has."""
        early = numbers < self.tail.first
        base = numbers[early]
        counts = np.zeros(len(numbers), np.int64)
        counts[early] = self.starts[base + 1] - self.starts[base]
        if early.all():
            begin = np.repeat(self.starts[base] - (counts.cumsum() - counts), counts)
            return self.items[begin + np.arange(counts.sum())].astype(np.int64), counts
        rows = [
            self.tail.items[one - self.tail.first]
            if one >= self.tail.first
            else self.items[self.starts[one] : self.starts[one + 1]]
            for one in numbers.tolist()
        ]
        counts = np.array([len(row) for row in rows], np.int64)
        return np.concatenate([np.asarray(row, np.int64) for row in rows]), counts


def _distinct(values: Ints, slots: npt.NDArray[np.int32]) -> tuple[Ints, Ints]:
    """The distinct values and for each value its place among them, without sorting; `slots` is any array long enough."""
    order = np.arange(len(values), dtype=np.int32)
    slots[values] = order
    first = slots[values] == order
    found = values[first]
    slots[found] = np.arange(len(found), dtype=np.int32)
    return found, slots[values].astype(np.int64)
