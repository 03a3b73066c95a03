"""The storefront over HTTP: what a browser asks with a public key, pages that need no script, and tokens for customers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from regulars.errors import Unavailable
from regulars.serve import recommend, search
from regulars.serve.recommend.domain.lists import Placement
from regulars.serve.search.domain.finding import Sort
from regulars.serve.storefront import markup, preview, service
from regulars.serve.storefront.asking import (
    KEPT_SECONDS,
    PAGE_SECONDS,
    SCRIPT_SECONDS,
    Key,
    Token,
    Visitor,
    base_of,
    html,
    let_in,
    tell_how_to_keep,
    widgets,
)
from regulars.serve.storefront.domain.facts import (
    StorefrontFacetValue,
    StorefrontItem,
    StorefrontList,
    StorefrontSearch,
    StorefrontSuggestions,
)
from regulars.serve.storefront.service import CustomerToken, Front, SigningSecret
from regulars.values.money import Money
from regulars.web import Api, Door

api = Api(tags=["Storefront"])

_PUBLIC = "asked by a shop's pages with a source's write key, which everybody may see; it answers facts of the catalogue"
_MOST = 24
_Id = Annotated[str, Field(min_length=1, max_length=200)]

_ITEM = StorefrontItem(
    position=1,
    product_id="longjing-250",
    name="Longjing 250 g",
    brand="Xihu",
    category="Green tea",
    price=Money(19_900, "CNY"),
    price_text="¥199.00",
    list_price_text="¥239.00",
    image_url="https://shop.example/longjing.jpg",
    link="https://shop.example/longjing",
    in_stock=True,
    badge="sale",
    badge_text="Sale",
    reason="viewed",
    reason_text="Because you viewed Longjing 100 g",
)
_LIST = StorefrontList(
    impression_id="rec_0199f3a1c2", placement="next", title="You may also like", personalised=True, items=[_ITEM]
)

_Placement = Annotated[Placement, Query(description="Where in the shop")]
_Items = Annotated[list[_Id] | None, Query(max_length=100, description="Products the page or the cart is about; may be repeated")]
_Exclude = Annotated[list[_Id] | None, Query(max_length=100, description="Products not to show; may be repeated")]
_Category = Annotated[str | None, Query(max_length=200, description="Only of this category")]
_Brand = Annotated[str | None, Query(max_length=200, description="Only of this brand")]
_Market = Annotated[str | None, Query(max_length=100, description="Only what is sold there")]
_Size = Annotated[int, Query(ge=1, le=_MOST, description="How many products")]
_Title = Annotated[str, Query(max_length=200, description="The heading; the placement's own where none is given")]
_Query = Annotated[str, Query(max_length=200, description="What was typed")]
_Begin = Annotated[int, Query(ge=0, le=1_000, description="How many products to pass over")]


@api.get(
    "/v1/storefront/recommendations",
    public=_PUBLIC,
    answer=StorefrontList,
    summary="Recommendations for a shop's page",
    example=_LIST,
)
def get_storefront_recommendations(
    door: Door,
    key: Key,
    placement: _Placement,
    visitor: Visitor = None,
    token: Token = None,
    item: _Items = None,
    exclude: _Exclude = None,
    category: _Category = None,
    brand: _Brand = None,
    market: _Market = None,
    size: _Size = 12,
    quiet: Annotated[bool, Query(description="Only to look at: the list is not noted as shown")] = False,
) -> StorefrontList:
    """Facts of the catalogue in the order for whoever looks. A customer is never named: with `visitor` counts what this device did in
    its visit, with `token` also what the customer did whom the shop's server vouches for. Without both a browser may keep the answer.
    """
    front = let_in(door, key, visitor, token)
    found = service.recommendations(front, _wanted(placement, item, exclude, category, brand, market, size), quiet=quiet)
    tell_how_to_keep(door, front, seconds=KEPT_SECONDS, shared=False)  # its id is of one showing
    return found


@api.get(
    "/v1/storefront/search",
    public=_PUBLIC,
    answer=StorefrontSearch,
    summary="Products for what a shopper typed",
    example=StorefrontSearch(
        search_id="search_01k3w0d2h5q8v9x1y2z3a4b5c6",
        query="lonjing",
        corrected="longjing",
        related=False,
        redirect=None,
        personalised=False,
        total=1,
        items=[_ITEM],
        facets={"brand": [StorefrontFacetValue(value="Xihu", count=1)]},
    ),
)
def get_storefront_search(
    door: Door,
    key: Key,
    q: _Query = "",
    token: Token = None,
    filter: Annotated[list[_Id] | None, Query(max_length=50, description="`facet:value`; may be repeated")] = None,
    sort: Annotated[Sort, Query(description="The order")] = "relevance",
    in_stock: Annotated[bool, Query(description="Only what is in stock")] = False,
    market: _Market = None,
    begin: _Begin = 0,
    size: _Size = 12,
    facet: Annotated[list[_Id] | None, Query(max_length=20, description="Facets to count; `*` for all")] = None,
) -> StorefrontSearch:
    """`search_id` is the `list_id` of the events that tell what was chosen. Purchases have a say only with a customer's `token`."""
    front = let_in(door, key, None, token)
    filters = search.Filters(search.filters_of(filter or []), in_stock=in_stock, market=market)
    found = service.find(front, q, filters=filters, sort=sort, begin=begin, size=size, facets=facet or ())
    tell_how_to_keep(door, front, seconds=KEPT_SECONDS, shared=False)
    return found


