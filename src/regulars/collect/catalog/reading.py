"""Products as others read them: the row and its details in one, by one question."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from regulars.collect.catalog import queries

if TYPE_CHECKING:
    import pyarrow as pa

    from regulars.warehouse import Warehouse

#: What a product's row and details are read from.
TABLES_READ = ("products", "product_details")
#: States in which a product is not shown to shoppers, as shops and platforms call them.
HIDDEN = frozenset({"deleted", "hidden", "draft", "archived", "inactive", "offline", "disabled", "下架", "已下架", "草稿", "停售"})


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
    """Products by their ids, or all that are not deleted, in the order of their ids."""
    for batch in warehouse.batches(queries.whole(shop_id, product_ids), rows=20_000):
        for row in batch.to_pylist():
            yield _product(row)


def some(warehouse: Warehouse, shop_id: str, after: str | None, most: int) -> list[Product]:
    """So many products that are not deleted, in the order of their ids, from behind one of them on."""
    return [_product(row) for row in warehouse.rows(queries.page(shop_id, after, most))]


def marks(warehouse: Warehouse, shop_id: str) -> pa.Table:
    """`product_id`, `of_row`, `of_details` of every product: whoever keeps these numbers sees by them what has changed since."""
    return warehouse.query(queries.marks(shop_id))


def state(warehouse: Warehouse) -> Hashable:
    """What is another whenever any product may have changed; asking costs nothing."""
    return warehouse.state_of(TABLES_READ)


def _product(row: Mapping[str, Any]) -> Product:
    own = {name: row[name] for name in _PLAIN}
    return Product(
        **own,
        categories=tuple(_list(row["categories"])),
        attributes=json.loads(row["attributes"] or "{}"),
        variants=tuple(Variant(**one) for one in _list(row["variants"])),
        images=tuple(_list(row["images"])),
        markets=tuple(_list(row["markets"])),
        published_at=_utc(row["published_at"]),
        observed_at=_utc(row["observed_at"]),
    )


_PLAIN = (
    "product_id", "name", "category", "brand", "seller_id", "price_minor", "list_price_minor", "currency", "stock", "status", "parent_id",
    "description", "keywords", "url", "image_url", "language",
)  # fmt: skip


def _list(text: str | None) -> list[Any]:
    found: list[Any] = json.loads(text or "[]")
    return found


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
