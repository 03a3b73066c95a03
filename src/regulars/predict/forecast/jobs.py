"""When forecasts are registered and held against what came: each night, and after a load."""

from __future__ import annotations

from datetime import timedelta

from regulars.access import shops
from regulars.events import Event, OrdersLoaded
from regulars.predict import models
from regulars.predict.forecast.registered import keep_up
from regulars.records import UnitOfWork
from regulars.values import clock
from regulars.work import JobContext, Schedule, enqueue

REGISTER = "forecast.register"


def register(ctx: JobContext) -> None:
    """Hold the registered forecast against what came, and register the next one when its days are over."""
    with ctx.records.reading() as uow:
        shop = shops.get(uow, ctx.shop_id)
    ctx.progress(0, 1, "forecasts")
    keep_up(ctx.records, ctx.warehouse, shop)
    ctx.progress(1, 1)


def on_loaded(uow: UnitOfWork, event: Event) -> None:
    """Ask for one look, once loads have settled."""
    due = clock.now() + models.SETTLED
    enqueue(uow, REGISTER, {}, shop_id=event.shop_id, key=f"{REGISTER}:{event.shop_id}", run_at=due)


JOBS = {REGISTER: register}
HANDLERS = {OrdersLoaded: on_loaded}
UNHURRIED = [REGISTER]
SCHEDULES = [Schedule(REGISTER, timedelta(days=1))]
