"""When next orders, and what is bought next, are rebuilt: each time the profiles were."""

from __future__ import annotations

from regulars.access import shops
from regulars.events import NextOrdersRefreshed, ProfilesRefreshed
from regulars.predict.next_purchase import replenishment, service
from regulars.records import UnitOfWork
from regulars.understand.metrics import data_span
from regulars.work import JobContext, enqueue

KIND = "next_purchase.refresh"
PRODUCTS = "next_purchase.products"


def refresh(ctx: JobContext) -> None:
    """Rebuild the shop's expected orders, then tell that they are fresh and how many customers are overdue."""
    with ctx.records.reading() as uow:
        shop = shops.get(uow, ctx.shop_id)
    ctx.progress(0, 1, "next orders")
    customers = service.refresh(ctx.warehouse, shop)
    overdue = service.count(ctx.warehouse, shop, "overdue")
    as_of = data_span(ctx.warehouse, shop).as_of
    with ctx.records.unit() as uow:
        uow.tell(NextOrdersRefreshed(shop_id=shop.shop_id, as_of=as_of, customers=customers, overdue=overdue))
    ctx.progress(1, 1)


def products(ctx: JobContext) -> None:
    """Rebuild what every customer probably buys again."""
    with ctx.records.reading() as uow:
        shop = shops.get(uow, ctx.shop_id)
    ctx.progress(0, 1, "next products")
    replenishment.refresh(ctx.warehouse, shop)
    ctx.progress(1, 1)


def on_profiles_refreshed(uow: UnitOfWork, event: ProfilesRefreshed) -> None:
    """Ask for one rebuild of each."""
    for kind in (KIND, PRODUCTS):
        enqueue(uow, kind, {}, shop_id=event.shop_id, key=f"{kind}:{event.shop_id}")


JOBS = {KIND: refresh, PRODUCTS: products}
UNHURRIED = [PRODUCTS]
HANDLERS = {ProfilesRefreshed: on_profiles_refreshed}
