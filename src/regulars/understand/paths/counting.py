"""Paths counted by the engine alone: the general route, the same on every engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from regulars.understand.paths.domain import PathsQuery
from regulars.understand.paths.queries import steps as expressions
from regulars.understand.paths.queries.nodes import noted
from regulars.understand.questions import Asked
from regulars.warehouse import Warehouse

#: By step: the nodes drawn, where there are more than that.
Kept = Mapping[int, Sequence[str]]


@dataclass(frozen=True)
class NodeCount:
    """A node at a step."""

    paths: int
    customers: int
    ended: int


@dataclass(frozen=True)
class EdgeCount:
    """An edge; `waited` is the microseconds between its ends, all paths together."""

    paths: int
    customers: int
    waited: int


@dataclass(frozen=True)
class PathCount:
    """A whole path; `took` is the microseconds from its first node to its last, all together."""

    nodes: tuple[str, ...]
    paths: int
    customers: int
    took: int


@dataclass(frozen=True)
class LoopCount:
    """Returns to a node."""

    node: str
    via: str
    returns: int
    paths: int
    customers: int
    steps: int


@dataclass(frozen=True)
class Counted:
    """Everything that is counted of one group's paths."""

    paths: int = 0
    customers: int = 0
    nodes: Mapping[tuple[int, str], NodeCount] = field(default_factory=dict)
    edges: Mapping[tuple[int, str, str], EdgeCount] = field(default_factory=dict)
    whole: Sequence[PathCount] = field(default_factory=list)
    loops: Sequence[LoopCount] = field(default_factory=list)


def kept_of(nodes: Mapping[tuple[int, str], int], limit: int) -> dict[int, list[str]]:
    """Of each step with more nodes than may be drawn, those with the most paths (ties by name)."""
    by_step: dict[int, list[tuple[int, str]]] = {}
    for (step, node), paths in nodes.items():
        by_step.setdefault(step, []).append((-paths, node))
    return {step: sorted(node for _, node in sorted(each)[:limit]) for step, each in by_step.items() if len(each) > limit}


def count(warehouse: Warehouse, query: PathsQuery, asked: Asked, kept: Kept | None = None) -> tuple[Counted, Kept]:
    """The paths of one group. `kept`: draw these nodes; null: the largest ones of the group itself."""
    steps = expressions.path_steps(noted(query, asked), query)
    if kept is None:
        found = warehouse.rows(expressions.node_counts(steps))
        kept = kept_of({(row["step"], row["node"]): int(row["paths"]) for row in found}, query.limit)
    drawn = expressions.shown(steps, kept)
    total = warehouse.rows(expressions.totals(steps))[0]
    counted = Counted(
        paths=int(total["paths"] or 0),
        customers=int(total["customers"]),
        nodes={
            (row["step"], row["node"]): NodeCount(int(row["paths"]), int(row["customers"]), int(row["ended"]))
            for row in warehouse.rows(expressions.node_counts(drawn))
        },
        edges={
            (row["step"], row["node"], row["next_node"]): EdgeCount(int(row["paths"]), int(row["customers"]), int(row["waited"]))
            for row in warehouse.rows(expressions.edge_counts(drawn))
        },
        whole=[
            PathCount(
                tuple(row[f"node_{k}"] for k in range(1, query.max_steps + 1) if row[f"node_{k}"] is not None),
                int(row["paths"]),
                int(row["customers"]),
                int(row["took"]),
            )
            for row in warehouse.rows(expressions.whole_paths(steps, query.max_steps, query.top))
        ],
        loops=[
            LoopCount(row["node"], row["via"], *(int(row[name]) for name in ("returns", "paths", "customers", "steps")))
            for row in warehouse.rows(expressions.loops(steps, query.top))
        ],
    )
    return counted, kept
