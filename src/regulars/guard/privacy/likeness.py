"""Recognising one customer in raw rows, by their ids and by the blind index of their contacts, without knowing any contact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import select

from regulars.guard.privacy.domain import Kind
from regulars.guard.privacy.naming import visitor_id
from regulars.guard.privacy.pseudonyms import digests
from regulars.guard.privacy.tables import contact_lookup

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import UnitOfWork

#: A name is no sign: others bear it too.
_KINDS: tuple[Kind, ...] = ("email", "phone", "account")
_LONGEST = 300


class Likeness:
    """What one customer looks like in raw data: their ids as told, and whatever gives their pseudonym or is their contact."""

    def __init__(self, keyring: Keyring, shop_id: str, customer_ids: Iterable[str], contacts: Iterable[str]) -> None:
        self._keyring = keyring
        self._shop_id = shop_id
        self._ids = frozenset(customer_ids)
        self._contacts = frozenset(contacts)
        self._has_visitors = any(one.startswith("v_") for one in self._ids)

    def has(self, texts: Iterable[str | None]) -> bool:
        """Whether one of these texts is an id or a contact of the customer."""
        told = [text for text in texts if text and len(text) <= _LONGEST]
        if any(text.strip() in self._ids for text in told):
            return True
        for kind in _KINDS:
            for digest in digests(self._keyring, self._shop_id, told, kind):
                if digest and (digest in self._contacts or f"c_{digest[:20]}" in self._ids):
                    return True
        return self._has_visitors and any(visitor_id(self._keyring, self._shop_id, text) in self._ids for text in told)


def likeness_of(uow: UnitOfWork, keyring: Keyring, shop_id: str, customer_ids: Sequence[str]) -> Likeness:
    """The likeness of a customer, as long as they are known."""
    rows = select(contact_lookup.c.digest).where(
        contact_lookup.c.shop_id == shop_id, contact_lookup.c.customer_id.in_(list(customer_ids))
    )
    return Likeness(keyring, shop_id, customer_ids, [row["digest"] for row in uow.rows(rows)])
