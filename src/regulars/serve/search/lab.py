"""The relevance lab: two settings of the search, judged by the products that shoppers clicked after their queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from regulars.serve.search import queries
from regulars.serve.search.analytics import DAYS
from regulars.serve.search.domain.asking import Synonyms, understand
from regulars.serve.search.domain.catalogue import Catalogue
from regulars.serve.search.domain.finding import Filters, Wishes, find
from regulars.serve.search.rules import Rules, holding
from regulars.serve.search.service import Options
from regulars.serve.search.shelf import shelf_of
from regulars.values import clock
from regulars.values.periods import Period

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.records import Records
    from regulars.warehouse import Warehouse

_LOOKED_AT, _MOST_QUERIES, _SHOWN = 20, 300, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedQuery:
    """One query: how often a product was clicked after it, and the mean of 1/place of the clicked ones under each setting."""

    query: str
    clicks: int
    left: float
    right: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LabAnswer:
    """Two settings on the queries that were clicked most: the mean of 1/place over all clicks, and the queries that differ most.

    A clicked product that is not among the first 20 counts as 0. None: nobody clicked anything yet.
    """

    queries: int
    clicks: int
    left: float | None
    right: float | None
    differing: Sequence[JudgedQuery]


def compare(
    records: Records, warehouse: Warehouse, home: Path, shop: Shop, left: Options, right: Options, *, period: Period | None = None
) -> LabAnswer:
    """Compare two settings on the clicks of a period, by default the last 30 days.

    Shoppers click what they were shown, so a setting that was in use has an advantage; a difference the other way is the surer one.
    """
    if period is None:
        today = clock.today(shop.timezone)
        period = Period.between(today - timedelta(days=DAYS - 1), today)
    clicks: dict[str, dict[str, int]] = defaultdict(dict)
    for row in warehouse.rows(queries.clicked(shop.shop_id, *period.instants(shop.timezone))):
        clicks[row["key"]][row["product_id"]] = row["clicks"]
    most = sorted(clicks, key=lambda query: (-sum(clicks[query].values()), query))[:_MOST_QUERIES]
    shelf = shelf_of(warehouse, home)
    catalogue = shelf.catalogue(shop.shop_id)
    with records.reading() as uow:
        rules = holding(uow, shop.shop_id, shelf.rules)
    judged = [
        JudgedQuery(
            query=query,
            clicks=sum(clicks[query].values()),
            left=_worth(catalogue, rules, left, query, clicks[query]),
            right=_worth(catalogue, rules, right, query, clicks[query]),
        )
        for query in most
    ]
    total = sum(one.clicks for one in judged)
    differing = sorted(
        (one for one in judged if one.left != one.right), key=lambda one: (-abs(one.left - one.right) * one.clicks, one.query)
    )
    return LabAnswer(
        queries=len(judged),
        clicks=total,
        left=round(sum(one.left * one.clicks for one in judged) / total, 4) if total else None,
        right=round(sum(one.right * one.clicks for one in judged) / total, 4) if total else None,
        differing=differing[:_SHOWN],
    )


def _worth(catalogue: Catalogue, rules: Rules, options: Options, query: str, clicked: dict[str, int]) -> float:
    """The mean of 1/place of the clicked products under one setting."""
    asked = understand(query, catalogue.speller, rules.synonyms if options.synonyms else Synonyms(), mend=options.spelling)
    wishes = rules.of(asked.corrected or query)[0] if options.rules else Wishes()
    listed = [
        catalogue.entry(place).product.product_id for place in find(catalogue, asked, Filters(), wishes, size=_LOOKED_AT).places
    ]
    places = {product_id: place for place, product_id in enumerate(listed, 1)}
    worth = sum(times / places[product_id] for product_id, times in clicked.items() if product_id in places)
    return round(worth / sum(clicked.values()), 4)
