"""Features of order lines: how wide a customer buys, what is new to it, and what became of the prices it paid."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from regulars.predict.snapshots.past import Past


def lines(past: Past) -> ir.Table:
    """Product lines of known customers, with the days before the cut-off."""
    rows = past.read("order_lines")
    rows = rows.filter(rows.customer_id.notnull(), rows.kind == "product")
    return rows.mutate(ago=past.ago(rows.ordered_at))


def assortment(rows: ir.Table) -> ir.Table:
    """Breadth, repetition, and whether what was liked before is still bought."""
    products = _bought(rows, "product_id")
    wide = products.group_by("customer_id").aggregate(
        products=products.count(),
        products_again_share=(products.times > 1).cast("float64").mean(),
        products_in_90=products.count(where=products.last_ago <= 90),
        products_new_share=(products.first_ago <= 90).cast("float64").mean(),
    )
    categories = _bought(rows, "category")
    liked = ibis.window(group_by=categories.customer_id, order_by=[categories.times.desc(), categories.category.asc()])
    categories = categories.mutate(place=ibis.row_number().over(liked))
    deep = categories.group_by("customer_id").aggregate(
        categories=categories.count(),
        categories_in_90=categories.count(where=categories.last_ago <= 90),
        favourite_recency_days=categories.last_ago.max(where=categories.place == 0),
        favourite_share=categories.times.max(where=categories.place == 0) / categories.times.sum(),
    )
    return wide.left_join(deep, "customer_id").drop("customer_id_right")


def _bought(rows: ir.Table, what: str) -> ir.Table:
    """One row per customer and product (or category): how often, first and last."""
    known = rows.filter(rows[what].notnull())
    return known.group_by("customer_id", what).aggregate(times=known.count(), first_ago=known.ago.max(), last_ago=known.ago.min())


def price(rows: ir.Table, scale: float) -> ir.Table:
    """The price band: what a unit costs on average, ever and lately; in major units."""
    amount, quantity = rows.amount_minor.cast("float64") / scale, rows.quantity.cast("float64")
    late = rows.ago <= 90
    made = rows.group_by("customer_id").aggregate(
        unit_price_mean=amount.sum() / ibis.greatest(quantity.sum(), 1.0),
        unit_price_late=amount.sum(where=late) / ibis.greatest(quantity.sum(where=late), 1.0),
    )
    return made.mutate(unit_price_late_to_mean=made.unit_price_late / ibis.greatest(made.unit_price_mean, 0.01)).drop(
        "unit_price_late"
    )


def price_changes(past: Past, rows: ir.Table) -> ir.Table:
    """What the products a customer bought in the last 180 days cost at the cut-off, against what it paid."""
    seen = past.read("product_snapshots")
    seen = seen.filter(seen.price_minor > 0)
    if not past.scope.one_currency:
        seen = seen.filter(seen.currency == past.scope.currency)
    now = seen.group_by("product_id").aggregate(
        price_now=seen.price_minor.cast("float64").argmax(seen.observed_at), stock_now=seen.stock.argmax(seen.observed_at)
    )
    lately = rows.filter(rows.ago <= 180, rows.amount_minor > 0, rows.quantity > 0)
    both = lately.inner_join(now, "product_id")
    paid = both.amount_minor.cast("float64") / both.quantity.cast("float64")
    return both.group_by("customer_id").aggregate(
        price_now_to_paid=(both.price_now / ibis.greatest(paid, 1.0)).mean(),
        sold_out_share=(both.stock_now <= 0).cast("float64").mean(),
    )
