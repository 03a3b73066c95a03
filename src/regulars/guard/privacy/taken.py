"""What was taken out of an event before it reached the warehouse: sealed under its customer's key, and shown in its place in a copy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete

from regulars.guard.privacy.domain import Sealed
from regulars.guard.privacy.tables import sealed_text

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

_SUBJECT = "event:"


def taken_out(event_key: int, customer_id: str, taken: Mapping[str, str], at: datetime) -> Sealed:
    """What `scrub` took out of one event, by its place, ready to be remembered; no larger than the event was, and kept as long."""
    text = json.dumps(dict(taken), ensure_ascii=False, separators=(",", ":"))
    return Sealed(subject=f"{_SUBJECT}{event_key}", customer_id=customer_id, text=text, at=at)


def in_their_places(texts: dict[str, str], events: list[dict[str, Any]]) -> None:
    """Move what was taken out from the texts into the rows of its events, as `taken_out`; what has no row stays a text."""
    for row in events:
        text = texts.pop(f"{_SUBJECT}{row.get('event_key')}", None)
        if text is not None:
            row["taken_out"] = json.loads(text)


def forget_taken_out(uow: UnitOfWork, shop_id: str, before: datetime) -> int:
    """Delete what was taken out of events that happened before an instant."""
    mine = (sealed_text.c.shop_id == shop_id) & sealed_text.c.subject.startswith(_SUBJECT)
    return uow.execute(delete(sealed_text).where(mine, sealed_text.c.created_at < before)).rowcount
