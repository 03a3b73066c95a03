"""The verbs of the storefront: lists, finds and suggestions for a browser, links followed without scripts, and tokens of customers.

A browser holds a public write key and an id that it made for its device. That proves nothing, so it is answered with facts of the
catalogue, in an order that knows only what this device did. Only a token signed by the shop's server lets a customer's purchases
have a say; a customer's id is never taken from a browser by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from regulars.access import shops
from regulars.collect import identity, track
from regulars.errors import InvalidInput, NotAllowed, NotFound
from regulars.guard import consent, privacy
from regulars.serve import recommend, search
from regulars.serve.storefront.domain import tokens
from regulars.serve.storefront.domain.facts import (
    BADGES,
    LIST_ID,
    StorefrontFacetValue,
    StorefrontItem,
    StorefrontList,
    StorefrontSearch,
    StorefrontSuggestions,
    address_of,
    badge_of,
    money_text,
)
from regulars.serve.storefront.words import TITLES
from regulars.values import clock
from regulars.values.money import Money

if TYPE_CHECKING:
    from regulars.access.domain import Caller, Shop
    from regulars.access.keys import Keyring
    from regulars.collect.track.sources import Source
    from regulars.records import Records, UnitOfWork
    from regulars.serve.recommend.domain.lists import Recommended, Wanted
    from regulars.serve.search.domain.finding import Filters, Sort
    from regulars.serve.search.service import Hit
    from regulars.stream.journal import Journal
    from regulars.warehouse import Warehouse

_SECRETS, _CLICKS = "customer tokens", "storefront clicks"
_ONE_CLICK_SECONDS = 10  # the same link followed again within them is one click


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A shop as one of its browsers sees it. `customer` is only set where a token vouched for it."""

    records: Records
    warehouse: Warehouse
    home: Path
    keyring: Keyring
    shop: Shop
    source: Source
    language: str
    visitor: str | None = None
    customer: str | None = None

    @property
    def of_somebody(self) -> bool:
        """Whether the answer may be made for one person, and so must not be shared."""
        return self.visitor is not None or self.customer is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerToken:
    """A token that lets a browser ask for one customer's lists until it expires."""

    token: str
    customer: str
    source_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningSecret:
    """What a shop's server signs such tokens with; it changes with the source's write key."""

    secret: str
    source_id: str


def enter(
    records: Records,
    warehouse: Warehouse,
    home: Path,
    keyring: Keyring,
    *,
    key: str,
    origin: str,
    language: str,
    visitor: str | None = None,
    token: str | None = None,
) -> Front:
    """Let a browser in by its source's write key.

    Raises
    ------
    NotAllowed : no such key, a key that is not a browser's, a site the source does not know, a token that does not hold.
    """
    with records.reading() as uow:
        source = track.recognise(uow, key) if key else None
        if source is None:
            raise NotAllowed(
                "the write key is not valid here", mend="copy it from the page of the source", code="bad_key", status=401
            )
        if source.kind != "browser":
            raise NotAllowed(
                "this key is of a server, not of a browser",
                mend="use the write key of a source of kind browser",
                code="not_a_browser",
            )
        if origin and source.origins and origin.lower() not in source.origins:
            raise NotAllowed(
                "this source answers no pages of that site", mend="add the site to the source's origins", code="foreign_origin"
            )
        shop = shops.get(uow, source.shop_id)
    customer = tokens.customer_of(_secret(keyring, source.source_id, key), token, clock.now()) if token else None
    if visitor is not None and privacy.is_visitor(visitor.strip()):
        raise InvalidInput("a device names itself by the id that its SDK made", mend="send `anonymousId`", code="bad_visitor")
    return Front(
        records=records,
        warehouse=warehouse,
        home=home,
        keyring=keyring,
        shop=shop,
        source=source,
        language=language,
        visitor=(visitor or "").strip() or None,
        customer=customer,
    )


def recommendations(front: Front, wanted: Wanted, *, quiet: bool = False) -> StorefrontList:
    """The list of a placement for whoever looks; `wanted` says which, not for whom. A `quiet` one is not noted as shown."""
    asked = replace(wanted, visitor=front.visitor, customer=front.customer, apart=True, region=None, segment_id=None)
    told = (front.records, front.warehouse, front.home, front.keyring, front.shop, asked)
    with front.records.reading() as uow:
        if quiet:
            found = recommend.explain(uow, *told, language=front.language).recommendation
        else:
            found = recommend.recommend(uow, *told, language=front.language)
    return StorefrontList(
        impression_id=found.impression_id,
        placement=found.placement,
        title=TITLES[found.placement][front.language == "zh"],
        personalised=found.personalised,
        items=[_recommended(front, one) for one in found.items],
    )


