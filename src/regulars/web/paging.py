"""Cursor pages: `{"items": [...], "next": "..."}`; `"next": null` ends. A cursor is opaque and holds only where the page ended."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query

from regulars.errors import InvalidInput

Item = TypeVar("Item")

Limit = Annotated[int, Query(ge=1, le=1000, description="How many items a page holds")]
Cursor = Annotated[str | None, Query(max_length=1000, description="`next` of the page before")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item]):
    """Some items, and where to go on: send `next` as `cursor`; null where this is the last page."""

    items: Sequence[Item]
    next: str | None = None


def page(items: Sequence[Item], limit: int, place: Callable[[Item], Any]) -> Page[Item]:
    """A page out of `limit` + 1 items read; `place` tells an item's position in the order, as JSON values."""
    more = len(items) > limit
    shown = items[:limit]
    return Page(items=shown, next=cursor_of(place(shown[-1])) if more else None)


def cursor_of(place: Any) -> str:
    """A position as an opaque cursor."""
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def place_of(cursor: str | None, kind: type[Item]) -> Item | None:
    """The position a cursor holds; None at the first page.

    Raises
    ------
    InvalidInput : the cursor is not one of ours.
    """
    if cursor is None:
        return None
    try:
        place = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        place = None
    if not isinstance(place, kind) or isinstance(place, bool):
        raise InvalidInput("the cursor is not one of ours", mend="send `next` of the page before, unchanged", code="bad_cursor")
    return place
