"""What time does: points become spendable or lapse, holds and tier periods end, birthdays come. Late jobs change no result."""

from __future__ import annotations

from datetime import timedelta

from regulars.access import shops
from regulars.collect import identity
from regulars.events import ReferralRewardDue
from regulars.offer import referrals
from regulars.offer.loyalty import hearing, moving, tiering
from regulars.offer.loyalty.domain.wishes import Wish
from regulars.records import UnitOfWork
from regulars.values import clock
from regulars.values.zones import local_day
from regulars.work import JobContext, Schedule

SETTLE = "loyalty.settle"


def settle(ctx: JobContext) -> None:
    """Write down what fell due, at its own time, and give the day's birthday points."""
    now = clock.now()
    for due in (moving.settle_due, tiering.settle_due):
        while True:
            with ctx.records.unit() as uow:
                done = due(uow, now)
            ctx.check_stop()
            if not done:
                break
    with ctx.records.unit() as uow:
        shop = shops.get(uow, ctx.shop_id)
        hearing.give_birthday_points(uow, shop, local_day(now, shop.timezone))


def on_referral_reward(uow: UnitOfWork, event: ReferralRewardDue) -> None:
    """Points that a referral has earned are given, and noted as given, in one transaction; each reward once."""
    if event.kind != "points" or not event.points or event.customer_id is None:
        return
    owner = identity.customer_of(uow, event.shop_id, event.customer_id)
    wish = Wish(
        verb="earn",
        key=f"referral:{event.reward_id}"[:200],
        at=clock.now(),
        points=event.points,
        event_at=event.timestamp,
        source=f"referral:{event.programme_id}"[:128],
    )
    moving.move_one(uow, event.shop_id, owner, wish)
    referrals.grant(uow, event.shop_id, event.reward_id, by="loyalty")


JOBS = {SETTLE: settle}
HANDLERS = {ReferralRewardDue: on_referral_reward}
SCHEDULES = [Schedule(SETTLE, timedelta(minutes=15))]
