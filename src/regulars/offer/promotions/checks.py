"""What `regulars doctor` asks of coupons and counters."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import exists, func, select

from regulars.offer.promotions.tables import coupon, order_offer, priced_order, promotion_use
from regulars.work.checks import Check, CheckContext, Finding

_SHOWN = 20


def used_coupons_have_their_order(context: CheckContext) -> Iterator[Finding]:
    """Every used coupon names an order that used it and did not give it back."""
    used = (
        exists()
        .where(order_offer.c.shop_id == coupon.c.shop_id, order_offer.c.order_id == coupon.c.order_id)
        .where(order_offer.c.code == coupon.c.code, order_offer.c.freed.is_(False))
    )
    lost = select(coupon.c.shop_id, coupon.c.batch_id).where(coupon.c.state == "used", ~used).limit(_SHOWN)
    with context.records.reading() as uow:
        for row in uow.rows(lost):
            yield Finding(
                "a coupon is used, and no order used it",
                "void the coupon, and issue another one",
                f"coupon {row['shop_id']}/{row['batch_id']}",
            )


def counters_are_recounted(context: CheckContext) -> Iterator[Finding]:
    """The total of every counter is the number of orders that used the offer."""
    counted = (
        select(
            order_offer.c.shop_id,
            order_offer.c.promotion_id,
            func.count().label("used"),
            func.sum(order_offer.c.amount_minor).label("spent"),
        )
        .where(order_offer.c.freed.is_(False))
        .group_by(order_offer.c.shop_id, order_offer.c.promotion_id)
        .subquery()
    )
    same = (counted.c.shop_id == promotion_use.c.shop_id) & (counted.c.promotion_id == promotion_use.c.promotion_id)
    totals = (
        select(promotion_use, counted.c.used.label("orders"), counted.c.spent.label("money"))
        .select_from(promotion_use.outerjoin(counted, same))
        .where(promotion_use.c.customer_id == "", promotion_use.c.day == "")
    )
    with context.records.reading() as uow:
        for row in uow.rows(totals):
            if (row["used"], row["spent_minor"]) != (row["orders"] or 0, row["money"] or 0):
                yield Finding(
                    f"a counter says {row['used']} uses, the orders say {row['orders'] or 0}",
                    "report it: the counter and the orders are written in one transaction",
                    f"promotion_use {row['shop_id']}/{row['promotion_id']}",
                )


def orders_add_up(context: CheckContext) -> Iterator[Finding]:
    """What is to be paid for an order is what its quote says."""
    with context.records.reading() as uow:
        newest = select(priced_order).order_by(priced_order.c.committed_at.desc()).limit(2000)
        for row in uow.rows(newest):
            totals = row["answer"]["totals"]
            if (
                not row["payable_minor"]
                == totals["payable"]
                == sum(line["net"] for line in row["answer"]["lines"]) + totals["shipping_net"]
            ):
                yield Finding(
                    "an order's lines do not add up to what is to be paid",
                    "restore it from the last backup",
                    f"order {row['shop_id']}",
                )


CHECKS = [
    Check("used coupons have their order", "P8", used_coupons_have_their_order),
    Check("counters of offers are the number of their uses", "P8", counters_are_recounted),
    Check("priced orders add up", "P8", orders_add_up),
]
