"""What is asked of the computed traits: coverage and quartiles, distributions, one customer's standing, numbers for likeness."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import ibis
import ibis.expr.types as ir

from regulars.understand.lifecycle import History
from regulars.understand.metrics.queries.scope import instant
from regulars.understand.profiles import bought_lines
from regulars.understand.traits.catalogue import TRAITS
from regulars.understand.traits.queries.buying import summed
from regulars.warehouse import placeholder, unbound

_SHOP, _CUSTOMER = placeholder("shop_id"), placeholder("customer_id")


@cache
def of_shop() -> ir.Table:
    """The shop's rows."""
    table = unbound("customer_traits")
    return table.filter(table.shop_id == _SHOP)


@cache
def summary() -> ir.Table:
    """One row: customers, when computed, and of each trait how many have it, with quartiles of numbers."""
    rows = of_shop()
    columns: dict[str, ir.Value] = {"customers": rows.count(), "computed_at": rows.computed_at.max()}
    for name, trait in TRAITS.items():
        columns[f"n:{name}"] = rows[name].count()
        if not trait.is_text:
            for at in (25, 50, 75):
                columns[f"q{at}:{name}"] = rows[name].quantile(at / 100)
    return rows.aggregate(**columns)


@cache
def one() -> ir.Table:
    """One customer's traits."""
    rows = of_shop()
    return rows.filter(rows.customer_id == _CUSTOMER)


@cache
def standing() -> ir.Table:
    """One row: of each number of one customer, how many have one, a smaller one, and an equal one."""
    rows = of_shop()
    numbers = [name for name, trait in TRAITS.items() if not trait.is_text]
    mine = one().select(**{f"mine:{name}": one()[name] for name in numbers})
    both = rows.cross_join(mine)
    columns: dict[str, ir.Value] = {}
    for name in numbers:
        columns[f"below:{name}"] = (both[name] < both[f"mine:{name}"]).cast("int64").sum()
        columns[f"equal:{name}"] = (both[name] == both[f"mine:{name}"]).cast("int64").sum()
    return both.aggregate(**columns)


@cache
def words(name: str, most: int) -> ir.Table:
    """The commonest values of a trait in words, and how many customers have any."""
    rows = of_shop()
    rows = rows.filter(rows[name].notnull())
    counts = rows.group_by(key=rows[name]).aggregate(customers=rows.count())
    counts = counts.mutate(whole=counts.customers.sum().over(ibis.window()))
    return counts.order_by(counts.customers.desc(), counts.key.asc()).limit(most)


def bins(shop_id: str, name: str, edges: Sequence[float]) -> ir.Table:
    """Customers by the number of the bin their value is in; the outer bins are open."""
    table = unbound("customer_traits")
    value = table[name]
    rows = table.filter(table.shop_id == shop_id, value.notnull())
    place = ibis.cases(*[(rows[name] < edge, i) for i, edge in enumerate(edges[1:-1])], else_=len(edges) - 2)
    rows = rows.select(place=place.cast("int64"))
    return rows.group_by("place").aggregate(customers=rows.count())


@cache
def extremes(name: str) -> ir.Table:
    """Smallest and largest value, the 1 % and 99 % points, and the number of different values up to a few."""
    rows = of_shop()
    return rows.aggregate(
        low=rows[name].min(),
        high=rows[name].max(),
        p01=rows[name].quantile(0.01),
        p99=rows[name].quantile(0.99),
        n=rows[name].count(),
    )


def numbers(shop_id: str, names: Sequence[str], most: int) -> ir.Table:
    """Numbers of the shop's customers who have ordered, those who ordered most first where there are too many."""
    table = unbound("customer_traits")
    rows = table.filter(table.shop_id == shop_id, table.order_count > 0)
    return rows.order_by(rows.order_count.desc(), rows.customer_id.asc()).limit(most).select("customer_id", *names)


def preferences(history: History, customer_id: str, key: str, most: int) -> ir.Table:
    """What one customer prefers: value, share of its spend, and the shop's share."""
    lines = bought_lines(unbound("order_lines"), history.scope.shop_id, history.scope.currency)
    lines = lines.filter(lines.ordered_at < instant(history.as_of))
    sums = summed(lines, key, lines.amount_minor)
    shop = sums.group_by("value").aggregate(spend=sums.weight.sum())
    shop = shop.mutate(shop_share=shop.spend / shop.spend.sum().over(ibis.window()).nullif(0.0))
    mine = sums.filter(sums.customer_id == customer_id)
    mine = mine.mutate(share=mine.weight / mine.weight.sum().over(ibis.window()).nullif(0.0))
    found = mine.inner_join(shop, "value").select("value", "share", "shop_share")
    return found.order_by(found.share.desc(), found.value.asc()).limit(most)


def everybody(shop_id: str) -> ir.Table:
    """All traits of all customers, for a file."""
    table = unbound("customer_traits")
    rows = table.filter(table.shop_id == shop_id)
    return rows.order_by("customer_id").select("customer_id", *TRAITS)
