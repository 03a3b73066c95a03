"""Whose points are meant: the customer an id belongs to now, whatever id a shop's system sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regulars.collect import identity
from regulars.errors import InvalidInput, NotFound
from regulars.guard import privacy

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import UnitOfWork

_KEPT = ("v_", "c_", "x_")


def owner_of(uow: UnitOfWork, keyring: Keyring, shop_id: str, told: str) -> str:
    """The customer_id of an id as the shop's systems know it (a number, an e-mail address, our own id), after merges.

    Raises
    ------
    NotFound : the customer was erased.
    InvalidInput : no id of a customer, or a device nobody has named.
    """
    text = told.strip()
    if not 0 < len(text) <= 200:
        raise InvalidInput("a customer_id has 1 to 200 characters", mend="give the id of a customer", code="bad_customer_id")
    kept = text if text.startswith(_KEPT) else privacy.known_id(keyring, shop_id, text)
    if privacy.erased(uow, keyring, shop_id, [kept]):
        raise NotFound("this customer was erased", mend="give the id of another customer", code="no_such_customer")
    owner = identity.customer_of(uow, shop_id, kept)
    if privacy.is_visitor(owner):
        raise InvalidInput(
            "this is a device that nobody has named", mend="give the id of a customer who signed in", code="bad_customer_id"
        )
    return owner
