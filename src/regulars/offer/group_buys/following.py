"""Seats and refunds go with their customer: to another one where ids are merged, to a successor where somebody is erased."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, update

from regulars.offer.group_buys.tables import group_buy_refund, group_buy_seat

if TYPE_CHECKING:
    from regulars.records import UnitOfWork


def follow(uow: UnitOfWork, shop_id: str, changed: Mapping[str, str]) -> None:
    """What identity calls when ids change customer (`MERGERS`): seats and refunds belong to whom their id means now."""
    for table in (group_buy_seat, group_buy_refund):
        c = table.c
        moved = update(table).where(c.shop_id == shop_id, c.named_as == bindparam("called"), c.customer_id != bindparam("owner"))
        if changed:
            rows = [{"called": called, "owner": owner} for called, owner in changed.items()]
            uow.connection.execute(moved.values(customer_id=bindparam("owner")), rows)


def forget(uow: UnitOfWork, shop_id: str, customer_id: str, successor: str) -> int:
    """What privacy calls when somebody is erased (`ERASERS`): a seat stays a seat, under a name that tells nobody."""
    gone = 0
    for table in (group_buy_seat, group_buy_refund):
        c = table.c
        mine = update(table).where(c.shop_id == shop_id, c.customer_id.in_([customer_id, successor]))
        gone += uow.execute(mine.values(customer_id=successor, named_as=successor)).rowcount
    return gone
