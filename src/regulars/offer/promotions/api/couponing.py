"""Coupons over HTTP: batches of codes, coupons for customers, claims, and a customer's wallet."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, Field

from regulars.errors import InvalidInput
from regulars.offer.promotions import service
from regulars.offer.promotions.api.routes import AT, BatchId, Customer, Strict, api, customer_of
from regulars.offer.promotions.batches import Batch
from regulars.offer.promotions.coupons import Claimed, Coupon
from regulars.web import Door
from regulars.web.downloads import Format
from regulars.web.paging import Cursor, Limit, Page, page, place_of

_Promotion = Annotated[str, Field(min_length=1, max_length=64, description="A promotion of the kind coupon, without a code")]
_Days = Annotated[int, Field(ge=1, le=3_660, description="How many days a coupon is valid from when it is given")]
_FILE_BYTES = 16 * 1024 * 1024


class CodesToMake(Strict):
    """Codes that belong to nobody yet (`many`), or a stock that customers claim from (`stock`)."""

    promotion_id: _Promotion
    name: str = Field(default="", max_length=200)
    many: int | None = Field(default=None, ge=1, le=20_000_000, description="How many codes to make now")
    stock: int | None = Field(default=None, ge=1, le=20_000_000, description="How many coupons customers may claim in all")
    per_customer: int | None = Field(default=1, ge=1, le=1_000, description="How many each may claim; null: without limit")
    prefix: str = Field(default="", max_length=20, description="What the codes begin with")
    ends_at: AwareDatetime | None = None
    valid_days: _Days | None = None


class CodesToImport(Strict):
    """Codes of another system, as the text of a CSV file."""

    promotion_id: _Promotion
    name: str = Field(default="", max_length=200)
    csv: str = Field(
        min_length=1, description="Columns: code and, where known, customer_id and ends_at", examples=["code\nSPRING-1\n"]
    )


class CouponsToIssue(Strict):
    """Customers who are to be given a coupon each."""

    promotion_id: _Promotion
    customers: list[Customer] = Field(min_length=1, max_length=1_000)
    name: str = Field(default="", max_length=200, description="What the batch is called")
    valid_days: _Days | None = None


class SegmentToGive(Strict):
    """A segment whose members are to be given a coupon each."""

    promotion_id: _Promotion
    segment_id: str = Field(min_length=1, max_length=64, examples=["lapsing-regulars"])
    name: str = Field(default="", max_length=200, description="What the batch is called; as the segment where none is given")
    valid_days: _Days | None = None


class CouponToClaim(Strict):
    """Who claims."""

    customer: Customer


_COUPON = Coupon(
    code="7C1PQ0ZX4M2H",
    promotion_id="birthday",
    promotion="Birthday coupon",
    batch_id="batch_01m7zsbyk3",
    customer_id="u1",
    state="open",
    issued_at=AT,
    ends_at=None,
    order_id=None,
    used_at=None,
)
_BATCH = Batch(
    batch_id="batch_01m7zsbyk3",
    promotion_id="leaflet",
    name="Leaflets of the autumn fair",
    origin="generated",
    prefix="FAIR-",
    wanted=100_000,
    made=100_000,
    used=812,
    stock=None,
    per_customer=None,
    claimed=0,
    ends_at=None,
    valid_days=None,
    created_at=AT,
    created_by="operator:operator_01m7zsbyk3",
    finished_at=AT,
    error=None,
)


@api.get(
    "/v1/coupon_batches", permission="read_reports", answer=Page[Batch], summary="Batches of coupons", example=Page(items=[_BATCH])
)
def get_coupon_batches(
    door: Door, promotion: Annotated[str | None, Query(max_length=64, description="Only of this promotion")] = None
) -> Page[Batch]:
    """The 200 newest. How many are used is told of one batch at a time."""
    with door.reading() as uow:
        return Page(items=service.batches(uow, door.shop.shop_id, promotion))


@api.post(
    "/v1/coupon_batches",
    permission="manage_offers",
    answer=Batch,
    summary="Make codes, or open a stock to be claimed",
    sends=CodesToMake(promotion_id="leaflet", name="Leaflets of the autumn fair", many=100_000, prefix="FAIR-"),
    example=_BATCH,
    status=201,
)
def post_coupon_batch(door: Door, body: CodesToMake) -> Batch:
    """Up to 5,000 codes are there with the answer, more are made in the background: `made` tells how far it is. Nobody can guess a code."""
    if (body.many is None) == (body.stock is None):
        raise InvalidInput("a batch has either codes or a stock", mend="give one of `many` and `stock`", code="bad_number")
    with door.unit() as uow:
        if body.many is not None:
            return service.generate(
                uow,
                door.caller,
                door.shop,
                body.promotion_id,
                many=body.many,
                name=body.name,
                prefix=body.prefix,
                ends_at=body.ends_at,
            )
        assert body.stock is not None
        return service.open_for_claims(
            uow,
            door.caller,
            door.shop,
            body.promotion_id,
            stock=body.stock,
            per_customer=body.per_customer,
            name=body.name,
            prefix=body.prefix,
            ends_at=body.ends_at,
            valid_days=body.valid_days,
        )


@api.post(
    "/v1/coupon_batches/imports",
    permission="manage_offers",
    answer=Batch,
    summary="Import codes of another system",
    sends=CodesToImport(promotion_id="leaflet", csv="code,customer_id,ends_at\nSPRING-1,u1,2026-12-31T16:00:00Z\n"),
    example=_BATCH,
    status=201,
    body_bytes=_FILE_BYTES,
)
def post_coupon_import(door: Door, body: CodesToImport) -> Batch:
    """All of them or, where one cannot be used, none; the line is named. At most 100,000 at once."""
    with door.unit() as uow:
        return service.import_codes(uow, door.caller, door.shop, body.promotion_id, body.csv.encode(), name=body.name)


@api.post(
    "/v1/coupon_batches/segments",
    permission="manage_offers",
    answer=Batch,
    summary="Give a segment a coupon each",
    sends=SegmentToGive(promotion_id="birthday", segment_id="lapsing-regulars", valid_days=30),
    example=_BATCH,
    status=201,
)
def post_coupon_segment(door: Door, body: SegmentToGive) -> Batch:
    """Everybody who is in it as last evaluated, in the background: `made` tells how far it is, and nobody gets two. Visitors get none."""
    with door.unit() as uow:
        return service.issue_to_segment(
            uow, door.caller, door.shop, body.promotion_id, body.segment_id, name=body.name, valid_days=body.valid_days
        )


@api.get("/v1/coupon_batches/{batch_id}", permission="read_reports", answer=Batch, summary="One batch of coupons", example=_BATCH)
def get_coupon_batch(door: Door, batch_id: BatchId) -> Batch:
    """How many are wanted, made and used."""
    with door.reading() as uow:
        return service.batch(uow, door.shop.shop_id, batch_id)


@api.get(
    "/v1/coupon_batches/{batch_id}/coupons",
    permission="manage_offers",
    answer=Page[Coupon],
    summary="The coupons of a batch",
    example=Page(items=[_COUPON]),
)
def get_batch_coupons(
    door: Door, batch_id: BatchId, limit: Limit = 100, cursor: Cursor = None, format: Format = "json"
) -> Page[Coupon] | Response:
    """In the order of their codes; as CSV the whole batch at once, however many there are."""
    if format == "csv":
        door.caller.demand("export")
        headers = {"content-disposition": f'attachment; filename="{batch_id}.csv"', "x-content-type-options": "nosniff"}
        lines = service.export(door.stores.records, door.shop.shop_id, batch_id)
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)
    with door.reading() as uow:
        found = service.page(uow, door.shop.shop_id, batch_id, after=place_of(cursor, str) or "", limit=limit)
    return page(found, limit, lambda one: one.code)


@api.post(
    "/v1/coupon_batches/{batch_id}/claims",
    permission="take_orders",
    answer=Claimed,
    summary="A customer claims a coupon",
    sends=CouponToClaim(customer="u1"),
    example=Claimed(coupon=_COUPON),
)
def post_coupon_claim(door: Door, batch_id: BatchId, body: CouponToClaim) -> Claimed:
    """While the stock lasts, and no more than each may have; otherwise `reason` tells why there is none."""
    with door.unit() as uow:
        return service.claim(uow, door.shop, batch_id, customer_of(door, body.customer))


@api.post(
    "/v1/coupons",
    permission="manage_offers",
    answer=Page[Coupon],
    summary="Give customers a coupon each",
    sends=CouponsToIssue(promotion_id="birthday", customers=["u1", "u2"], valid_days=30),
    example=Page(items=[_COUPON]),
    status=201,
)
def post_coupons(door: Door, body: CouponsToIssue) -> Page[Coupon]:
    """In the order of the customers; nobody else can use them."""
    people = [customer_of(door, one) for one in body.customers]
    with door.unit() as uow:
        return Page(
            items=service.issue(uow, door.caller, door.shop, body.promotion_id, people, name=body.name, valid_days=body.valid_days)
        )


@api.delete("/v1/coupons/{code}", permission="manage_offers", answer=Coupon, summary="Make a coupon worthless", example=_COUPON)
def delete_coupon(door: Door, code: Annotated[str, Path(max_length=64, description="The coupon's code")]) -> Coupon:
    """A used one stays used; it stays in its batch."""
    with door.unit() as uow:
        return service.void(uow, door.caller, door.shop.shop_id, code)


@api.get(
    "/v1/customers/{customer_id}/coupons",
    permission="read_customers",
    answer=Page[Coupon],
    summary="A customer's coupons",
    example=Page(items=[_COUPON]),
)
def get_customer_coupons(door: Door, customer_id: Annotated[str, Path(max_length=200, description="The customer")]) -> Page[Coupon]:
    """Open, used, expired and void ones, the newest first, up to 200."""
    with door.reading() as uow:
        return Page(items=service.wallet(uow, door.shop.shop_id, customer_of(door, customer_id)))
