"""Search over HTTP: products, suggestions, what operators want, and what shoppers searched for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from fastapi import BackgroundTasks, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from regulars.collect import track
from regulars.errors import InvalidInput
from regulars.guard import privacy
from regulars.serve.search import analytics, lab, learning, rules, service, telling
from regulars.serve.search.analytics import QueryRow, SearchAnalytics, View
from regulars.serve.search.domain.counting import FacetValue
from regulars.serve.search.domain.finding import Filters, Sort
from regulars.serve.search.domain.suggesting import Suggestion
from regulars.serve.search.lab import JudgedQuery, LabAnswer
from regulars.serve.search.rules import QueryBody, RuleKind, RuleState, SearchRule, SynonymsBody
from regulars.serve.search.service import Hit, Options, SearchAnswer, SuggestAnswer
from regulars.understand.metrics import asked_period
from regulars.values.money import Money
from regulars.web import Api, Door
from regulars.web.paging import Page

api = Api(tags=["Serve"])

RuleId = Annotated[str, Path(max_length=100, description="The rule")]
_Word = Annotated[str, Field(min_length=1, max_length=200)]

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
_ANSWER = SearchAnswer(
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
_AT = datetime(2026, 10, 31, 9, 30, tzinfo=UTC)
_RULE = SearchRule(
    rule_id="rule_4Z",
    kind="synonyms",
    state="active",
    synonyms=SynonymsBody(words=("longjing", "dragon well", "龙井")),
    query=None,
    begins_at=None,
    ends_at=None,
    made_at=_AT,
    made_by="operator:op_1",
    changed_at=_AT,
    changed_by="operator:op_1",
)


class Synonyms(BaseModel):
    """Words or phrases that mean the same; with `also`, one way only."""

    model_config = ConfigDict(extra="forbid")

    words: list[_Word] = Field(min_length=1, max_length=50)
    also: list[_Word] = Field(default=[], max_length=50, description="What `words` also find, and not the other way round")


class ForQuery(BaseModel):
    """What some queries show; every query where none is named."""

    model_config = ConfigDict(extra="forbid")

    queries: list[_Word] = Field(default=[], max_length=200)
    pins: dict[_Word, Annotated[int, Field(ge=1, le=100)]] = Field(default={}, max_length=100, description="Product and its place")
    boost: list[_Word] = Field(default=[], max_length=200, description="Products worth twice as much")
    bury: list[_Word] = Field(default=[], max_length=200, description="Products worth a tenth")
    hide: list[_Word] = Field(default=[], max_length=200)
    boost_facet: _Word | None = None
    boost_value: _Word | None = None
    bury_facet: _Word | None = None
    bury_value: _Word | None = None
    redirect: str | None = Field(default=None, max_length=2000, description="Where these queries lead instead")


class NewRule(BaseModel):
    """A rule: either `synonyms` or `query`."""

    model_config = ConfigDict(extra="forbid")

    synonyms: Synonyms | None = None
    query: ForQuery | None = None
    state: RuleState = "active"
    begins_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None


class ChangedRule(BaseModel):
    """What changes of a rule."""

    model_config = ConfigDict(extra="forbid")

    synonyms: Synonyms | None = None
    query: ForQuery | None = None
    state: RuleState | None = None


@api.get("/v1/search", permission="read_reports", answer=SearchAnswer, summary="Products for a query", example=_ANSWER)
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
    properties of the events that tell what was clicked.
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


@api.get(
    "/v1/search/analytics",
    permission="read_reports",
    answer=SearchAnalytics,
    summary="What shoppers search for",
    example=SearchAnalytics(
        start_on="2026-10-01",
        last_on="2026-10-30",
        searches=1_204,
        queries=311,
        without_result_share=0.0581,
        click_share=0.4269,
        cart_share=0.1312,
        order_share=0.0407,
        exit_share=0.2118,
        rows=[QueryRow(query="longjing", searches=96, customers=81, without_result=0, clicks=60, carts=22, orders=8, exits=9)],
    ),
)
def get_analytics(
    door: Door,
    view: Annotated[View, Query(description="Which queries come first")] = "top",
    first: Annotated[date | None, Query(alias="from", description="First local day; the last 30 days where none is given")] = None,
    to: Annotated[date | None, Query(description="Last local day, included")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many queries")] = 100,
) -> SearchAnalytics:
    """From the events `Products Searched` and what the same shopper did in the same visit, or told with the search's `search_id`: the
    most asked queries, those without result, without a click on a product, and those after which shoppers left.
    """
    period = asked_period(door.warehouse, door.shop, first, to)
    return analytics.analytics(door.warehouse, door.shop, period=period, view=view, most=limit)


@api.get(
    "/v1/search/lab",
    permission="read_reports",
    answer=LabAnswer,
    summary="Two settings of the search, judged by clicks",
    example=LabAnswer(
        queries=61, clicks=744, left=0.5127, right=0.4655, differing=[JudgedQuery(query="lonjing", clicks=12, left=0.75, right=0.0)]
    ),
)
def get_lab(
    door: Door,
    without: Annotated[
        list[Literal["spelling", "synonyms", "rules"]] | None,
        Query(description="What the right setting leaves out; the left one has all"),
    ] = None,
    first: Annotated[date | None, Query(alias="from", description="First local day; the last 30 days where none is given")] = None,
    to: Annotated[date | None, Query(description="Last local day, included")] = None,
) -> LabAnswer:
    """The mean of 1/place of the products that shoppers clicked, under the search as it is (left) and without some of its parts (right),
    on the 300 queries clicked most; and the queries on which they differ most.
    """
    period = asked_period(door.warehouse, door.shop, first, to)
    right = Options(**dict.fromkeys(without or ("spelling", "synonyms", "rules"), False))
    return lab.compare(door.records, door.warehouse, door.home, door.shop, Options(), right, period=period)


@api.get(
    "/v1/search/rules",
    permission="read_reports",
    answer=Page[SearchRule],
    summary="What operators want of searches",
    example=Page(items=[_RULE]),
)
def get_rules(
    door: Door,
    kind: Annotated[RuleKind | None, Query(description="Only of this kind")] = None,
    state: Annotated[RuleState | None, Query(description="Only in this state")] = None,
) -> Page[SearchRule]:
    """Synonyms, and rules of queries with pins, boosts, buried and hidden products and redirects, the oldest first."""
    with door.reading() as uow:
        return Page(items=rules.listing(uow, door.shop.shop_id, kind=kind, state=state))


@api.post(
    "/v1/search/rules",
    permission="manage_reports",
    answer=SearchRule,
    summary="Make a rule of searches",
    example=_RULE,
    sends=NewRule(synonyms=Synonyms(words=["longjing", "dragon well", "龙井"])),
    status=201,
)
def post_rule(door: Door, new: NewRule) -> SearchRule:
    """It holds from the next search on. Pinned products appear only where they pass the filters of the search."""
    with door.unit() as uow:
        return rules.make(
            uow,
            door.caller,
            door.shop.shop_id,
            _body(new.synonyms, new.query),
            state=new.state,
            begins_at=new.begins_at,
            ends_at=new.ends_at,
        )


@api.post(
    "/v1/search/proposals",
    permission="manage_reports",
    answer=Page[SearchRule],
    summary="Look for synonyms to propose",
    example=Page(items=[replace(_RULE, state="proposed")]),
)
def post_proposals(door: Door) -> Page[SearchRule]:
    """What several shoppers asked in vain and then asked in other words with success becomes a rule in state `proposed`, which holds
    once somebody makes it `active`. Looked for every day as well; what was proposed before, or is known, is not proposed again.
    """
    return Page(items=learning.propose(door.records, door.warehouse, door.home, door.caller, door.shop, door.unit))


@api.patch(
    "/v1/search/rules/{rule_id}",
    permission="manage_reports",
    answer=SearchRule,
    summary="Change a rule of searches, or approve it",
    example=_RULE,
    sends=ChangedRule(state="active"),
)
def patch_rule(door: Door, rule_id: RuleId, changed: ChangedRule) -> SearchRule:
    """What it says is replaced whole; `state` switches it on and off."""
    body = _body(changed.synonyms, changed.query) if changed.synonyms or changed.query else None
    with door.unit() as uow:
        return rules.change(uow, door.caller, door.shop.shop_id, rule_id, body=body, state=changed.state)


@api.delete("/v1/search/rules/{rule_id}", permission="manage_reports", answer=None, status=204, summary="Delete a rule of searches")
def delete_rule(door: Door, rule_id: RuleId) -> None:
    """It stays in the audit trail."""
    with door.unit() as uow:
        rules.remove(uow, door.caller, door.shop.shop_id, rule_id)


def _source(door: Door) -> str:
    with door.reading() as uow:
        source_id: str | None = track.source_for(uow, door.shop.shop_id, "search")
    if source_id is None:
        with door.unit() as uow:
            source_id = track.make_source_for(uow, door.caller, door.shop.shop_id, "search", name="Search")
    return source_id


def _body(synonyms: Synonyms | None, query: ForQuery | None) -> SynonymsBody | QueryBody:
    if (synonyms is None) == (query is None):
        raise InvalidInput("a rule is either of synonyms or of queries", mend="give one of `synonyms` and `query`", code="bad_rule")
    if synonyms is not None:
        return SynonymsBody(words=tuple(synonyms.words), also=tuple(synonyms.also))
    assert query is not None
    several: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in query.model_dump().items()
    }
    return QueryBody(**several)
