"""Cases of cart abandonment, asked of the shopping room."""

from __future__ import annotations

from typing import Any

from regulars.understand.questions import Desk
from regulars.understand.shopping import CART_ABANDONMENT, abandonment
from regulars.values import clock
from regulars.warehouse import Warehouse
from tests.cases.folder import Case
from tests.support.happenings import happened, shop_of


def abandoned(case: Case, warehouse: Warehouse) -> dict[str, Any]:
    """Carts by what became of them; without `as_of` every silence is over by now."""
    shop = shop_of(case.given.get("settings"))
    happened(warehouse, shop, case.given["events"], case.given.get("customers"))
    desk = Desk(warehouse, shop)
    asked = {"as_of": clock.now().isoformat()} | case.given["query"]
    query = CART_ABANDONMENT.read(desk, asked)
    answer = CART_ABANDONMENT.answer(desk, query)
    assert answer == abandonment(desk, query, general=True)
    total = answer.total

    def who(status: str) -> list[str]:
        rows = warehouse.rows(CART_ABANDONMENT.customers(desk, query, {"status": status}))
        return sorted(row["customer_id"] for row in rows)

    return {
        "carts": total.carts,
        "opened": total.carts,
        "abandoned": total.abandoned,
        "converted": total.converted,
        "open": total.open,
        "rate": total.rate,
        "abandonment_rate": total.rate,
        "customers": total.customers,
        "who": who("abandoned"),
        "who_abandoned": who("abandoned"),
        "who_converted": who("converted"),
    }
