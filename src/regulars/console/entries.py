"""What somebody wrote into a form, as values: an amount, a whole number, an instant on the shop's clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from regulars.console.view import Screen
from regulars.errors import InvalidInput
from regulars.values.money import Money

_MOST_DIGITS = 15


def minor(s: Screen, told: Any) -> int:
    """An amount in the shop's currency, in its smallest unit.

    Raises
    ------
    InvalidInput : it is none, or has more decimals than the currency.
    """
    text = str(told).replace(",", "").strip()
    if not text.replace(".", "", 1).isdecimal() or not text.isascii() or len(text) > _MOST_DIGITS:
        raise InvalidInput("an amount is a number", mend="write it like 99.00", code="bad_amount")
    return Money.of(text, s.shop.currency).minor


def whole(told: Any) -> int:
    """A whole number; 0 where it is none, which whoever asks for one refuses with words."""
    text = str(told).strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else 0


def whole_or_none(told: Any) -> int | None:
    """A whole number, or None where nothing was written."""
    return whole(told) if str(told).strip() else None


def instant(s: Screen, told: Any) -> datetime:
    """An instant that was given as the shop's clock shows it.

    Raises
    ------
    InvalidInput : it is none.
    """
    try:
        return datetime.fromisoformat(str(told)).replace(tzinfo=ZoneInfo(s.shop.timezone))
    except ValueError:
        raise InvalidInput("a date and a time are missing", mend="give both", code="no_instant") from None
