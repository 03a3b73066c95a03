"""What is wished of an account, and when two wishes are the same one."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

import msgspec

from regulars.errors import Conflict
from regulars.offer.loyalty.domain.program import WHOLE_BPS, Expiry, Pending

Verb = Literal["earn", "activate", "spend", "return", "refund", "hold", "capture", "release", "adjust"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What shall be done with an account, under a key that makes it happen once.

    Attributes
    ----------
    at : when it arrives; not part of what two wishes of one key are compared by (L13).
    event_at : when it happened; decides when points were earned and lapse (L14).
    order_id : the order it belongs to; `refers_to` the spend or hold.
    source, note : who or which rule wishes it, and why.
    """

    verb: Verb
    key: str
    at: datetime
    points: int | None = None
    order_id: str | None = None
    amount_minor: int | None = None
    multiplier_bps: int = WHOLE_BPS
    event_at: datetime | None = None
    pending_days: Pending | None = None
    expiry: Expiry | None = None
    refers_to: str | None = None
    ttl_s: int | None = None
    cum_refunded_minor: int | None = None
    source: str = ""
    note: str = ""

    def fingerprint(self) -> str:
        """What two wishes of one key must have in common."""
        said = {name: value for name in _COMPARED if (value := getattr(self, name)) is not None}
        return msgspec.json.encode(said).decode()


_COMPARED = tuple(field.name for field in fields(Wish) if field.name not in ("key", "at", "source", "note"))
Answer = dict[str, Any]


def again(fingerprint: str | None, answer: Answer | None, wish: Wish) -> Answer:
    """The first answer of a key that was used before (G3).

    Raises
    ------
    Conflict : it was used for something else.
    """
    if answer is None or fingerprint != wish.fingerprint():
        raise Conflict(
            "this key was used for something else",
            mend="use a new key for each change, and the same key only to repeat it unchanged",
            code="idempotency_conflict",
        )
    return answer
