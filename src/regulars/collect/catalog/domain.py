"""A product folded from what messages and files told of it: for each field the last that was told holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from regulars.values.amounts import read_amount, to_minor

#: Messages about a product itself and not about somebody who looks at it.
EVENTS = ("Product Created", "Product Updated", "Product Deleted")
#: In `load_id`: the row was made from messages.
FROM_EVENTS = "events"
FIELDS = ("name", "category", "brand", "seller_id", "price_minor", "cost_minor", "currency", "stock", "status")
_COLUMNS = {"name": "product_name", "category": "category", "brand": "brand", "currency": "currency", "price": "price"}
_LONGEST = 400
_LARGEST = 2**53


def fold(
    shop_id: str, product_id: str, stored: Mapping[str, Any] | None, told: Iterable[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """The row of a product; None where the stored one is newer than all messages.

    Parameters
    ----------
    stored : its row as it is: of a file, or of messages of which some may have expired.
    told : rows of `events` with `currency` filled in; their order does not matter.
    """
    messages = sorted(told, key=lambda row: (row["timestamp"], row["source_id"], row["message_id"]))
    if not messages:
        return None
    row: dict[str, Any] = {name: (stored or {}).get(name) for name in FIELDS}
    seen: datetime | None = (stored or {}).get("observed_at")
    of_file = stored is not None and stored["load_id"] != FROM_EVENTS
    if of_file and seen is not None:
        messages = [message for message in messages if message["timestamp"] >= seen]
        if not messages:
            return None
    for message in messages:
        row |= said(message)
    at = messages[-1]["timestamp"]
    return {"shop_id": shop_id, "product_id": product_id, **row, "observed_at": max(at, seen or at), "load_id": FROM_EVENTS}


def said(message: Mapping[str, Any]) -> dict[str, Any]:
    """What one message tells, as columns; what it does not tell, or cannot be read, is left out."""
    properties = json.loads(message["properties"] or "{}")
    told: dict[str, Any] = dict(properties) if isinstance(properties, dict) else {}
    for name, column in _COLUMNS.items():
        if message[column] is not None:
            told[name] = message[column]
    currency = str(told.get("currency") or "").upper()
    texts = {"name": told.get("name"), "category": told.get("category"), "brand": told.get("brand"), "status": told.get("status")}
    texts["seller_id"] = told.get("seller_id") or told.get("seller")
    if message["event"] == "Product Deleted":
        texts["status"] = "deleted"
    said: dict[str, Any] = {name: str(text)[:_LONGEST] for name, text in texts.items() if isinstance(text, str) and text}
    for name in ("price", "cost"):
        amount = read_amount(told.get(name))
        if amount is not None and amount >= 0 and len(currency) == 3:
            minor = to_minor(amount, currency)
            if minor < _LARGEST:
                said |= {f"{name}_minor": minor, "currency": currency}
    stock = read_amount(told.get("stock"))
    if stock is not None and abs(stock) < _LARGEST:
        said["stock"] = int(stock)
    return said
