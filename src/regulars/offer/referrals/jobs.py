"""When referrals are decided: every hour, and a little after orders have come in."""

from __future__ import annotations

from datetime import timedelta

from regulars.access import Keyring, shops
from regulars.events import OrdersLoaded, OrdersReceived, ReferralRewardDue
from regulars.offer.referrals import service
from regulars.records import UnitOfWork
from regulars.work import JobContext, Schedule, enqueue


def settle(ctx: JobContext) -> None:
    """Look at everybody who came by a code, and give what is due."""
    with ctx.records.reading() as uow:
        shop = shops.get(uow, ctx.shop_id)
    keyring = Keyring.open(ctx.home)
    service.settle(ctx.records, ctx.warehouse, keyring, shop)
    service.give(ctx.records, keyring, shop)


def on_orders(uow: UnitOfWork, event: OrdersLoaded | OrdersReceived) -> None:
    """Orders came: ask for one look."""
    enqueue(uow, service.SETTLE, {}, shop_id=event.shop_id, key=f"{service.SETTLE}:{event.shop_id}")


def on_reward_due(uow: UnitOfWork, event: ReferralRewardDue) -> None:
    """A coupon is due, also by an operator's word: have it given."""
    if event.kind == "coupon":
        enqueue(uow, service.SETTLE, {}, shop_id=event.shop_id, key=f"{service.SETTLE}:{event.shop_id}")


JOBS = {service.SETTLE: settle}
HANDLERS = {OrdersReceived: on_orders, OrdersLoaded: on_orders, ReferralRewardDue: on_reward_due}
SCHEDULES = [Schedule(service.SETTLE, timedelta(hours=1))]
