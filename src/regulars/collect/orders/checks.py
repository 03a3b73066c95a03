"""What `regulars doctor` asks of orders that arrived as events: the tables are what their facts make."""

from __future__ import annotations

from collections.abc import Iterator

from regulars.collect.orders.domain import fold
from regulars.collect.orders.queries import orders_told
from regulars.collect.orders.stored import Known, read_known
from regulars.work.checks import Check, CheckContext, Finding

_SHOWN = 5
#: Of each shop so many orders are folded again; the newest ones.
_LOOKED_AT = 2_000


def _folded(context: CheckContext) -> Iterator[Finding]:
    shops = context.warehouse.rows(context.warehouse.table("order_facts").select("shop_id").distinct())
    for shop_id in sorted(row["shop_id"] for row in shops):
        told = context.warehouse.rows(orders_told([shop_id]).order_by(["order_id"]).limit(_LOOKED_AT))
        known = read_known(context.warehouse, shop_id, [row["order_id"] for row in told])
        wrong = [order_id for order_id, order in known.items() if not _agrees(shop_id, order_id, order)]
        for order_id in wrong[:_SHOWN]:
            yield Finding(
                "an order is not what its messages and files make it",
                "rebuild the warehouse with `regulars warehouse rebuild`",
                f"order {order_id} of shop {shop_id}",
            )


def _agrees(shop_id: str, order_id: str, order: Known) -> bool:
    made = fold(shop_id, order_id, order.facts, order.imported)
    stored = order.header or {}
    if (made.order is None) != (order.header is None) or {row["line_key"] for row in made.lines} != {
        row["line_key"] for row in order.lines
    }:
        return False
    return made.order is None or all(stored[name] == made.order[name] for name in ("total_minor", "status", "ordered_at"))


CHECKS = [Check("orders told by events are what their messages make", "P1", _folded)]
