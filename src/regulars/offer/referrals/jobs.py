"""When referrals are decided: every hour, and a little after orders have come in."""

from __future__ import annotations

from datetime import timedelta

from regulars.access import Keyring, shops
from regulars.events import OrdersLoaded, OrdersReceived
from regulars.offer.referrals import service
from regulars.records import UnitOfWork
from regulars.work import JobContext, Schedule, enqueue


def settle(ctx: JobContext) -> None:
    """Look at everybody who came by a code."""
    with ctx.records.reading() as uow:
        shop = shops.get(uow, ctx.shop_id)
    service.settle(ctx.records, ctx.warehouse, Keyring.open(ctx.home), shop)


def on_orders(uow: UnitOfWork, event: OrdersLoaded | OrdersReceived) -> None:
    """Orders came: ask for one look."""
    enqueue(uow, service.SETTLE, {}, shop_id=event.shop_id, key=f"{service.SETTLE}:{event.shop_id}")


JOBS = {service.SETTLE: settle}
HANDLERS = {OrdersReceived: on_orders, OrdersLoaded: on_orders}
SCHEDULES = [Schedule(service.SETTLE, timedelta(hours=1))]
