"""Numbers as clients write them, exactly: 19.9, "1,234.50", "¥1,234"; what is none is said, never guessed."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from regulars.values.money import minor_digits

_SIGNS = re.compile(r"[\s¥￥$£€₩₹元]|CNY|RMB|USD|EUR|GBP|JPY", re.I)
_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
_PLAIN = re.compile(r"-?\d+(\.\d+)?")
_COMMA = re.compile(r"-?\d+,\d{1,2}")
_LARGEST = Decimal(900_000_000_000)
_PRICE = Decimal("0.0001")
_QUANTITY = Decimal("0.001")


def decimal_of(told: Any) -> Decimal | None:
    """The exact number; None where it is no number, or beyond 900 billion."""
    match told:
        case bool() | None:
            return None
        case int():
            found = Decimal(told)
        case float():
            found = Decimal(repr(told))
        case str():
            text = _SIGNS.sub("", told)
            if _GROUPED.fullmatch(text):
                text = text.replace(",", "")
            elif _COMMA.fullmatch(text):
                text = text.replace(",", ".")
            elif not _PLAIN.fullmatch(text):
                return None
            try:
                found = Decimal(text)
            except InvalidOperation:
                return None
        case _:
            return None
    return found if found.is_finite() and abs(found) <= _LARGEST else None


def price_of(told: Any) -> Decimal | None:
    """A price of the events table: four decimals, rounded half to even."""
    found = decimal_of(told)
    return None if found is None else found.quantize(_PRICE, ROUND_HALF_EVEN)


def quantity_of(told: Any) -> Decimal | None:
    """A quantity of the events table: three decimals."""
    found = decimal_of(told)
    return None if found is None else found.quantize(_QUANTITY, ROUND_HALF_EVEN)


def minor_of(amount: Decimal, currency: str) -> int:
    """Minor units of a currency, rounded half to even."""
    return int(amount.scaleb(minor_digits(currency)).to_integral_value(ROUND_HALF_EVEN))


def order_value(properties: dict[str, Any], currency: str) -> int | None:
    """What an order or checkout comes to: `total`, else revenue + shipping + tax (Segment: revenue excludes both), else `value`."""
    total = decimal_of(properties.get("total"))
    if total is None and (revenue := decimal_of(properties.get("revenue"))) is not None:
        total = revenue + (decimal_of(properties.get("shipping")) or 0) + (decimal_of(properties.get("tax")) or 0)
    if total is None:
        total = decimal_of(properties.get("value"))
    return None if total is None else minor_of(total, currency)
