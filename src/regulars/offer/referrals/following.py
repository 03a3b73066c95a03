"""Codes, referrals and rewards go with their customer: to another one where ids are merged, to a successor where somebody is erased."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, update

from regulars.offer.referrals.tables import referral, referral_code, referral_reward

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

_TABLES = (referral_code, referral, referral_reward)


def follow(uow: UnitOfWork, shop_id: str, changed: Mapping[str, str]) -> None:
    """What identity calls when ids change customer (`MERGERS`): all belongs to whom its id means now."""
    rows = [{"called": called, "owner": owner} for called, owner in changed.items()]
    for table in _TABLES:
        c = table.c
        moved = update(table).where(c.shop_id == shop_id, c.named_as == bindparam("called"), c.customer_id != bindparam("owner"))
        if rows:
            uow.connection.execute(moved.values(customer_id=bindparam("owner")), rows)


def forget(uow: UnitOfWork, shop_id: str, customer_id: str, successor: str) -> int:
    """What privacy calls when somebody is erased (`ERASERS`): that there was a referral stays, without device, address and note."""
    gone = 0
    for table in _TABLES:
        c = table.c
        blank = {"device": "", "address_digest": "", "note": ""} if table is referral else {}
        mine = update(table).where(c.shop_id == shop_id, c.customer_id.in_([customer_id, successor]))
        for row in uow.connection.execute(mine.values(customer_id=successor, **blank).returning(c.named_as)).all():
            own = update(table).where(c.shop_id == shop_id, c.named_as == row[0])
            gone += uow.execute(own.values(named_as=successor)).rowcount
    return gone
