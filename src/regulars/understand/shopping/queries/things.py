"""What is bought together, and what is bought or looked at more than before: products, categories and brands as rows."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from regulars.understand.questions import EventFilter, Moments
from regulars.understand.questions.queries import belonging, events_of, instant, within
from regulars.understand.shopping.domain import AffinityQuery, MoversQuery, Thing
from regulars.warehouse import unbound

_KEYS: dict[Thing, str] = {"product": "product_id", "category": "category", "brand": "brand"}
_EVENTS = {"views": "Product Viewed", "carts": "Product Added"}


def baskets(query: AffinityQuery) -> ir.Table:
    """Columns `basket`, `thing`: what lay in each order, or what each customer has bought, once each."""
    rows = belonging(_sold(query.asked.shop_id, query.of, query.moments), query.asked)
    basket = rows.order_id if query.basket == "order" else rows.customer_id
    rows = rows.select("thing", basket=basket)
    return rows.filter(rows.basket.notnull()).distinct()


def basket_count(lying: ir.Table) -> ir.Table:
    """How many baskets there are."""
    return lying.select("basket").distinct().aggregate(baskets=lambda t: t.count())


def pairs(lying: ir.Table, query: AffinityQuery, all_baskets: int) -> ir.Table:
    """Columns `a`, `b`, `baskets`, `a_baskets`, `b_baskets`, `lift`: the first pairs that lie together often enough."""
    least = max(query.min_baskets, -(-int(query.min_support * all_baskets * 1_000_000) // 1_000_000))
    sizes = lying.group_by("thing").aggregate(size=lying.count())
    sizes = sizes.filter(sizes["size"] >= least)
    often = lying.semi_join(sizes, "thing")
    other = often.select(other_basket="basket", other="thing")
    met = often.inner_join(other, [often.basket == other.other_basket, often.thing < other.other])
    if query.thing is not None:
        met = met.filter((met.thing == query.thing) | (met.other == query.thing))
    found = met.group_by(a=met.thing, b=met.other).aggregate(baskets=met.count())
    found = found.filter(found.baskets >= least)
    own = sizes.select(a="thing", a_baskets="size")
    others = sizes.select(b="thing", b_baskets="size")
    found = found.inner_join(own, "a").inner_join(others, "b")
    found = found.mutate(lift=found.baskets.cast("float64") * all_baskets / (found.a_baskets * found.b_baskets))
    order = {
        "lift": [found.lift.desc(), found.baskets.desc()],
        "baskets": [found.baskets.desc(), found.lift.desc()],
        "confidence": [
            (found.baskets / ibis.least(found.a_baskets, found.b_baskets)).desc(),
            found.baskets.desc(),
        ],
    }[query.sort]
    return found.order_by([*order, found.a.asc(), found.b.asc()]).limit(query.limit)


def names(shop_id: str) -> ir.Table:
    """The name of each product: `thing`, `name`."""
    lines = unbound("order_lines")
    lines = lines.filter(lines.shop_id == shop_id, lines.product_id.notnull(), lines.product_name.notnull())
    sold = lines.select(thing="product_id", name="product_name")
    listed = unbound("products")
    listed = listed.filter(listed.shop_id == shop_id, listed.name.notnull())
    listed = listed.select(thing=listed.product_id.cast("string"), name="name")
    rows = sold.union(listed)
    return rows.group_by("thing").aggregate(name=rows.name.max())


def counts(query: MoversQuery) -> ir.Table:
    """Columns `thing`, `now`, `before`: orders, units, views or carts of each thing in the range and in the one before."""
    both = Moments(query.before.start, query.moments.end)
    key = _KEYS[query.of]
    assert query.moments.start is not None
    if query.measure in _EVENTS:
        rows = events_of(query.asked, filters=[EventFilter(_EVENTS[query.measure])], moments=both)
        rows = rows.filter(rows[key].notnull())
        rows = rows.select(thing=rows[key], at=rows.timestamp, size=ibis.literal(1.0))
    else:
        rows = belonging(_sold(query.asked.shop_id, query.of, both), query.asked)
        if query.measure == "orders":
            rows = rows.select("thing", "order_id", at=rows.ordered_at).distinct().mutate(size=ibis.literal(1.0))
        else:
            rows = rows.select("thing", at=rows.ordered_at, size=rows.quantity.cast("float64"))
    rows = rows.mutate(is_now=rows["at"] >= instant(query.moments.start))
    found = rows.group_by("thing").aggregate(
        now=ibis.ifelse(rows.is_now, rows["size"], 0.0).sum(), before=ibis.ifelse(rows.is_now, 0.0, rows["size"]).sum()
    )
    return found.mutate(now=found.now.round().cast("int64"), before=found.before.round().cast("int64"))


def moved(found: ir.Table, query: MoversQuery, *, up: bool) -> ir.Table:
    """The things whose count changed most surely in one direction."""
    found = found.filter(found.now + found.before >= query.min_count, found.now > found.before if up else found.now < found.before)
    found = found.mutate(z=(found.now - found.before) / (found.now + found.before).cast("float64").sqrt())
    return found.order_by([found.z.desc() if up else found.z.asc(), found.thing.asc()]).limit(query.limit)


def moved_totals(found: ir.Table) -> ir.Table:
    """`now` and `before` of the whole shop."""
    return found.aggregate(now=found.now.sum(), before=found.before.sum())


def bought(shop_id: str, of: Thing, moments: Moments) -> ir.Table:
    """Who bought what: `customer_id`, `order_id`, `thing`."""
    rows = _sold(shop_id, of, moments)
    return rows.filter(rows.customer_id.notnull())


def looked(query: MoversQuery) -> ir.Table:
    """Who looked at or put into the cart what, in the range: `customer_id`, `thing`."""
    key = _KEYS[query.of]
    rows = events_of(query.asked, filters=[EventFilter(_EVENTS[query.measure])], moments=query.moments)
    return rows.select("customer_id", thing=rows[key])


def _sold(shop_id: str, of: Thing, moments: Moments) -> ir.Table:
    lines = unbound("order_lines")
    lines = lines.filter(lines.shop_id == shop_id, lines.status != "unpaid", lines.kind == "product", lines[_KEYS[of]].notnull())
    rows = lines.select("customer_id", "order_id", "quantity", timestamp=lines.ordered_at, thing=lines[_KEYS[of]])
    return within(rows, moments).rename(ordered_at="timestamp")
