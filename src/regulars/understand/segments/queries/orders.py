"""What customers ordered, for every condition on orders at once: one pass over the orders, one over their lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import ibis
import ibis.expr.types as ir

from regulars.understand.metrics.queries.scope import COUNTED
from regulars.understand.questions import Condition, Moments
from regulars.understand.questions.properties import Operand
from regulars.understand.questions.queries import instant, judged
from regulars.understand.segments.domain.tree import Ordered
from regulars.warehouse import unbound

_TEXTS = {
    "coupon": "coupon_code", "channel": "channel", "region": "region", "seller": "seller_id", "status": "status", "currency": "currency",
    "product": "product_id", "product_name": "product_name", "category": "category", "brand": "brand", "variant": "variant",
}  # fmt: skip
_MONEY = {"total": "total_minor", "discount": "discount_minor", "shipping": "shipping_minor"}
_ROWS = {"brand": "brand", "category": "category", "product": "product_id"}


@dataclass(frozen=True, slots=True)
class Money:
    """How the shop counts: its currency, and how many minor units one of it has."""

    currency: str
    minor: int


def of_orders(shop_id: str, money: Money, asked: Sequence[tuple[Ordered, Moments]]) -> ir.Table:
    """One row per buyer: `o0`, `o1` ... for conditions on the orders themselves."""
    rows = unbound("orders")
    rows = rows.filter(
        rows.shop_id == shop_id, rows.customer_id.notnull(), rows.status.isin(COUNTED), rows.currency == money.currency
    )
    made: dict[str, ir.Value] = {}
    for i, (leaf, moments) in enumerate(asked):
        period = _within(rows, rows.ordered_at, moments)
        here = _every([*_conditions(rows, leaf.where, money), period])
        match leaf.measure:
            case "count" if leaf.first:
                made[f"o{i}"] = rows.ordered_at.min(
                    where=_every(_conditions(rows, leaf.where, money)) & _before(rows.ordered_at, moments)
                )
            case "count":
                made[f"o{i}"] = rows.count(where=here).cast("float64")
            case "amount":
                made[f"o{i}"] = rows.total_minor.sum(where=here).cast("float64") / money.minor
            case "units":
                made[f"o{i}"] = rows.units.cast("float64").sum(where=here)
            case _:
                whole = rows.count(where=period).cast("float64")
                made[f"o{i}"] = rows.count(where=here).cast("float64") / whole.nullif(0)
    return rows.group_by("customer_id").aggregate(**made)


def of_lines(shop_id: str, money: Money, asked: Sequence[tuple[Ordered, Moments]]) -> ir.Table:
    """One row per buyer: `l0`, `l1` ... for conditions on what is in the orders; lines are folded into orders first."""
    rows = _lines(shop_id, money)
    tests = [_every(_conditions(rows, leaf.where, money)) for leaf, _ in asked]
    made: dict[str, ir.Value] = {}
    for i, ((leaf, _), test) in enumerate(zip(asked, tests, strict=True)):
        made[f"h{i}"] = test.cast("int64").max()
        if leaf.measure == "amount":
            made[f"v{i}"] = rows.amount_minor.sum(where=test).cast("float64") / money.minor
        elif leaf.measure == "units":
            made[f"v{i}"] = rows.quantity.cast("float64").sum(where=test)
    orders = rows.group_by("customer_id", "order_id").aggregate(ordered_at=rows.ordered_at.min(), **made)
    sums: dict[str, ir.Value] = {}
    for i, (leaf, moments) in enumerate(asked):
        period = _within(orders, orders.ordered_at, moments)
        here = (orders[f"h{i}"] > 0) & period
        match leaf.measure:
            case "count" if leaf.first:
                sums[f"l{i}"] = orders.ordered_at.min(where=(orders[f"h{i}"] > 0) & _before(orders.ordered_at, moments))
            case "count":
                sums[f"l{i}"] = orders.count(where=here).cast("float64")
            case "amount" | "units":
                sums[f"l{i}"] = orders[f"v{i}"].sum(where=here)
            case _:
                sums[f"l{i}"] = orders.count(where=here).cast("float64") / orders.count(where=period).cast("float64").nullif(0)
    return orders.group_by("customer_id").aggregate(**sums)


def largest_share(shop_id: str, money: Money, leaf: Ordered, moments: Moments) -> ir.Table:
    """`value`: which part of what each customer spent went to the brand (category, product) it spends most on."""
    rows = _matching(shop_id, money, leaf, moments)
    by = rows[_ROWS[leaf.by]]
    rows = rows.filter(by.notnull(), rows.amount_minor > 0)
    each = rows.group_by("customer_id", rows[_ROWS[leaf.by]].name("of")).aggregate(spent=rows.amount_minor.sum().cast("float64"))
    sums = each.group_by("customer_id").aggregate(top=each.spent.max(), whole=each.spent.sum())
    return sums.select("customer_id", value=sums.top / sums.whole.nullif(0))


def price_index(shop_id: str, money: Money, leaf: Ordered, moments: Moments) -> ir.Table:
    """`value`: what each customer pays for a unit against what the shop's units of that category cost on average (1 = as all).

    Weighed by units, so that it says how dear the customer chooses, whatever categories it buys.
    """
    rows = _matching(shop_id, money, leaf, moments)
    rows = rows.filter(rows.quantity > 0, rows.amount_minor > 0)
    rows = rows.mutate(of=rows.category.coalesce(""), pieces=rows.quantity.cast("float64"), spent=rows.amount_minor.cast("float64"))
    usual = rows.group_by("of").aggregate(usual=rows.spent.sum() / rows.pieces.sum())
    joined = rows.left_join(usual, "of")
    sums = joined.group_by("customer_id").aggregate(spent=joined.spent.sum(), due=(joined.pieces * joined.usual).sum())
    return sums.select("customer_id", value=sums.spent / sums.due.nullif(0))


def _lines(shop_id: str, money: Money) -> ir.Table:
    rows = unbound("order_lines")
    return rows.filter(
        rows.shop_id == shop_id,
        rows.customer_id.notnull(),
        rows.kind == "product",
        rows.status.isin(COUNTED),
        rows.currency == money.currency,
    )


def _matching(shop_id: str, money: Money, leaf: Ordered, moments: Moments) -> ir.Table:
    rows = _lines(shop_id, money)
    return rows.filter(_every([*_conditions(rows, leaf.where, money), _within(rows, rows.ordered_at, moments)]))


def _conditions(rows: ir.Table, where: Sequence[Condition], money: Money) -> list[ir.BooleanValue]:
    return [judged(_operand(rows, one.key, money), one) for one in where]


def _operand(rows: ir.Table, key: str, money: Money) -> Operand:
    if key in _MONEY:
        number = rows[_MONEY[key]].cast("float64") / money.minor
    elif key == "units":
        number = rows.units.cast("float64")
    else:
        text = rows[_TEXTS[key]]
        return Operand(text, text.try_cast("float64"))
    return Operand(number.cast("string"), number)


def _within(rows: ir.Table, at: ir.TimestampValue, moments: Moments) -> ir.BooleanValue:
    tests = [] if moments.start is None else [at >= instant(moments.start)]
    return _every([*tests, _before(at, moments)])


def _before(at: ir.TimestampValue, moments: Moments) -> ir.BooleanValue:
    return ibis.literal(True) if moments.end is None else at < instant(moments.end)


def _every(tests: Sequence[ir.BooleanValue]) -> ir.BooleanValue:
    return reduce(lambda a, b: a & b, tests) if tests else ibis.literal(True)
