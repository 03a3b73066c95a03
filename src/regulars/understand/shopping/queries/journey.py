"""New customers and when they came to each stage, as rows."""

from __future__ import annotations

from datetime import timedelta

import ibis
import ibis.expr.types as ir

from regulars.understand.questions import Calendar, Moments
from regulars.understand.questions.queries import belonging, bucket, code, events_of, within
from regulars.understand.shopping.domain import JourneyQuery
from regulars.warehouse import unbound
from regulars.warehouse.instants import microseconds


def entries(query: JourneyQuery) -> ir.Table:
    """Columns `entrant` (the customer) and `entered_at`: everybody whose first entry of all lies in the range."""
    rows = events_of(query.asked, filters=query.entry or ())
    rows = rows.select(entrant=rows.customer_id, entered_at=rows.timestamp.cast("timestamp(6)"))
    if query.with_registrations:
        loaded = unbound("customers")
        loaded = loaded.filter(loaded.shop_id == query.asked.shop_id, loaded.registered_at.notnull())
        loaded = belonging(loaded, query.asked)
        rows = rows.union(loaded.select(entrant=loaded.customer_id.cast("string"), entered_at=loaded.registered_at))
    first = rows.group_by("entrant").aggregate(entered_at=rows.entered_at.min())
    return _between(first, query.moments)


def ways(query: JourneyQuery, calendar: Calendar) -> ir.Table:
    """One row per new customer: `customer_id`, `bucket`, `at_0` ... (microseconds; null: not within the window), `depth`."""
    entered = entries(query)
    filters = [one for stage in query.stages for one in stage.filters]
    rows = events_of(query.asked, filters=filters)
    rows = within(rows, _watched(query))
    bits, place = {}, 0
    rows = rows.select("customer_id", at=rows.timestamp, code=code(rows, filters))
    for k, stage in enumerate(query.stages, start=1):
        mask = sum(1 << (place + i) for i in range(len(stage.filters)))
        bits[f"is_{k}"] = (rows.code & mask) != 0
        place += len(stage.filters)
    rows = rows.select("customer_id", "at", **bits)
    for k, stage in enumerate(query.stages, start=1):
        if stage.with_orders:
            rows = rows.union(_orders(query, k))
    rows = rows.inner_join(entered, rows.customer_id == entered.entrant)
    length = ibis.interval(seconds=query.window.microseconds // 1_000_000)
    rows = rows.filter(rows.at >= rows.entered_at, rows.at <= rows.entered_at + length)
    stages = range(1, len(query.stages) + 1)
    came = rows.group_by("customer_id").aggregate(**{f"came_{k}": rows["at"].min(where=rows[f"is_{k}"]) for k in stages})
    found = entered.left_join(came, entered.entrant == came.customer_id)
    depth = ibis.cases(*((found[f"came_{k}"].notnull(), k) for k in reversed(stages)), else_=0)
    return found.select(
        customer_id="entrant",
        bucket=bucket(found.entered_at, calendar).cast("int64"),
        entered_at="entered_at",
        depth=depth,
        at_0=microseconds(found.entered_at),
        **{f"at_{k}": microseconds(found[f"came_{k}"]) for k in stages},
    )


def depths(found: ir.Table) -> ir.Table:
    """Customers by bucket and by how far they came."""
    return found.group_by("bucket", "depth").aggregate(customers=found.count())


def times(found: ir.Table, stage: int) -> ir.Table:
    """From the stage before to this one: `customers`, `took` (microseconds, of all), and the middle one or two."""
    found = found.mutate(took=found[f"at_{stage}"] - found[f"at_{stage - 1}"])
    found = found.filter(found.took.notnull(), found.took >= 0)
    found = found.mutate(rank=ibis.row_number().over(ibis.window(order_by="took")), size=found.count().over(ibis.window()))
    middle = (found.rank == (found.size - 1) // 2) | (found.rank == found.size // 2)
    return found.aggregate(
        customers=found.count(),
        took=found.took.sum(),
        low=found.took.min(where=middle),
        high=found.took.max(where=middle),
    )


def done_last(found: ir.Table, query: JourneyQuery) -> ir.Table:
    """Of customers by `depth`: the `event` each did last within the window, and how many did."""
    rows = within(events_of(query.asked), _watched(query))
    rows = rows.select("event", "event_key", "timestamp", doer=rows.customer_id)
    lost = found.filter(found.depth < len(query.stages)).select("customer_id", "depth", "entered_at")
    rows = rows.inner_join(lost, rows.doer == lost.customer_id)
    length = ibis.interval(seconds=query.window.microseconds // 1_000_000)
    rows = rows.filter(rows.timestamp <= rows.entered_at + length)
    latest = ibis.window(group_by="customer_id", order_by=[ibis.desc("timestamp"), ibis.desc("event_key")])
    rows = rows.mutate(place=ibis.row_number().over(latest))
    rows = rows.filter(rows.place == 0)
    return rows.select("customer_id", "depth", "event")


def _orders(query: JourneyQuery, stage: int) -> ir.Table:
    orders = unbound("orders")
    orders = orders.filter(orders.shop_id == query.asked.shop_id, orders.status != "unpaid", orders.customer_id.notnull())
    watched = _watched(query)
    orders = belonging(orders, query.asked).select("customer_id", at="ordered_at")
    orders = _between(orders, watched, "at")
    return orders.mutate(**{f"is_{k}": ibis.literal(k == stage) for k in range(1, len(query.stages) + 1)})


def _watched(query: JourneyQuery) -> Moments:
    assert query.moments.end is not None
    return Moments(query.moments.start, query.moments.end + timedelta(microseconds=query.window.microseconds))


def _between(rows: ir.Table, moments: Moments, column: str = "entered_at") -> ir.Table:
    renamed = within(rows.rename(timestamp=column), moments)
    return renamed.rename({column: "timestamp"})
