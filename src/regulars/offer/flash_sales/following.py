"""Reservations go with their customer: to another one where ids are merged, to a successor where somebody is erased."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, update

from regulars.offer.flash_sales.tables import flash_reservation

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

_R = flash_reservation.c


def follow(uow: UnitOfWork, shop_id: str, changed: Mapping[str, str]) -> None:
    """What identity calls when ids change customer (`MERGERS`): reservations belong to whom their id means now."""
    moved = update(flash_reservation).where(_R.shop_id == shop_id, _R.named_as == bindparam("called"))
    moved = moved.where(_R.customer_id != bindparam("owner")).values(customer_id=bindparam("owner"))
    if changed:
        uow.connection.execute(moved, [{"called": called, "owner": owner} for called, owner in changed.items()])


def forget(uow: UnitOfWork, shop_id: str, customer_id: str, successor: str) -> int:
    """What privacy calls when somebody is erased (`ERASERS`): the units stay counted, under a name that tells nobody."""
    mine = update(flash_reservation).where(_R.shop_id == shop_id, _R.customer_id.in_([customer_id, successor]))
    return uow.execute(mine.values(customer_id=successor, named_as=successor)).rowcount
