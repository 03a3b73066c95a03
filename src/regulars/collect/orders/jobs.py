"""When it is told that orders have arrived: a while after the first change, once for all that came meanwhile."""

from __future__ import annotations

from regulars.access import shops
from regulars.collect.orders import rates
from regulars.collect.orders.service import TELL
from regulars.events import OrdersReceived
from regulars.work import JobContext


def tell(ctx: JobContext) -> None:
    """Tell it, so that what is derived from orders is made anew."""
    with ctx.records.unit() as uow:
        uow.tell(OrdersReceived(shop_id=ctx.shop_id))


def retake(ctx: JobContext) -> None:
    """Take orders in other currencies by the rates that hold now."""
    from regulars.collect import identity

    with ctx.records.reading() as uow:
        shop = shops.get(uow, ctx.shop_id)
        told = rates.rates_of(uow, shop)
    done = rates.retake(ctx.warehouse, shop, told)
    if done.changed:
        identity.settle_warehouse(ctx.records, ctx.warehouse, shop.shop_id)
        with ctx.records.unit() as uow:
            uow.tell(OrdersReceived(shop_id=shop.shop_id))


JOBS = {TELL: tell, rates.RETAKE: retake}
