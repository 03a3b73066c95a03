"""The verb of the new-customer journey: how far customers come who are new, how fast, and where they are lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.understand.metrics import ratio
from regulars.understand.questions import READ, Calendar, Desk, Report, told
from regulars.understand.questions.sorting import Ints
from regulars.understand.shopping import journey_fast
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
from regulars.understand.shopping.ways import Ways

ENTRY = "entry"
_SHOWN = 5


def journey(desk: Desk, query: JourneyQuery, *, general: bool = False) -> JourneyAnswer:
    """Customers who entered in the range, by the furthest stage each reached within the window.

    A stage counts as reached when it or one behind it was: who ordered without a cart has passed the cart. Times between two
    stages are of those who did both, in this order.
    """
    return desk.warehouse.cached(
        ("new_customer_journey", query, general), lambda: _answer(desk, query, general=general), of=(*READ, "orders")
    )


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
            found = found.filter(found["last"] == told.text(given["last_event"], "cell.last_event"))
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


def _general(desk: Desk, query: JourneyQuery, calendar: Calendar) -> Ways:
    """Read once, some hundred thousand customers at a time."""
    count = len(query.stages)
    made = Ways.empty(len(calendar), count)
    for batch in desk.warehouse.batches(expressions.ways(query, calendar).drop("customer_id"), rows=200_000):
        depth = np.asarray(batch.column("depth"))
        np.add.at(made.ends, (np.asarray(batch.column("bucket")), depth), 1)
        at = [batch.column(f"at_{k}") for k in range(count + 1)]
        for k, took in enumerate(made.took):
            both = pc.subtract(at[k + 1], at[k]).drop_null().to_numpy()
            took.append(both[both >= 0])
        last = batch.column("last").dictionary_encode()
        codes = last.indices.fill_null(len(last.dictionary)).to_numpy()
        names = last.dictionary.to_pylist()
        for k, counter in made.last.items():
            sizes = np.bincount(codes[depth == k], minlength=len(names) + 1)
            counter.update({name: int(size) for name, size in zip(names, sizes, strict=False) if size})
    return made


def _answer(desk: Desk, query: JourneyQuery, *, general: bool = False) -> JourneyAnswer:
    calendar = _calendar(desk, query)
    ways = None
    if not general and journey_fast.offered(desk.warehouse, query):
        ways = journey_fast.ways(desk.warehouse, query, calendar)
    if ways is None:
        ways = _general(desk, query, calendar)
    passed = np.cumsum(ways.ends[:, ::-1], axis=1)[:, ::-1]  # by bucket: who came to each stage, or behind it
    stopped, reached = ways.ends.sum(axis=0).tolist(), passed.sum(axis=0).tolist()
    window = timedelta(microseconds=query.window.microseconds)
    complete = calendar.complete(query.as_of - window)
    assert query.moments.end is not None
    stages = [StageFigures(ENTRY, reached[0], ratio(reached[0], reached[0]), None, None, None)]
    for k, stage in enumerate(query.stages, start=1):
        shares = ratio(reached[k], reached[0]), ratio(reached[k], reached[k - 1])
        stages.append(
            StageFigures(stage.name, reached[k], *shares, *_times(np.concatenate(ways.took[k - 1] or [np.empty(0, np.int64)])))
        )
    buckets = []
    for i in range(len(calendar)):
        came = tuple(passed[i].tolist())
        buckets.append(
            JourneyBucket(calendar.label(i), calendar.starts[i], complete[i], came[0], came[1:], ratio(came[-1], came[0]))
        )
    return JourneyAnswer(
        entered=reached[0],
        complete=query.moments.end + window <= query.as_of,
        stages=tuple(stages),
        losses=tuple(_losses(query, ways.last, stopped, reached)),
        buckets=tuple(buckets),
    )


def _times(took: Ints) -> tuple[float | None, float | None]:
    """Median and mean, in seconds, of microseconds."""
    if not len(took):
        return None, None
    low, high = (len(took) - 1) // 2, len(took) // 2
    middle = np.partition(took, (low, high))
    return ratio(int(middle[low]) + int(middle[high]), 2_000_000), ratio(int(took.sum()), len(took) * 1_000_000)


def _losses(query: JourneyQuery, last: Mapping[int, Counter[str]], stopped: list[int], reached: list[int]) -> list[Loss]:
    names = [ENTRY, *(stage.name for stage in query.stages)]
    lost = sum(stopped[:-1])
    losses = [
        Loss(
            after=names[depth],
            before=names[depth + 1],
            customers=stopped[depth],
            share=ratio(stopped[depth], reached[depth]),
            of_all_lost=ratio(stopped[depth], lost),
            did_last=tuple(
                LastDone(event, count) for event, count in sorted(last[depth].items(), key=lambda one: (-one[1], one[0]))[:_SHOWN]
            ),
        )
        for depth in range(len(query.stages))
    ]
    return sorted(losses, key=lambda loss: -loss.customers)


def _calendar(desk: Desk, query: JourneyQuery) -> Calendar:
    return desk.calendar(query.moments, query.interval)
