"""The page on which a customer claims a coupon: a link is made for them, opening it changes nothing, the button claims."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Annotated

from fastapi import Path, Response

from regulars.access import shops
from regulars.errors import NotFound
from regulars.offer.promotions import links, service
from regulars.offer.promotions.api.couponing import CouponToClaim
from regulars.offer.promotions.api.routes import AT, BatchId, api, customer_of
from regulars.offer.promotions.coupons import Coupon
from regulars.offer.promotions.links import ClaimLink
from regulars.offer.promotions.words import CLAIM_WORDS, claim_words
from regulars.values import clock
from regulars.web import Door

Token = Annotated[str, Path(max_length=1000, description="The token of the link")]
_PUBLIC = "the signed link is the permission"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClaimLink:
    """A link for one customer; put your address before `path`."""

    path: str
    ends_at: datetime


@api.post(
    "/v1/coupon_batches/{batch_id}/links",
    permission="take_orders",
    answer=NewClaimLink,
    summary="Make a link by which a customer claims a coupon",
    sends=CouponToClaim(customer="u1"),
    example=NewClaimLink(path="/v1/claims/WyJ0ZWEiXQ.5f1d0c9b8a7e6d5c4b3a29180716e5d4", ends_at=AT),
    status=201,
    replayable=False,
)
def post_claim_link(door: Door, batch_id: BatchId, body: CouponToClaim) -> NewClaimLink:
    """It leads to a page with one button, is for this customer and batch alone, and is valid for thirty days."""
    with door.reading() as uow:
        service.batch(uow, door.shop.shop_id, batch_id)
    ends = clock.now() + links.VALID
    link = ClaimLink(door.shop.shop_id, batch_id, customer_of(door, body.customer), ends)
    return NewClaimLink(path=f"/v1/claims/{links.signed(door.keyring, link)}", ends_at=ends)


@api.get(
    "/v1/claims/{token}",
    public=_PUBLIC,
    answer=str,
    media_type="text/html",
    summary="The page of a coupon to claim",
    example="<!doctype html>",
)
def get_coupon_claim_page(door: Door, token: Token) -> Response:
    """Opening it changes nothing, however often programs follow the link; the button on it claims."""
    try:
        link = links.opened(door.keyring, token)
        with door.reading() as uow:
            batch = service.batch(uow, link.shop_id, link.batch_id)
            name = service.get(uow, link.shop_id, batch.promotion_id).name
            mine = _mine(service.wallet(uow, link.shop_id, link.customer_id), link)
    except NotFound:
        return _page(door, "", "GONE", status=404)
    return _page(door, name, "YOURS", mine) if mine else _page(door, name, "")


@api.post(
    "/v1/claims/{token}",
    public=_PUBLIC,
    answer=str,
    media_type="text/html",
    summary="Claim a coupon by its link",
    example="<!doctype html>",
    replayable=False,
)
def post_coupon_claim_page(door: Door, token: Token) -> Response:
    """The page shows the coupon, or why there is none. Who has claimed theirs before sees it again."""
    try:
        link = links.opened(door.keyring, token)
        with door.unit() as uow:
            shop = shops.get(uow, link.shop_id)
            batch = service.batch(uow, link.shop_id, link.batch_id)
            name = service.get(uow, link.shop_id, batch.promotion_id).name
            found = service.claim(uow, shop, link.batch_id, link.customer_id)
            mine = found.coupon or _mine(service.wallet(uow, link.shop_id, link.customer_id), link)
    except NotFound:
        return _page(door, "", "GONE", status=404)
    return _page(door, name, "YOURS", mine) if mine else _page(door, name, found.reason or "")


def _mine(found: list[Coupon], link: ClaimLink) -> Coupon | None:
    return next((one for one in found if one.batch_id == link.batch_id and one.state == "open"), None)


def _page(door: Door, name: str, said: str, mine: Coupon | None = None, *, status: int = 200) -> Response:
    """One heading, one sentence, and either a code or a button."""

    def word(key: str) -> str:
        return escape(claim_words(key, door.language))

    body = f"<h1>{escape(name) or word('TITLE')}</h1>"
    if said:
        body += f'<p role="status">{word(said if said in CLAIM_WORDS else "GONE")}</p>'
    if mine is not None:
        body += f'<p class="rg-big">{escape(mine.code)}</p>'
    elif not said:
        body += f'<form method="post"><button class="rg-btn primary" type="submit">{word("CLAIM")}</button></form>'
    language = "zh-CN" if door.language == "zh" else "en-GB"
    page = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<title>{word("TITLE")}</title><link rel="stylesheet" href="/console-static/regulars.css"></head>'
        f'<body><div class="rg-door"><main><section class="rg-card">{body}</section></main></div></body></html>'
    )
    return Response(page, status_code=status, media_type="text/html; charset=utf-8")
