"""The customer_id and the visitor's id under which events are kept: a shop's own number as it is, anything personal as a pseudonym."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from regulars.guard.privacy.pseudonyms import pseudonym

if TYPE_CHECKING:
    from regulars.access.keys import Keyring

#: A shop's own number of a customer: it has a digit and no blank, @ or foreign letter (as files are read, see collect/imports).
_OPAQUE = re.compile(r"(?=[^0-9]{0,63}[0-9])[A-Za-z0-9_.:#/-]{1,127}")
_MOBILE = re.compile(r"(\+?86)?1[3-9]\d{9}|\+[1-9]\d{7,14}")
#: What the ids of visitors begin with; no customer is named so.
VISITOR = "v_"


def known_id(keyring: Keyring, shop_id: str, told: str) -> str:
    """The customer_id of the id a shop's own systems use for somebody signed in.

    Opaque numbers stay (`17850`, `u1`); an e-mail address, a mobile number or a name becomes the same pseudonym that a load of
    orders gives it, so that events and files meet in one customer.
    """
    text = told.strip()
    if "@" in text:
        return pseudonym(keyring, shop_id, text, "email") or text
    if _MOBILE.fullmatch(text):
        return pseudonym(keyring, shop_id, text, "phone")
    if _OPAQUE.fullmatch(text) and not text.startswith((VISITOR, "x_")):
        return text
    return pseudonym(keyring, shop_id, text, "account") or text


def visitor_id(keyring: Keyring, shop_id: str, told: str) -> str:
    """The id of a device nobody has named yet: `v_` and 20 hexadecimal digits, which tell nothing."""
    return VISITOR + keyring.mac("visitors", shop_id, told.strip())[:20]


def is_visitor(customer_id: str) -> bool:
    """Whether an id is a device's and not a customer's."""
    return customer_id.startswith(VISITOR)
