"""What `regulars doctor` asks of profiles: everyone who ordered has exactly one, and their orders add up to the shop's."""

from __future__ import annotations

from collections.abc import Iterator

from regulars.access import shops
from regulars.collect import orders
from regulars.stream import all_heard
from regulars.understand import lifecycle
from regulars.understand.metrics import data_span
from regulars.understand.profiles.domain import REFRESH
from regulars.work import Check, CheckContext, Finding, is_asked_for

_MEND = "run `regulars run jobs`; profiles are also rebuilt once a day and after each load"


def _complete(context: CheckContext) -> Iterator[Finding]:
    warehouse = context.warehouse
    with context.records.reading() as uow:  # where the rebuild is on its way, profiles are behind and not wrong
        settled = [
            shop
            for shop in shops.list_all(uow)
            if all_heard(uow, shop.shop_id)
            and not is_asked_for(uow, REFRESH, shop.shop_id)
            and not orders.changes_wait(uow, shop.shop_id)
        ]
    for shop in settled:
        span = data_span(warehouse, shop)
        table = warehouse.table("customer_profiles")
        mine = table.filter(table.shop_id == shop.shop_id, table.orders > 0)
        (held,) = warehouse.rows(mine.aggregate(customers=mine.count(), orders=mine.orders.sum().coalesce(0)))
        if span.empty:
            told = {"customers": 0, "orders": 0}
        else:
            known = lifecycle.known_orders(warehouse.table("orders"), lifecycle.history_of(shop, span))
            per_customer = known.group_by("customer_id").aggregate(orders=known.count())
            (told,) = warehouse.rows(
                per_customer.aggregate(customers=per_customer.count(), orders=per_customer.orders.sum().coalesce(0))
            )
        if (held["customers"], held["orders"]) != (told["customers"], told["orders"]):
            yield Finding(
                f"profiles hold {held['customers']:,} buyers with {held['orders']:,} orders, "
                f"the orders {told['customers']:,} with {told['orders']:,}",
                _MEND,
                f"shop {shop.shop_id}",
            )


def _scored(context: CheckContext) -> Iterator[Finding]:
    table = context.warehouse.table("customer_profiles")
    unscored = table.rfm_segment.isnull()
    for score in (table.recency_score, table.frequency_score, table.monetary_score):
        unscored = unscored | score.isnull() | ~score.between(1, 5)
    wrong = table.filter(table.orders > 0, unscored)
    for row in context.warehouse.rows(wrong.group_by("shop_id").aggregate(n=wrong.count())):
        yield Finding(f"{row['n']:,} buyers have no RFM segment", _MEND, f"shop {row['shop_id']}")


CHECKS = [
    Check("customer profiles", "every buyer has one profile, and their orders add up to the shop's", _complete),
    Check("RFM scores", "every buyer has three scores from 1 to 5 and a segment", _scored),
]
