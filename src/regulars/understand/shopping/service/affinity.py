"""The verb of affinity: which products, categories or brands are bought together more often than by chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from regulars.understand.questions import READ, Desk, Report, told
from regulars.understand.questions.queries import belonging
from regulars.understand.shopping.domain import AffinityAnswer, AffinityQuery, Pair
from regulars.understand.shopping.queries import things as expressions
from regulars.understand.shopping.reading import judged_at, read_affinity
from regulars.understand.shopping.service.naming import names_of

#: Tables that answers about what was sold are made from.
SOLD = (*READ, "orders", "order_lines", "products")


def affinity(desk: Desk, query: AffinityQuery) -> AffinityAnswer:
    """Pairs that lie in the same order, or that the same customer bought.

    Support is the share of all baskets that hold both, confidence the share of those with one that hold the other too, lift how
    many times as often they lie together as they would if neither had to do with the other.
    """
    return desk.warehouse.cached(("affinity", query), lambda: _answer(desk, query), of=SOLD)


def customers(desk: Desk, query: AffinityQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who has a basket with both `{a, b}`, or with one of them."""
    given = told.object_of(cell, "cell", ("a", "b"))
    rows = belonging(expressions.bought(query.asked.shop_id, query.of, query.moments), query.asked)
    found = rows
    for name in ("a", "b"):
        if name in given:
            held = rows.filter(rows.thing == told.text(given[name], f"cell.{name}"))
            basket = "order_id" if query.basket == "order" else "customer_id"
            found = found.semi_join(held.select(basket).distinct(), basket)
    return found.select("customer_id").distinct()


def table(answer: AffinityAnswer) -> pa.Table:
    """One row per pair."""
    names = Pair.__dataclass_fields__
    kinds = {"int": pa.int64(), "float": pa.float64()}
    return pa.Table.from_pylist(
        [{name: getattr(pair, name) for name in names} for pair in answer.pairs],
        schema=pa.schema([(name, kinds.get(str(one.type), pa.string())) for name, one in names.items()]),
    )


REPORT = Report(
    kind="affinity",
    read=read_affinity,
    answer=affinity,
    table=table,
    customers=customers,
    example={"of": "product", "basket": "order", "min_baskets": 5},
)


def _answer(desk: Desk, query: AffinityQuery) -> AffinityAnswer:
    lying = expressions.baskets(query)
    all_baskets = int(desk.warehouse.value(expressions.basket_count(lying)) or 0)
    rows = desk.warehouse.rows(expressions.pairs(lying, query, all_baskets)) if all_baskets else []
    names = names_of(desk, query.of, {row[side] for row in rows for side in ("a", "b")})
    end = query.moments.end
    return AffinityAnswer(
        of=query.of,
        basket=query.basket,
        baskets=all_baskets,
        complete=end is not None and end <= judged_at(desk),
        pairs=tuple(_pair(row, names, all_baskets, turned=query.thing == row["b"]) for row in rows),
    )


def _pair(row: Mapping[str, Any], names: Mapping[str, str], all_baskets: int, *, turned: bool) -> Pair:
    a, b = ("b", "a") if turned else ("a", "b")
    both, a_baskets, b_baskets = (int(row[name]) for name in ("baskets", f"{a}_baskets", f"{b}_baskets"))
    return Pair(
        a=row[a],
        a_name=names.get(row[a]),
        b=row[b],
        b_name=names.get(row[b]),
        baskets=both,
        a_baskets=a_baskets,
        b_baskets=b_baskets,
        support=round(both / all_baskets, 6),
        confidence=round(both / a_baskets, 4),
        confidence_back=round(both / b_baskets, 4),
        lift=round(both * all_baskets / (a_baskets * b_baskets), 4),
    )
