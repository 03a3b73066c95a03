"""Identifiers: sortable by creation, readable by kind (`load_01jc...`)."""

from __future__ import annotations

import os
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32: no i, l, o, u


def new_id(kind: str) -> str:
    """A new identifier `kind_` + 26 characters: 48 bits of milliseconds, then 80 random bits (the ULID layout)."""
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    return f"{kind}_" + "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))
