"""What shoppers search for and what comes of it: the most asked, without result, without click, and those after which they leave."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, get_args
from weakref import WeakKeyDictionary

from regulars.serve.search import queries
from regulars.serve.search.domain.text import folded
from regulars.values import clock
from regulars.values.periods import Period

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.warehouse import Warehouse

View = Literal["top", "without_result", "without_click", "exits"]
VIEWS: tuple[View, ...] = get_args(View)
DAYS = 30
_POPULAR, _POPULAR_FOR_SECONDS = 200, 60.0
_BOUGHT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRow:
    """One query and how many searches for it there were; another page, order or filter of the same words is the same search.

    `clicks`, `carts` and `orders` are searches with a product clicked, put into the cart, or an order: in the same visit and before the
    next search, or told with the search's `search_id`. `exits` are searches that nothing followed; of searches that name nobody it is
    not known. `customers` counts those who are known.
    """

    query: str
    searches: int
    customers: int
    without_result: int
    clicks: int
    carts: int
    orders: int
    exits: int

    @property
    def without_click(self) -> int:
        """Searches that no product click followed."""
        return self.searches - self.clicks


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAnalytics:
    """Searches of a period: totals, and the queries of one view, the most frequent first."""

    start_on: str
    last_on: str
    searches: int
    queries: int
    without_result_share: float | None
    click_share: float | None
    cart_share: float | None
    order_share: float | None
    exit_share: float | None
    rows: Sequence[QueryRow]


def analytics(
    warehouse: Warehouse, shop: Shop, *, period: Period | None = None, view: View = "top", most: int = 100
) -> SearchAnalytics:
    """What was searched for in a period, by default in the last 30 days.

    `results` of the event `Products Searched` tells how many products were found; searches that tell none count as having some.
    """
    if period is None:
        today = clock.today(shop.timezone)
        period = Period.between(today - timedelta(days=DAYS - 1), today)
    rows = _rows(warehouse, shop, period)

    def counted(one: QueryRow) -> int:
        of_view: dict[View, int] = {
            "top": one.searches,
            "without_result": one.without_result,
            "without_click": one.without_click,
            "exits": one.exits,
        }
        return of_view[view]

    total = sum(one.searches for one in rows)
    shown = sorted((one for one in rows if counted(one)), key=lambda one: (-counted(one), one.query))[:most]

    def share(part: int) -> float | None:
        return round(part / total, 4) if total else None

    return SearchAnalytics(
        start_on=str(period.start_on),
        last_on=str(period.last_on),
        searches=total,
        queries=len(rows),
        without_result_share=share(sum(one.without_result for one in rows)),
        click_share=share(sum(one.clicks for one in rows)),
        cart_share=share(sum(one.carts for one in rows)),
        order_share=share(sum(one.orders for one in rows)),
        exit_share=share(sum(one.exits for one in rows)),
        rows=shown,
    )


def popular(warehouse: Warehouse, shop: Shop) -> list[str]:
    """What most shoppers asked for in the last 30 days and found, folded; made anew at most once a minute."""
    kept = _POPULAR_KEPT.setdefault(warehouse, {})
    at, found = kept.get(shop.shop_id, (0.0, []))
    if at == 0.0 or time.monotonic() - at > _POPULAR_FOR_SECONDS:
        today = clock.today(shop.timezone)
        period = Period.between(today - timedelta(days=DAYS - 1), today)
        counts: Counter[str] = Counter()
        for row in warehouse.rows(queries.popular(shop.shop_id, *period.instants(shop.timezone))):
            counts[folded(row["key"])] += row["customers"]
        found = [query for query, _ in counts.most_common(_POPULAR)]
        kept[shop.shop_id] = (time.monotonic(), found)
    return found


def bought(warehouse: Warehouse, shop_id: str, customer_id: str) -> list[tuple[str, str]]:
    """Facet and value of the brands and categories a customer bought most often."""

    def ask() -> list[tuple[str, str]]:
        counts: Counter[tuple[str, str]] = Counter()
        for row in warehouse.rows(queries.bought(shop_id, customer_id)):
            for facet in ("brand", "category"):
                if row[facet]:
                    counts[facet, row[facet]] += row["times"]
        return [one for one, _ in counts.most_common(_BOUGHT)]

    return warehouse.cached(("search.bought", shop_id, customer_id), ask, of=("order_lines",))


def _rows(warehouse: Warehouse, shop: Shop, period: Period) -> list[QueryRow]:
    begin, end = period.instants(shop.timezone)

    def ask() -> list[QueryRow]:
        found = warehouse.rows(queries.by_query(shop.shop_id, begin, end))
        return [QueryRow(query=row.pop("key"), **{name: int(value) for name, value in row.items()}) for row in found]

    return warehouse.cached(("search.asked", shop.shop_id, begin, end), ask, of=("events",))


_POPULAR_KEPT: WeakKeyDictionary[Warehouse, dict[str, tuple[float, list[str]]]] = WeakKeyDictionary()
