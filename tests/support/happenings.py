"""Events of a small invented shop in a warehouse: shaped as at the ingest door, without a server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from regulars.access import Shop
from regulars.collect.track.domain.ids import Ids
from regulars.collect.track.domain.shaping import Shaped, Shaper
from regulars.warehouse import TABLES, Warehouse
from regulars.warehouse.arrow import arrow_schema

_RECEIVED = datetime(2035, 1, 1, tzinfo=UTC)


def shop_of(settings: Mapping[str, Any] | None = None, shop_id: str = "case") -> Shop:
    """A shop with a case's settings."""
    told = settings or {}
    return Shop(
        shop_id=shop_id,
        name="Case",
        timezone=told.get("timezone", "UTC"),
        currency="CNY",
        week_start=6 if told.get("week_start") == "sunday" else 0,
    )


def happened(
    warehouse: Warehouse, shop: Shop, events: Iterable[Mapping[str, Any]], customers: Mapping[str, Mapping[str, Any]] | None = None
) -> None:
    """Put events ({customer, event, ts, props}) and customers' properties into the warehouse.

    A customer is called in the warehouse as in the case; properties of a customer are told by an identify call.
    """
    plain = Ids(lambda told: told, lambda told: told)
    shaper = Shaper(shop.shop_id, "case", shop.currency, plain, _RECEIVED)
    rows = []
    for number, (customer, traits) in enumerate((customers or {}).items()):
        told = {
            "type": "identify",
            "userId": customer,
            "messageId": f"c{number}",
            "traits": traits,
            "timestamp": "2001-01-01T00:00:00Z",
        }
        rows.append(_row(shaper, told))
    for number, event in enumerate(events):
        told = {
            "type": "track",
            "event": event["event"],
            "userId": event["customer"],
            "messageId": f"e{number}",
            "timestamp": event["ts"],
            "properties": event.get("props") or {},
        }
        rows.append(_row(shaper, told))
    if rows:
        schema = arrow_schema(TABLES["events"])
        warehouse.append("events", pa.Table.from_pylist(rows, schema=schema))


def _row(shaper: Shaper, told: dict[str, Any]) -> dict[str, Any]:
    found = shaper.shape(told, {})
    assert isinstance(found, Shaped), found
    row = {"session_id": None, "part_id": "p", **found.row, "is_history": False}
    row["customer_id"] = told["userId"]
    row["is_known"] = True
    return {name: row.get(name) for name in TABLES["events"].columns} | {"properties": _text(row["properties"])}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else value.decode()
