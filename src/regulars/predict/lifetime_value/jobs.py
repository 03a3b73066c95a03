"""When values are worked out: each time the profiles were rebuilt; once a week a model is learned and judged as well."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from regulars.access import shops
from regulars.errors import NotEnoughData
from regulars.events import ProfilesRefreshed, ValuesRefreshed
from regulars.predict import models
from regulars.predict.lifetime_value import service
from regulars.records import UnitOfWork
from regulars.understand.metrics import data_span
from regulars.values import clock
from regulars.work import JobContext, Schedule, enqueue

if TYPE_CHECKING:
    from regulars.access import Shop
    from regulars.records import Records
    from regulars.warehouse import Warehouse

REFRESH = "lifetime_value.refresh"
LEARN = "lifetime_value.learn"


def refresh(ctx: JobContext) -> None:
    """Work out everybody's value with the champion; where none answers, with a purchase model fitted at once."""
    with ctx.records.reading() as uow:
        shop = shops.get(uow, ctx.shop_id)
    ctx.progress(0, 1, "customer values")
    run(ctx.records, ctx.warehouse, shop, whole=False)
    ctx.progress(1, 1)


def learn(ctx: JobContext) -> None:
    """Work out everybody's value; where the champion is a week old, learn a model with trees first, judge it by past cut-offs and keep it."""
    with ctx.records.reading() as uow:
        shop = shops.get(uow, ctx.shop_id)
        known = service.fresh(uow, shop, data_span(ctx.warehouse, shop))
    ctx.progress(0, 1, "customer values" if known else "learning customer values")
    run(ctx.records, ctx.warehouse, shop, whole=not known)
    ctx.progress(1, 1)


def run(records: Records, warehouse: Warehouse, shop: Shop, *, as_of: datetime | None = None, whole: bool = True) -> int:
    """Learn if need be, and work out everybody's value as of an instant; returns how many customers have one.

    With `as_of` in the past only what was known then is used, and the values of then stand until the next run.
    """
    span = data_span(warehouse, shop)
    now = as_of is None or as_of == span.as_of
    with records.reading() as uow:
        answers = service.usable(uow, shop, span) if now else None
    try:
        if answers is None or whole:
            found = service.learned(warehouse, shop, as_of=as_of, whole=whole)
            scores, model = service.scores_of(found.backtest), found.model
            if now:
                with records.unit() as uow:
                    service.keep(uow, shop, found)
                    answers = service.usable(uow, shop, span)
        if answers is not None:
            scores, model = dict(answers[0].scores), answers[1]
        customers = service.refresh(warehouse, shop, model, scores, as_of=as_of)
    except NotEnoughData as problem:
        customers = service.forget(warehouse, shop, problem)
    with records.unit() as uow:
        uow.tell(ValuesRefreshed(shop_id=shop.shop_id, as_of=as_of or span.as_of, customers=customers))
    return customers


def on_profiles_refreshed(uow: UnitOfWork, event: ProfilesRefreshed) -> None:
    """Ask for one run, a minute later: files that are loaded one after the other are taken together."""
    due = clock.now() + models.SETTLED
    enqueue(uow, REFRESH, {}, shop_id=event.shop_id, key=f"{REFRESH}:{event.shop_id}", run_at=due)


JOBS = {REFRESH: refresh, LEARN: learn}
HANDLERS = {ProfilesRefreshed: on_profiles_refreshed}
UNHURRIED = [REFRESH, LEARN]
SCHEDULES = [Schedule(LEARN, timedelta(days=1))]
