"""What is known of every product a list may hold: kept small, following the catalogue product by product, and the journal before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from regulars.collect import catalog
from regulars.collect.catalog import Product
from regulars.serve.recommend.domain.facts import Facts

if TYPE_CHECKING:
    from regulars.warehouse import Warehouse

_READ_AT_ONCE = 5_000


class Goods:
    """The products of a shop by their ids. Whoever changes it while others read holds the lock of its owner."""

    def __init__(self, warehouse: Warehouse, shop_id: str) -> None:
        self._warehouse = warehouse
        self._shop_id = shop_id
        self._same: dict[Any, Any] = {}  # equal texts are one object
        self._told: dict[str, list[Mapping[str, Any]]] = {}  # messages that may not be loaded yet
        self._picture = catalog.begun(warehouse, shop_id)
        self.facts = {one.product_id: self._small(one) for one in catalog.products(warehouse, shop_id)}
        self._in_category: dict[str | None, set[str]] | None = None
        self.moved = 0  # how often a product came into a category or left one

    def ahead(self, look: catalog.Look = "never") -> list[tuple[str, Product | None]]:
        """Products that have changed in the warehouse since it was last asked; None for those that are gone. They are not taken yet."""
        self._picture, ids = catalog.changed(self._warehouse, self._shop_id, self._picture, look=look)
        found: list[tuple[str, Product | None]] = []
        for begin in range(0, len(ids), _READ_AT_ONCE):
            some = ids[begin : begin + _READ_AT_ONCE]
            read = {one.product_id: one for one in catalog.products(self._warehouse, self._shop_id, some)}
            found += [(one, read.get(one)) for one in some]
        return found

    def take(self, changed: Iterable[tuple[str, Product | None]]) -> list[str]:
        """Let these be as they are now, with messages on top that are not loaded yet; returns the ids of those that are other."""
        return [product_id for product_id, product in changed if self._put(product_id, product)]

    def tell(self, messages: Sequence[Mapping[str, Any]]) -> list[str]:
        """Messages about products, rows of `events` with their currency, count before they are loaded; the ids of those that are other now."""
        for message in messages:
            self._told.setdefault(message["product_id"], []).append(message)
        return self._again({message["product_id"] for message in messages})

    def settle(self) -> list[str]:
        """Forget what was told by messages; those that are not loaded yet are told once more. The ids of products that are other now."""
        ids = set(self._told)
        self._told.clear()
        return self._again(ids)

    def _again(self, ids: set[str]) -> list[str]:
        if not ids:
            return []
        read = {one.product_id: one for one in catalog.products(self._warehouse, self._shop_id, sorted(ids))}
        return self.take((one, read.get(one)) for one in sorted(ids))

    def inside(self, category: str | None) -> Iterable[str]:
        """The products of a category; of all where none is named."""
        if category is None:
            return self.facts
        if self._in_category is None:
            self._in_category = {}
            for one in self.facts.values():
                self._in_category.setdefault(one.category, set()).add(one.product_id)
        return self._in_category.get(category, ())

    def _put(self, product_id: str, product: Product | None) -> bool:
        for message in self._newer(product_id, product):
            product = catalog.after(product, message)
        before, now = self.facts.get(product_id), None if product is None else self._small(product)
        if before == now:
            return False
        if now is None:
            del self.facts[product_id]
        else:
            self.facts[product_id] = now
        if before is not None and now is not None and before.category == now.category:
            return True
        self.moved += 1
        if self._in_category is not None:
            self._in_category.get(None if before is None else before.category, set()).discard(product_id)
            if now is not None:
                self._in_category.setdefault(now.category, set()).add(product_id)
        return True

    def _newer(self, product_id: str, product: Product | None) -> list[Mapping[str, Any]]:
        """The messages about it that the warehouse does not know yet; the others are forgotten."""
        told = self._told.pop(product_id, [])
        seen = (
            None
            if product is None or product.observed_at is None or not product.listed
            else product.observed_at.replace(tzinfo=None)
        )
        newer = sorted((one for one in told if seen is None or _at(one) > seen), key=_at)
        if newer:
            self._told[product_id] = newer
        return newer

    def _small(self, product: Product) -> Facts:
        since = product.published_at or product.observed_at
        return Facts(
            product.product_id,
            product.name,
            self._one(product.category),
            self._one(product.brand),
            self._one(product.seller_id),
            product.price_minor,
            self._one(product.currency),
            product.stock if product.in_stock else 0,
            product.shown,
            self._one(product.markets),
            self._one(product.parent_id),
            self._one(product.language),
            product.url,
            product.image_url,
            None if since is None else self._one(since.timestamp() / 86_400),
        )

    def _one(self, value: Any) -> Any:
        return self._same.setdefault(value, value)


def _at(message: Mapping[str, Any]) -> datetime:
    at: datetime = message["timestamp"]
    return at
