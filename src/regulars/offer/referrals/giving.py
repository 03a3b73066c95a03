"""Giving coupons that are due: one of the customer's own, in one transaction with the mark that it was given, so once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from regulars.access.domain import Caller
from regulars.errors import RegularsError
from regulars.offer import promotions
from regulars.offer.referrals.deciding import mark
from regulars.offer.referrals.reading import ReferralReward, get, rewards

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.access.keys import Keyring
    from regulars.records import Records, UnitOfWork

log = logging.getLogger(__name__)
_BY = "referrals"


def give(records: Records, keyring: Keyring, shop: Shop) -> int:
    """Give the coupons that are due; returns how many. Points are given by loyalty, which hears of them.

    A coupon is one of the promotion of personal coupons that the reward names. Any other name is the shop's own affair: the reward
    stays on the list until the shop tells that it was given.
    """
    with records.reading() as uow:
        due = [one for one in rewards(uow, shop.shop_id) if one.kind == "coupon"]
    given = 0
    for one in due:
        try:
            with records.unit() as uow:
                given += _give(uow, Caller.system(_BY, keyring), shop, one)
        except RegularsError as why:
            log.info("a coupon waits for the shop to give it", extra={"shop_id": shop.shop_id, "why": why.code})
    return given


def _give(uow: UnitOfWork, caller: Caller, shop: Shop, one: ReferralReward) -> bool:
    if not mark(uow, shop.shop_id, one.reward_id, by=f"{caller.kind}:{caller.id}"):
        return False
    name = get(uow, shop.shop_id, one.programme_id).name
    promotions.issue(uow, caller, shop, one.coupon or "", [one.customer_id], name=name)
    return True
