"""New customers and when they came to each stage, as rows."""

from __future__ import annotations

from datetime import timedelta

import ibis
import ibis.expr.types as ir

from regulars.understand.questions import Calendar, Moments, Property
from regulars.understand.questions.queries import belonging, bucket, code, events_of, within
from regulars.understand.shopping.domain import JourneyQuery
from regulars.warehouse import unbound
from regulars.warehouse.instants import microseconds

#: What no event is named: a loaded registration.
REGISTERED = "\x01registered"


def ordered(stage: int) -> str:
    """What no event is named: an order of a file, that counts for a stage."""
    return f"\x01order {stage}"


def happenings(query: JourneyQuery) -> ir.Table:
    """Columns `customer_id`, `event`, `at`: all events up to the end of the last window, registrations and orders of files as well."""
    rows = within(events_of(query.asked), Moments(None, _watched(query).end))
    parts = [rows.select("customer_id", "event", at=rows.timestamp)]
    if query.with_registrations:
        parts.append(_named(_registrations(query).rename(customer_id="entrant"), "entered_at", REGISTERED))
    parts += [_named(_orders(query), "at", ordered(k)) for k, stage in enumerate(query.stages, start=1) if stage.with_orders]
    parts = [part.mutate(at=part["at"].cast("timestamp(6)")) for part in parts]
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def entries(query: JourneyQuery) -> ir.Table:
    """Columns `entrant` (the customer) and `entered_at`: everybody whose first entry of all lies in the range."""
    rows = events_of(query.asked, filters=query.entry or ())
    rows = rows.select(entrant=rows.customer_id, entered_at=rows.timestamp.cast("timestamp(6)"))
    if query.with_registrations:
        rows = rows.union(_registrations(query))
    first = rows.group_by("entrant").aggregate(entered_at=rows.entered_at.min())
    return _between(first, query.moments)


def ways(query: JourneyQuery, calendar: Calendar) -> ir.Table:
    """One row per new customer: `customer_id`, `bucket`, `at_0` ... (microseconds; null: not within the window), `depth`, and `last`, the
    event they did last within the window (null: none).
    """
    entered = entries(query)
    filters = [one for stage in query.stages for one in stage.filters]
    asked = [Property(one.key, "customer") for each in filters for one in each.where if one.on == "customer"]
    rows = within(events_of(query.asked, properties=asked), _watched(query))
    bits, place = {}, 0
    rows = rows.select("customer_id", "event", at=rows.timestamp, code=code(rows, filters))
    for k, stage in enumerate(query.stages, start=1):
        mask = sum(1 << (place + i) for i in range(len(stage.filters)))
        bits[f"is_{k}"] = (rows.code & mask) != 0
        place += len(stage.filters)
    rows = rows.select("customer_id", "event", "at", **bits)
    for k, stage in enumerate(query.stages, start=1):
        if stage.with_orders:
            own = {f"is_{i}": ibis.literal(i == k) for i in range(1, len(query.stages) + 1)}
            rows = rows.union(_named(_orders(query), "at", "").mutate(**own))
    rows = rows.inner_join(entered, rows.customer_id == entered.entrant)
    length = ibis.interval(seconds=query.window.microseconds // 1_000_000)
    rows = rows.filter(rows["at"] <= rows.entered_at + length)
    stages = range(1, len(query.stages) + 1)
    turn = ibis.struct({"at": rows["at"], "event": rows.event})  # of one instant the last name
    came = rows.group_by("customer_id").aggregate(
        **{f"came_{k}": rows["at"].min(where=rows[f"is_{k}"] & (rows["at"] >= rows.entered_at)) for k in stages},
        last=rows.event.argmax(turn, where=rows.event != ""),  # orders of files are no events
    )
    found = entered.left_join(came, entered.entrant == came.customer_id)
    depth = ibis.cases(*((found[f"came_{k}"].notnull(), k) for k in reversed(stages)), else_=0)
    return found.select(
        customer_id="entrant",
        bucket=bucket(found.entered_at, calendar).cast("int64"),
        depth=depth.cast("int64"),
        last="last",
        at_0=microseconds(found.entered_at),
        **{f"at_{k}": microseconds(found[f"came_{k}"]) for k in stages},
    )


def _registrations(query: JourneyQuery) -> ir.Table:
    loaded = unbound("customers")
    loaded = loaded.filter(loaded.shop_id == query.asked.shop_id, loaded.registered_at.notnull())
    loaded = belonging(loaded, query.asked)
    return loaded.select(entrant=loaded.customer_id.cast("string"), entered_at=loaded.registered_at)


def _orders(query: JourneyQuery) -> ir.Table:
    orders = unbound("orders")
    orders = orders.filter(orders.shop_id == query.asked.shop_id, orders.status != "unpaid", orders.customer_id.notnull())
    orders = belonging(orders, query.asked).select("customer_id", at="ordered_at")
    return _between(orders, _watched(query), "at")


def _named(rows: ir.Table, at: str, name: str) -> ir.Table:
    """As rows of events, under a name."""
    return rows.select("customer_id", event=ibis.literal(name, "!string"), at=rows[at])


def _watched(query: JourneyQuery) -> Moments:
    assert query.moments.end is not None
    return Moments(query.moments.start, query.moments.end + timedelta(microseconds=query.window.microseconds))


def _between(rows: ir.Table, moments: Moments, column: str = "entered_at") -> ir.Table:
    renamed = within(rows.rename(timestamp=column), moments)
    return renamed.rename({column: "timestamp"})
