"""One person as a sealed row: how it is closed, opened, and joined with what is told later."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from regulars.guard.privacy import sealing
from regulars.guard.privacy.domain import Person
from regulars.guard.privacy.same_person import ids_of
from regulars.guard.privacy.tables import person

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import UnitOfWork

FIELD = "person"
FIELDS = ("name", "email", "phone", "address", "account")


def people(uow: UnitOfWork, keyring: Keyring, shop_id: str, customer_ids: Sequence[str]) -> dict[str, Person]:
    """Who these customers are, for our own use; `service.reveal` is the audited way for callers."""
    keys = sealing.ciphers(uow, keyring, shop_id, customer_ids)
    found = {}
    for some in sealing.batches(dict.fromkeys(customer_ids)):
        for row in uow.rows(select(person).where(person.c.shop_id == shop_id, person.c.customer_id.in_(some))):
            if row["customer_id"] in keys:
                fields = json.loads(keys[row["customer_id"]].open(FIELD, row["sealed"]))
                found[row["customer_id"]] = Person(customer_id=row["customer_id"], **fields)
    return found


def people_merged(uow: UnitOfWork, keyring: Keyring, shop_id: str, customer_ids: Sequence[str]) -> dict[str, Person]:
    """Who these customers are, with what is known under ids merged into them; what the id itself was told with comes first."""
    ids = {customer_id: ids_of(uow, shop_id, customer_id) for customer_id in customer_ids}
    known = people(uow, keyring, shop_id, [one for all_of_them in ids.values() for one in all_of_them])
    found = {}
    for customer_id, all_of_them in ids.items():
        held = [known[one] for one in reversed(all_of_them) if one in known]
        if held:
            whole = held[0]
            for one in held[1:]:
                whole = together(whole, one)
            found[customer_id] = replace(whole, customer_id=customer_id)
    return found


def sealed_person(cipher: sealing.CustomerCipher, one: Person) -> bytes:
    """The row's sealed cell."""
    fields: dict[str, object] = {name: value for name in FIELDS if (value := getattr(one, name))}
    if one.other:
        fields["other"] = one.other
    return cipher.seal(FIELD, json.dumps(fields, ensure_ascii=False, separators=(",", ":")))


def together(before: Person, after: Person) -> Person:
    """What is known when `after` is told to who knew `before`: what is empty now keeps what was known."""
    fields = {name: getattr(after, name) or getattr(before, name) for name in FIELDS}
    other = {**before.other, **{name: value for name, value in after.other.items() if value}}
    return Person(customer_id=before.customer_id, **fields, other=other)


def audit_name(keyring: Keyring, shop_id: str, customer_id: str) -> str:
    """How the audit trail names a customer: only the master key and the id together tell who it was."""
    return "customer:" + keyring.mac("audit subject", shop_id, customer_id)[:20]
