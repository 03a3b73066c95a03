"""How products stand with shoppers: what sold lately and how it was rated, for the orders that go by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

import numpy as np

from regulars.serve.search import queries
from regulars.serve.search.domain.catalogue import Catalogue
from regulars.serve.search.domain.finding import Floats

if TYPE_CHECKING:
    from regulars.warehouse import Warehouse

Standing = Literal["best_sellers", "rating"]
SOLD_DAYS = 90
#: A product without many reviews is taken to be rated as the mean of all, by so many reviews.
_AS_ALL = 5.0


def standing(warehouse: Warehouse, shop_id: str, catalogue: Catalogue, what: Standing) -> Floats:
    """Units sold in the last 90 days with orders, or the mean of the ratings drawn to the shop's own mean, for every place of the catalogue."""
    values = sold(warehouse, shop_id) if what == "best_sellers" else rated(warehouse, shop_id)
    kept = _KEPT.setdefault(warehouse, {})
    held = kept.get((shop_id, what))
    if held is not None and held[0] is catalogue and held[1] is values:
        return held[2]
    found = np.zeros(catalogue.total, np.float32)
    for product_id, value in values.items():
        if (place := catalogue.places.get(product_id)) is not None:
            found[place] = value
    kept[shop_id, what] = (catalogue, values, found)
    return found


def sold(warehouse: Warehouse, shop_id: str) -> Mapping[str, float]:
    """Units sold of each product in the 90 days before the last order."""

    def ask() -> dict[str, float]:
        return {row["product_id"]: float(row["units"]) for row in warehouse.rows(queries.sold(shop_id, SOLD_DAYS))}

    return warehouse.cached(("search.sold", shop_id), ask, of=("order_lines",))


def rated(warehouse: Warehouse, shop_id: str) -> Mapping[str, float]:
    """How each product is rated: the mean of its reviews and of five as the shop's products are rated on the whole."""

    def ask() -> dict[str, float]:
        rows = warehouse.rows(queries.rated(shop_id))
        total = sum(row["reviews"] for row in rows)
        mean = sum(float(row["rating"]) * row["reviews"] for row in rows) / total if total else 0.0
        return {
            row["product_id"]: (float(row["rating"]) * row["reviews"] + _AS_ALL * mean) / (row["reviews"] + _AS_ALL) for row in rows
        }

    return warehouse.cached(("search.rated", shop_id), ask, of=("reviews",))


_KEPT: WeakKeyDictionary[Warehouse, dict[tuple[str, str], tuple[Catalogue, Mapping[str, float], Floats]]] = WeakKeyDictionary()
