"""When the warehouse follows merges: after an operator's decision, after each load of files, and when it was made anew."""

from __future__ import annotations

from regulars.collect.identity import service
from regulars.events import CustomersLoaded, CustomersMerged, Event, OrdersLoaded, ReviewsLoaded, ShopChanged
from regulars.records import UnitOfWork
from regulars.work import JobContext, enqueue

#: Also looks at rows that a load or a rebuild has written under ids that were merged before.
SETTLE = "settle identities"


def follow(ctx: JobContext) -> None:
    """Apply what waits."""
    service.apply(ctx.records, ctx.warehouse, ctx.shop_id)


def settle(ctx: JobContext) -> None:
    """Bring every row to the customer its ids resolve to."""
    service.apply(ctx.records, ctx.warehouse, ctx.shop_id)
    changed = service.settle_warehouse(ctx.records, ctx.warehouse, ctx.shop_id)
    if changed:
        with ctx.records.unit() as uow:
            uow.tell(CustomersMerged(shop_id=ctx.shop_id, customers=0))


def on_load(uow: UnitOfWork, event: Event) -> None:
    """Rows of files name customers as the files do."""
    enqueue(uow, SETTLE, {}, shop_id=event.shop_id, key=f"{SETTLE}:{event.shop_id}")


def on_shop(uow: UnitOfWork, event: ShopChanged) -> None:
    """A warehouse that was made anew holds what files and messages named."""
    if "warehouse" in event.fields:
        on_load(uow, event)


JOBS = {service.APPLY: follow, SETTLE: settle}
HANDLERS = {OrdersLoaded: on_load, CustomersLoaded: on_load, ReviewsLoaded: on_load, ShopChanged: on_shop}
