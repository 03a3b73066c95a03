"""The verbs of the catalogue: take what a part of the stream tells of products, and make it anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from regulars.collect.catalog.details import fold_details
from regulars.collect.catalog.domain import EVENTS, fold
from regulars.collect.catalog.queries import named, stored, stored_details, told
from regulars.warehouse import TABLES
from regulars.warehouse.arrow import arrow_rows

if TYPE_CHECKING:
    from regulars.warehouse import Warehouse

_PRODUCTS_AT_ONCE = 1_000


def project_events(warehouse: Warehouse, shop_id: str, currency: str, events: pa.Table) -> int:
    """Bring the products that a part of the stream speaks of up to date; returns how many rows changed.

    The part's rows must be in the warehouse already: a product is folded from all its messages, so their order, their parts and
    repetitions make no difference.

    Parameters
    ----------
    currency : of amounts whose message names none.
    """
    about = events.filter(pc.is_in(events.column("event"), value_set=pa.array(EVENTS, events.schema.field("event").type)))
    return _fold(warehouse, shop_id, currency, [one for one in pc.unique(about.column("product_id")).to_pylist() if one])


def rebuild(warehouse: Warehouse, shop_id: str, currency: str) -> int:
    """Make the products anew from all events of a shop; returns how many rows changed."""
    return _fold(warehouse, shop_id, currency, sorted(row["product_id"] for row in warehouse.rows(named(shop_id))))


def _fold(warehouse: Warehouse, shop_id: str, currency: str, product_ids: Sequence[str]) -> int:
    changed = 0
    for start in range(0, len(product_ids), _PRODUCTS_AT_ONCE):
        some = product_ids[start : start + _PRODUCTS_AT_ONCE]
        with warehouse.transaction():
            messages: dict[str, list[dict[str, Any]]] = defaultdict(list)
            for row in warehouse.rows(told(shop_id, some)):
                messages[row["product_id"]].append({**row, "currency": row["currency"] or currency})
            before = {row["product_id"]: row for row in warehouse.rows(stored(shop_id, some))}
            made = [fold(shop_id, one, before.get(one), messages[one]) for one in some]
            rows = [row for row in made if row is not None]
            if rows:
                counts = warehouse.merge("products", arrow_rows(TABLES["products"], rows))
                changed += counts.inserted + counts.updated
            known = {row["product_id"]: row for row in warehouse.rows(stored_details(shop_id, some))}
            details = [fold_details(shop_id, one, known.get(one), messages[one]) for one in some]
            if found := [row for row in details if row is not None]:
                warehouse.merge("product_details", arrow_rows(TABLES["product_details"], found))
    return changed
