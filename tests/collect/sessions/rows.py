"""Events as the warehouse keeps them, and their sessions worked out the slow way: from the words of the rule, event by event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from regulars.collect.track.domain.shaping import event_key
from regulars.warehouse import Warehouse
from regulars.warehouse.arrow import arrow_rows
from regulars.warehouse.schema import EVENTS

START = datetime(2026, 3, 1, 10)
Row = dict[str, Any]


def event(number: int, customer: str, minutes: float, session: str | None = None, **more: Any) -> Row:
    """A row of `events`, so many minutes after the start."""
    at = START + timedelta(minutes=minutes)
    return {
        "shop_id": "tea",
        "source_id": "web",
        "message_id": f"m{number}",
        "event_key": event_key("tea", "web", f"m{number}"),
        "type": "track",
        "event": "Button Clicked",
        "customer_id": customer,
        "is_known": False,
        "anonymous_id": customer,
        "timestamp": at,
        "received_at": at,
        "session_id": session,
        "device": "desktop",
        "is_bot": False,
        "is_history": False,
        "properties": "{}",
        "part_id": "p",
    } | more


def table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """The rows in the form of the table `events`."""
    return arrow_rows(EVENTS, rows)


def naive(events: Sequence[Row]) -> dict[tuple[str, int], list[str]]:
    """(customer, key) -> message ids of each session."""
    found: dict[tuple[str, int], list[str]] = {}
    for customer in {row["customer_id"] for row in events}:
        mine = [row for row in events if row["customer_id"] == customer]
        mine.sort(key=lambda row: (row["timestamp"], row["session_id"] is None, row["session_id"] or "", row["event_key"]))
        for row in mine:
            found.setdefault((customer, mine[_first(mine, mine.index(row))]["event_key"]), []).append(row["message_id"])
    return found


def _first(mine: Sequence[Row], place: int) -> int:
    """Where in the customer's events the session of one of them begins."""
    row = mine[place]
    if row["session_id"] is not None:
        named = [n for n in range(place) if mine[n]["session_id"] == row["session_id"]]
        if not named or row["timestamp"] - mine[named[-1]]["timestamp"] >= timedelta(hours=24):
            return place
        return _first(mine, named[-1])
    if place == 0 or row["timestamp"] - mine[place - 1]["timestamp"] >= timedelta(minutes=30):
        return place
    return _first(mine, place - 1)


def stored(warehouse: Warehouse) -> list[Row]:
    """The sessions, by customer and time."""
    sessions = warehouse.table("sessions")
    return warehouse.rows(sessions.order_by(["customer_id", "started_at", "session_key"]))
