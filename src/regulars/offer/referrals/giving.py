"""Giving what is due: points into the ledger, a coupon of the friend's own; each reward in one transaction with its mark, so once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from regulars.access.domain import Caller
from regulars.errors import RegularsError
from regulars.offer import loyalty, promotions
from regulars.offer.referrals.deciding import grant
from regulars.offer.referrals.reading import ReferralReward, get, rewards
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.access.keys import Keyring
    from regulars.records import Records, UnitOfWork

log = logging.getLogger(__name__)
_BY = "referrals"


def give(records: Records, keyring: Keyring, shop: Shop) -> int:
    """Give the rewards that are due; returns how many. What cannot be given here stays on the list for the shop to give.

    Points go into the customer's account under the reward's id. A coupon is one of the promotion that the reward names; a name that
    is no such promotion is the shop's own affair.
    """
    with records.reading() as uow:
        due = rewards(uow, shop.shop_id)
    given = 0
    for one in due:
        try:
            with records.unit() as uow:
                _give(uow, Caller.system(_BY, keyring), shop, one)
            given += 1
        except RegularsError as why:
            log.info("a reward waits for the shop to give it", extra={"shop_id": shop.shop_id, "why": why.code})
    return given


def _give(uow: UnitOfWork, caller: Caller, shop: Shop, one: ReferralReward) -> None:
    grant(uow, shop.shop_id, one.reward_id, by=f"{caller.kind}:{caller.id}")
    if one.kind == "points":
        wish = loyalty.Wish(verb="earn", key=f"referral:{one.reward_id}", at=clock.now(), points=one.points, source=_BY)
        outcome = loyalty.move(uow, [loyalty.Asked(shop.shop_id, one.customer_id, wish)])[0]
        if isinstance(outcome, RegularsError):
            raise outcome
        return
    name = get(uow, shop.shop_id, one.programme_id).name
    promotions.issue(uow, caller, shop, one.coupon or "", [one.customer_id], name=name)
