"""Features of what was told beside orders and visits: parcels, tickets, messages, coupons and points."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from regulars.predict.snapshots.past import Past

#: Feature -> the events it counts, and within how many days before the cut-off.
COUNTS = {
    "messages_in_90": (("Message Sent", "Email Delivered", "Push Notification Received"), 90),
    "messages_opened_in_90": (("Message Opened", "Email Opened", "Push Notification Tapped"), 90),
    "messages_clicked_in_90": (("Message Clicked", "Email Link Clicked"), 90),
    "unsubscribed_ever": (("Unsubscribed", "Message Unsubscribed", "Email Unsubscribed"), None),
    "tickets_in_90": (("Ticket Opened",), 90),
    "tickets_in_180": (("Ticket Opened",), 180),
    "coupons_applied_in_180": (("Coupon Applied",), 180),
    "coupons_refused_in_180": (("Coupon Denied",), 180),
    "points_earned_in_180": (("Points Accrued",), 180),
    "points_used_in_180": (("Points Redeemed",), 180),
}
#: All of them.
NAMES = frozenset(name for kinds, _ in COUNTS.values() for name in kinds)
_LAST = {"ticket_recency_days": ("Ticket Opened",), "message_opened_recency_days": COUNTS["messages_opened_in_90"][0]}


def told_rows(past: Past) -> list[ir.Table]:
    """What was told of customers under the names that are counted, by clients and by our own rooms."""
    events, log = past.read("events"), past.read("event_log")
    return [
        rows.filter(rows.customer_id.notnull(), rows.event.isin(sorted(NAMES))) for rows in (events.filter(~events.is_bot), log)
    ]


def told(past: Past) -> ir.Table:
    """One row per customer: how often each kind of thing was told, and how long ago the last was."""
    rows = ibis.union(*(rows.select("customer_id", "event", ago=past.ago(rows.timestamp)) for rows in told_rows(past)))
    counts = {
        feature: rows.count(where=_among(rows, kinds) & ((rows.ago <= days) if days else ibis.literal(True)))
        for feature, (kinds, days) in COUNTS.items()
    }
    last = {feature: rows.ago.min(where=_among(rows, kinds)) for feature, kinds in _LAST.items()}
    return rows.group_by("customer_id").aggregate(**counts, **last)


def _among(rows: ir.Table, kinds: tuple[str, ...]) -> ir.BooleanValue:
    return rows.event.isin(list(kinds))
