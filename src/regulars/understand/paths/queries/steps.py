"""Paths as rows: events split into sessions, repeats collapsed, cut at start and end, numbered; and what is counted of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from regulars.understand.paths.domain import PathsQuery
from regulars.understand.paths.queries.nodes import bare
from regulars.understand.questions import OTHER
from regulars.warehouse.instants import microseconds


def path_steps(rows: ir.Table, query: PathsQuery) -> ir.Table:
    """The nodes of every path, in order.

    Parameters
    ----------
    rows : `customer_id`, `at`, `node`, as `nodes.noted` gives them. Events at the same instant are taken by their node's name.

    Returns
    -------
    `customer_id`, `visit` (the path, by customer), `step` (from 1), `node`, `moment` (microseconds), and of the next step
    `next_node`, `next_moment` (null: the path ends here).
    """
    rows = rows.select("customer_id", "node", moment=microseconds(rows.at))
    order = ibis.window(group_by="customer_id", order_by=["moment", "node"])
    rows = rows.mutate(after=rows.moment.lead().over(order), after_node=rows.node.lead().over(order))
    ends = rows.after.isnull()
    if query.gap_minutes is not None:
        ends = ends | (rows.after - rows.moment >= query.gap_minutes * 60_000_000)
    rows = rows.mutate(ends=ends)
    rows = rows.filter(rows.ends | (rows.after_node != rows.node))  # the last of each run; from here on (moment, node) is unique
    earlier = ibis.window(group_by="customer_id", order_by=["moment", "node"], preceding=(None, 1), following=None)
    rows = rows.select("customer_id", "node", "moment", visit=rows.ends.cast("int64").sum().over(earlier).fill_null(0))
    path = ibis.window(group_by=["customer_id", "visit"], order_by=["moment", "node"])
    rows = _cut(rows.mutate(step=ibis.row_number().over(path) + 1), query)
    by_step = ibis.window(group_by=["customer_id", "visit"], order_by="step")
    return rows.mutate(next_node=rows.node.lead().over(by_step), next_moment=rows.moment.lead().over(by_step))


def _cut(rows: ir.Table, query: PathsQuery) -> ir.Table:
    whole = ibis.window(group_by=["customer_id", "visit"])
    if query.start is not None:
        rows = rows.mutate(first=rows.step.min(where=rows.node == bare(query.start)).over(whole))
        rows = rows.filter(rows.step >= rows.first)
        rows = rows.mutate(step=rows.step - rows.first + 1).drop("first")
    if query.from_behind:
        met = rows.step.max() if query.end is None else rows.step.min(where=rows.node == bare(query.end))
        rows = rows.mutate(last=met.over(whole))
        rows = rows.filter(rows.step <= rows.last, rows.step > rows.last - query.max_steps)
        dropped = ibis.greatest(rows.last - query.max_steps, 0)
        return rows.mutate(step=rows.step - dropped).drop("last")
    return rows.filter(rows.step <= query.max_steps)


def shown(steps: ir.Table, kept: Mapping[int, Sequence[str]]) -> ir.Table:
    """The steps with the nodes that are not drawn called "(other)"; `kept` names the drawn ones of each step that has too many."""
    if not kept:
        return steps

    def name(step: ir.IntegerValue, node: ir.StringValue) -> ir.StringValue:
        cases = [((step == at) & ~node.isin(list(names)), ibis.literal(OTHER)) for at, names in sorted(kept.items())]
        return ibis.cases(*cases, else_=node)

    after = ibis.ifelse(steps.next_node.isnull(), ibis.null("string"), name(steps.step + 1, steps.next_node))
    return steps.mutate(node=name(steps.step, steps.node), next_node=after)


def node_counts(steps: ir.Table) -> ir.Table:
    """By step and node: `paths`, `customers`, `ended`."""
    each = steps.group_by("step", "node", "customer_id").aggregate(paths=steps.count(), ended=steps.next_node.isnull().sum())
    return each.group_by("step", "node").aggregate(paths=each.paths.sum(), customers=each.count(), ended=each.ended.sum())


def edge_counts(steps: ir.Table) -> ir.Table:
    """By step, node and next node: `paths`, `customers`, `waited` (microseconds, all paths together)."""
    steps = steps.filter(steps.next_node.notnull())
    steps = steps.mutate(waited=steps.next_moment - steps.moment)
    each = steps.group_by("step", "node", "next_node", "customer_id").aggregate(paths=steps.count(), waited=steps.waited.sum())
    return each.group_by("step", "node", "next_node").aggregate(
        paths=each.paths.sum(), customers=each.count(), waited=each.waited.sum()
    )


def totals(steps: ir.Table) -> ir.Table:
    """One row: `paths` and `customers`."""
    each = steps.filter(steps.step == 1).group_by("customer_id").aggregate(paths=lambda t: t.count())
    return each.aggregate(paths=each.paths.sum(), customers=each.count())


def journeys(steps: ir.Table, max_steps: int) -> ir.Table:
    """One row per path: `customer_id`, `visit`, `node_1` ... (null behind its end), `took` (microseconds)."""
    return steps.group_by("customer_id", "visit").aggregate(
        **{f"node_{k}": steps.node.max(where=steps.step == k) for k in range(1, max_steps + 1)},
        took=steps.moment.max() - steps.moment.min(),
    )


def whole_paths(steps: ir.Table, max_steps: int, top: int) -> ir.Table:
    """The most frequent sequences: `node_1` ..., `paths`, `customers`, `took`."""
    names = [f"node_{k}" for k in range(1, max_steps + 1)]
    paths = journeys(steps, max_steps)
    each = paths.group_by(*names, "customer_id").aggregate(paths=paths.count(), took=paths.took.sum())
    found = each.group_by(names).aggregate(paths=each.paths.sum(), customers=each.count(), took=each.took.sum())
    return found.order_by([found.paths.desc(), *(found[name].fill_null("").asc() for name in names)]).limit(top)


def loops(steps: ir.Table, top: int) -> ir.Table:
    """Where paths come back to a node: `node`, `via`, `returns`, `paths`, `customers`, `steps` (of all returns together)."""
    met = ibis.window(group_by=["customer_id", "visit", "node"], order_by="step")
    steps = steps.mutate(earlier=steps.step.lag().over(met), via=steps.next_node.lag().over(met))
    back = steps.filter(steps.earlier.notnull())
    back = back.mutate(apart=back.step - back.earlier)
    by_path = back.group_by("node", "via", "customer_id", "visit").aggregate(returns=back.count(), steps=back.apart.sum())
    each = by_path.group_by("node", "via", "customer_id").aggregate(
        returns=by_path.returns.sum(), steps=by_path.steps.sum(), paths=by_path.count()
    )
    found = each.group_by("node", "via").aggregate(
        returns=each.returns.sum(), paths=each.paths.sum(), customers=each.count(), steps=each.steps.sum()
    )
    return found.order_by([found.returns.desc(), found.node.asc(), found.via.asc()]).limit(top)


def behind_path(steps: ir.Table, nodes: Sequence[str], max_steps: int) -> ir.Table:
    """The customers with a path of exactly these nodes."""
    paths = journeys(steps, max_steps)
    for k in range(1, max_steps + 1):
        column = paths[f"node_{k}"]
        paths = paths.filter(column == nodes[k - 1] if k <= len(nodes) else column.isnull())
    return paths.select("customer_id").distinct()


def behind_loop(steps: ir.Table, node: str, via: str) -> ir.Table:
    """The customers with a path that comes back to a node from where they went to `via`."""
    met = ibis.window(group_by=["customer_id", "visit", "node"], order_by="step")
    steps = steps.mutate(via=steps.next_node.lag().over(met))
    return steps.filter(steps.node == node, steps.via == via).select("customer_id").distinct()


def coded(rows: ir.Table, names: Sequence[str], *, compared: bool) -> ir.Table:
    """`rows` with `code`: the place of `node` among the names, which are all there are, in order; behind the last for null.

    Few names are best `compared` one by one; many are looked up.
    """
    if compared:
        cases = [(rows.node == name, ibis.literal(place, "int16")) for place, name in enumerate(names)]
        missing = ibis.literal(len(names), "int16")
        return rows.mutate(code=ibis.cases(*cases, else_=missing) if cases else missing)
    known = rows.filter(rows.node.notnull()).select(known_node="node").distinct()
    known = known.mutate(place=ibis.row_number().over(order_by="known_node").cast("int32"))
    joined = rows.left_join(known, rows.node == known.known_node)
    return joined.mutate(code=joined.place.fill_null(len(names)).cast("int32")).drop("known_node", "place")
