"""When everybody is judged: after the profiles were rebuilt, and every night; at most once an hour of one day's data."""

from __future__ import annotations

import logging
from datetime import timedelta

from regulars.access import shops
from regulars.errors import NotEnoughData
from regulars.events import ProfilesRefreshed
from regulars.predict import models
from regulars.predict.churn import reading, scoring, service
from regulars.records import UnitOfWork
from regulars.understand.metrics import data_span
from regulars.values import clock
from regulars.work import JobContext, Schedule, enqueue

log = logging.getLogger(__name__)

#: A run that nobody asked for comes at most so often.
_REST = timedelta(hours=1)
#: Ten customers who came back, which the simplest model needs, have at least so many orders.
_FEWEST_ORDERS = 20


def score(ctx: JobContext) -> None:
    """Judge the shop's customers; where too little is known, say so in the log and leave it."""
    with ctx.records.reading() as uow:
        shop = shops.get(uow, ctx.shop_id)
    before = reading.newest_run(ctx.warehouse, ctx.shop_id)
    rested = None if before is None else reading.said_run(before, "en").computed_at + _REST
    if rested is not None and rested > clock.now() and not ctx.payload.get("asked"):
        with ctx.records.unit() as uow:
            enqueue(uow, service.SCORE, {}, shop_id=ctx.shop_id, key=f"{service.SCORE}:{ctx.shop_id}", run_at=rested)
        return
    if data_span(ctx.warehouse, shop).orders < _FEWEST_ORDERS:
        return
    ctx.progress(0, 1, "churn warnings")
    try:
        scoring.score(ctx.records, ctx.warehouse, shop)
    except NotEnoughData as why:
        log.info("no churn warnings yet", extra={"shop_id": ctx.shop_id, "why": why.code})
    ctx.progress(1, 1)


def on_profiles_refreshed(uow: UnitOfWork, event: ProfilesRefreshed) -> None:
    """Ask for one run, a minute later: files that are loaded one after the other are learned from once."""
    due = clock.now() + models.SETTLED
    enqueue(uow, service.SCORE, {}, shop_id=event.shop_id, key=f"{service.SCORE}:{event.shop_id}", run_at=due)


JOBS = {service.SCORE: score}
HANDLERS = {ProfilesRefreshed: on_profiles_refreshed}
UNHURRIED = [service.SCORE]
SCHEDULES = [Schedule(service.SCORE, timedelta(days=1))]
