"""What messages tell of a product beyond its row: words, attributes, variants, pictures, markets; the last that was told of each holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from regulars.values.amounts import read_amount, to_minor

DETAILS = (
    "parent_id", "description", "keywords", "categories", "attributes", "variants", "url", "image_url", "images", "markets", "language",
    "list_price_minor", "published_at",
)  # fmt: skip
_TEXTS = {"parent_id": 200, "description": 20_000, "url": 2_000, "image_url": 2_000, "language": 16}
_MOST_VALUES, _MOST_VARIANTS, _LONGEST = 100, 200, 400
_LARGEST = 2**53


def fold_details(
    shop_id: str, product_id: str, stored: Mapping[str, Any] | None, told: Iterable[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """The details of a product from all its messages; None where no message tells any.

    Parameters
    ----------
    stored : its details as they are, of messages of which some may have expired.
    told : rows of `events` with `currency` filled in; their order does not matter.
    """
    messages = sorted(told, key=lambda row: (row["timestamp"], row["source_id"], row["message_id"]))
    row: dict[str, Any] = {name: (stored or {}).get(name) for name in DETAILS}
    at: datetime | None = (stored or {}).get("told_at")
    spoke = stored is not None
    for message in messages:
        said = said_details(message)
        if said:
            row |= said
            at, spoke = max(message["timestamp"], at or message["timestamp"]), True
    return {"shop_id": shop_id, "product_id": product_id, **row, "told_at": at} if spoke and at is not None else None


def said_details(message: Mapping[str, Any]) -> dict[str, Any]:
    """The details that one message tells; a null takes a detail back, what cannot be read is left out."""
    told = json.loads(message["properties"] or "{}")
    if not isinstance(told, dict):
        return {}
    currency = str(told.get("currency") or message["currency"] or "").upper()
    said: dict[str, Any] = {name: None for name in DETAILS if name in told and told[name] is None}
    for name, longest in _TEXTS.items():
        if isinstance(told.get(name), str) and told[name].strip():
            said[name] = told[name].strip()[:longest]
    for name in ("categories", "images", "markets"):
        if (values := _texts(told.get(name))) is not None:
            said[name] = _json(values)
    if (words := _texts(told.get("keywords"))) is not None:
        said["keywords"] = ", ".join(words)
    if isinstance(told.get("attributes"), dict):
        said["attributes"] = _json(_attributes(told["attributes"]))
    if isinstance(told.get("variants"), list):
        said["variants"] = _json([_variant(one, currency) for one in told["variants"][:_MOST_VARIANTS] if isinstance(one, dict)])
    if (amount := _minor(told.get("list_price"), currency)) is not None:
        said["list_price_minor"] = amount
    if isinstance(told.get("published_at"), str) and (published := _instant(told["published_at"])) is not None:
        said["published_at"] = published
    return said


def _variant(told: Mapping[str, Any], currency: str) -> dict[str, Any]:
    stock = read_amount(told.get("stock"))
    own = {
        "variant_id": _text(told.get("variant_id")),
        "name": _text(told.get("name")),
        "sku": _text(told.get("sku")),
        "price_minor": _minor(told.get("price"), currency),
        "stock": int(stock) if stock is not None and abs(stock) < _LARGEST else None,
        "attributes": _attributes(told["attributes"]) if isinstance(told.get("attributes"), dict) else None,
    }
    return {name: value for name, value in own.items() if value is not None}


def _attributes(told: Mapping[str, Any]) -> dict[str, Any]:
    """Names with a text or several texts each."""
    found: dict[str, Any] = {}
    for name, value in list(told.items())[:_MOST_VALUES]:
        values = _texts(value)
        if values:
            found[str(name)[:_LONGEST]] = values if len(values) > 1 else values[0]
    return found


def _texts(value: Any) -> list[str] | None:
    """One or several values as texts; None where nothing of the kind was told."""
    several: Sequence[Any] = value if isinstance(value, list) else [value]
    found = [text for one in several[:_MOST_VALUES] if (text := _text(one)) is not None]
    return found if found or value == [] else None


def _text(value: Any) -> str | None:
    match value:
        case bool():
            return "yes" if value else "no"
        case str() | int() | float():
            return str(value).strip()[:_LONGEST] or None
    return None


def _minor(value: Any, currency: str) -> int | None:
    amount = read_amount(value)
    if amount is None or amount < 0 or len(currency) != 3:
        return None
    minor = to_minor(amount, currency)
    return minor if minor < _LARGEST else None


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).replace(tzinfo=None)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
