"""Products for a query and suggestions while somebody types; searches are told into the stream."""

from __future__ import annotations

from typing import Annotated

from fastapi import BackgroundTasks, Query

from regulars.collect import track
from regulars.guard import privacy
from regulars.serve.search import service, telling
from regulars.serve.search.api.routes import api
from regulars.serve.search.domain.counting import FacetValue
from regulars.serve.search.domain.finding import Filters, Sort
from regulars.serve.search.domain.suggesting import Suggestion
from regulars.serve.search.service import Hit, Options, SearchAnswer, SuggestAnswer
from regulars.values.money import Money
from regulars.web import Door

_HIT = Hit(
    position=1,
    product_id="longjing-100",
    name="Longjing 100 g",
    category="Tea > Green tea",
    brand="Meijiawu",
    price=Money(12_800, "CNY"),
    list_price=None,
    in_stock=True,
    image_url="https://shop.example/longjing.jpg",
    url="https://shop.example/longjing",
    score=7.2164,
    pinned=False,
)
ANSWER = SearchAnswer(
    search_id="search_01k3w0d2h5q8v9x1y2z3a4b5c6",
    query="lonjing",
    corrected="longjing",
    rescue="corrected",
    redirect=None,
    personal=False,
    total=1,
    products=[_HIT],
    facets={"brand": [FacetValue("Meijiawu", 1)]},
    price_from=Money(12_800, "CNY"),
    price_to=Money(12_800, "CNY"),
    took_ms=0.8,
)


@api.get("/v1/search", permission="read_reports", answer=SearchAnswer, summary="Products for a query", example=ANSWER)
def get_search(
    door: Door,
    tasks: BackgroundTasks,
    q: Annotated[str, Query(max_length=200, description="What was typed; empty lists what the filters leave")] = "",
    filter: Annotated[
        list[str] | None, Query(description="`facet:value`, several times for several; values of one facet are alternatives")
    ] = None,
    between: Annotated[
        list[str] | None, Query(description="`facet:from..to`, for values that begin with a number; either end may be left out")
    ] = None,
    price_from_minor: Annotated[int | None, Query(ge=0, le=2**53, description="Lowest price, in minor units")] = None,
    price_to_minor: Annotated[int | None, Query(ge=0, le=2**53, description="Highest price, included, in minor units")] = None,
    in_stock: Annotated[bool, Query(description="Only what is in stock")] = False,
    market: Annotated[str | None, Query(max_length=100, description="Only what is sold there")] = None,
    sort: Annotated[Sort, Query(description="The order")] = "relevance",
    begin: Annotated[int, Query(ge=0, le=service.DEEPEST, description="How many products to pass over")] = 0,
    size: Annotated[int, Query(ge=1, le=service.MOST_PRODUCTS, description="How many products a page holds")] = 20,
    facet: Annotated[list[str] | None, Query(description="Facets to count; `*` for all")] = None,
    grouped: Annotated[bool, Query(description="Variants with one `parent_id` are one hit")] = True,
    customer_id: Annotated[
        str | None,
        Query(max_length=200, description="The buyer, as the shop names them: their purchases have a say, if they permit it"),
    ] = None,
    visitor: Annotated[
        str | None, Query(max_length=200, description="The device, as its tracker names it (anonymousId); it has no say")
    ] = None,
    preview: Annotated[bool, Query(description="Do not count this search")] = False,
    spelling: Annotated[bool, Query(description="Mend mistyped words")] = True,
    synonyms: Annotated[bool, Query(description="Use synonyms")] = True,
    rules: Annotated[bool, Query(description="Use pins, boosts and the other wishes of operators")] = True,
    learned: Annotated[bool, Query(description="Use the order learned from clicks, where there is one")] = True,
) -> SearchAnswer:
    """Chinese (also typed in pinyin) and English, with slips, units, synonyms and `-refused` words and "phrases" understood; without
    `customer_id` nothing personal has a say. The search is told into the stream as `Products Searched`; `search_id` belongs into the
    properties of the events that tell what was clicked, as `search_id` or `list_id`.
    """
    ranges = service.ranges_of(between or [])
    filters = Filters(service.filters_of(filter or []), price_from_minor, price_to_minor, in_stock, market, ranges)
    answer = service.search(
        door.records,
        door.warehouse,
        door.home,
        door.shop,
        q,
        filters=filters,
        sort=sort,
        begin=begin,
        size=size,
        facets=facet or (),
        grouped=grouped,
        customer_id=privacy.known_id(door.keyring, door.shop.shop_id, customer_id) if customer_id else None,
        options=Options(spelling, synonyms, rules, learned),
    )
    if not preview and q.strip() and (journal := door.stores.journal) is not None:
        tasks.add_task(
            telling.tell, journal, door.shop.shop_id, _source(door), answer,
            filters=filters, sort=sort, begin=begin, size=size, customer=customer_id, visitor=visitor,
        )  # fmt: skip
    return answer


@api.get(
    "/v1/search/suggest",
    permission="read_reports",
    answer=SuggestAnswer,
    summary="Suggestions while somebody types",
    example=SuggestAnswer("lon", [Suggestion("longjing", "completed")], [_HIT]),
)
def get_suggest(
    door: Door,
    q: Annotated[str, Query(max_length=200, description="What is typed so far")],
    size: Annotated[int, Query(ge=1, le=20, description="How many suggestions")] = 8,
    products: Annotated[int, Query(ge=0, le=20, description="How many products beside them")] = 4,
    in_stock: Annotated[bool, Query(description="Only products in stock")] = False,
    market: Annotated[str | None, Query(max_length=100, description="Only products sold there")] = None,
) -> SuggestAnswer:
    """Popular queries that begin so, the last word completed from the catalogue (Chinese also by its pinyin or first letters), or its
    spelling mended; and the first products. What is being typed is not counted as a search.
    """
    filters = Filters(in_stock=in_stock, market=market)
    return service.suggest(door.records, door.warehouse, door.home, door.shop, q, size=size, products=products, filters=filters)


def _source(door: Door) -> str:
    with door.reading() as uow:
        source_id: str | None = track.source_for(uow, door.shop.shop_id, "search")
    if source_id is None:
        with door.unit() as uow:
            source_id = track.make_source_for(uow, door.caller, door.shop.shop_id, "search", name="Search")
    return source_id
