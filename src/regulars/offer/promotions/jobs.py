"""What this room does in the background: making the codes of large batches, and giving coupons to a segment."""

from __future__ import annotations

from regulars.access import shops
from regulars.offer.promotions import service
from regulars.work import JobContext


def make_coupons(context: JobContext) -> None:
    """Make what a batch still lacks."""
    service.make_all(context.records, context.shop_id, str(context.payload["batch_id"]), context.progress)


def issue_coupons(context: JobContext) -> None:
    """Give the members of a segment their coupons."""
    with context.records.reading() as uow:
        shop = shops.get(uow, context.shop_id)
    batch_id, segment_id = str(context.payload["batch_id"]), str(context.payload["segment_id"])
    service.issue_all(context.records, context.warehouse, shop, batch_id, segment_id, context.progress)


JOBS = {service.MAKE: make_coupons, service.ISSUE: issue_coupons}
UNHURRIED = [service.MAKE, service.ISSUE]
