"""The verb of paths: the drawing, its lists, the comparison of two groups, and who is behind a cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from regulars.understand.metrics import ratio
from regulars.understand.paths import counting, fast
from regulars.understand.paths.counting import Counted, Kept
from regulars.understand.paths.domain import (
    Difference,
    Edge,
    Loop,
    Node,
    PathsAnswer,
    PathsQuery,
    Route,
    WholePath,
)
from regulars.understand.paths.queries import steps as expressions
from regulars.understand.paths.queries.nodes import noted
from regulars.understand.paths.reading import read_paths
from regulars.understand.questions import READ, Asked, Desk, Report, told


def paths(desk: Desk, query: PathsQuery, route: Route | None = None) -> PathsAnswer:
    """Where customers go, step by step, inside a session or inside a part of a funnel.

    Parameters
    ----------
    route : `general` lets the engine do everything, `fast` does the last pass in numpy; null takes what suits the engine.

    Returns
    -------
    Shares are of all paths of the group, means in seconds. With `against`, the edges of both groups beside each other.
    """
    route = route or fast.route(desk)
    return desk.warehouse.cached(("paths", query, route), lambda: _answer(desk, query, route), of=READ)


def customers(desk: Desk, query: PathsQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who is behind `{step, node}`, `{step, from_node, to_node}`, `{nodes: [...]}`, `{node, via}` (a loop) or `{}` (all paths).

    `group: "against"` asks for the other group's.
    """
    given = told.object_of(cell, "cell", ("step", "node", "from_node", "to_node", "nodes", "via", "group"))
    asked = query.asked
    if given.get("group") == "against":
        if query.against is None:
            raise told.wrong("cell.group", "the question compares with nobody", "leave it out")
        asked = query.against
    steps = expressions.path_steps(noted(query, asked), query)
    if "nodes" in given:
        return expressions.behind_path(
            steps, [str(one) for one in told.list_of(given["nodes"], "cell.nodes", least=1)], query.max_steps
        )
    if "via" in given:
        return expressions.behind_loop(steps, told.text(given.get("node"), "cell.node"), told.text(given["via"], "cell.via"))
    if "step" not in given:
        return steps.select("customer_id").distinct()
    step = told.whole(given["step"], "cell.step", 1, query.max_steps)
    steps = expressions.shown(steps, _drawn(desk, query))
    steps = steps.filter(steps.step == step)
    for name, column in (("node", "node"), ("from_node", "node"), ("to_node", "next_node")):
        if name in given:
            steps = steps.filter(steps[column] == told.text(given[name], f"cell.{name}"))
    return steps.select("customer_id").distinct()


def table(answer: PathsAnswer) -> pa.Table:
    """The edges as rows."""
    return pa.Table.from_pylist(
        [
            {
                "from": f"{edge.step}_{edge.from_node}",
                "to": f"{edge.step + 1}_{edge.to_node}",
                "paths": edge.paths,
                "customers": edge.customers,
                "avg_seconds": edge.avg_seconds,
            }
            for edge in answer.edges
        ],
        schema=pa.schema(
            [
                ("from", pa.string()),
                ("to", pa.string()),
                ("paths", pa.int64()),
                ("customers", pa.int64()),
                ("avg_seconds", pa.float64()),
            ]
        ),
    )


REPORT = Report(
    kind="paths",
    read=read_paths,
    answer=paths,
    table=table,
    customers=customers,
    example={"node": "event", "session_gap_minutes": 30, "max_steps": 5, "limit": 12},
)


def _answer(desk: Desk, query: PathsQuery, route: Route) -> PathsAnswer:
    mine, kept = _count(desk, query, query.asked, route)
    answer = _one(desk, query, mine)
    if query.against is None:
        return answer
    other, _ = _count(desk, query, query.against, route, kept)
    return replace(
        answer, against_paths=other.paths, against_customers=other.customers, differences=tuple(_differences(mine, other))
    )


def _count(desk: Desk, query: PathsQuery, asked: Asked, route: Route, kept: Kept | None = None) -> tuple[Counted, Kept]:
    if route == "fast":
        return fast.count(desk.warehouse, query, asked, kept)
    return counting.count(desk.warehouse, query, asked, kept)


def _drawn(desk: Desk, query: PathsQuery) -> Kept:
    """The nodes that the drawing shows, where there are more."""
    key = ("paths.drawn", replace(query, against=None))
    return desk.warehouse.cached(key, lambda: _count(desk, query, query.asked, fast.route(desk))[1], of=READ)


def _one(desk: Desk, query: PathsQuery, counted: Counted) -> PathsAnswer:
    end = query.moments.end
    return PathsAnswer(
        paths=counted.paths,
        customers=counted.customers,
        max_steps=query.max_steps,
        complete=end is not None and end <= desk.as_of(),
        nodes=tuple(
            Node(step, node, found.paths, found.customers, found.ended, ratio(found.paths, counted.paths) or 0.0)
            for (step, node), found in sorted(counted.nodes.items(), key=lambda item: (item[0][0], -item[1].paths, item[0][1]))
        ),
        edges=tuple(
            Edge(step, from_node, to_node, found.paths, found.customers, _seconds(found.waited, found.paths))
            for (step, from_node, to_node), found in sorted(
                counted.edges.items(),
                key=lambda item: (-item[1].paths, f"{item[0][0]}_{item[0][1]}", f"{item[0][0] + 1}_{item[0][2]}"),
            )
        ),
        top_paths=tuple(
            WholePath(one.nodes, one.paths, one.customers, ratio(one.paths, counted.paths) or 0.0, _seconds(one.took, one.paths))
            for one in counted.whole
        ),
        loops=tuple(
            Loop(one.node, one.via, one.returns, one.paths, one.customers, round(one.steps / one.returns, 4))
            for one in counted.loops
        ),
    )


def _differences(mine: Counted, other: Counted) -> list[Difference]:
    found = []
    for step, from_node, to_node in {*mine.edges, *other.edges}:
        edge = (step, from_node, to_node)
        a, b = (group.edges[edge].paths if edge in group.edges else 0 for group in (mine, other))
        share, against = a / mine.paths if mine.paths else 0.0, b / other.paths if other.paths else 0.0
        found.append(Difference(*edge, a, round(share, 4), b, round(against, 4), round(share - against, 4)))
    return sorted(found, key=lambda one: (-abs(one.difference), one.step, one.from_node, one.to_node))


def _seconds(microseconds: int, paths: int) -> float:
    return round(microseconds / paths / 1_000_000, 4)
