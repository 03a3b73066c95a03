"""Questions to the events table: a page of events by filters, and counts by the same filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import ibis
import ibis.expr.types as ir

from regulars.values.clock import now
from regulars.warehouse.local_time import FAR_PAST, far_future, local_date

GroupBy = Literal["event", "source", "type", "day", "hour", "channel", "device"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilters:
    """Which events; a null filter lets all pass. Times are half open: `start` is in, `end` is out."""

    sources: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    type: str | None = None
    customer_id: str | None = None
    message_id: str | None = None
    session_id: str | None = None
    product_id: str | None = None
    order_id: str | None = None
    known: bool | None = None
    bots: bool | None = None
    broken: bool | None = None
    start: datetime | None = None
    end: datetime | None = None
    received_from: datetime | None = None
    text: str | None = None


def chosen(events: ir.Table, shop_id: str, wanted: EventFilters) -> ir.Table:
    """The events of a shop that pass the filters."""
    conditions = [events.shop_id == shop_id]
    if wanted.sources:
        conditions.append(events.source_id.isin(wanted.sources))
    if wanted.events:
        conditions.append(events.event.isin(wanted.events))
    for column, value in (
        ("type", wanted.type),
        ("customer_id", wanted.customer_id),
        ("message_id", wanted.message_id),
        ("session_id", wanted.session_id),
        ("product_id", wanted.product_id),
        ("order_id", wanted.order_id),
    ):
        if value is not None:
            conditions.append(events[column] == value)
    if wanted.known is not None:
        conditions.append(events.is_known == wanted.known)
    if wanted.bots is not None:
        conditions.append(events.is_bot == wanted.bots)
    if wanted.broken is not None:
        conditions.append(events.schema_problems.notnull() if wanted.broken else events.schema_problems.isnull())
    if wanted.start is not None:
        conditions.append(events.timestamp >= _plain(wanted.start))
    if wanted.end is not None:
        conditions.append(events.timestamp < _plain(wanted.end))
    if wanted.received_from is not None:
        conditions.append(events.received_at >= _plain(wanted.received_from))
    if wanted.text:
        folded = wanted.text.lower()
        found = [
            events[name].lower().contains(folded) for name in ("event", "properties", "customer_id", "product_id", "message_id")
        ]
        anywhere = found[0]
        for one in found[1:]:
            anywhere = anywhere | one.fill_null(False)
        conditions.append(anywhere)
    return events.filter(conditions)


def newest_first(events: ir.Table, *, by: str, behind: Sequence[object] | None, limit: int) -> ir.Table:
    """A page, the latest first; `behind` is (time, source_id, message_id) of the last one seen."""
    if behind is not None:
        moment, source_id, message_id = behind
        at = ibis.literal(moment, "timestamp(6)")
        earlier = events[by] < at
        same = (events[by] == at) & (
            (events.source_id < source_id) | ((events.source_id == source_id) & (events.message_id < message_id))
        )
        events = events.filter(earlier | same)
    return events.order_by([events[by].desc(), events.source_id.desc(), events.message_id.desc()]).limit(limit)


def counted(events: ir.Table, by: Sequence[GroupBy], timezone: str) -> ir.Table:
    """How many events, by the groups that were asked for; customers and visitors are counted once each."""
    columns = {
        "event": events.event,
        "source": events.source_id,
        "type": events.type,
        "channel": events.channel.fill_null("(none)"),
        "device": events.device.fill_null("other"),
        "day": local_date(events.timestamp, timezone, FAR_PAST, far_future(now())),
        "hour": events.timestamp.truncate("h"),
    }
    keyed = events.mutate(**{f"by_{name}": columns[name] for name in by})
    keys = [f"by_{name}" for name in by]
    people = keyed.group_by([*keys, "customer_id"]).aggregate(n=keyed.count(), last=keyed.received_at.max())
    measures = {"events": people.n.sum(), "customers": people.customer_id.notnull().sum(), "last_received_at": people["last"].max()}
    if not keys:
        return people.aggregate(**measures)
    return people.group_by(keys).aggregate(**measures).order_by([ibis.desc("events"), *keys])


def _plain(moment: datetime) -> ir.Value:
    return ibis.literal(moment.astimezone(UTC).replace(tzinfo=None), "timestamp(6)")
