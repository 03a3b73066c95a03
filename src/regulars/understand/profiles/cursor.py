"""Where a page ended, as a short opaque text: the sort and the last row's keys."""

from __future__ import annotations

import base64
import binascii
import json

from regulars.errors import InvalidInput


def encode(order: str, *keys: str | int) -> str:
    """A cursor for the page after the row with these keys, in this order of rows."""
    text = json.dumps([order, *keys], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, order: str, *kinds: type) -> tuple[str | int, ...]:
    """The keys in a cursor.

    Raises
    ------
    InvalidInput : it is not a cursor, or belongs to a list in another order.
    """
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        found = None
    if (
        not isinstance(found, list)
        or len(found) != len(kinds) + 1
        or found[0] != order
        or any(type(key) is not kind for key, kind in zip(found[1:], kinds, strict=True))
    ):
        raise InvalidInput("the cursor does not belong to this list", mend="begin again without a cursor", code="bad_cursor")
    keys: list[str | int] = found[1:]
    return tuple(keys)
