"""Merges and erasures: coupons and orders go to the customer their ids belong to now, or to the random pseudonym of an erased one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from regulars.offer.promotions.tables import coupon, priced_order, promotion_use

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

_AT_ONCE = 500


def follow(uow: UnitOfWork, shop_id: str, customers: Mapping[str, str]) -> None:
    """What identity calls when ids change customer (`MERGERS`), also when a merge is taken back.

    Counters of the customers concerned are counted again from their orders when they use an offer next.
    """
    ids = sorted(customers)
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        concerned = set()
        for table in (coupon, priced_order):
            mine = (table.c.shop_id == shop_id, table.c.told_as.in_(some))
            for row in uow.rows(select(table.c.told_as, table.c.customer_id).where(*mine).distinct()):
                owner = customers[row["told_as"]]
                if owner == row["customer_id"]:
                    continue
                concerned |= {owner, row["customer_id"]}
                here = (table.c.shop_id == shop_id, table.c.told_as == row["told_as"])
                uow.execute(update(table).where(*here).values(customer_id=owner))
        if concerned:
            uow.execute(
                delete(promotion_use).where(promotion_use.c.shop_id == shop_id, promotion_use.c.customer_id.in_(sorted(concerned)))
            )


def forget(uow: UnitOfWork, shop_id: str, customer_id: str, successor: str) -> int:
    """What privacy calls when somebody is erased (`ERASERS`): nothing is kept under the id they once had."""
    gone = 0
    for table in (coupon, priced_order):
        mine = (table.c.shop_id == shop_id, table.c.told_as == customer_id)
        gone += uow.execute(update(table).where(*mine).values(told_as=successor)).rowcount
    return gone
