"""The verbs of search: answer a query, suggest while somebody types, and make the index anew."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from regulars.collect.catalog import Product
from regulars.errors import InvalidInput
from regulars.guard import consent
from regulars.serve.search import analytics
from regulars.serve.search.domain.asking import Asked, Synonyms, understand
from regulars.serve.search.domain.catalogue import Catalogue
from regulars.serve.search.domain.counting import FacetValue
from regulars.serve.search.domain.finding import Filters, Floats, Found, Learned, Push, Sort, Wishes, find
from regulars.serve.search.domain.suggesting import Suggestion, completions, suggestions
from regulars.serve.search.ranking import learned_order
from regulars.serve.search.rules import Rules, holding
from regulars.serve.search.shelf import close, shelf_of
from regulars.serve.search.standing import standing
from regulars.values.ids import new_id
from regulars.values.money import Money

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.records import Records
    from regulars.warehouse import Warehouse

Rescue = Literal["corrected", "relaxed", "related"]
MOST_PRODUCTS, DEEPEST = 100, 10_000
_COMPLETED, _MOST_FILTERS = 20, 50
_PERSONAL = 1.25


@dataclass(frozen=True, slots=True)
class Options:
    """Which parts of the search are used, so that an operator can compare one setting with another."""

    spelling: bool = True
    synonyms: bool = True
    rules: bool = True
    learned: bool = True  # an order learned from clicks, where one won its replay


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One product that was found, with its place in the whole list."""

    position: int
    product_id: str
    name: str | None
    category: str | None
    brand: str | None
    price: Money | None
    list_price: Money | None
    in_stock: bool
    image_url: str | None
    url: str | None
    score: float
    pinned: bool
    parent_id: str | None = None  # what its variants belong to
    variants: int = 1  # how many forms of it were found, or it has


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAnswer:
    """The products for a query.

    `corrected` is the query with mended spelling. `rescue` tells how products came about where none held the query as it was typed:
    `corrected`, `relaxed` (no product holds all of its words), `related` (nothing fits: these are products of the shop). `redirect` is
    where operators send this query. `personal` tells whether the shopper's own purchases had a say. `search_id` names this answer in
    the events that tell what was clicked.
    """

    search_id: str
    query: str
    corrected: str | None
    rescue: Rescue | None
    redirect: str | None
    personal: bool
    total: int
    products: Sequence[Hit]
    facets: Mapping[str, Sequence[FacetValue]]
    price_from: Money | None
    price_to: Money | None
    took_ms: float


@dataclass(frozen=True, slots=True)
class SuggestAnswer:
    """What a query that is being typed may become, and the first products for it."""

    query: str
    suggestions: Sequence[Suggestion]
    products: Sequence[Hit]


def search(
    records: Records,
    warehouse: Warehouse,
    home: Path,
    shop: Shop,
    query: str,
    *,
    filters: Filters | None = None,
    sort: Sort = "relevance",
    begin: int = 0,
    size: int = 20,
    facets: Sequence[str] = (),
    grouped: bool = True,
    customer_id: str | None = None,
    options: Options | None = None,
) -> SearchAnswer:
    """The products for a query; an empty one lists what the filters leave.

    Parameters
    ----------
    facets : which to count among the products found; `*` for every one there is.
    grouped : products with one `parent_id` are one hit, and count as one.
    customer_id : raise brands and categories this customer buys, where the customer permits it. Without: nothing personal has a say.
    options : parts to leave out.
    """
    begun = time.perf_counter()
    used = options or Options()
    filters = filters or Filters()
    shelf = shelf_of(warehouse, home)
    catalogue = shelf.catalogue(shop.shop_id)
    with records.reading() as uow:
        rules = holding(uow, shop.shop_id, shelf.rules) if used.rules or used.synonyms else Rules()
        personal = customer_id is not None and consent.may(uow, shop.shop_id, customer_id, "personalisation").allowed
    asked, wishes, redirect = read(catalogue, rules, used, query)
    if personal and customer_id is not None:
        wishes = replace(wishes, pushes=(*wishes.pushes, *_own(warehouse, shop.shop_id, customer_id)))
    by = standing(warehouse, shop.shop_id, catalogue, sort) if sort in ("best_sellers", "rating") else None
    order = learned_order(records, warehouse, shop, catalogue, asked) if used.learned and sort == "relevance" else None
    page = Paged(sort, begin, size, tuple(facets), grouped, by, order)
    found, rescue = _rescued(catalogue, asked, filters, wishes, page)
    return SearchAnswer(
        search_id=new_id("search"),
        query=query,
        corrected=asked.corrected,
        rescue=rescue,
        redirect=redirect,
        personal=personal,
        total=0 if rescue == "related" else found.total,
        products=_hits(catalogue, found, shop.currency, begin),
        facets=found.facets,
        price_from=_money(found.price_from_minor, shop.currency),
        price_to=_money(found.price_to_minor, shop.currency),
        took_ms=round((time.perf_counter() - begun) * 1000, 3),
    )


