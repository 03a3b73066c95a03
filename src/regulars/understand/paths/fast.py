"""Paths counted in numpy behind one sorted read: the fast route of an engine in this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import numpy as np

from regulars.understand.paths.counting import Counted, EdgeCount, Kept, LoopCount, NodeCount, PathCount, kept_of
from regulars.understand.paths.domain import PathsQuery, Route
from regulars.understand.paths.queries.nodes import bare, noted
from regulars.understand.paths.rows import AT_ONCE, Codes, Flags, Ints, Piece, names_of, pieces
from regulars.understand.paths.sums import Sums, counted, distinct_of, distinct_owners, places_of, summed
from regulars.understand.questions import OTHER, Asked, Desk
from regulars.understand.questions.queries import behaviour
from regulars.understand.questions.sorting import MOST
from regulars.warehouse import Warehouse


def route(desk: Desk) -> Route:
    """An engine that streams what is sorted hands it over; others do their sums themselves."""
    return "fast" if desk.warehouse.capabilities.sorted_streams else "general"


@dataclass(frozen=True)
class Steps:
    """The steps of all paths of a piece, path after path."""

    step: Codes  # from 1
    node: Codes
    moment: Ints
    begins: Ints  # where each path begins
    length: Ints  # of each path
    owner: Ints  # of each path: its customer's number in the piece, from 0

    def of_paths(self, values: Ints) -> Ints:
        """What belongs to a path, for each of its steps."""
        return np.repeat(values, self.length)


def count(
    warehouse: Warehouse, query: PathsQuery, asked: Asked, kept: Kept | None = None, *, at_once: int = AT_ONCE, most: int = MOST
) -> tuple[Counted, Kept]:
    """As `counting.count`."""
    rows = noted(query, asked)
    names = _names(warehouse, query, asked, rows)
    if not names:
        return Counted(), kept or {}
    walked: Iterator[Steps] = (
        steps_of(piece, query, names) for piece in pieces(warehouse, rows, names, at_once=at_once, most=most)
    )
    if kept is None and len(names) > query.limit:
        read = list(walked)  # which nodes are drawn is known when all were seen
        kept, walked = _kept(read, query, names), iter(read)
    tally = _Tally(query, names, kept or {})
    for steps in walked:
        tally.add(steps)
    return tally.counted(), kept or {}


def _names(warehouse: Warehouse, query: PathsQuery, asked: Asked, rows: ir.Table) -> list[str]:
    """All nodes there may be, in order; some may not occur."""
    if query.node is not None:
        return names_of(warehouse, rows, "node")
    told = {name for one in query.include for name in (one.event, one.label) if name is not None}
    if query.include and all(one.event is not None for one in query.include):
        return sorted(told)
    return sorted({*told, *names_of(warehouse, behaviour(asked.shop_id), "event")})


def steps_of(piece: Piece, query: PathsQuery, names: Sequence[str]) -> Steps:
    """Split into sessions, collapse repeats to their last, cut and number."""
    changes = piece.changes()
    begins = changes.copy()
    if query.gap_minutes is not None:
        begins[1:] |= np.diff(piece.moment) >= query.gap_minutes * 60_000_000
    last = np.empty(len(piece), dtype=np.bool_)  # of its run: the next row begins a session or is another node
    last[-1:] = True
    np.not_equal(piece.code[1:], piece.code[:-1], out=last[:-1])
    last[:-1] |= begins[1:]
    rows = np.flatnonzero(last)
    visits = np.cumsum(begins, dtype=np.int32)[rows]
    starts = np.flatnonzero(np.r_[True, visits[1:] != visits[:-1]])
    lengths = np.diff(np.r_[starts, len(rows)])
    owner = np.cumsum(changes, dtype=np.int64)[rows[starts]] - 1
    node, moment = piece.code[rows], piece.moment[rows]
    return _cut(Steps(node, node, moment, starts, lengths, owner), query, names)


def _cut(whole: Steps, query: PathsQuery, names: Sequence[str]) -> Steps:
    """The part of each path that is asked for; `whole` is not numbered yet."""
    begins, length, owner = whole.begins, whole.length, whole.owner
    if query.start is not None:
        first = _first_of(whole, begins, length, _place(names, query.start))
        found = first >= 0
        length = (begins + length - first)[found]
        begins, owner = first[found], owner[found]
    if query.end is not None:
        first = _first_of(whole, begins, length, _place(names, query.end))
        found = first >= 0
        length = (first - begins + 1)[found]
        begins, owner = begins[found], owner[found]
    if query.from_behind:
        begins = begins + np.maximum(length - query.max_steps, 0)
    length = np.minimum(length, query.max_steps)
    total = int(length.sum())
    new_begins = np.cumsum(length) - length
    step = np.arange(total, dtype=np.int64) - np.repeat(new_begins, length)
    if total == len(whole.node):
        node, moment = whole.node, whole.moment
    else:
        chosen = step + np.repeat(begins, length)
        node, moment = whole.node[chosen], whole.moment[chosen]
    return Steps((step + 1).astype(np.int16), node, moment, new_begins, length, owner)


def _first_of(whole: Steps, begins: Ints, length: Ints, code: int) -> Ints:
    """Where each path's first step with a node lies; -1 for paths without it."""
    met = np.flatnonzero(whole.node == code)
    if not len(met):
        return np.full(len(begins), -1, dtype=np.int64)
    at = np.searchsorted(met, begins)
    first = met[np.minimum(at, len(met) - 1)]
    return np.where((at < len(met)) & (first < begins + length), first, -1)