def find(
    front: Front,
    query: str,
    *,
    filters: Filters,
    sort: Sort = "relevance",
    begin: int = 0,
    size: int = 20,
    facets: Sequence[str] = (),
    journal: Journal | None = None,
) -> StorefrontSearch:
    """The products for a query; a customer's purchases have a say only where a token vouched for the customer, who permits it.

    With a `journal` the search is told as nobody's; without, the page that asked tells it.
    """
    found = search.search(
        front.records,
        front.warehouse,
        front.home,
        front.shop,
        query,
        filters=filters,
        sort=sort,
        begin=begin,
        size=size,
        facets=facets,
        customer_id=_permitting(front),
    )
    search.tell(journal, front.shop.shop_id, front.source.source_id, found, filters=filters, sort=sort, begin=begin, size=size)
    return StorefrontSearch(
        search_id=found.search_id,
        query=found.query,
        corrected=found.corrected,
        related=found.rescue == "related",
        redirect=address_of(found.redirect, front.source.origins),
        personalised=found.personal,
        total=found.total,
        items=[_hit(front, one) for one in found.products],
        facets={
            name: [StorefrontFacetValue(value=one.value, count=one.count) for one in values]
            for name, values in found.facets.items()
        },
    )


def suggestions(front: Front, typed: str, *, size: int = 8, products: int = 4, market: str | None = None) -> StorefrontSuggestions:
    """What the query may become, and the first products, only those sold in the market where one is given."""
    filters = search.Filters(market=market)
    found = search.suggest(
        front.records, front.warehouse, front.home, front.shop, typed, size=size, products=products, filters=filters
    )
    return StorefrontSuggestions(
        query=found.query,
        suggestions=[one.query for one in found.suggestions],
        items=[_hit(front, one) for one in found.products],
    )


