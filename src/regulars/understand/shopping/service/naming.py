"""What products are called, for answers that name them by id."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from regulars.understand.questions import Desk
from regulars.understand.shopping.domain import Thing
from regulars.understand.shopping.queries import things as expressions


def names_of(desk: Desk, of: Thing, keys: Collection[str]) -> Mapping[str, str]:
    """The names of some products; categories and brands are their own names."""
    if of != "product" or not keys:
        return {}
    named = expressions.names(desk.shop.shop_id)
    rows = desk.warehouse.rows(named.filter(named.thing.isin(sorted(keys))))
    return {row["thing"]: row["name"] for row in rows}
