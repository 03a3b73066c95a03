"""Reading a payload: texts, exact amounts, instants and inner objects, each read as it is meant or refused by name.

What cannot be read is named by its place and never by its value, as it may be somebody's data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from regulars.errors import InvalidInput

Payload = Mapping[str, Any]

_DIGITS_BEFORE, _DIGITS_AFTER = 15, 9
_PLAIN = re.compile(r"[-+]?[0-9]{1,18}(?:\.[0-9]{1,12})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LONGEST_ID = 200


def wrong(place: str, wish: str) -> InvalidInput:
    """A value that is not what its place asks for."""
    return InvalidInput(f"'{place}' is not {wish}", mend="correct the value and send or replay it", code="bad_payload", place=place)


def text_of(value: Any, place: str, *, most: int = 2000) -> str | None:
    """A text without blanks at its ends; numbers become text as they are printed; None where nothing stands."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise wrong(place, "a text")
    return (format(value, "f") if isinstance(value, Decimal) else str(value)).strip()[:most] or None


def id_of(value: Any, place: str) -> str | None:
    """An identifier as text; 0 and blanks stand for nobody."""
    found = text_of(value, place)
    if found is not None and len(found) > _LONGEST_ID:
        raise wrong(place, f"an identifier of at most {_LONGEST_ID} characters")
    return None if found == "0" else found


def amount_of(value: Any, place: str) -> Decimal | None:
    """An exact number of at most 15 digits before and 9 behind the point; None where nothing stands.

    A float is taken as it is printed, so that 19.9 is 19.9; readers that can, give us a Decimal.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise wrong(place, "an amount")
    words = value.strip() if isinstance(value, str) else repr(value) if isinstance(value, float) else str(value)
    try:
        if isinstance(value, str) and not _PLAIN.fullmatch(words):
            raise InvalidOperation
        found = Decimal(words)
    except InvalidOperation:
        raise wrong(place, "an amount such as 12.50") from None
    exponent = found.as_tuple().exponent
    if not isinstance(exponent, int) or found.adjusted() >= _DIGITS_BEFORE or exponent < -_DIGITS_AFTER:
        raise wrong(place, f"an amount of at most {_DIGITS_BEFORE} digits before and {_DIGITS_AFTER} behind the point")
    return found


def instant_of(value: Any, place: str, zone: str | None = None) -> datetime | None:
    """An instant in UTC; a time without an offset is of `zone`, or refused where none is given.

    Numbers are seconds since 1970 (milliseconds from 10^11 on).
    """
    if value is None or value == "":
        return None
    try:
        match value:
            case bool():
                raise ValueError
            case datetime():
                found = value
            case date():
                found = datetime.combine(value, time())
            case int() | Decimal():
                number = Decimal(value)
                found = datetime.fromtimestamp(float(number / 1000 if number >= 10**11 else number), UTC)
            case str():
                found = datetime.fromisoformat(value.strip())
                if _DAY.fullmatch(value.strip()) and zone is None:
                    zone = "UTC"
            case _:
                raise ValueError
        if found.tzinfo is None:
            if zone is None:
                raise ValueError
            found = found.replace(tzinfo=ZoneInfo(zone))
        return found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise wrong(place, "a time such as 2026-11-01T09:30:00Z") from None


class Reader:
    """One object of a payload, read by name; `at` is its place in the whole, for messages."""

    def __init__(self, of: Any, at: str = "", *, zone: str | None = None) -> None:
        if not isinstance(of, Mapping):
            raise wrong(at or "the body", "an object")
        self.of: Payload = of
        self.at = at
        self.zone = zone

    def __contains__(self, name: str) -> bool:
        return self.of.get(name) is not None

    def place(self, name: str) -> str:
        """Where a member stands."""
        return f"{self.at}.{name}" if self.at else name

    def text(self, *names: str) -> str | None:
        """The first text that stands under one of the names."""
        return next((found for name in names if (found := text_of(self.of.get(name), self.place(name)))), None)

    def id(self, *names: str) -> str | None:
        """The first identifier that stands under one of the names."""
        return next((found for name in names if (found := id_of(self.of.get(name), self.place(name)))), None)

    def amount(self, name: str) -> Decimal | None:
        """An amount, exact."""
        return amount_of(self.of.get(name), self.place(name))

    def instant(self, *names: str) -> datetime | None:
        """The first instant that stands under one of the names."""
        return next((found for name in names if (found := instant_of(self.of.get(name), self.place(name), self.zone))), None)

    def inner(self, name: str) -> Reader:
        """An inner object; empty where nothing stands."""
        value = self.of.get(name)
        return Reader({} if value is None or value == [] else value, self.place(name), zone=self.zone)

    def each(self, name: str) -> list[Reader]:
        """The objects of a list; none where nothing stands."""
        value = self.of.get(name)
        if value is None:
            return []
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise wrong(self.place(name), "a list")
        return [Reader(one, f"{self.place(name)}[{at}]", zone=self.zone) for at, one in enumerate(value)]

    def needed(self, name: str, found: Any) -> Any:
        """What was found, or a refusal that names what is missing."""
        if found is None:
            raise InvalidInput(
                f"'{self.place(name)}' is missing",
                mend="send it, or correct the message and replay it",
                code="bad_payload",
                place=self.place(name),
            )
        return found
