"""The token by which a shop's server vouches for a customer to a browser: short lived, signed with the source's secret.

`v1.<expires, in seconds of the epoch>.<the customer's id, base64url without padding>.<HMAC-SHA256 of all before it, hexadecimal>`
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from datetime import datetime, timedelta

from regulars.errors import InvalidInput, NotAllowed

LONGEST_MINUTES = 60
LONGEST_ID = 200
_SKEW = timedelta(minutes=2)  # clocks of two servers
_FORM = re.compile(r"(v1\.(\d{1,12})\.([A-Za-z0-9_-]{1,1100}))\.([0-9a-f]{64})", re.ASCII)
_HOW = "sign a fresh one on the shop's server, with the secret of this source"


def sign(secret: str, customer: str, expires_at: datetime) -> str:
    """A token for a customer, as the shop names them.

    Raises
    ------
    InvalidInput : the id is empty or too long.
    """
    if not 1 <= len(customer.strip()) <= LONGEST_ID:
        raise InvalidInput(
            f"a customer's id has 1 to {LONGEST_ID} characters", mend="name the customer as your orders do", code="bad_customer"
        )
    name = base64.urlsafe_b64encode(customer.strip().encode()).decode().rstrip("=")
    told = f"v1.{int(expires_at.timestamp())}.{name}"
    return f"{told}.{_signature(secret, told)}"


def customer_of(secret: str, token: str, now: datetime) -> str:
    """The customer a token vouches for.

    Raises
    ------
    NotAllowed : it is no token, signed with another secret, past, or valid for longer than a token may be.
    """
    found = _FORM.fullmatch(token)
    if found is None or not hmac.compare_digest(_signature(secret, found[1]), found[4]):
        raise NotAllowed("the customer token is not valid here", mend=_HOW, code="bad_token")
    left = int(found[2]) - now.timestamp()
    if left <= 0:
        raise NotAllowed("the customer token has expired", mend=_HOW, code="token_expired")
    if left > (timedelta(minutes=LONGEST_MINUTES) + _SKEW).total_seconds():
        raise NotAllowed(
            "the customer token lives too long", mend=f"let it expire within {LONGEST_MINUTES} minutes", code="token_too_long"
        )
    try:
        customer = base64.urlsafe_b64decode(found[3] + "=" * (-len(found[3]) % 4)).decode().strip()
    except (binascii.Error, UnicodeDecodeError):
        customer = ""
    if not 1 <= len(customer) <= LONGEST_ID:
        raise NotAllowed("the customer token names nobody", mend=_HOW, code="bad_token")
    return customer


def _signature(secret: str, told: str) -> str:
    return hmac.new(secret.encode(), told.encode(), hashlib.sha256).hexdigest()
