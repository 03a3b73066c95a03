"""The events that are steps of a path: whose, when, and the node each one stands for."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from regulars.understand.paths.domain import PathsQuery
from regulars.understand.paths.queries.stretches import bounds
from regulars.understand.questions import NONE, Asked, EventFilter, Property
from regulars.understand.questions.queries import events_of, operand, passes

#: Properties that are addresses, whatever they hold.
_ADDRESSES = ("url", "path", "$url", "$path", "referrer", "href")
#: What other values that are addresses begin with.
_ADDRESS_STARTS = ("/", "http://", "https://")


def noted(query: PathsQuery, asked: Asked) -> ir.Table:
    """Columns `customer_id`, `at` and `node`: one row per event that is a step."""
    properties = [query.node] if query.node else []
    bare = query.stretch is not None
    rows = events_of(asked, filters=query.include, properties=properties, moments=None if bare else query.moments)
    rows = rows.select("customer_id", at=rows.timestamp, node=_node(rows, query.include, query.node))
    if query.stretch is None:
        return rows
    cut = bounds(query.stretch, asked, query.moments)
    joined = rows.inner_join(cut, rows.customer_id == cut.stretched)
    return joined.filter(joined.at >= joined.from_at, joined.at <= joined.to_at).select("customer_id", "at", "node")


def bare(value: str) -> str:
    """A start or an end as nodes are written: addresses without a slash at their end."""
    return value[:-1] if len(value) > 1 and value.endswith("/") else value


def _node(rows: ir.Table, include: Sequence[EventFilter], node: Property | None) -> ir.StringValue:
    if node is None:
        labelled = [(passes(rows, one), ibis.literal(one.label)) for one in include if one.label is not None]
        return ibis.cases(*labelled, else_=rows.event) if labelled else rows.event
    value = operand(rows, node).text
    address = value.endswith("/") & (value.length() > 1)
    if node.key not in _ADDRESSES:
        first, *more = (value.startswith(start) for start in _ADDRESS_STARTS)
        for other in more:
            first = first | other
        address = address & first
    return ibis.ifelse(address, value.left(value.length() - 1), value).fill_null(NONE)
