"""When each customer took the steps of an ordered funnel, as the bounds of a part of their time."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from regulars.understand.paths.domain import Stretch
from regulars.understand.questions import Asked, Moments
from regulars.understand.questions.queries import events_of, passes


def bounds(stretch: Stretch, asked: Asked, moments: Moments) -> ir.Table:
    """Columns `stretched` (the customer), `from_at` and `to_at`: the part of each customer's time that is asked for.

    Of a customer's attempts, that counts which first reaches their deepest step; at equal arrival the later start.
    """
    rows = _attempts(stretch, asked, moments)
    last, k = len(stretch.steps), stretch.step
    whole = ibis.window(group_by="customer_id")
    reached = ibis.cases(*((rows[f"start_{i}"].notnull(), i) for i in range(last, 0, -1)), else_=0)
    rows = rows.mutate(reached=reached, begun=ibis.coalesce(*(rows[f"start_{i}"] for i in range(last, 0, -1))))
    rows = rows.mutate(depth=rows.reached.max().over(whole)).filter(lambda t: t.depth >= k)
    rows = rows.mutate(arrived_at=rows.timestamp.min(where=rows.reached == rows.depth).over(whole))
    first = (rows.reached == rows.depth) & (rows.timestamp == rows.arrived_at)
    rows = rows.mutate(start_at=rows.begun.max(where=first).over(whole))
    when = {"step_at": rows.timestamp.min(where=rows[f"start_{k}"] == rows.start_at)}
    if k < last:
        when["next_at"] = rows.timestamp.min(where=rows[f"start_{k + 1}"] == rows.start_at)
    found = rows.group_by(stretched=rows.customer_id, depth=rows.depth).aggregate(**when)
    if stretch.who == "went_on":
        found = found.filter(found.depth > k)
    elif stretch.who == "stopped":
        found = found.filter(found.depth == k)
    length = ibis.interval(seconds=stretch.window.microseconds // 1_000_000)
    match stretch.side:
        case "before":
            return found.select("stretched", from_at=found.step_at - length, to_at=found.step_at)
        case "after":
            return found.select("stretched", from_at=found.step_at, to_at=found.step_at + length)
        case "between":
            found = found.filter(found.depth > k)
            return found.select("stretched", from_at=found.step_at, to_at=found.next_at)


def _attempts(stretch: Stretch, asked: Asked, moments: Moments) -> ir.Table:
    """The events that are steps, with `start_k`: when the attempt began whose step k the event is (null: of none).

    An event is step k of the latest attempt that had step k - 1 before it and is not older than the window.
    """
    rows = events_of(asked, filters=stretch.steps, moments=moments)
    matches = {f"is_{i}": passes(rows, step) for i, step in enumerate(stretch.steps, start=1)}
    first = ibis.cases(*((test, i) for i, test in enumerate(matches.values(), start=1)), else_=0)
    rows = rows.select("customer_id", "timestamp", "event_key", first_step=first, **matches)
    length = ibis.interval(seconds=stretch.window.microseconds // 1_000_000)
    rows = rows.mutate(start_1=ibis.ifelse(rows.is_1, rows.timestamp, ibis.null("timestamp(6)")))
    for i in range(2, len(stretch.steps) + 1):
        before = ibis.window(
            group_by="customer_id", order_by=["timestamp", "first_step", "event_key"], preceding=(None, 1), following=None
        )
        begun = rows[f"start_{i - 1}"].max().over(before)
        fits = rows[f"is_{i}"] & (rows.timestamp <= begun + length)
        rows = rows.mutate(**{f"start_{i}": ibis.ifelse(fits, begun, ibis.null("timestamp(6)"))})
    return rows
