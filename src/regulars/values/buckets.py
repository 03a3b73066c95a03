"""The public hash that puts customers and visitors into arms: the same for holdouts, A/B branches and experiments, on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

#: Buckets there are; shares are told in so many parts (basis points).
BUCKETS = 10_000


def bucket(salt: str, unit: str) -> int:
    """The bucket of a unit (a customer, a visitor, a list) under a salt, from 0 to 9,999; anybody can work it out again.

    The first eight bytes of the SHA-256 of `salt:unit`, read as a big-endian integer, modulo 10,000.
    """
    return int.from_bytes(sha256(f"{salt}:{unit}".encode()).digest()[:8], "big") % BUCKETS


def arm_of(salt: str, unit: str, shares: Sequence[tuple[str, int]], rest: str) -> str:
    """The arm a unit is in: `shares` take their basis points one after another, who is beyond them is in `rest`."""
    place, end = bucket(salt, unit), 0
    for arm, bps in shares:
        end += bps
        if place < end:
            return arm
    return rest
