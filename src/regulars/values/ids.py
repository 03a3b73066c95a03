"""Identifiers: sortable by creation, readable by kind (`load_01jc...`)."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32: no i, l, o, u


def new_id(kind: str) -> str:
    """A new identifier `kind_` + 26 characters: 48 bits of milliseconds, then 80 random bits (the ULID layout)."""
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    return f"{kind}_" + "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def made_at(identifier: str) -> datetime | None:
    """When an identifier of `new_id` was made, to the millisecond; None for any other text."""
    digits = identifier.rpartition("_")[2]
    if len(digits) != 26 or any(digit not in _ALPHABET for digit in digits):
        return None
    milliseconds = 0
    for digit in digits[:10]:
        milliseconds = milliseconds << 5 | _ALPHABET.index(digit)
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError):
        return None
