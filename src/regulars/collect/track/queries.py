"""Questions to the events table: pages and counts by filters, the last minutes of the stream, and what kinds of events arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Literal

import ibis
import ibis.expr.types as ir

from regulars.values.clock import now
from regulars.warehouse import placeholder, unbound
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
    following: bool = False  # only events of parts loaded after the one told as `behind`, received at or after `since`
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
    if wanted.following:
        conditions += [events.received_at >= _told("since"), events.part_id > placeholder("behind")]
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


# -- the stream, watched ----------------------------------------------------------------------------------------------


# Asked every second or so by every open page: what changes between two times is a placeholder, so that each is compiled once.


@cache
def arrived(step: Literal["s", "m"]) -> ir.Table:
    """How many events were received in each second or minute; told `shop_id` and `since`."""
    events = unbound("events")
    recent = events.filter([events.shop_id == placeholder("shop_id"), events.received_at >= _told("since")])
    return recent.group_by(at=recent.received_at.truncate(step)).aggregate(events=recent.count()).order_by("at")


@cache
def arrived_by_source() -> ir.Table:
    """How many events of each source were received; told `shop_id` and `since`."""
    events = unbound("events")
    recent = events.filter([events.shop_id == placeholder("shop_id"), events.received_at >= _told("since")])
    return recent.group_by("source_id").aggregate(events=recent.count(), broken=recent.schema_problems.notnull().sum())


@cache
def last_parts(limit: int) -> ir.Table:
    """The newest parts of a shop: when they were in the warehouse, and what was in them; told `shop_id`."""
    parts = unbound("event_parts")
    own = parts.filter(parts.shop_id == placeholder("shop_id"))
    newest = own.order_by([own.committed_at.desc(), own.part_id.desc()]).limit(limit)
    return newest.select("part_id", "committed_at", "events", "duplicates")


@cache
def received_in(limit: int) -> ir.Table:
    """When the events of the newest parts were received, the latest first; told `shop_id` and `first_part`."""
    events = unbound("events")
    own = events.filter([events.shop_id == placeholder("shop_id"), events.part_id >= placeholder("first_part")])
    return own.order_by(own.received_at.desc()).limit(limit).select("part_id", "message_id", "received_at", "is_history")


# -- the plan ---------------------------------------------------------------------------------------------------------


@cache
def names(limit: int) -> ir.Table:
    """The names that arrive most often; told `shop_id`."""
    events = unbound("events")
    own = events.filter(events.shop_id == placeholder("shop_id"))
    return own.group_by("event").aggregate(n=own.count()).order_by([ibis.desc("n"), "event"]).limit(limit)


def kinds(events: ir.Table, shop_id: str) -> ir.Table:
    """Every event name that ever arrived, with when and how often, and how often it broke its schema."""
    own = events.filter(events.shop_id == shop_id)
    return own.group_by("event").aggregate(
        type=own.type.min(),
        other_type=own.type.max(),
        all_events=own.count(),
        first_at=own.received_at.min(),
        last_at=own.received_at.max(),
        broken=own.schema_problems.notnull().sum(),
    )


def customers_by_kind(events: ir.Table, shop_id: str, since: datetime, names: Sequence[str] = ()) -> ir.Table:
    """How many customers and visitors made each kind of event since an instant, and how often."""
    own = events.filter([events.shop_id == shop_id, events.received_at >= _plain(since)])
    if names:
        own = own.filter(own.event.isin(names))
    people = own.group_by(["event", "customer_id"]).aggregate(n=own.count(), broken=own.schema_problems.notnull().sum())
    return people.group_by("event").aggregate(
        events=people.n.sum(), customers=people.customer_id.notnull().sum(), broken_lately=people.broken.sum()
    )


def days_by_kind(events: ir.Table, shop_id: str, since: datetime, timezone: str, names: Sequence[str] = ()) -> ir.Table:
    """How many of each kind were received on each local day since an instant."""
    own = events.filter([events.shop_id == shop_id, events.received_at >= _plain(since)])
    if names:
        own = own.filter(own.event.isin(names))
    own = own.mutate(day=local_date(own.received_at, timezone, FAR_PAST, far_future(now())))
    return own.group_by(["event", "day"]).aggregate(events=own.count(), broken=own.schema_problems.notnull().sum())


def breaches(events: ir.Table, shop_id: str, name: str | None = None, limit: int = 2000) -> ir.Table:
    """What broke schemas, as it is written down (several problems in one text), by event and source."""
    own = events.filter([events.shop_id == shop_id, events.schema_problems.notnull()])
    if name is not None:
        own = own.filter(own.event == name)
    return (
        own.group_by(["event", "source_id", "schema_problems"])
        .aggregate(events=own.count(), first_at=own.received_at.min(), last_at=own.received_at.max())
        .order_by([ibis.desc("events"), "event", "source_id", "schema_problems"])
        .limit(limit)
    )


def sources_of_kind(events: ir.Table, shop_id: str, name: str) -> ir.Table:
    """Which sources and programs send an event."""
    own = events.filter([events.shop_id == shop_id, events.event == name])
    return (
        own.group_by(["source_id", "library"])
        .aggregate(events=own.count(), last_at=own.received_at.max(), broken=own.schema_problems.notnull().sum())
        .order_by([ibis.desc("events"), "source_id", "library"])
    )


def newest_properties(events: ir.Table, shop_id: str, name: str, limit: int) -> ir.Table:
    """The properties of the newest events of a name."""
    own = events.filter([events.shop_id == shop_id, events.event == name])
    return own.order_by(own.received_at.desc()).limit(limit).select("properties")


def _told(name: str) -> ir.Value:
    return placeholder(name).cast("timestamp(6)")


def _plain(moment: datetime) -> ir.Value:
    return ibis.literal(moment.astimezone(UTC).replace(tzinfo=None), "timestamp(6)")