def _place(names: Sequence[str], node: str) -> int:
    wanted = bare(node)
    return names.index(wanted) if wanted in names else -2


def _kept(read: Sequence[Steps], query: PathsQuery, names: Sequence[str]) -> Kept:
    size = len(names)
    paths = np.zeros((query.max_steps + 1) * size, dtype=np.int64)
    for steps in read:
        paths += np.bincount(steps.step.astype(np.int64) * size + steps.node, minlength=len(paths))
    found = {(int(key) // size, names[int(key) % size]): int(paths[key]) for key in np.flatnonzero(paths)}
    return kept_of(found, query.limit)


class _Tally:
    """The counts of all pieces."""

    def __init__(self, query: PathsQuery, names: Sequence[str], kept: Kept) -> None:
        self.query, self.names = query, names
        self.shown = [*names, OTHER]
        self.drawn = _drawn(names, kept, query.max_steps) if kept else None
        self.paths = self.customers = 0
        self.nodes, self.edges, self.loops = Sums(3), Sums(3), Sums(4)
        self.whole = Sums(3)

    def add(self, steps: Steps) -> None:
        """Count one piece."""
        if not len(steps.begins):
            return
        owners = steps.of_paths(steps.owner)
        self._whole(steps)
        self._loops(steps, owners)
        self._drawing(steps, owners)
        self.paths += len(steps.begins)
        self.customers += int(np.count_nonzero(np.diff(steps.owner))) + 1

    def _drawing(self, steps: Steps, owners: Ints) -> None:
        size = len(self.shown)
        most = (self.query.max_steps + 1) * size
        kind: type[np.signedinteger[Any]] = np.int32 if most * size < 1 << 31 else np.int64
        nodes: Codes = steps.node.astype(kind) if self.drawn is None else self.drawn[steps.step, steps.node].astype(kind)
        keys: Codes = steps.step.astype(kind)
        keys *= size
        keys += nodes
        ended = np.zeros(len(keys), dtype=np.bool_)
        ended[steps.begins + steps.length - 1] = True
        distinct, places = places_of(keys, most)
        number = len(distinct)
        self.nodes.add(
            distinct,
            [counted(places, number), distinct_owners(places, owners, number), counted(places[ended], number)],
        )
        goes = np.flatnonzero(~ended)
        edges = keys[goes] * size + nodes[goes + 1]
        distinct, places = places_of(edges, most * size)
        number = len(distinct)
        waited = steps.moment[goes + 1] - steps.moment[goes]
        self.edges.add(
            distinct,
            [counted(places, number), distinct_owners(places, owners[goes], number), summed(places, waited, number)],
        )

    def _whole(self, steps: Steps) -> None:
        """Each path's nodes packed into as few words as hold them; 0 stands for none."""
        base = len(self.names) + 1
        each = _nodes_in_a_word(base)
        words = np.zeros((-(-self.query.max_steps // each), len(steps.begins)), dtype=np.int64)
        words[0] = steps.node[steps.begins]
        words[0] += 1
        long: Ints = np.arange(len(steps.begins))
        for k in range(1, self.query.max_steps):
            word = words[k // each]
            word *= base
            long = long[steps.length[long] > k]
            word[long] += steps.node[steps.begins[long] + k].astype(np.int64) + 1
        took = steps.moment[steps.begins + steps.length - 1] - steps.moment[steps.begins]
        distinct, places = places_of(words[0], base**self.query.max_steps) if len(words) == 1 else distinct_of(words)
        number = distinct.shape[-1]
        self.whole.add(
            distinct, [counted(places, number), distinct_owners(places, steps.owner, number), summed(places, took, number)]
        )

    def _loops(self, steps: Steps, owners: Ints) -> None:
        size = len(self.names)
        free = np.ones(len(steps.node), dtype=np.bool_)  # no nearer occurrence was found
        found: list[tuple[Ints, int]] = []
        for apart in range(2, self.query.max_steps):
            back = np.flatnonzero((steps.step[apart:] > apart) & (steps.node[apart:] == steps.node[:-apart]) & free[apart:])
            if len(back):
                free[back + apart] = False
                found.append((back, apart))
        if not found:
            return
        at = np.concatenate([back for back, _ in found])
        apart_ = np.concatenate([np.full(len(back), apart, dtype=np.int64) for back, apart in found])
        order = np.argsort(at, kind="stable")
        at, apart_ = at[order], apart_[order]
        path = np.searchsorted(steps.begins, at, side="right") - 1
        keys = steps.node[at].astype(np.int64) * size + steps.node[at + 1]
        distinct, places = places_of(keys, size * size)
        number = len(distinct)
        self.loops.add(
            distinct,
            [
                counted(places, number),
                distinct_owners(places, path, number),
                distinct_owners(places, owners[at], number),
                summed(places, apart_, number),
            ],
        )

    def counted(self) -> Counted:
        """Everything, by name."""
        size = len(self.shown)
        return Counted(
            paths=self.paths,
            customers=self.customers,
            nodes={(key // size, self.shown[key % size]): NodeCount(a, b, c) for key, a, b, c in _rows(self.nodes)},
            edges={
                (key // size // size, self.shown[key // size % size], self.shown[key % size]): EdgeCount(a, b, c)
                for key, a, b, c in _rows(self.edges)
            },
            whole=self._top_paths(),
            loops=self._top_loops(),
        )

    def _top_paths(self) -> list[PathCount]:
        keys, (paths, customers, took) = self.whole.total()
        words = np.atleast_2d(keys)
        found = [
            PathCount(self._named(words[:, i]), int(paths[i]), int(customers[i]), int(took[i]))
            for i in _largest(paths, self.query.top)
        ]
        return sorted(found, key=lambda one: (-one.paths, one.nodes))

    def _named(self, words: Ints) -> tuple[str, ...]:
        base = len(self.names) + 1
        each = _nodes_in_a_word(base)
        found: list[str] = []
        left = self.query.max_steps
        for word in words.tolist():
            here = min(each, left)
            left -= here
            digits = [word // base**place % base for place in range(here - 1, -1, -1)]
            found += [self.names[digit - 1] for digit in digits if digit]
        return tuple(found)

    def _top_loops(self) -> list[LoopCount]:
        size = len(self.names)
        keys, (returns, paths, customers, apart) = self.loops.total()
        found = [
            LoopCount(
                self.names[int(keys[i]) // size],
                self.names[int(keys[i]) % size],
                *(int(column[i]) for column in (returns, paths, customers, apart)),
            )
            for i in _largest(returns, self.query.top)
        ]
        return sorted(found, key=lambda one: (-one.returns, one.node, one.via))


def _drawn(names: Sequence[str], kept: Kept, max_steps: int) -> Codes:
    """By step and node: the code it is drawn under."""
    codes = {name: code for code, name in enumerate(names)}
    found = np.tile(np.arange(len(names), dtype=np.int64), (max_steps + 1, 1))
    for step, drawn in kept.items():
        found[step] = len(names)
        places = [codes[name] for name in drawn if name in codes]
        found[step, places] = places
    return found


def _nodes_in_a_word(base: int) -> int:
    return max(1, int(62 / np.log2(base + 1)))


def _largest(values: Ints, top: int) -> list[int]:
    """Places of the largest values; of those that tie with the last of them the first ones, which come first by name too."""
    if len(values) <= top:
        return list(range(len(values)))
    least = np.partition(values, len(values) - top)[len(values) - top]
    larger = np.flatnonzero(values > least)
    found: list[int] = [*larger.tolist(), *np.flatnonzero(values == least)[: top - len(larger)].tolist()]
    return found


def _rows(sums: Sums) -> Iterator[tuple[int, ...]]:
    keys, columns = sums.total()
    return zip(keys.tolist(), *(column.tolist() for column in columns), strict=True)


__all__ = ["Flags", "count", "route", "steps_of"]
