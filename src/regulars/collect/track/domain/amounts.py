"""Numbers of an event as its columns keep them: exact, rounded half to even, and left out where what was told is none."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from regulars.events import ecommerce
from regulars.values.amounts import read_amount, to_minor

_PRICE = Decimal("0.0001")
_QUANTITY = Decimal("0.001")


def price_of(told: Any) -> Decimal | None:
    """A price of the events table: four decimals."""
    found = read_amount(told)
    return None if found is None else found.quantize(_PRICE, ROUND_HALF_EVEN)


def quantity_of(told: Any) -> Decimal | None:
    """A quantity of the events table: three decimals."""
    found = read_amount(told)
    return None if found is None else found.quantize(_QUANTITY, ROUND_HALF_EVEN)


def value_of(properties: dict[str, Any], currency: str) -> int | None:
    """What an order or a checkout comes to, in minor units: its total, else revenue + shipping + tax, else its `value`."""
    amount = ecommerce.order_value(properties)
    if amount is None:
        amount = read_amount(properties.get("value"))
    return None if amount is None else to_minor(amount, currency)
