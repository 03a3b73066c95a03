"""What is learned from lists that were chosen from: the visit before the choice, and what the choice counts by its place."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from regulars.serve.recommend import performing, queries
from regulars.serve.recommend.domain.lists import Placement
from regulars.serve.recommend.estimator import Clicked
from regulars.serve.recommend.knowledge import days
from regulars.serve.recommend.visits import REST_DAYS

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.warehouse import Warehouse

#: The placements whose lists the trees put in order.
ORDERED: tuple[Placement, ...] = ("next", "home", "category")


def chosen(warehouse: Warehouse, shop: Shop, number: Mapping[str, int], *, since: float, fewest: int) -> tuple[list[Clicked], int]:
    """Choices from lists that trees order, oldest first, each with the visit before it; and how many lists were chosen from.

    None are given below `fewest` lists (rules of recommendation: 2,000). A choice counts one over the propensity of its place, at most
    ten times; one where propensities are not known yet.
    """
    begin = datetime.fromtimestamp(since * 86_400, UTC)
    rows = warehouse.rows(queries.chosen_lists(shop.shop_id, begin, ORDERED))
    lists = len({row["list_id"] for row in rows})
    if not rows or lists < fewest:
        return [], lists
    weights = {
        (one.placement, place.position): place.weight
        for one in performing.propensities(warehouse, shop)
        for place in one.positions
        if place.weight is not None
    }
    looked: defaultdict[str, tuple[list[float], list[int]]] = defaultdict(lambda: ([], []))
    for row in warehouse.rows(queries.views_of_choosers(shop.shop_id, begin)):
        if row["product_id"] in number:
            at, items = looked[row["customer_id"]]
            at.append(days(row["timestamp"].replace(tzinfo=UTC)))
            items.append(number[row["product_id"]])
    found = []
    for row in rows:
        moment = days(row["served_at"].replace(tzinfo=UTC))
        at, items = looked[row["chosen_by"]]
        end = begun = bisect_left(at, moment)
        later = moment
        while begun and later - at[begun - 1] <= REST_DAYS:
            begun -= 1
            later = at[begun]
        if begun < end and row["product_id"] in number:
            weight = weights.get((row["placement"], row["position"]), 1.0)
            visit = [one for place, one in enumerate(items[begun:end]) if not place or one != items[begun + place - 1]]
            found.append(Clicked(visit, number[row["product_id"]], moment, weight))
    return sorted(found, key=lambda one: one.at), lists
