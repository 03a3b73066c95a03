"""Coupons for everybody in a segment, given in the background, once each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from regulars.access import audit
from regulars.access.domain import Caller, Shop
from regulars.guard import privacy
from regulars.offer.promotions.batches import Batch, batch, batch_row, may_give
from regulars.offer.promotions.coupons import ends_in, give, open_batch
from regulars.offer.promotions.tables import coupon, coupon_batch
from regulars.understand import segments
from regulars.understand.questions import Desk
from regulars.values import clock
from regulars.work import enqueue

if TYPE_CHECKING:
    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse

ISSUE = "promotions.issue_coupons"
_PEOPLE = 500


def issue_to_segment(
    uow: UnitOfWork,
    caller: Caller,
    shop: Shop,
    promotion_id: str,
    segment_id: str,
    *,
    name: str = "",
    valid_days: int | None = None,
) -> Batch:
    """Give everybody who is in a segment a coupon of their own, in the background; who joins it later gets none.

    Raises
    ------
    NotAllowed : the caller may not manage offers.
    NotFound : there is no such promotion or segment.
    """
    may_give(caller, shop.shop_id)
    held = segments.get(uow, shop.shop_id, segment_id)
    batch_id = open_batch(
        uow,
        caller,
        shop.shop_id,
        promotion_id,
        origin="issued",
        name=name or held.name,
        wanted=max(held.customers or 0, 1),
        ends_at=ends_in(valid_days),
    )
    audit.record(
        uow, caller, "coupons.issued", batch_id, after={"promotion": promotion_id, "segment": segment_id}, shop_id=shop.shop_id
    )
    enqueue(uow, ISSUE, {"batch_id": batch_id, "segment_id": segment_id}, shop_id=shop.shop_id, key=f"{ISSUE}:{batch_id}")
    return batch(uow, shop.shop_id, batch_id)


def issue_all(
    records: Records,
    warehouse: Warehouse,
    shop: Shop,
    batch_id: str,
    segment_id: str,
    told: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Give the members of a segment what a batch still owes them; killed in the middle, it goes on, and nobody gets two."""
    desk = Desk(warehouse, shop)
    people = [one["customer_id"] for one in segments.every_member(desk, segment_id) if not privacy.is_visitor(one["customer_id"])]
    done = 0
    for begin in range(0, len(people), _PEOPLE):
        some = people[begin : begin + _PEOPLE]
        with records.unit() as uow:
            row = batch_row(uow, shop.shop_id, batch_id)
            mine = (coupon.c.shop_id == shop.shop_id) & (coupon.c.batch_id == batch_id) & coupon.c.customer_id.in_(some)
            have = {each["customer_id"] for each in uow.rows(select(coupon.c.customer_id).where(mine))}
            owed = [one for one in some if one not in have]
            if owed:
                give(uow, shop, row["promotion_id"], batch_id, owed, row["ends_at"], "issued")
            done += len(owed)
            uow.execute(
                update(coupon_batch)
                .where(coupon_batch.c.batch_id == batch_id)
                .values(made=coupon_batch.c.made + len(owed), wanted=len(people))
            )
        told(begin + len(some), len(people))
    with records.unit() as uow:
        ended = update(coupon_batch).where(coupon_batch.c.batch_id == batch_id)
        uow.execute(ended.values(wanted=len(people), finished_at=clock.now()))
    return done