def read(catalogue: Catalogue, rules: Rules, options: Options, query: str) -> tuple[Asked, Wishes, str | None]:
    """A query under a setting: what is asked, what operators want of it, and where it leads instead."""
    synonyms = rules.synonyms if options.synonyms else Synonyms()
    asked = understand(query, catalogue.speller, synonyms, sounds=catalogue.sounds, mend=options.spelling)
    wishes, redirect = rules.of(asked.corrected or query) if options.rules else (Wishes(), None)
    return asked, wishes, redirect


def suggest(
    records: Records,
    warehouse: Warehouse,
    home: Path,
    shop: Shop,
    typed: str,
    *,
    size: int = 8,
    products: int = 4,
    filters: Filters | None = None,
) -> SuggestAnswer:
    """Queries and products for what is typed so far; the last word counts as unfinished. Products pass the filters."""
    shelf = shelf_of(warehouse, home)
    catalogue = shelf.catalogue(shop.shop_id)
    with records.reading() as uow:
        rules = holding(uow, shop.shop_id, shelf.rules)
    popular = analytics.popular(warehouse, shop)
    found = suggestions(catalogue, typed, popular, size)
    asked = understand(
        typed,
        catalogue.speller,
        rules.synonyms,
        sounds=catalogue.sounds,
        complete=lambda begun: completions(catalogue, begun, _COMPLETED),
    )
    wishes = rules.of(asked.corrected or typed)[0]
    first = find(catalogue, asked, filters or Filters(), wishes, size=products) if products and not asked.empty else None
    return SuggestAnswer(typed, found, _hits(catalogue, first, shop.currency, 0) if first else [])


def product_of(warehouse: Warehouse, home: Path, shop_id: str, product_id: str) -> Product | None:
    """A product as it can be found now, at no cost; None for hidden and unknown ones."""
    return shelf_of(warehouse, home).catalogue(shop_id).product(product_id)


def names_of(warehouse: Warehouse, home: Path, shop_id: str, product_ids: Sequence[str]) -> dict[str, str]:
    """What products are called, of those that can be found."""
    catalogue = shelf_of(warehouse, home).catalogue(shop_id)
    found = {one: catalogue.product(one) for one in product_ids}
    return {one: product.name for one, product in found.items() if product is not None and product.name}


def rebuild(warehouse: Warehouse, home: Path, shop_id: str) -> int:
    """Make the shop's index anew; searches go on in the old one until it is done. Returns how many products it holds."""
    return shelf_of(warehouse, home).rebuild(shop_id)


def filters_of(told: Sequence[str]) -> dict[str, list[str]]:
    """Filters as they are written, `facet:value`; values of one facet are alternatives.

    Raises
    ------
    InvalidInput : one is no filter, or there are too many.
    """
    found: dict[str, list[str]] = {}
    for one in told:
        facet, colon, value = one.partition(":")
        if not colon or len(told) > _MOST_FILTERS:
            raise InvalidInput(f"'{one[:100]}' is no filter", mend="write it as facet:value, at most 50 times", code="bad_filter")
        found.setdefault(facet, []).append(value)
    return found


