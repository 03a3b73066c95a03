"""What the warehouse holds of products: what messages told, and their rows."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from regulars.collect.catalog.domain import EVENTS
from regulars.warehouse import unbound

#: Events that show that somebody looks at a product that can be bought.
LOOKED = ("Product Viewed", "Product Added")
#: What the catalogue may leave open and orders tell.
_FILLED = ("name", "category", "brand", "price")
_PEOPLE = 3
_LATELY_DAYS, _OFFERED_DAYS = 90, 365

_TOLD = (
    "product_id", "event", "source_id", "message_id", "timestamp", "product_name", "category", "brand", "price", "currency", "properties",
)  # fmt: skip


def told(shop_id: str, product_ids: Sequence[str]) -> ir.Table:
    """Every message about these products."""
    events = unbound("events")
    mine = (events.shop_id == shop_id, events.event.isin(EVENTS), events.product_id.isin(list(product_ids)))
    return events.filter(*mine).select(*_TOLD)


def named(shop_id: str) -> ir.Table:
    """The products that messages told of."""
    events = unbound("events")
    mine = (events.shop_id == shop_id, events.event.isin(EVENTS), events.product_id.notnull())
    return events.filter(*mine).select("product_id").distinct()


def stored(shop_id: str, product_ids: Sequence[str]) -> ir.Table:
    """The rows of these products."""
    products = unbound("products")
    return products.filter(products.shop_id == shop_id, products.product_id.isin(list(product_ids)))


def stored_details(shop_id: str, product_ids: Sequence[str]) -> ir.Table:
    """The details of these products."""
    details = unbound("product_details")
    return details.filter(details.shop_id == shop_id, details.product_id.isin(list(product_ids)))


def listed(shop_id: str, product_ids: Sequence[str] | None = None) -> ir.Table:
    """Products of the catalogue with their details, one row each: of some, deleted ones too, or of all that are not deleted.

    What the catalogue leaves open of name, category, brand and price is filled in as orders told it last.
    """
    products, details = unbound("products"), unbound("product_details")
    mine = products.filter(products.shop_id == shop_id)
    own = details.filter(details.shop_id == shop_id)
    if product_ids is not None:
        mine, own = (one.filter(one.product_id.isin(list(product_ids))) for one in (mine, own))
    else:
        mine = mine.filter(_not_deleted(mine))
    open_ = mine.filter(mine.name.isnull() | mine.category.isnull() | mine.brand.isnull() | mine.price_minor.isnull())
    told = sold(shop_id, product_ids).semi_join(open_, "product_id")
    more = told.select("product_id", **{f"sold_{name}": told[name] for name in _FILLED}, sold_currency=told.currency)
    row = mine.left_join(own.drop("shop_id"), "product_id").drop("product_id_right", "load_id", "cost_minor")
    row = row.left_join(more, "product_id").drop("product_id_right")
    filled = row.mutate(**{name: row[name].coalesce(row[f"sold_{name}"]) for name in _FILLED if name != "price"})
    return filled.drop(*(f"sold_{name}" for name in _FILLED if name != "price"))


def unlisted(shop_id: str) -> ir.Table:
    """Products that no catalogue tells of, as orders name them, or else the visits of several people.

    There are none where the catalogue holds most of what was sold lately: what it leaves out is not on sale any more. One that was
    neither sold nor looked at within a year of the newest sale or view is none either.
    """
    products, lines, events = unbound("products"), _lines(shop_id), unbound("events")
    known = products.filter(products.shop_id == shop_id).select("product_id")
    columns = ("product_id", *_FILLED, "currency", "first_at", "last_at")
    bought = sold(shop_id).anti_join(known, "product_id").select(*columns)
    viewed = seen(shop_id).anti_join(known, "product_id").anti_join(lines.select("product_id"), "product_id").select(*columns)
    both = bought.union(viewed)
    looked = events.filter(events.shop_id == shop_id, events.event.isin(LOOKED), ~events.is_bot)
    last_sold, last_seen = (
        one.max().as_scalar().coalesce(ibis.timestamp("1970-01-01")) for one in (lines.ordered_at, looked.timestamp)
    )
    lately = lines.filter(lines.ordered_at >= last_sold - ibis.interval(days=_LATELY_DAYS))
    held, every = (one.count().as_scalar() for one in (lately.semi_join(known, "product_id"), lately))
    kept = both.filter(
        both.last_at >= ibis.greatest(last_sold, last_seen) - ibis.interval(days=_OFFERED_DAYS), (2 * held < every) | (every == 0)
    )
    return kept.select(
        "product_id", "name", "category", "brand", sold_price=kept.price, sold_currency=kept.currency, observed_at=kept.first_at
    )


def sold(shop_id: str, product_ids: Sequence[str] | None = None) -> ir.Table:
    """Every product that was ordered: how it was called and what it cost last, and when it was ordered first and last."""
    lines = _lines(shop_id)
    if product_ids is not None:
        lines = lines.filter(lines.product_id.isin(list(product_ids)))
    priced = (lines.quantity > 0) & (lines.unit_price > 0)
    return lines.group_by("product_id").aggregate(
        name=_newest(lines.product_name, lines.ordered_at),
        category=_newest(lines.category, lines.ordered_at),
        brand=_newest(lines.brand, lines.ordered_at),
        price=_newest(lines.unit_price, lines.ordered_at, priced),
        currency=_newest(lines.currency, lines.ordered_at, priced),
        first_at=lines.ordered_at.min(),
        last_at=lines.ordered_at.max(),
    )


def sales(shop_id: str, product_ids: Sequence[str]) -> ir.Table:
    """When these products were sold first and last, and how many, by orders that hold."""
    lines = _lines(shop_id)
    lines = lines.filter(lines.product_id.isin(list(product_ids)), lines.status == "placed")
    return lines.group_by("product_id").aggregate(
        first_at=lines.ordered_at.min(), last_at=lines.ordered_at.max(), units=lines.quantity.sum()
    )


def seen(shop_id: str) -> ir.Table:
    """Products as at least three people's visits name them; what fewer tell may be anybody's invention."""
    events = unbound("events")
    mine = events.filter(
        events.shop_id == shop_id,
        events.event.isin(LOOKED),
        events.product_id.notnull(),
        events.product_name.notnull(),
        events.customer_id.notnull(),
        ~events.is_bot,
    )
    rows = mine.group_by("product_id").aggregate(
        name=_newest(mine.product_name, mine.timestamp),
        category=_newest(mine.category, mine.timestamp),
        brand=_newest(mine.brand, mine.timestamp),
        price=_newest(mine.price, mine.timestamp, (mine.price > 0) & mine.currency.notnull()),
        currency=_newest(mine.currency, mine.timestamp, (mine.price > 0) & mine.currency.notnull()),
        first_at=mine.timestamp.min(),
        last_at=mine.timestamp.max(),
        people=mine.customer_id.nunique(),
    )
    return rows.filter(rows.people >= _PEOPLE)


def page(shop_id: str, after: str | None, most: int) -> ir.Table:
    """The ids of so many products of the catalogue in their order, from behind one of them on."""
    products = unbound("products")
    mine = products.filter(products.shop_id == shop_id, _not_deleted(products)).select("product_id")
    return (mine if after is None else mine.filter(mine.product_id > after)).order_by("product_id").limit(most)


def count(shop_id: str) -> ir.IntegerScalar:
    """How many products of the catalogue are not deleted."""
    products = unbound("products")
    return products.filter(products.shop_id == shop_id, _not_deleted(products)).count()


def marks(shop_id: str) -> ir.Table:
    """For every product of the catalogue that is not deleted a number that changes whenever anything of it does."""
    found = listed(shop_id)
    return found.select(
        "product_id", mark=_mark(found, [name for name in found.columns if name not in ("shop_id", "observed_at", "told_at")])
    )


def _lines(shop_id: str) -> ir.Table:
    lines = unbound("order_lines")
    return lines.filter(lines.shop_id == shop_id, lines.kind == "product", lines.product_id.notnull())


def _not_deleted(products: ir.Table) -> ir.BooleanValue:
    return products.status.isnull() | (products.status != "deleted")


def _newest(value: ir.Column, at: ir.TimestampColumn, where: ir.BooleanValue | None = None) -> ir.Value:
    """The value that was told last; of several at one instant the greatest, so that it is always the same one."""
    told = value.notnull() if where is None else value.notnull() & where
    return ibis.struct({"at": at, "told": value}).max(where=told)["told"]


def _mark(table: ir.Table, columns: Sequence[str]) -> ir.IntegerValue:
    texts = [table[name].cast("string").coalesce("\x02") for name in columns]
    return ibis.literal("\x1f").join(texts).hash()
