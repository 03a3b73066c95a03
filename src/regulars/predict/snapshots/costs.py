"""What sales leave as margin, by the catalogue's costs: one answer for values and for warnings."""

from __future__ import annotations

import ibis.expr.types as ir

from regulars.predict.snapshots.past import Past
from regulars.warehouse import Warehouse, unbound

#: Days of sales that a margin is worked out from, and the share of them whose costs must be known.
YEAR_DAYS = 365.25
KNOWN_SHARE = 0.5


def known_margin(warehouse: Warehouse, past: Past) -> float | None:
    """The share of sales that is margin: 1 - cost / price of the year's product lines whose costs are known.

    Costs are those of the catalogue as it is now; it keeps no past. None where they are known of less than half of the sales, or
    where they are not below what was paid, so that they tell of something else than what the lines cost.
    """
    row = warehouse.rows(_costs_of_sales(past))[0]
    sold, known, cost = (float(row[name] or 0) for name in ("sold", "sold_known", "cost"))
    if known <= 0 or known < KNOWN_SHARE * sold:
        return None
    share = 1 - cost / known
    return share if 0 < share < 1 else None


def _costs_of_sales(past: Past) -> ir.Table:
    """One row: what product lines of the year sold for, of them the part whose product has a known cost, and that cost; minor units."""
    lines, products = past.read("order_lines"), unbound("products")
    lines = lines.filter(lines.kind == "product", past.ago(lines.ordered_at) <= YEAR_DAYS)
    costs = products.filter(products.shop_id == past.scope.shop_id, products.cost_minor > 0)
    costs = costs.filter(costs.currency.isnull() | (costs.currency == past.scope.currency)).select("product_id", "cost_minor")
    told = lines.left_join(costs, "product_id").drop("product_id_right")
    known = told.cost_minor.notnull()
    return told.aggregate(
        sold=told.amount_minor.sum().cast("float64"),
        sold_known=told.amount_minor.sum(where=known).cast("float64"),
        cost=(told.cost_minor.cast("float64") * told.quantity.cast("float64")).sum(where=known),
    )
