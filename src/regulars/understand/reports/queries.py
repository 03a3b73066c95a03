"""Questions of this room itself: who stands behind a cell, and which events and properties really arrive."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from regulars.warehouse import unbound


def how_many(who: ir.Table) -> ir.Table:
    """How many distinct customers a drill-down names."""
    ids = who.select("customer_id").distinct()
    return ids.aggregate(customers=ids.count())


def behind(who: ir.Table, shop_id: str, after: str | None, limit: int) -> ir.Table:
    """The customers of a drill-down by id, with what their profiles say."""
    ids = who.select("customer_id").distinct()
    if after is not None:
        ids = ids.filter(ids.customer_id > after)
    ids = ids.order_by(ids.customer_id).limit(limit)
    known = unbound("customer_profiles")
    known = known.filter(known.shop_id == shop_id)
    known = known.select(
        profiled="customer_id",
        region="region",
        stage="stage",
        orders="orders",
        net_minor="net_minor",
        last_order_at="last_order_at",
    )
    joined = ids.left_join(known, ids.customer_id == known.profiled).drop("profiled")
    return joined.order_by(joined.customer_id)


def arriving(shop_id: str) -> ir.Table:
    """Names of events that arrived, with counts, the most frequent first."""
    rows = unbound("events")
    rows = rows.filter(
        rows.shop_id == shop_id, rows.customer_id.notnull(), rows.type.isin(("track", "page", "screen")), ~rows.is_bot
    )
    found = rows.group_by("event").aggregate(events=rows.count(), last_at=rows.timestamp.max())
    return found.order_by(found.events.desc(), found.event).limit(500)


def some_properties(shop_id: str, event: str | None, limit: int) -> ir.Table:
    """The properties of the newest events of a name, as they were told (JSON)."""
    rows = unbound("events")
    rows = rows.filter(rows.shop_id == shop_id, rows.customer_id.notnull())
    rows = rows.filter(rows.type.isin(("track", "page", "screen")) if event is None else rows.event == event)
    newest = rows.order_by(ibis.desc("timestamp")).limit(limit)
    return newest.select("properties")