def follow(
    front: Front,
    journal: Journal,
    *,
    list_id: str,
    product_id: str,
    position: int,
    network: str,
    user_agent: str,
    tell: bool = True,
) -> str:
    """The address of a product that was chosen from a page without scripts; the choice is told as `Product Clicked`.

    Only the product's own page in the catalogue is ever led to. Without a visitor's id the click belongs to the list alone.

    Raises
    ------
    NotFound : the shop shows no such product, or it has no page.
    InvalidInput : the list is named as none of ours is.
    """
    if LIST_ID.fullmatch(list_id) is None:
        raise InvalidInput("that is not the id of a list", mend="take the link as it was given", code="bad_list")
    product = search.product_of(front.warehouse, front.home, front.shop.shop_id, product_id)
    link = None if product is None else address_of(product.url, front.source.origins)
    if product is None or link is None:
        raise NotFound("there is no page of that product", mend="tell its `url` to the catalogue", code="no_such_product")
    if tell:
        now = clock.now()
        who = front.visitor or list_id
        when = str(int(now.timestamp()) // _ONE_CLICK_SECONDS)
        named = (front.source.source_id, list_id, product_id, str(position), who, network, when)
        properties = {"list_id": list_id, "product_id": product_id, "position": position, "name": product.name}
        properties |= {"search_id": list_id} if list_id.startswith("search_") else {}
        message = {
            "type": "track",
            "event": "Product Clicked",
            "messageId": "click_" + front.keyring.mac(_CLICKS, *named)[:32],
            "anonymousId": who,
            "timestamp": now.isoformat(),
            "properties": {name: value for name, value in properties.items() if value is not None},
            "context": {"userAgent": user_agent[:500], "library": {"name": "regulars.html"}},
        }
        track.accept(journal, front.shop.shop_id, front.source.source_id, [message])
    return link


def source_for(uow: UnitOfWork, caller: Caller, shop_id: str, source_id: str | None = None) -> Source:
    """The browser source that is meant: the one named, else the shop's oldest that may send.

    Raises
    ------
    NotFound : the shop has none, or none of that id.
    """
    known: list[Source] = track.sources_of(uow, caller, shop_id, "browser")
    for one in known:
        if source_id in (None, one.source_id):
            return one
    raise NotFound(
        "there is no such source of kind browser",
        mend="make one on the page Sources, or list them with `GET /v1/sources`",
        code="no_browser_source",
    )


def signing_secret(uow: UnitOfWork, caller: Caller, source: Source) -> SigningSecret:
    """What the shop's server signs customer tokens with. Whoever has it may see the lists of every customer.

    Raises
    ------
    NotAllowed : the caller may not see write keys, or not customers.
    """
    caller.demand("read_customers")
    key = track.write_key(uow, caller, source.source_id)
    assert caller.keyring is not None
    return SigningSecret(secret=_secret(caller.keyring, source.source_id, key), source_id=source.source_id)


def customer_token(uow: UnitOfWork, caller: Caller, source: Source, customer: str, *, minutes: int = 15) -> CustomerToken:
    """A token for one customer, for shops that would rather ask than sign.

    Raises
    ------
    InvalidInput : it would live for less than a minute or for more than an hour, or names nobody.
    """
    if not 1 <= minutes <= tokens.LONGEST_MINUTES:
        raise InvalidInput(
            "a token lives for 1 to 60 minutes", mend=f"give 1 to {tokens.LONGEST_MINUTES} minutes", code="bad_minutes"
        )
    secret = signing_secret(uow, caller, source).secret
    expires_at = (clock.now() + timedelta(minutes=minutes)).replace(microsecond=0)
    return CustomerToken(
        token=tokens.sign(secret, customer, expires_at),
        customer=customer.strip(),
        source_id=source.source_id,
        expires_at=expires_at,
    )


def _secret(keyring: Keyring, source_id: str, write_key: str) -> str:
    """It follows from the write key, so a rotated key makes old tokens worthless, and nothing more has to be kept."""
    return "rg_sign_" + keyring.mac(_SECRETS, source_id, write_key)


def _permitting(front: Front) -> str | None:
    """The customer whose purchases may have a say in a search."""
    if front.customer is None:
        return None
    shop_id = front.shop.shop_id
    told = privacy.known_id(front.keyring, shop_id, front.customer)
    with front.records.reading() as uow:
        owner = identity.resolve(uow, shop_id, [told])[told]
        allowed = all(consent.may(uow, shop_id, one, "personalisation").allowed for one in {told, owner})
    return owner if allowed else None


def _recommended(front: Front, one: Recommended) -> StorefrontItem:
    product = search.product_of(front.warehouse, front.home, front.shop.shop_id, one.product_id)
    list_price = None
    if product is not None and product.list_price_minor is not None:
        list_price = Money(product.list_price_minor, product.currency or front.shop.currency)
    return _item(
        front,
        position=one.position,
        product_id=one.product_id,
        name=one.name,
        brand=one.brand,
        category=one.category,
        price=one.price,
        list_price=list_price,
        image_url=product.image_url if product else None,
        url=product.url if product else None,
        in_stock=product.in_stock if product else True,
        reason=one.reason.code,
        reason_text=one.reason.text,
    )


def _hit(front: Front, one: Hit) -> StorefrontItem:
    return _item(
        front,
        position=one.position,
        product_id=one.product_id,
        name=one.name,
        brand=one.brand,
        category=one.category,
        price=one.price,
        list_price=one.list_price,
        image_url=one.image_url,
        url=one.url,
        in_stock=one.in_stock,
    )


def _item(
    front: Front,
    *,
    position: int,
    product_id: str,
    name: str | None,
    brand: str | None,
    category: str | None,
    price: Money | None,
    list_price: Money | None,
    image_url: str | None,
    url: str | None,
    in_stock: bool,
    reason: str | None = None,
    reason_text: str | None = None,
) -> StorefrontItem:
    badge = badge_of(in_stock=in_stock, price=price, list_price=list_price, new=reason == "new")
    return StorefrontItem(
        position=position,
        product_id=product_id,
        name=name or product_id,
        brand=brand,
        category=category,
        price=price,
        price_text=money_text(price),
        list_price_text=money_text(list_price) if badge == "sale" else None,
        image_url=address_of(image_url, front.source.origins),
        link=address_of(url, front.source.origins),
        in_stock=in_stock,
        badge=badge,
        badge_text=None if badge is None else BADGES[badge][front.language == "zh"],
        reason=reason,
        reason_text=reason_text,
    )