@api.get(
    "/v1/storefront/suggestions",
    public=_PUBLIC,
    answer=StorefrontSuggestions,
    summary="Suggestions while a shopper types",
    example=StorefrontSuggestions(query="lon", suggestions=["longjing"], items=[_ITEM]),
)
def get_storefront_suggestions(
    door: Door,
    key: Key,
    q: _Query = "",
    size: Annotated[int, Query(ge=0, le=20, description="How many suggestions")] = 6,
    products: Annotated[int, Query(ge=0, le=12, description="How many products beside them")] = 4,
    market: _Market = None,
) -> StorefrontSuggestions:
    """The same for everybody, so it may be cached."""
    front = let_in(door, key)
    found = service.suggestions(front, q, size=size, products=products, market=market)
    tell_how_to_keep(door, front, seconds=KEPT_SECONDS)
    return found


@api.get(
    "/v1/storefront/recommendations.html",
    public=_PUBLIC,
    summary="A list as HTML that needs no script",
    example='<section class="regulars-list" aria-label="Best sellers">…</section>',
    media_type="text/html",
)
def get_storefront_recommendations_page(
    door: Door,
    key: Key,
    placement: _Placement,
    visitor: Visitor = None,
    token: Token = None,
    item: _Items = None,
    exclude: _Exclude = None,
    category: _Category = None,
    brand: _Brand = None,
    market: _Market = None,
    size: _Size = 12,
    title: _Title = "",
    whole: Annotated[bool, Query(description="A whole page for a frame instead of a piece for a page")] = False,
) -> Response:
    """For the shop's server to put inside `<regulars-carousel>`, or for a frame. Its links count clicks and lead to the products' own
    pages; an empty list is an empty answer.
    """
    front = let_in(door, key, visitor, token)
    found = service.recommendations(front, _wanted(placement, item, exclude, category, brand, market, size))
    text = markup.fragment(found, _links(door, front, key, found.impression_id), title=title, language=front.language)
    if whole:
        text = markup.page(text, title=title or found.title, language=front.language)
    return html(door, front, text, seconds=PAGE_SECONDS)


@api.get(
    "/v1/storefront/search.html",
    public=_PUBLIC,
    summary="A page of search that needs no script",
    example="<!doctype html><html>…</html>",
    media_type="text/html",
)
def get_storefront_search_page(
    door: Door,
    key: Key,
    q: _Query = "",
    begin: _Begin = 0,
    size: _Size = _MOST,
) -> Response:
    """What the form inside `<regulars-search>` leads to where scripts do not run. Where operators redirect a query, it leads there."""
    front = let_in(door, key)
    found = service.find(front, q, filters=search.Filters(), begin=begin, size=size, journal=door.stores.journal)
    if found.redirect and not begin:
        tell_how_to_keep(door, front, seconds=0)
        return Response(status_code=302, headers={"location": found.redirect})
    lang = door.request.query_params.get("lang")
    hidden = {"key": key, **({"lang": lang} if lang else {})}
    text = markup.search_page(
        found,
        _links(door, front, key, found.search_id),
        action="/v1/storefront/search.html",
        hidden=hidden,
        shop=front.shop.name,
        back=next(iter(front.source.origins), None),
        begin=begin,
        size=size,
        language=front.language,
    )
    return html(door, front, text, seconds=KEPT_SECONDS)


@api.get(
    "/v1/storefront/click",
    public=_PUBLIC,
    summary="Follow a product's link and count it",
    example="",
    media_type="text/html",
)
def get_storefront_click(
    door: Door,
    key: Key,
    list: Annotated[str, Query(max_length=80, description="`impression_id` or `search_id` of the list")],
    product: Annotated[str, Query(max_length=200, description="The product that was chosen")],
    position: Annotated[int, Query(ge=1, le=10_000, description="Its place in the list")],
    visitor: Visitor = None,
) -> Response:
    """Tells `Product Clicked` and answers 302 to the product's own address in the catalogue, never to any other. Browsers that ask not
    to be followed are led there without being counted.
    """
    front = let_in(door, key, visitor)
    if door.stores.journal is None:
        raise Unavailable("clicks are taken by the server only", mend="start it with `regulars serve`", code="no_journal")
    headers = door.request.headers
    link = service.follow(
        front,
        door.stores.journal,
        list_id=list,
        product_id=product,
        position=position,
        network=door.network,
        user_agent=headers.get("user-agent", ""),
        tell=headers.get("sec-gpc") != "1" and headers.get("dnt") != "1",
    )
    tell_how_to_keep(door, front, seconds=0)
    return Response(status_code=302, headers={"location": link})


