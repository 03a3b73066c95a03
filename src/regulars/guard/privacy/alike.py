"""What two customers have in common that people do not share by chance, told without telling what it is."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal

from regulars.guard.privacy.domain import normalise
from regulars.guard.privacy.people import people_merged

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import UnitOfWork

Shared = Literal["email", "phone", "address"]
_PURPOSE = "address index"
_NOT_LETTER = re.compile(r"[\W_]+")


def alike(
    uow: UnitOfWork, keyring: Keyring, shop_id: str, one: str, other: str, *, addresses: frozenset[str] = frozenset()
) -> frozenset[Shared]:
    """Which of e-mail, phone and address two customers share, by what is sealed of them; nobody is shown anything.

    `addresses` are blind indexes (`address_index`) the other one has used besides.
    """
    known = people_merged(uow, keyring, shop_id, [one, other])
    left, right = known.get(one), known.get(other)
    found: set[Shared] = set()
    if left is not None and right is not None:
        if (email := normalise(left.email, "email")) and email == normalise(right.email, "email"):
            found.add("email")
        if (phone := normalise(left.phone, "phone")) and phone == normalise(right.phone, "phone"):
            found.add("phone")
    mine = address_index(keyring, shop_id, left.address) if left is not None else ""
    theirs = {address_index(keyring, shop_id, right.address)} if right is not None else set()
    if mine and mine in theirs | addresses:
        found.add("address")
    return frozenset(found)


def address_index(keyring: Keyring, shop_id: str, address: str) -> str:
    """The blind index of an address: two spellings differing in case, blanks, width or punctuation have one; empty for none."""
    plain = _NOT_LETTER.sub("", unicodedata.normalize("NFKC", address).casefold())
    return keyring.mac(_PURPOSE, shop_id, plain)[:40] if plain else ""
