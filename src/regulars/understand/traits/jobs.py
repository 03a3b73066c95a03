"""When traits are computed: with the profiles, after reviews and products, and once a day; tags with them, and when they change."""

from __future__ import annotations

from datetime import timedelta

from regulars.access import shops
from regulars.events import Event, ProductsLoaded, ProfilesRefreshed, ReviewsLoaded
from regulars.records import UnitOfWork
from regulars.understand.traits import service
from regulars.understand.traits.domain import REFRESH, RETAG
from regulars.work import JobContext, Schedule, enqueue


def refresh(ctx: JobContext) -> None:
    """Compute the shop's traits, then everybody's tags."""
    with ctx.records.reading() as uow:
        shop = shops.get(uow, ctx.shop_id)
    ctx.progress(0, 1, "customer traits")
    service.refresh(ctx.warehouse, shop)
    retag(ctx)
    ctx.progress(1, 1)


def retag(ctx: JobContext) -> None:
    """Work out everybody's tags."""
    with ctx.records.reading() as uow:
        service.retag(uow, ctx.warehouse, shops.get(uow, ctx.shop_id))


def on_change(uow: UnitOfWork, event: Event) -> None:
    """Ask for one computation; several changes before it starts are one."""
    enqueue(uow, REFRESH, {}, shop_id=event.shop_id, key=f"{REFRESH}:{event.shop_id}")


JOBS = {REFRESH: refresh, RETAG: retag}
HANDLERS = dict.fromkeys((ProfilesRefreshed, ReviewsLoaded, ProductsLoaded), on_change)
SCHEDULES = [Schedule(REFRESH, timedelta(days=1))]
