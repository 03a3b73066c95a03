"""What time does: points become spendable or lapse, holds and tier periods end, birthdays come. Late jobs change no result."""

from __future__ import annotations

from datetime import timedelta

from regulars.access import shops
from regulars.offer.loyalty import hearing, moving, tiering
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


JOBS = {SETTLE: settle}
SCHEDULES = [Schedule(SETTLE, timedelta(minutes=15))]
