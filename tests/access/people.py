"""Operators for tests: how somebody joins, as they would in life."""

from __future__ import annotations

from regulars.access import Caller, Keyring, operators
from regulars.access.operators import Operator
from regulars.records import Records

PASSWORD = "four plain garden words"


def owner(records: Records, keyring: Keyring, *, email: str = "mei@example.com", name: str = "Mei") -> Operator:
    """The first owner, joined by the printed link."""
    with records.unit() as uow:
        token = operators.first_owner_link(uow)
        assert token is not None
        return operators.accept_link(uow, keyring, token, name=name, email=email, password=PASSWORD)


def colleague(
    records: Records, keyring: Keyring, *, role: str, email: str = "lin@example.com", shop_ids: list[str] | None = None
) -> Operator:
    """Somebody who joined by an invitation."""
    with records.unit() as uow:
        link = operators.invite(uow, Caller.system("shell", keyring), email=email, role=role, shop_ids=shop_ids)
        return operators.accept_link(uow, keyring, link.token, name="Lin", password=PASSWORD)
