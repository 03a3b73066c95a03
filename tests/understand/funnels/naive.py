"""Funnels of one customer by the words of the rules, event by event and attempt by attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby


@dataclass(frozen=True)
class Happened:
    """One event: when, its number, which steps (from 1) it matches, and before which steps it is excluded."""

    t: int
    key: int
    steps: frozenset[int]
    spoils: frozenset[int] = frozenset()


@dataclass
class Attempt:
    """Times of the steps it came to."""

    times: list[int]
    alive: bool = True
    tainted: bool = False
    stands: bool = True  # strict: the last event was its step, or a repeat of it

    @property
    def depth(self) -> int:
        return len(self.times)


@dataclass(frozen=True)
class Rules:
    """The options of a funnel."""

    count: int
    window: int
    end: int  # of the range, for starts
    order: str = "ordered"
    drops: bool = True
    copies: Sequence[int] = field(default=())


def settled(events: Sequence[Happened], rules: Rules, *, excluded: bool) -> list[Happened]:
    """In order of time, then step; at an instant with steps, what is no step is ignored."""
    made = []
    ordered = sorted(events, key=lambda e: (e.t, min(e.steps, default=0), e.key))
    for _, together in groupby(ordered, key=lambda e: e.t):
        several = list(together)
        if (rules.order == "strict" or excluded) and any(e.steps for e in several):
            several = [e for e in several if e.steps]
        made += several
    return made


def outcome(events: Sequence[Happened], rules: Rules) -> list[int] | None:
    """The times of the steps the customer came to; None: did not enter, or left."""
    excluded = any(e.spoils for e in events)
    ready = settled(events, rules, excluded=excluded)
    if rules.order == "any":
        return _any(ready, rules)
    tried: list[Attempt] = []
    for event in ready:
        _spoil(tried, event, rules)
        _go_on(tried, event, rules)
        if 1 in event.steps and event.t < rules.end:
            tried.append(Attempt([event.t]))
    if not tried:
        return None
    deepest = max(one.depth for one in tried)
    best = [one for one in tried if one.depth == deepest and not one.tainted]
    if not best:
        return None
    return min(best, key=lambda one: (one.times[-1], -one.times[0])).times


def _spoil(tried: list[Attempt], event: Happened, rules: Rules) -> None:
    for one in tried:
        if one.alive and one.depth + 1 in event.spoils and one.times[-1] < event.t <= one.times[0] + rules.window:
            if rules.drops:
                one.tainted = True
            else:
                one.alive = False


def _go_on(tried: list[Attempt], event: Happened, rules: Rules) -> None:
    moved: list[Attempt] = []
    for k in sorted(event.steps, reverse=True):
        waiting = [
            one
            for one in tried
            if one.alive and one not in moved and one.depth == k - 1 and event.t <= one.times[0] + rules.window and one.stands
        ]
        if not waiting:
            continue
        last = max(waiting, key=lambda one: one.times[0])
        for one in waiting:
            if one.times[0] == last.times[0]:
                one.times.append(event.t)
                moved.append(one)
                one.alive = not one.tainted  # counts so far and goes no further
            else:
                one.alive = False
    if rules.order == "strict":
        for one in tried:
            if one not in moved and one.depth not in event.steps:
                one.stands = False


def _any(events: Sequence[Happened], rules: Rules) -> list[int] | None:
    best: list[int] = []
    for last, event in enumerate(events):
        if not event.steps:
            continue
        inside: list[Happened] = []
        for one in reversed(events[: last + 1]):
            if one.t < event.t - rules.window or one.spoils:
                break
            inside.insert(0, one)
        if not any(one.steps and one.t < rules.end for one in inside):
            continue
        times = []
        for k in range(1, rules.count + 1):
            own = [one.t for one in inside if k in one.steps]
            copy = rules.copies[k - 1]
            if len(own) > copy:
                times.append(own[copy])
        if len(times) > len(best):
            # Ties at the same instant belong to the same moment.
            best = sorted(times)
    return best or None
