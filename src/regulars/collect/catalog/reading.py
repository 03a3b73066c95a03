"""The shop's products as everybody reads them: the catalogue's rows with their details, and what only orders and visits know."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

from regulars.collect.catalog import queries
from regulars.collect.catalog.details import said_details
from regulars.collect.catalog.domain import said
from regulars.values.amounts import to_minor

if TYPE_CHECKING:
    from regulars.warehouse import Warehouse

#: What a product's row and details are read from.
TABLES_READ = ("products", "product_details")
#: States in which a product is not shown to shoppers, as shops and platforms call them.
HIDDEN = frozenset(
    {
        "deleted", "hidden", "draft", "archived", "inactive", "offline", "off", "disabled", "unlisted", "discontinued",
        "下架", "已下架", "草稿", "停售",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Variant:
    """One form a product is sold in; None is what was not told."""

    variant_id: str | None = None
    name: str | None = None
    sku: str | None = None
    price_minor: int | None = None
    stock: int | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProductSales:
    """When a product was sold first and last, and how many of it, returned ones included."""

    first_sold_at: datetime
    last_sold_at: datetime
    units: float


@dataclass(frozen=True, slots=True)
class Product:
    """One product with everything a shopper reads and chooses by; None is what was not told."""

    product_id: str
    name: str | None = None
    category: str | None = None
    brand: str | None = None
    seller_id: str | None = None
    price_minor: int | None = None
    list_price_minor: int | None = None
    currency: str | None = None
    stock: int | None = None
    status: str | None = None
    parent_id: str | None = None
    description: str | None = None
    keywords: str | None = None
    categories: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    variants: tuple[Variant, ...] = ()
    url: str | None = None
    image_url: str | None = None
    images: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    language: str | None = None
    published_at: datetime | None = None
    observed_at: datetime | None = None
    listed: bool = True  # False: no catalogue tells of it, orders or visits do
    sales: ProductSales | None = None  # only where it was asked for; None too where it was never sold

    @property
    def shown(self) -> bool:
        """Whether shoppers may see it at all."""
        return (self.status or "").strip().lower() not in HIDDEN

    @property
    def in_stock(self) -> bool:
        """Whether there is one to sell: of the product, or of a variant; what tells no stock is taken to have some."""
        stocks = [one.stock for one in self.variants if one.stock is not None]
        if self.stock is not None:
            return self.stock > 0
        return any(stock > 0 for stock in stocks) if stocks else True


def products(warehouse: Warehouse, shop_id: str, product_ids: Sequence[str] | None = None) -> Iterator[Product]:
    """Products by their ids, or all that are not deleted; those of the catalogue come first."""
    others = unlisted(warehouse, shop_id, look="now" if product_ids is None else "never")
    asked, found = None if product_ids is None else set(product_ids), set()
    for batch in warehouse.batches(queries.listed(shop_id, product_ids), rows=20_000):
        for row in batch.to_pylist():
            if row["product_id"] in others:
                found.add(row["product_id"])
            yield _product(row)
    ids = others.keys() if asked is None else others.keys() & asked
    yield from (others[one] for one in sorted(ids - found))


def some(warehouse: Warehouse, shop_id: str, after: str | None, most: int) -> list[Product]:
    """So many products that are not deleted, in the order of their ids, from behind one of them on."""
    ids = {row["product_id"] for row in warehouse.rows(queries.page(shop_id, after, most))}
    ids.update(one for one in unlisted(warehouse, shop_id) if after is None or one > after)
    wanted = sorted(ids)[:most]
    return sorted(with_sales(warehouse, shop_id, wanted), key=lambda one: one.product_id)


def count(warehouse: Warehouse, shop_id: str) -> int:
    """How many products there are that are not deleted."""
    return int(warehouse.value(queries.count(shop_id))) + len(unlisted(warehouse, shop_id))


def with_sales(warehouse: Warehouse, shop_id: str, product_ids: Sequence[str]) -> list[Product]:
    """Products by their ids, with what was sold of them."""
    if not product_ids:
        return []
    unlisted(warehouse, shop_id)
    sold = {
        row["product_id"]: ProductSales(
            row["first_at"].replace(tzinfo=UTC), row["last_at"].replace(tzinfo=UTC), float(row["units"])
        )
        for row in warehouse.rows(queries.sales(shop_id, product_ids))
    }
    return [replace(one, sales=sold.get(one.product_id)) for one in products(warehouse, shop_id, product_ids)]


def unlisted(warehouse: Warehouse, shop_id: str, *, look: Look = "soon") -> Mapping[str, Product]:
    """The products that no catalogue tells of and orders or visits do; the same object until there are others.

    `look` says whether they are looked for again after orders, visits or the catalogue have changed: now; soon, so that at most a
    fiftieth of the time goes into it; or never, for who cannot wait: others look.
    """
    with _MAKING:
        kept = _UNLISTED.setdefault(warehouse, {}).setdefault(shop_id, _Unlisted())
    if look == "never" and kept.state is not None:
        return kept.found
    with kept.lock:
        state, begun = warehouse.state_of(_UNLISTED_FROM), time.monotonic()
        if state != kept.state and (look == "now" or begun >= kept.until):
            rows = warehouse.rows(queries.unlisted(shop_id))
            found = {row["product_id"]: _product({**_NOTHING, **row}, listed=False) for row in rows}
            if found != kept.found:
                kept.found = found
            done = time.monotonic()
            kept.state, kept.until = state, done + _PATIENCE * (done - begun)
        return kept.found


Look = Literal["now", "soon", "never"]


@dataclass
class _Unlisted:
    lock: threading.Lock = field(default_factory=threading.Lock)
    state: Hashable = None
    until: float = 0.0  # by the monotonic clock: not looked for again before
    found: dict[str, Product] = field(default_factory=dict)


_UNLISTED_FROM = ("products", "order_lines", "events")
_PATIENCE = 50
_UNLISTED: WeakKeyDictionary[Warehouse, dict[str, _Unlisted]] = WeakKeyDictionary()
_MAKING = threading.Lock()


def after(before: Product | None, message: Mapping[str, Any]) -> Product:
    """A product as it is after one more message about it; `message` is a row of `events` with `currency` filled in."""
    row, details = said(message), said_details(message)
    plain: dict[str, Any] = {name: value for name, value in {**row, **details}.items() if name in _PLAIN}
    plain |= {name: tuple(_list(details[name])) for name in ("categories", "images", "markets") if name in details}
    if "variants" in details:
        plain["variants"] = tuple(Variant(**one) for one in _list(details["variants"]))
    if "attributes" in details:
        plain["attributes"] = json.loads(details["attributes"] or "{}")
    if "published_at" in details:
        plain["published_at"] = _utc(details["published_at"])
    known = before or Product(message["product_id"])
    return replace(known, **plain, observed_at=_utc(message["timestamp"]), listed=True)


def _product(row: Mapping[str, Any], *, listed: bool = True) -> Product:
    price, currency = row["price_minor"], row["currency"]
    if price is None and row["sold_price"] is not None and row["sold_currency"] is not None:
        price, currency = to_minor(row["sold_price"], row["sold_currency"]), row["sold_currency"]
    return Product(
        product_id=row["product_id"],
        name=row["name"],
        category=row["category"],
        brand=row["brand"],
        seller_id=row["seller_id"],
        price_minor=price,
        list_price_minor=row["list_price_minor"],
        currency=currency,
        stock=row["stock"],
        status=row["status"],
        parent_id=row["parent_id"],
        description=row["description"],
        keywords=row["keywords"],
        categories=tuple(_list(row["categories"])),
        attributes=json.loads(row["attributes"]) if row["attributes"] else {},
        variants=tuple([Variant(**one) for one in _list(row["variants"])]),
        url=row["url"],
        image_url=row["image_url"],
        images=tuple(_list(row["images"])),
        markets=tuple(_list(row["markets"])),
        language=row["language"],
        published_at=_utc(row["published_at"]),
        observed_at=_utc(row["observed_at"]),
        listed=listed,
    )


_PLAIN = (
    "product_id", "name", "category", "brand", "seller_id", "price_minor", "list_price_minor", "currency", "stock", "status", "parent_id",
    "description", "keywords", "url", "image_url", "language",
)  # fmt: skip
#: Columns of a product that nobody told anything of.
_NOTHING = dict.fromkeys((*_PLAIN, "categories", "attributes", "variants", "images", "markets", "published_at"))


def _list(text: str | None) -> list[Any]:
    found: list[Any] = json.loads(text) if text else []
    return found


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