@api.get(
    "/v1/storefront/widgets.js",
    public="a script for shops' pages; it holds no data",
    summary="The components for shops' pages",
    example="/* regulars widgets */",
    media_type="text/javascript",
)
def get_storefront_widgets(door: Door) -> Response:
    """`<regulars-carousel>` and `<regulars-search>`; kept by browsers for an hour. Needs no key."""
    packed = "gzip" in door.request.headers.get("accept-encoding", "")
    headers = {
        "cache-control": f"public, max-age={SCRIPT_SECONDS}",
        "cross-origin-resource-policy": "cross-origin",
        "access-control-allow-origin": "*",
        "vary": "Accept-Encoding",
        **({"content-encoding": "gzip"} if packed else {}),
    }
    return Response(widgets(packed), media_type="text/javascript; charset=utf-8", headers=headers)


@api.get(
    "/v1/storefront/preview.html",
    public=_PUBLIC,
    summary="A component as it looks",
    example="<!doctype html><html>…</html>",
    media_type="text/html",
)
def get_storefront_preview(
    door: Door,
    key: Key,
    placement: Annotated[Placement | None, Query(description="The list's placement; without one, the search")] = None,
    item: _Items = None,
    title: _Title = "",
    theme: Annotated[str, Query(pattern="^(light|dark)$", description="`light` or `dark`")] = "light",
) -> Response:
    """For the console: the component alone on a page that tells no events."""
    front = let_in(door, key)
    text = preview.page(
        base_of(door), key, placement=placement, items=item or (), title=title, theme=theme, language=front.language
    )
    return html(door, front, text, seconds=0, policy=preview.POLICY)


class CustomerTokenBody(BaseModel):
    """Whom a token is for."""

    model_config = ConfigDict(extra="forbid")

    customer: _Id = Field(description="The buyer, as the shop names them")
    source_id: _Id | None = Field(default=None, description="The browser source; the shop's oldest one by default")
    minutes: int = Field(default=15, ge=1, le=60, description="How long it holds")


@api.post(
    "/v1/storefront/customer_tokens",
    permission="load_data",
    answer=CustomerToken,
    summary="A token that vouches for a customer",
    status=201,
    example=CustomerToken(
        token="v1.1793609100.MTc4NTA.5f0c0d3e6b7a",  # noqa: S106 (an example)
        customer="17850",
        source_id="source_4Z",
        expires_at=datetime(2026, 11, 2, 9, 15, tzinfo=UTC),
    ),
    sends=CustomerTokenBody(customer="17850", minutes=15),
    replayable=False,
)
def post_storefront_customer_token(door: Door, body: CustomerTokenBody) -> CustomerToken:
    """Asked by the shop's server for the customer who is signed in there; needs `read_customers` too. A server can also sign such
    tokens by itself, with the secret of the source.
    """
    with door.reading() as uow:
        source = service.source_for(uow, door.caller, door.shop.shop_id, body.source_id)
        return service.customer_token(uow, door.caller, source, body.customer, minutes=body.minutes)


@api.get(
    "/v1/storefront/signing_secret",
    permission="load_data",
    answer=SigningSecret,
    summary="The secret that customer tokens are signed with",
    example=SigningSecret(secret="rg_sign_5f0c0d3e6b7a", source_id="source_4Z"),  # noqa: S106 (an example)
)
def get_storefront_signing_secret(
    door: Door,
    source_id: Annotated[
        str | None, Query(max_length=200, description="The browser source; the shop's oldest one by default")
    ] = None,
) -> SigningSecret:
    """For the shop's server only; needs `read_customers` too. It changes when the source's write key is rotated."""
    with door.reading() as uow:
        source = service.source_for(uow, door.caller, door.shop.shop_id, source_id)
        return service.signing_secret(uow, door.caller, source)


def _wanted(
    placement: Placement,
    item: list[str] | None,
    exclude: list[str] | None,
    category: str | None,
    brand: str | None,
    market: str | None,
    size: int,
) -> recommend.Wanted:
    return recommend.Wanted(
        placement=placement,
        context=tuple(item or ()),
        exclude=tuple(exclude or ()),
        category=category,
        brand=brand,
        market=market,
        size=size,
    )


def _links(door: Door, front: Front, key: str, list_id: str) -> markup.Link:
    """Addresses that count a click on their way to the product."""
    base = base_of(door)

    def link(one: StorefrontItem) -> str | None:
        if one.link is None:
            return None
        asked = {"key": key, "list": list_id, "product": one.product_id, "position": one.position}
        return f"{base}/v1/storefront/click?{urlencode(asked | ({'visitor': front.visitor} if front.visitor else {}))}"

    return link
