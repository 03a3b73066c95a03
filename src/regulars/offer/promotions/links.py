"""Links by which a customer claims a coupon without signing in: signed for one customer and one batch, for thirty days."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from regulars.errors import NotFound
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access.keys import Keyring

PURPOSE = "coupon claims"
VALID = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ClaimLink:
    """Whom a link is for, and what they may claim."""

    shop_id: str
    batch_id: str
    customer_id: str
    ends_at: datetime


def signed(keyring: Keyring, link: ClaimLink) -> str:
    """The link's token."""
    told = [link.shop_id, link.batch_id, link.customer_id, int(link.ends_at.timestamp())]
    body = base64.urlsafe_b64encode(json.dumps(told, separators=(",", ":")).encode()).decode().rstrip("=")
    return f"{body}.{keyring.mac(PURPOSE, body)[:32]}"


def opened(keyring: Keyring, token: str) -> ClaimLink:
    """What a token says.

    Raises
    ------
    NotFound : it is not one of ours, or its time is over.
    """
    body, _, seal = token.partition(".")
    if not token.isascii() or not hmac.compare_digest(seal, keyring.mac(PURPOSE, body)[:32]):
        raise _gone()
    shop_id, batch_id, customer_id, ends = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    link = ClaimLink(shop_id, batch_id, customer_id, datetime.fromtimestamp(ends, UTC))
    if clock.now() >= link.ends_at:
        raise _gone()
    return link


def _gone() -> NotFound:
    return NotFound("this link does not lead to a coupon", mend="ask the shop for a new one", code="no_such_link")
