"""When models are made anew: the live ones every ten minutes, the learned ones every night."""

from __future__ import annotations

import logging
from datetime import timedelta

from regulars.access import shops
from regulars.events import CustomerErased, CustomersMerged, Event, OrdersLoaded
from regulars.records import UnitOfWork
from regulars.serve.recommend import learning
from regulars.serve.recommend.impressions import forget
from regulars.serve.recommend.live import opened
from regulars.work import JobContext, Schedule, enqueue

log = logging.getLogger(__name__)

RENEW = "recommend.renew"
LEARN = "recommend.learn"


def renew(ctx: JobContext) -> None:
    """Make the live models anew, where somebody asks for lists in this process."""
    shop_live = opened(ctx.warehouse, ctx.shop_id)
    if shop_live is not None:
        shop_live.renew()


def learn(ctx: JobContext) -> None:
    """Learn from all sessions and baskets, judge, and let what won answer."""
    with ctx.records.reading() as uow:
        shop = shops.get(uow, ctx.shop_id)
    ctx.progress(0, 1, "recommendations")
    found = learning.learn_all(ctx.records, ctx.warehouse, shop, threads=1)
    log.info("recommendations judged", extra={"shop_id": ctx.shop_id, "ranking": found.ranking})
    forget(ctx.warehouse, ctx.shop_id)
    renew(ctx)
    ctx.progress(1, 1)


def on_change(uow: UnitOfWork, event: Event) -> None:
    """What was loaded counts, and what was erased is forgotten, without waiting for ten minutes."""
    enqueue(uow, RENEW, {}, shop_id=event.shop_id, key=f"{RENEW}:{event.shop_id}")


JOBS = {RENEW: renew, LEARN: learn}
UNHURRIED = [LEARN]
SCHEDULES = [Schedule(RENEW, timedelta(minutes=10)), Schedule(LEARN, timedelta(days=1))]
HANDLERS = {CustomerErased: on_change, CustomersMerged: on_change, OrdersLoaded: on_change}
