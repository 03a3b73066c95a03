"""From what a shop knows a buyer by to a pseudonym that tells nothing: `c_` and 20 hexadecimal digits."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import TYPE_CHECKING

from regulars.access.keys import join
from regulars.guard.privacy.domain import Kind, normalise

if TYPE_CHECKING:
    from regulars.access.keys import Keyring

PURPOSE = "blind index"


def pseudonym(keyring: Keyring, shop_id: str, value: str, kind: Kind) -> str:
    """The customer_id of one e-mail, phone or account name; see `pseudonyms`."""
    return pseudonyms(keyring, shop_id, [value], kind)[0]


def pseudonyms(keyring: Keyring, shop_id: str, values: Sequence[str], kind: Kind) -> list[str]:
    """The customer_id of each value, in order; "" where a value is no contact of that kind.

    The same contact in another spelling (case, spaces, +86, full width) gives the same pseudonym; another shop, another kind or
    another master key gives another one, so that pseudonyms can be neither guessed nor linked between shops.
    """
    return [f"c_{digest[:20]}" if digest else "" for digest in digests(keyring, shop_id, values, kind)]


def digests(keyring: Keyring, shop_id: str, values: Sequence[str], kind: Kind) -> list[str]:
    """The whole blind index (64 hexadecimal digits) of each value; "" where it is no contact of that kind."""
    begun = hmac.new(keyring.key(PURPOSE), join(shop_id, kind), hashlib.sha256)
    found: dict[str, str] = {}
    out = []
    for value in values:
        if value not in found:
            plain = normalise(value, kind) if value else ""
            if plain:
                one = begun.copy()
                one.update(plain.encode("utf-8", "surrogatepass"))
                found[value] = one.hexdigest()
            else:
                found[value] = ""
        out.append(found[value])
    return out
