"""When segments are evaluated: after what they are read from was made anew, when one changes, and as time itself moves on."""

from __future__ import annotations

from datetime import timedelta

from regulars.access import shops
from regulars.events import ChurnScored, CustomersMerged, Event, NextOrdersRefreshed, ValuesRefreshed
from regulars.records import UnitOfWork
from regulars.understand.segments import service
from regulars.values import clock
from regulars.work import JobContext, Schedule, enqueue

#: Scores that come within this time of each other are followed by one evaluation.
_SETTLED = timedelta(minutes=1)


def evaluate(ctx: JobContext) -> None:
    """Judge the shop's segments anew, tell who came and went, and ask for the webhooks that are to say so."""
    with ctx.records.reading() as uow:
        if not service.how_many(uow, ctx.shop_id) and not service.any_members(ctx.warehouse, ctx.shop_id):
            return
        shop = shops.get(uow, ctx.shop_id)
    ctx.progress(0, 1, "segments")
    service.evaluate(ctx.records, ctx.warehouse, shop)
    with ctx.records.unit() as uow:
        for hook_id in service.hooks_behind(uow, ctx.warehouse, ctx.shop_id):
            service.ask_delivery(uow, ctx.shop_id, hook_id)
    ctx.progress(1, 1)


def deliver(ctx: JobContext) -> None:
    """Send one webhook what it has not been sent yet."""
    service.deliver(ctx.records, ctx.warehouse, ctx.home, ctx.shop_id, str(ctx.payload["hook_id"]))


def on_change(uow: UnitOfWork, event: Event) -> None:
    """Ask for one evaluation; several changes before it starts are one."""
    enqueue(uow, service.EVALUATE, {}, shop_id=event.shop_id, key=f"{service.EVALUATE}:{event.shop_id}")


def on_scored(uow: UnitOfWork, event: Event) -> None:
    """Ask for one evaluation a minute later: warnings and values, made anew after the same load, are taken together."""
    due = clock.now() + _SETTLED
    enqueue(uow, service.EVALUATE, {}, shop_id=event.shop_id, key=f"{service.EVALUATE}:{event.shop_id}:scored", run_at=due)


JOBS = {service.EVALUATE: evaluate, service.DELIVER: deliver}
HANDLERS = dict.fromkeys((NextOrdersRefreshed, CustomersMerged), on_change) | dict.fromkeys(
    (ChurnScored, ValuesRefreshed), on_scored
)
SCHEDULES = [Schedule(service.EVALUATE, timedelta(minutes=15))]
