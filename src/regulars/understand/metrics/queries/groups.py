"""Sales by category, product, brand, seller, channel or region: sums of every group, ranked inside the engine.

Sums come first and are cheap; orders and buyers are distinct counts, taken afterwards for the groups that are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import ibis
import ibis.expr.types as ir

from regulars.understand.metrics.domain import Dimension
from regulars.understand.metrics.queries.scope import Scope, counted, instant, within
from regulars.values.periods import Period

#: What the rows of a breakdown may be ranked by.
RankedBy = Literal["item_revenue", "units", "orders", "buyers", "refunds", "gmv"]

#: Where each dimension stands: on the order line, or on the order.
LINE_COLUMNS: dict[Dimension, str] = {"category": "category", "product": "product_id", "brand": "brand", "seller": "seller_id"}
ORDER_COLUMNS: dict[Dimension, str] = {"channel": "channel", "region": "region"}
#: Dimensions that a refund carries too.
REFUND_COLUMNS: dict[Dimension, str] = {"category": "category", "product": "product_id"}

NONE = "(none)"
#: What was sold and is no product: gift cards and other items charged. Always ranked last, so that it never crowds a product out.
NOT_A_PRODUCT = "(not a product)"
_OTHER_ITEMS = ("gift_card", "other")

#: What adds up over the rows of a group, with the type it is summed in.
_ADDED = {
    "item_revenue": "int64",
    "previous_item_revenue": "int64",
    "units": "decimal(38, 3)",
    "gmv": "int64",
    "refunds": "int64",
    "orders": "int64",
    "buyers": "int64",
}


def sales(orders: ir.Table, lines: ir.Table, scope: Scope, by: Dimension) -> ir.Table:
    """What was sold, one row per order line (or per order, for what an order has one of), with its `group` as stored."""
    if by in ORDER_COLUMNS:
        rows = counted(orders, scope)
        return rows.select(
            "order_id",
            "customer_id",
            "ordered_at",
            group=rows[ORDER_COLUMNS[by]],
            item_minor=rows.items_minor,
            units=rows.units,
            gmv=rows.total_minor,
        )
    rows = counted(lines, scope)
    rows = rows.filter(rows.kind == "product")
    return rows.select(
        "order_id",
        "customer_id",
        "ordered_at",
        group=rows[LINE_COLUMNS[by]],
        item_minor=rows.amount_minor,
        units=rows.quantity,
    )


def other_items(lines: ir.Table, scope: Scope) -> ir.Table:
    """What was sold and is no product. Read apart: there is little of it, and most blocks can be skipped."""
    rows = counted(lines, scope)
    rows = rows.filter(rows.kind.isin(_OTHER_ITEMS))
    group = ibis.literal(NOT_A_PRODUCT)
    return rows.select("order_id", "customer_id", "ordered_at", group=group, item_minor=rows.amount_minor)


def given_back(refunds: ir.Table, scope: Scope, by: Dimension, period: Period) -> ir.Table:
    """Refunds booked in the period, by group."""
    start, end = period.instants(scope.zone)
    rows = refunds.filter(refunds.shop_id == scope.shop_id, refunds.currency == scope.currency)
    rows = within(rows, rows.refunded_at, start, end)
    rows = rows.select("amount_minor", group=rows[REFUND_COLUMNS[by]])
    totals = rows.group_by("group").aggregate(refunds=rows.amount_minor.sum())
    return totals.select("refunds", key=_key(totals.group))


def ranked(
    sold: ir.Table,
    others: ir.Table | None,
    refunded: ir.Table | None,
    scope: Scope,
    period: Period,
    previous: Period,
    metric: RankedBy,
    limit: int,
) -> ir.Table:
    """The first `limit` groups by a metric, and one row (`place` = `limit`, `key` null) for all others together.

    Ties are broken by name, so that the same data always gives the same rows.
    """
    parts = [_sums(each, scope, period, previous) for each in (sold, others) if each is not None]
    if refunded is not None:
        parts.append(refunded)
    if metric in ("orders", "buyers"):
        parts.append(distinct_counts(sold, scope, period, None))
    stacked = ibis.union(*[_padded(part) for part in parts]) if len(parts) > 1 else _padded(parts[0])
    groups = stacked.group_by("key").aggregate(**{column: stacked[column].sum() for column in _ADDED})
    order = [(groups.key == NOT_A_PRODUCT).asc(), ibis.coalesce(groups[metric], 0).desc(), groups.key.asc()]
    placed = groups.mutate(rank=ibis.row_number().over(order_by=order))
    shown = placed.rank < limit
    placed = placed.mutate(place=ibis.ifelse(shown, placed.rank, limit), name=ibis.ifelse(shown, placed.key, ibis.null("string")))
    sums = {column: placed[column].sum() for column in _ADDED}
    return placed.group_by("place", "name").aggregate(groups=placed.count(), **sums)


def distinct_counts(sold: ir.Table, scope: Scope, period: Period, keys: Sequence[str] | None) -> ir.Table:
    """Orders and buyers of each group (of these groups only): grouped, then counted, so that they are exact everywhere."""
    start, end = period.instants(scope.zone)
    rows = within(sold, sold.ordered_at, start, end)
    if keys is not None:  # compared as stored, which lets the engine skip what cannot match
        stored = rows.group.isin([key for key in keys if key != NONE])
        rows = rows.filter(stored | (_key(rows.group) == NONE) if NONE in keys else stored)
    rows = rows.select("order_id", "customer_id", key=_key(rows.group))
    pairs = rows.select("key", "order_id").distinct()
    buyers = rows.filter(rows.customer_id.notnull()).select("key", "customer_id").distinct()
    by_order = pairs.group_by("key").aggregate(orders=pairs.count())
    by_buyer = buyers.group_by("key").aggregate(buyers=buyers.count())
    return by_order.left_join(by_buyer, by_order.key == by_buyer.key).select(
        by_order.key, by_order.orders, buyers=by_buyer.buyers.fill_null(0)
    )


def all_counts(orders: ir.Table, scope: Scope, period: Period) -> ir.Table:
    """Orders, buyers and GMV of the whole period."""
    start, end = period.instants(scope.zone)
    rows = counted(orders, scope)
    rows = within(rows, rows.ordered_at, start, end)
    each = rows.group_by("customer_id").aggregate(orders=rows.count(), gmv=rows.total_minor.sum())
    return each.aggregate(orders=each.orders.sum(), buyers=each.count(where=each.customer_id.notnull()), gmv=each.gmv.sum())


def most_refunded(refunds: ir.Table, lines: ir.Table, scope: Scope, period: Period) -> ir.Table:
    """Of the products sold in the period the one with most refunds in it: `product_id`, `refunds`, `sales`."""
    start, end = period.instants(scope.zone)
    given = refunds.filter(refunds.shop_id == scope.shop_id, refunds.currency == scope.currency, refunds.product_id.notnull())
    given = within(given, given.refunded_at, start, end)
    back = given.group_by("product_id").aggregate(refunds=given.amount_minor.sum())
    largest = back.order_by(back.refunds.desc(), back.product_id.asc()).limit(20)
    rows = counted(lines, scope)
    rows = within(rows.filter(rows.kind == "product"), rows.ordered_at, start, end)
    sold = rows.join(largest, "product_id")
    sums = sold.group_by("product_id", "refunds").aggregate(sales=sold.amount_minor.sum())
    sums = sums.filter(sums.sales > 0, sums.refunds > 0)
    return sums.order_by(sums.refunds.desc(), sums.product_id.asc()).limit(1)


def any_category(lines: ir.Table, scope: Scope) -> ir.Table:
    """One order line that has a category, if there is one."""
    return lines.filter(lines.shop_id == scope.shop_id, lines.category != "").select("category").limit(1)


def product_names(lines: ir.Table, scope: Scope, keys: Sequence[str], period: Period | None) -> ir.Table:
    """The names these products were sold under (in the period; ever, for None), each with the last time."""
    rows = lines.filter(lines.shop_id == scope.shop_id, lines.product_id.isin(list(keys)), lines.product_name.notnull())
    if period is not None:
        rows = within(rows, rows.ordered_at, *period.instants(scope.zone))
    return rows.group_by("product_id", "product_name").aggregate(last_at=rows.ordered_at.max())


def _sums(sold: ir.Table, scope: Scope, period: Period, previous: Period) -> ir.Table:
    (start, end), (before, until) = period.instants(scope.zone), previous.instants(scope.zone)
    rows = within(sold, sold.ordered_at, min(start, before), max(end, until))
    now = (rows.ordered_at >= instant(start)) & (rows.ordered_at < instant(end))
    then = (rows.ordered_at >= instant(before)) & (rows.ordered_at < instant(until))
    sums = {
        "item_revenue": rows.item_minor.sum(where=now),
        "previous_item_revenue": rows.item_minor.sum(where=then),
    }
    sums |= {name: rows[name].sum(where=now) for name in ("units", "gmv") if name in rows.columns}
    groups = rows.group_by("group").aggregate(**sums)
    groups = groups.filter(groups.item_revenue.notnull())  # sold in the period, be it for nothing
    return groups.mutate(key=_key(groups.group)).drop("group")


def _padded(part: ir.Table) -> ir.Table:
    """The part with every column of `_ADDED`, null where it has none, so that parts can be stacked."""
    known = set(part.columns)
    columns = {name: (part[name] if name in known else ibis.null()).cast(kind) for name, kind in _ADDED.items()}
    return part.select("key", **columns)


def _key(column: ir.StringValue) -> ir.StringValue:
    return column.nullif("").fill_null(NONE)
