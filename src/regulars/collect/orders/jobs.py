"""When it is told that orders have arrived: a while after the first change, once for all that came meanwhile."""

from __future__ import annotations

from regulars.collect.orders.service import TELL
from regulars.events import OrdersReceived
from regulars.work import JobContext


def tell(ctx: JobContext) -> None:
    """Tell it, so that what is derived from orders is made anew."""
    with ctx.records.unit() as uow:
        uow.tell(OrdersReceived(shop_id=ctx.shop_id))


JOBS = {TELL: tell}
