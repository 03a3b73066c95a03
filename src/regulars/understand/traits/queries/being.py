"""Who customers say they are, what they think of what they got, and how often they come."""

from __future__ import annotations

from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir

from regulars.understand.metrics.queries.scope import instant
from regulars.understand.traits.queries.buying import leading
from regulars.warehouse.json_text import json_text

LATELY_DAYS, BEFORE_DAYS = 30, 90
#: Keys of identify calls that are read, beside loaded columns of the same names.
_TOLD = ("gender", "city", "occupation", "tier", "birth_year", "age")


def opinions(reviews: ir.Table) -> ir.Table:
    """Mean rating, complaints and mood of each customer's reviews."""
    rows = reviews.filter(reviews.customer_id.notnull())
    bad = (rows.rating <= 2).fill_null(False) | (~rows.recommended).fill_null(False)
    return rows.group_by("customer_id").aggregate(
        mean_rating=rows.rating.cast("float64").mean(), complaints=bad.cast("float64").sum(), review_mood=rows.sentiment.mean()
    )


def deliveries(orders: ir.Table) -> ir.Table:
    """The share of each customer's deliveries that came after the promise."""
    rows = orders.filter(orders.delivered_at.notnull(), orders.promised_at.notnull())
    return rows.group_by("customer_id").aggregate(late_delivery_share=(rows.delivered_at > rows.promised_at).cast("float64").mean())


def visits(sessions: ir.Table, until: datetime) -> ir.Table:
    """Visits of the last 30 days, and their rate against that of the 90 days before, from -1 to 1."""
    end = instant(until)
    lately, before = instant(until - timedelta(days=LATELY_DAYS)), instant(until - timedelta(days=LATELY_DAYS + BEFORE_DAYS))
    rows = sessions.filter(sessions.started_at >= before, sessions.started_at < end)
    sums = rows.group_by("customer_id").aggregate(
        late=(rows.started_at >= lately).cast("float64").sum(), early=(rows.started_at < lately).cast("float64").sum()
    )
    a, b = sums.late / LATELY_DAYS, sums.early / BEFORE_DAYS
    return sums.select("customer_id", sessions_30_days=sums.late, engagement_trend=(a - b) / (a + b))


def devices(sessions: ir.Table) -> ir.Table:
    """The device of most visits."""
    known = sessions.filter(sessions.device != "other")
    top = leading(known, "device", ibis.literal(1.0))
    return top.select("customer_id", preferred_device=top.value)


def places(sessions: ir.Table) -> ir.Table:
    """The region of the latest visit that has one."""
    return sessions.group_by("customer_id").aggregate(
        seen_region=sessions.region.argmax(sessions.started_at, where=sessions.region.notnull())
    )


def loaded(customers: ir.Table) -> ir.Table:
    """What files say of each customer; of rows that were merged the customer's own comes first."""
    place = customers.named_as.coalesce("")
    columns = {
        f"loaded_{name}": customers[name].argmin(place, where=customers[name].notnull())
        for name in ("gender", "city", "tier", "birth_year")
    }
    return customers.group_by("customer_id").aggregate(registered_at=customers.registered_at.min(), **columns)


def told(events: ir.Table) -> ir.Table:
    """What the newest identify call that names it says of each known customer."""
    rows = events.filter(events.type == "identify", events.is_known, events.customer_id.notnull())
    rows = rows.select("customer_id", "timestamp", **{f"told_{key}": json_text(rows.properties, key) for key in _TOLD})
    columns = {
        name: rows[name].argmax(rows.timestamp, where=rows[name].notnull()) for name in rows.columns if name.startswith("told_")
    }
    return rows.group_by("customer_id").aggregate(**columns)
