"""When metrics are watched: once a day, and after each load; and the job that tells of alarms."""

from __future__ import annotations

from datetime import timedelta

from regulars.access import shops
from regulars.events import Event, OrdersLoaded
from regulars.predict.anomalies import service
from regulars.predict.anomalies.receivers import TELL
from regulars.predict.anomalies.telling import tell
from regulars.records import UnitOfWork
from regulars.work import JobContext, Schedule, enqueue

WATCH = "anomalies.watch"


def watch(ctx: JobContext) -> None:
    """Look at the last whole day of every metric of the shop."""
    with ctx.records.reading() as uow:
        shop = shops.get(uow, ctx.shop_id)
    ctx.progress(0, 1, "metrics")
    service.watch(ctx.records, ctx.warehouse, shop)
    ctx.progress(1, 1)


def on_loaded(uow: UnitOfWork, event: Event) -> None:
    """Ask for one look."""
    enqueue(uow, WATCH, {}, shop_id=event.shop_id, key=f"{WATCH}:{event.shop_id}")


JOBS = {WATCH: watch, TELL: tell}
HANDLERS = {OrdersLoaded: on_loaded}
UNHURRIED = [WATCH]
SCHEDULES = [Schedule(WATCH, timedelta(days=1))]
