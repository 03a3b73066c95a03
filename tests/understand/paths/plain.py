"""Paths in plain Python, word by word as the rules say: the second implementation that ours is compared with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

Step = tuple[str, int]  # node, second


def paths_of(
    events: Iterable[tuple[str, str, int]], *, gap: int, max_steps: int, start: str | None = None, end: str | None = None
) -> list[tuple[str, list[Step]]]:
    """Every path with its customer; `events` are customer, node, second."""
    by_customer: dict[str, list[Step]] = defaultdict(list)
    for customer, node, second in events:
        by_customer[customer].append((node, second))
    found = []
    for customer, steps in sorted(by_customer.items()):
        steps.sort(key=lambda one: (one[1], one[0]))
        sessions: list[list[Step]] = []
        for step in steps:
            if not sessions or step[1] - sessions[-1][-1][1] >= gap:
                sessions.append([])
            sessions[-1].append(step)
        for session in sessions:
            path: list[Step] = []
            for step in session:
                if path and path[-1][0] == step[0]:
                    path[-1] = step
                else:
                    path.append(step)
            nodes = [node for node, _ in path]
            if start is not None:
                path = path[nodes.index(start) :] if start in nodes else []
            nodes = [node for node, _ in path]
            if end is not None:
                path = path[: nodes.index(end) + 1] if end in nodes else []
                path = path[-max_steps:]
            path = path[:max_steps]
            if path:
                found.append((customer, path))
    return found


def edges_of(paths: Sequence[tuple[str, list[Step]]]) -> list[tuple[Any, ...]]:
    """step, from, to, paths, customers, avg_seconds; in the order of the rules."""
    met: dict[tuple[int, str, str], list[tuple[str, int]]] = defaultdict(list)
    for customer, path in paths:
        for k, ((node, at), (after, later)) in enumerate(pairwise(path), start=1):
            met[k, node, after].append((customer, later - at))
    rows = [
        (k, node, after, len(each), len({who for who, _ in each}), round(sum(took for _, took in each) / len(each), 4))
        for (k, node, after), each in met.items()
    ]
    return sorted(rows, key=lambda row: (-row[3], f"{row[0]}_{row[1]}", f"{row[0] + 1}_{row[2]}"))


def loops_of(paths: Sequence[tuple[str, list[Step]]]) -> set[tuple[Any, ...]]:
    """node, via, returns, paths, customers, avg_steps."""
    met: dict[tuple[str, str], list[tuple[str, int, int]]] = defaultdict(list)
    for number, (customer, path) in enumerate(paths):
        last: dict[str, int] = {}
        for place, (node, _) in enumerate(path):
            if node in last:
                met[node, path[last[node] + 1][0]].append((customer, number, place - last[node]))
            last[node] = place
    return {
        (
            node,
            via,
            len(each),
            len({p for _, p, _ in each}),
            len({c for c, _, _ in each}),
            round(sum(s for _, _, s in each) / len(each), 4),
        )
        for (node, via), each in met.items()
    }
