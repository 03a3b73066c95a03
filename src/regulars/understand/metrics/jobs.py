"""After each load the overview is counted once, so that the first person to look does not wait for it."""

from __future__ import annotations

from regulars.access import shops
from regulars.events import Event, LoadUndone, OrdersLoaded, OrdersReceived, ShopChanged
from regulars.records import UnitOfWork
from regulars.understand.metrics.overview import overview
from regulars.work import JobContext, enqueue

KIND = "metrics.prepare"


def prepare(ctx: JobContext) -> None:
    """Count what the default overview shows; the warehouse keeps it until orders change."""
    with ctx.records.reading() as uow:
        shop = shops.get(uow, ctx.shop_id)
    overview(ctx.warehouse, shop)


def on_change(uow: UnitOfWork, event: Event) -> None:
    """Ask for one count; several changes before it starts are one count."""
    enqueue(uow, KIND, {}, shop_id=event.shop_id, key=f"{KIND}:{event.shop_id}")


JOBS = {KIND: prepare}
AT_START = [KIND]
HANDLERS = {OrdersLoaded: on_change, OrdersReceived: on_change, LoadUndone: on_change, ShopChanged: on_change}
