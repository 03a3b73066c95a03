"""The verb of sessions: how many, how long, how many bounced; by bucket and by what the first event carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from regulars.understand.metrics import ratio
from regulars.understand.paths import fast, fast_visits, visit_counting
from regulars.understand.paths.domain import (
    Route,
    SessionBucket,
    SessionFigures,
    SessionGroup,
    SessionsAnswer,
    SessionsQuery,
)
from regulars.understand.paths.queries import visits as expressions
from regulars.understand.paths.reading import read_sessions
from regulars.understand.paths.visit_counting import EMPTY
from regulars.understand.questions import OTHER, READ, Desk, Report, told


def sessions(desk: Desk, query: SessionsQuery, route: Route | None = None) -> SessionsAnswer:
    """Sessions of the events asked for, cut by rests; each counts where it began."""
    route = route or fast.route(desk)
    return desk.warehouse.cached(("sessions", query, route), lambda: _answer(desk, query, route), of=READ)


def customers(desk: Desk, query: SessionsQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who had the sessions of `{start}` (a bucket), `{group}` (a value), both, or all."""
    given = told.object_of(cell, "cell", ("start", "group"))
    calendar = desk.calendar(query.moments, query.interval)
    found = expressions.sessions(expressions.noted(query), query, calendar)
    if "start" in given:
        labels = calendar.labels()
        found = found.filter(found.bucket == labels.index(told.choice(given["start"], "cell.start", labels)))
    if "group" in given and query.breakdown is not None:
        whole = expressions.sessions(expressions.noted(query), query, calendar)
        found = expressions.named(found, visit_counting.shown(desk.warehouse, whole, query))
        found = found.filter(found.group == told.text(given["group"], "cell.group"))
    return found.select("customer_id").distinct()


def table(answer: SessionsAnswer) -> pa.Table:
    """All, buckets and groups as rows."""
    rows = [("all", "", answer.total)]
    rows += [("bucket", one.start, one.figures) for one in answer.buckets]
    rows += [("group", one.value, one.figures) for one in answer.groups or ()]
    names = SessionFigures.__dataclass_fields__
    kinds = {"int": pa.int64()}
    schema = [("of", pa.string()), ("value", pa.string())]
    schema += [(name, kinds.get(str(one.type), pa.float64())) for name, one in names.items()]
    return pa.Table.from_pylist(
        [{"of": of, "value": value} | {name: getattr(found, name) for name in names} for of, value, found in rows],
        schema=pa.schema(schema),
    )


REPORT = Report(
    kind="sessions",
    read=read_sessions,
    answer=sessions,
    table=table,
    customers=customers,
    example={"interval": "day", "breakdown": "$channel"},
)


def _answer(desk: Desk, query: SessionsQuery, route: Route) -> SessionsAnswer:
    calendar = desk.calendar(query.moments, query.interval)
    counting = fast_visits if route == "fast" else visit_counting
    counted = counting.count(desk.warehouse, query, calendar)
    complete = calendar.complete(desk.as_of())
    assert query.moments.end is not None
    groups = None
    if query.breakdown is not None:
        order = sorted(counted.groups.items(), key=lambda item: (item[0] == OTHER, -item[1].sessions, item[0]))
        groups = tuple(SessionGroup(value, ratio(one.sessions, counted.total.sessions) or 0.0, one) for value, one in order)
    return SessionsAnswer(
        interval=query.interval,
        complete=query.moments.end <= desk.as_of(),
        total=counted.total,
        buckets=tuple(
            SessionBucket(calendar.label(i), calendar.starts[i], complete[i], counted.buckets.get(i, EMPTY))
            for i in range(len(calendar))
        ),
        groups=groups,
    )
