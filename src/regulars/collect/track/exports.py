"""Events as a table for a file: the columns an analyst asks for, then the properties as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from regulars.collect.track.reading import EventRow
from regulars.values.csv import Table

_COLUMNS = (
    "timestamp", "received_at", "source_id", "message_id", "type", "event", "customer_id", "is_known", "session_id", "product_id", "product_name", "category",
    "price", "quantity", "value_minor", "currency", "order_id", "coupon", "query", "path", "channel", "utm_source", "utm_medium", "utm_campaign", "device",
    "is_bot", "schema_problems", "properties",
)  # fmt: skip


def events_table(found: Sequence[EventRow]) -> Table:
    """One row for each event."""
    return Table(_COLUMNS, tuple([_cell(getattr(event, name)) for name in _COLUMNS] for event in found))


def _cell(value: object) -> object:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return ";".join(map(str, value)) if isinstance(value, tuple) else value