@dataclass(frozen=True, slots=True)
class Paged:
    """Which part of what is found is wanted, in which order, and what is counted."""

    sort: Sort
    begin: int
    size: int
    facets: tuple[str, ...]
    grouped: bool
    by: Floats | None
    learned: Learned | None = None

    def of(self, catalogue: Catalogue, asked: Asked, filters: Filters, wishes: Wishes) -> Found:
        """That part."""
        return find(
            catalogue, asked, filters, wishes, sort=self.sort, begin=self.begin, size=self.size, facets=self.facets,
            grouped=self.grouped, by=self.by, learned=self.learned,
        )  # fmt: skip


def ranges_of(told: Sequence[str]) -> dict[str, tuple[float | None, float | None]]:
    """Ranges as they are written, `facet:from..to`; either end may be left out.

    Raises
    ------
    InvalidInput : one is no range, or there are too many.
    """
    found: dict[str, tuple[float | None, float | None]] = {}
    for one in told:
        facet, colon, both = one.partition(":")
        lowest, dots, highest = both.partition("..")
        try:
            ends = tuple(float(end) if end.strip() else None for end in (lowest, highest))
        except ValueError:
            ends = (None, None)
        if not colon or not dots or ends == (None, None) or len(told) > _MOST_FILTERS:
            raise InvalidInput(
                f"'{one[:100]}' is no range",
                mend="write it as facet:from..to, such as weight:1..5 or weight:2..",
                code="bad_filter",
            )
        found[facet] = (ends[0], ends[1])
    return found


def _rescued(catalogue: Catalogue, asked: Asked, filters: Filters, wishes: Wishes, page: Paged) -> tuple[Found, Rescue | None]:
    """What is found, and how it came about where no product holds the query as it was typed."""
    found = page.of(catalogue, asked, filters, wishes)
    if found.total:
        return found, "relaxed" if not found.whole else "corrected" if asked.corrected else None
    if asked.phrases or asked.refused:
        found = page.of(catalogue, replace(asked, phrases=()), filters, wishes)
        if found.total:
            return found, "relaxed"
    if asked.empty:
        return found, None
    related = replace(asked, wishes=(), phrases=())
    found = replace(page, sort="newest", begin=0, facets=()).of(catalogue, related, replace(filters, in_stock=True), wishes)
    return found, "related" if found.total else None


def _own(warehouse: Warehouse, shop_id: str, customer_id: str) -> list[Push]:
    """What a customer's purchases say: the brands and categories they buy count for more."""
    return [Push(_PERSONAL, facet=facet, value=value) for facet, value in analytics.bought(warehouse, shop_id, customer_id)]


def _hits(catalogue: Catalogue, found: Found, currency: str, begin: int) -> list[Hit]:
    hits = []
    for position, (place, score) in enumerate(zip(found.places, found.scores, strict=True), begin + 1):
        product: Product = catalogue.entry(place).product
        own = product.currency or currency
        hits.append(
            Hit(
                position=position,
                product_id=product.product_id,
                name=product.name,
                category=product.category,
                brand=product.brand,
                price=_money(product.price_minor, own),
                list_price=_money(product.list_price_minor, own),
                in_stock=product.in_stock,
                image_url=product.image_url,
                url=product.url,
                score=round(score, 4),
                pinned=place in found.pinned,
                parent_id=product.parent_id,
                variants=max(found.variants.get(place, 1), len(product.variants)),
            )
        )
    return hits


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor, currency)


__all__ = [
    "DEEPEST", "MOST_PRODUCTS", "Hit", "Options", "SearchAnswer", "SuggestAnswer", "close", "filters_of", "product_of", "rebuild", "search",
    "suggest",
]  # fmt: skip
