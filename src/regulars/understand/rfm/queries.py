"""Ibis expressions that score buyers and fold scored buyers into cells: tables in, tables out."""

from __future__ import annotations

from functools import cache

import ibis
import ibis.expr.types as ir

from regulars.understand.rfm.domain import GRID, HIGH, SCORES, VALUE_TYPES
from regulars.warehouse import placeholder, unbound


def scored(buyers: ir.Table) -> ir.Table:
    """The buyers with `recency_score`, `frequency_score`, `monetary_score` and `rfm_segment`.

    Needs `days_since_last`, `orders` and `net_minor`. A score follows `domain.score`: the middle of the value's ties, in fifths;
    one order alone always scores frequency 1, as a first order shows no frequency yet.
    """
    of = buyers.count().over(ibis.window())
    rows = buyers.mutate(
        recency_score=_fifth(buyers, buyers.days_since_last.desc(), of),
        frequency_score=ibis.cases((buyers.orders <= 1, ibis.literal(1, "int32")), else_=_fifth(buyers, buyers.orders, of)),
        monetary_score=_fifth(buyers, buyers.net_minor, of),
    )
    return rows.mutate(rfm_segment=segment(rows.recency_score, rows.frequency_score))


def _fifth(table: ir.Table, order: ir.Value, of: ir.IntegerValue) -> ir.IntegerValue:
    """1 + floor(5 x (below + equal / 2) / of), at most 5, where `order` sorts the worst first."""
    below = ibis.rank().over(ibis.window(order_by=order))
    at_most = (ibis.cume_dist().over(ibis.window(order_by=order)) * of).round()
    return ibis.least(1 + (SCORES * (below + at_most) / (2 * of)).floor(), SCORES).cast("int32")


def segment(recency: ir.IntegerValue, frequency: ir.IntegerValue) -> ir.StringValue:
    """`domain.segment_of` as an expression."""
    branches = []
    for r, row in enumerate(GRID, start=1):
        for name in dict.fromkeys(row):
            scores = [f for f, cell in enumerate(row, start=1) if cell == name]
            branches.append(((recency == r) & frequency.isin(scores), name))
    return ibis.cases(*branches)


def value_type(recency: ir.IntegerValue, frequency: ir.IntegerValue, monetary: ir.IntegerValue) -> ir.StringValue:
    """`domain.value_type_of` as an expression."""
    high = (recency >= HIGH, frequency >= HIGH, monetary >= HIGH)
    branches = []
    for key, name in VALUE_TYPES.items():
        tests = [test if wanted else ~test for test, wanted in zip(high, key, strict=True)]
        branches.append((tests[0] & tests[1] & tests[2], name))
    return ibis.cases(*branches)


def cells(profiles: ir.Table, shop_id: str) -> ir.Table:
    """At most 125 rows: the buyers of each combination of scores, their sums, and the ends of their values."""
    rows = profiles.filter(profiles.shop_id == shop_id, profiles.recency_score.notnull())
    return rows.group_by("recency_score", "frequency_score", "monetary_score").aggregate(
        customers=rows.count(),
        orders=rows.orders.sum(),
        gmv=rows.gmv_minor.sum(),
        net=rows.net_minor.sum(),
        days=rows.days_since_last.sum(),
        recency_lowest=rows.days_since_last.min(),
        recency_highest=rows.days_since_last.max(),
        frequency_lowest=rows.orders.min(),
        frequency_highest=rows.orders.max(),
        monetary_lowest=rows.net_minor.min(),
        monetary_highest=rows.net_minor.max(),
    )


def largest_tie(profiles: ir.Table, shop_id: str, column: str) -> ir.Table:
    """One cell: how many buyers share the commonest value of a column."""
    rows = profiles.filter(profiles.shop_id == shop_id, profiles.recency_score.notnull())
    counts = rows.group_by(column).aggregate(customers=rows.count())
    return counts.aggregate(most=counts.customers.max())


@cache
def standing() -> ir.Table:
    """One row: how many buyers there are, and how many do worse in each dimension than one customer does.

    Built once: `shop_id`, and the customer's `days`, `orders` and `net_minor` as text, are given when it is asked.
    """
    profiles = unbound("customer_profiles")
    rows = profiles.filter(profiles.shop_id == placeholder("shop_id"), profiles.recency_score.notnull())
    return rows.aggregate(
        buyers=rows.count(),
        recency=rows.count(where=rows.days_since_last > placeholder("days").cast("float64")),
        frequency=rows.count(where=rows.orders < placeholder("orders").cast("int64")),
        monetary=rows.count(where=rows.net_minor < placeholder("net_minor").cast("int64")),
    )
