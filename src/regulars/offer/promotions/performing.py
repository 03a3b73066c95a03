"""How offers do: how often they are used, what they cost, and on how much revenue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from regulars.offer.promotions.tables import coupon_batch, order_offer, priced_order

if TYPE_CHECKING:
    from regulars.records import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """One promotion over all orders committed here: uses, what it took off, and what those orders came to, in minor units.

    Cancelled and wholly returned orders are left out.
    """

    promotion_id: str
    orders: int
    customers: int
    cost: int
    revenue: int
    coupons_made: int


def performance(uow: UnitOfWork, shop_id: str) -> dict[str, Performance]:
    """Every promotion that was used or has coupons, by its id."""
    same = and_(priced_order.c.shop_id == order_offer.c.shop_id, priced_order.c.order_id == order_offer.c.order_id)
    used = uow.rows(
        select(
            order_offer.c.promotion_id,
            func.count(order_offer.c.order_id.distinct()).label("orders"),
            func.count(priced_order.c.customer_id.distinct()).label("customers"),
            func.sum(order_offer.c.amount_minor).label("cost"),
            func.sum(priced_order.c.payable_minor).label("revenue"),
        )
        .select_from(order_offer.join(priced_order, same))
        .where(order_offer.c.shop_id == shop_id, order_offer.c.freed.is_(False))
        .group_by(order_offer.c.promotion_id)
    )
    made = uow.rows(
        select(coupon_batch.c.promotion_id, func.sum(coupon_batch.c.made).label("made"))
        .where(coupon_batch.c.shop_id == shop_id)
        .group_by(coupon_batch.c.promotion_id)
    )
    coupons = {row["promotion_id"]: int(row["made"]) for row in made}
    found = {
        row["promotion_id"]: Performance(
            promotion_id=row["promotion_id"],
            orders=row["orders"],
            customers=row["customers"],
            cost=int(row["cost"]),
            revenue=int(row["revenue"]),
            coupons_made=coupons.get(row["promotion_id"], 0),
        )
        for row in used
    }
    for promotion_id, many in coupons.items():
        found.setdefault(
            promotion_id, Performance(promotion_id=promotion_id, orders=0, customers=0, cost=0, revenue=0, coupons_made=many)
        )
    return found
