"""The verb of the new-customer journey: how far customers come who are new, how fast, and where they are lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from regulars.understand.metrics import ratio
from regulars.understand.questions import READ, Calendar, Desk, Report, told
from regulars.understand.shopping.domain import (
    JourneyAnswer,
    JourneyBucket,
    JourneyQuery,
    LastDone,
    Loss,
    StageFigures,
)
from regulars.understand.shopping.queries import journey as expressions
from regulars.understand.shopping.reading import read_journey

ENTRY = "entry"
_SHOWN = 5


def journey(desk: Desk, query: JourneyQuery) -> JourneyAnswer:
    """Customers who entered in the range, by the furthest stage each reached within the window.

    A stage counts as reached when it or one behind it was: who ordered without a cart has passed the cart. Times between two
    stages are of those who did both, in this order.
    """
    return desk.warehouse.cached(("new_customer_journey", query), lambda: _answer(desk, query), of=(*READ, "orders"))


def customers(desk: Desk, query: JourneyQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who reached `{stage}`, or is lost behind it with `{lost_after}` (and did `{last_event}` last), of `{start}` or of all."""
    given = told.object_of(cell, "cell", ("stage", "lost_after", "last_event", "start"))
    names = [ENTRY, *(stage.name for stage in query.stages)]
    calendar = _calendar(desk, query)
    found = expressions.ways(query, calendar)
    if "start" in given:
        labels = calendar.labels()
        found = found.filter(found.bucket == labels.index(told.choice(given["start"], "cell.start", labels)))
    if "stage" in given:
        found = found.filter(found.depth >= names.index(told.choice(given["stage"], "cell.stage", names)))
    if "lost_after" in given:
        found = found.filter(found.depth == names.index(told.choice(given["lost_after"], "cell.lost_after", names[:-1])))
        if "last_event" in given:
            found = expressions.done_last(found, query)
            found = found.filter(found.event == told.text(given["last_event"], "cell.last_event"))
    return found.select("customer_id").distinct()


def table(answer: JourneyAnswer) -> pa.Table:
    """One row per stage."""
    names = StageFigures.__dataclass_fields__
    kinds = {"stage": pa.string(), "customers": pa.int64()}
    return pa.Table.from_pylist(
        [{name: getattr(stage, name) for name in names} for stage in answer.stages],
        schema=pa.schema([(name, kinds.get(name, pa.float64())) for name in names]),
    )


REPORT = Report(
    kind="new_customer_journey",
    read=read_journey,
    answer=journey,
    table=table,
    customers=customers,
    example={"entry": "first_event", "window": "30d", "interval": "week"},
)


def _answer(desk: Desk, query: JourneyQuery) -> JourneyAnswer:
    warehouse, calendar = desk.warehouse, _calendar(desk, query)
    found = expressions.ways(query, calendar)
    ends: Counter[tuple[int, int]] = Counter()
    for row in warehouse.rows(expressions.depths(found)):
        ends[int(row["bucket"]), int(row["depth"])] += int(row["customers"])
    last = len(query.stages)
    stopped = [sum(ends[i, depth] for i in range(len(calendar))) for depth in range(last + 1)]
    reached = [sum(stopped[depth:]) for depth in range(last + 1)]
    window = timedelta(microseconds=query.window.microseconds)
    complete = calendar.complete(query.as_of - window)
    assert query.moments.end is not None
    stages = [StageFigures(ENTRY, reached[0], ratio(reached[0], reached[0]), None, None, None)]
    for k, stage in enumerate(query.stages, start=1):
        row = warehouse.rows(expressions.times(found, k))[0]
        median = None if row["low"] is None else ratio(int(row["low"]) + int(row["high"]), 2_000_000)
        mean = None if row["took"] is None else ratio(int(row["took"]), int(row["customers"]) * 1_000_000)
        shares = ratio(reached[k], reached[0]), ratio(reached[k], reached[k - 1])
        stages.append(StageFigures(stage.name, reached[k], *shares, median, mean))
    buckets = []
    for i in range(len(calendar)):
        ways = tuple(sum(ends[i, depth] for depth in range(k, last + 1)) for k in range(last + 1))
        label = calendar.label(i)
        buckets.append(JourneyBucket(label, calendar.starts[i], complete[i], ways[0], ways[1:], ratio(ways[-1], ways[0])))
    return JourneyAnswer(
        entered=reached[0],
        complete=query.moments.end + window <= query.as_of,
        stages=tuple(stages),
        losses=tuple(_losses(desk, query, found, stopped, reached)),
        buckets=tuple(buckets),
    )


def _losses(desk: Desk, query: JourneyQuery, found: ir.Table, stopped: list[int], reached: list[int]) -> list[Loss]:
    did: dict[int, list[LastDone]] = {}
    last_done = expressions.done_last(found, query)
    for row in desk.warehouse.rows(last_done.group_by("depth", "event").aggregate(customers=last_done.count())):
        did.setdefault(int(row["depth"]), []).append(LastDone(row["event"], int(row["customers"])))
    names = [ENTRY, *(stage.name for stage in query.stages)]
    lost = sum(stopped[:-1])
    losses = [
        Loss(
            after=names[depth],
            before=names[depth + 1],
            customers=stopped[depth],
            share=ratio(stopped[depth], reached[depth]),
            of_all_lost=ratio(stopped[depth], lost),
            did_last=tuple(sorted(did.get(depth, ()), key=lambda one: (-one.customers, one.event))[:_SHOWN]),
        )
        for depth in range(len(query.stages))
    ]
    return sorted(losses, key=lambda loss: -loss.customers)


def _calendar(desk: Desk, query: JourneyQuery) -> Calendar:
    return desk.calendar(query.moments, query.interval)
