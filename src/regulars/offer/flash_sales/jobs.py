"""When lapsed reservations are written down: at the instant of the next one. No answer waits for it."""

from __future__ import annotations

from regulars.offer.flash_sales import service
from regulars.work import JobContext


def expire(ctx: JobContext) -> None:
    """Write down what has lapsed in one sale."""
    with ctx.records.unit() as uow:
        service.expire(uow, ctx.shop_id, str(ctx.payload["sale_id"]))


JOBS = {service.EXPIRE: expire}
