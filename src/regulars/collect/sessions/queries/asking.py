"""What reports and lists ask of sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Literal

import ibis
import ibis.expr.types as ir

from regulars.values.periods import Unit, WeekStart
from regulars.warehouse import placeholder, unbound
from regulars.warehouse.local_time import local_bucket

By = Literal["channel", "source", "campaign", "landing", "device", "browser", "os", "region"]
NONE = "(none)"


@dataclass(frozen=True, slots=True)
class SessionFilters:
    """Which sessions; what is None does not count."""

    customer_id: str | None = None
    channels: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    known: bool | None = None
    bots: bool | None = None
    unseen: bool | None = None  # told by servers only, or by pages that were merely left
    start: datetime | None = None  # began at or after
    end: datetime | None = None  # began before


def source_of(sessions: ir.Table) -> ir.StringValue:
    """The source in one word: as the campaign names it, else the site that was left, else `(direct)`."""
    direct = ibis.cases((sessions.channel == "direct", "(direct)"))
    return ibis.coalesce(sessions.utm_source, sessions.referring_domain, direct, ibis.literal(NONE))


def chosen(shop_id: str, wanted: SessionFilters) -> ir.Table:
    """The sessions of a shop that pass the filters."""
    table = unbound("sessions")
    conditions = [table.shop_id == shop_id]
    if wanted.customer_id is not None:
        conditions.append(table.customer_id == wanted.customer_id)
    if wanted.channels:
        conditions.append(table.channel.fill_null(NONE).isin(wanted.channels))
    if wanted.sources:
        conditions.append(source_of(table).isin(wanted.sources))
    if wanted.campaigns:
        conditions.append(table.utm_campaign.fill_null(NONE).isin(wanted.campaigns))
    if wanted.known is not None:
        conditions.append(table.is_known == wanted.known)
    if wanted.bots is not None:
        conditions.append(table.is_bot == wanted.bots)
    if wanted.unseen is not None:
        conditions.append(table.is_seen != wanted.unseen)
    if wanted.start is not None:
        conditions.append(table.started_at >= _plain(wanted.start))
    if wanted.end is not None:
        conditions.append(table.started_at < _plain(wanted.end))
    return table.filter(conditions)


def newest_first(sessions: ir.Table, *, behind: tuple[datetime, int] | None, limit: int) -> ir.Table:
    """A page, the latest first; `behind` is (started_at, session_key) of the last one seen."""
    if behind is not None:
        at = ibis.literal(behind[0], "timestamp(6)")
        same = (sessions.started_at == at) & (sessions.session_key < behind[1])
        sessions = sessions.filter((sessions.started_at < at) | same)
    return sessions.order_by([sessions.started_at.desc(), sessions.session_key.desc()]).limit(limit)


def grouped(
    sessions: ir.Table,
    *,
    by: By | None,
    unit: Unit | None,
    zone: str,
    start: datetime,
    end: datetime,
    week_start: WeekStart,
    currency: str,
) -> ir.Table:
    """Visits by what brought them, by local calendar bucket, or both; customers are counted once in each group."""
    keys = {}
    if by is not None:
        keys["key"] = {
            "channel": sessions.channel,
            "source": source_of(sessions),
            "campaign": sessions.utm_campaign,
            "landing": sessions.landing_path,
            "device": sessions.device,
            "browser": sessions.browser,
            "os": sessions.os,
            "region": sessions.region,
        }[by].fill_null(NONE)
    if unit is not None:
        keys["bucket"] = local_bucket(sessions.started_at, unit, zone, start, end, week_start)
    keyed = sessions.mutate(**keys)
    own = keyed.currency.isnull() | (keyed.currency == currency)
    measures = {
        "visits": keyed.count(),
        "customers": keyed.customer_id.nunique(),
        "known_customers": keyed.customer_id.nunique(where=keyed.is_known),
        "bounces": keyed.is_bounce.sum(),
        "conversions": (keyed.orders > 0).sum(),
        "orders": keyed.orders.sum(),
        "revenue_minor": keyed.value_minor.sum(where=own),
        "pages": keyed.pages.sum(),
        "duration_s": keyed.duration_s.sum(),
    }
    if not keys:
        return keyed.aggregate(**measures)
    return keyed.group_by(list(keys)).aggregate(**measures)


@cache
def reach() -> ir.Table:
    """From when to when sessions of a shop go; told `shop_id`."""
    sessions = unbound("sessions")
    own = sessions.filter(sessions.shop_id == placeholder("shop_id"), sessions.is_seen, ~sessions.is_bot)
    return own.aggregate(first_at=own.started_at.min(), last_at=own.started_at.max())


def left_out(sessions: ir.Table) -> ir.Table:
    """How many sessions are no visits of people, by why, and how quick the quickest was."""
    told = sessions.filter(sessions.is_bot | ~sessions.is_seen)
    return told.group_by(reason=told.bot_reason.fill_null("unseen")).aggregate(
        visits=told.count(), peak_pages=told.peak_pages.max(), peak_events=told.peak_events.max()
    )


@cache
def of_customer() -> ir.Table:
    """All sessions of one customer or visitor that somebody was seen in, the first first; told `shop_id` and `customer_id`."""
    sessions = unbound("sessions")
    own = sessions.filter(
        sessions.shop_id == placeholder("shop_id"), sessions.customer_id == placeholder("customer_id"), sessions.is_seen
    )
    return own.order_by([own.started_at, own.session_key])


_SPEED = {"lcp_ms": "$web_vitals_LCP_value", "inp_ms": "$web_vitals_INP_value", "cls": "$web_vitals_CLS_value"}


def speeds(shop_id: str, start: datetime, end: datetime, *, by_path: bool = False) -> ir.Table:
    """What three of four page views were at least as good as, where events tell it, whoever is a bot left out."""
    events = unbound("events")
    told = events.filter(
        events.shop_id == shop_id,
        events.event.isin(["Page Performance", "$web_vitals"]),
        events.timestamp >= _plain(start),
        events.timestamp < _plain(end),
        ~events.is_bot,
    )
    words = told.properties.cast("json")
    told = told.mutate(
        **{
            name: ibis.coalesce(words[name].cast("string").try_cast("float64"), words[other].cast("string").try_cast("float64"))
            for name, other in _SPEED.items()
        }
    )
    if by_path:
        told = told.filter(told.path.notnull())
    measures = {name: told[name].quantile(0.75) for name in _SPEED} | {f"{name}_views": told[name].count() for name in _SPEED}
    if by_path:
        found = told.group_by("path").aggregate(views=told.count(), **measures)
        return found.order_by([ibis.desc("views"), "path"]).limit(20)
    return told.aggregate(views=told.count(), **measures)


def _plain(moment: datetime) -> ir.Value:
    return ibis.literal(moment.astimezone(UTC).replace(tzinfo=None), "timestamp(6)")
