"""When profiles are rebuilt: after each load, when a shop's settings change, and once a day as time itself moves on."""

from __future__ import annotations

from datetime import timedelta

from regulars.access import shops
from regulars.events import (
    CustomersLoaded,
    CustomersMerged,
    Event,
    LoadUndone,
    OrdersLoaded,
    OrdersReceived,
    ProfilesRefreshed,
    ShopChanged,
)
from regulars.records import UnitOfWork
from regulars.understand.metrics import data_span
from regulars.understand.profiles import one, service
from regulars.understand.profiles.domain import REFRESH
from regulars.work import JobContext, Schedule, enqueue

PREPARE = "profiles.prepare"


def refresh(ctx: JobContext) -> None:
    """Rebuild the shop's profiles, then tell that they are fresh."""
    with ctx.records.reading() as uow:
        shop = shops.get(uow, ctx.shop_id)
    ctx.progress(0, 1, "customer profiles")
    customers = service.refresh(ctx.warehouse, shop)
    with ctx.records.unit() as uow:
        uow.tell(ProfilesRefreshed(shop_id=shop.shop_id, as_of=data_span(ctx.warehouse, shop).as_of, customers=customers))
    ctx.progress(1, 1)


def prepare(ctx: JobContext) -> None:
    """Ask what the first visitor of the list and of one customer's page asks, so that the questions are compiled by then."""
    with ctx.records.reading() as uow:
        shop = shops.get(uow, ctx.shop_id)
    for row in service.search(ctx.warehouse, shop, limit=1).rows:
        one.customer(ctx.warehouse, shop, row.customer_id)


def on_change(uow: UnitOfWork, event: Event) -> None:
    """Ask for one rebuild; several changes before it starts are one rebuild."""
    enqueue(uow, REFRESH, {}, shop_id=event.shop_id, key=f"{REFRESH}:{event.shop_id}")


JOBS = {REFRESH: refresh, PREPARE: prepare}
AT_START = [PREPARE]
HANDLERS = dict.fromkeys((OrdersLoaded, OrdersReceived, CustomersLoaded, CustomersMerged, LoadUndone, ShopChanged), on_change)
SCHEDULES = [Schedule(REFRESH, timedelta(days=1))]
