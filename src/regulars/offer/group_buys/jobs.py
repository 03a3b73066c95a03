"""When lapsed seats and failed groups are written down: at the instant time changes a group. No answer waits for it."""

from __future__ import annotations

from regulars.offer.group_buys import service
from regulars.work import JobContext


def settle(ctx: JobContext) -> None:
    """Write down what time has made of one group."""
    with ctx.records.unit() as uow:
        service.settle(uow, ctx.shop_id, str(ctx.payload["group_id"]))


JOBS = {service.SETTLE: settle}
