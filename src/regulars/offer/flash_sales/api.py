"""Flash sales over HTTP: what runs and how much is free, arranging sales, and reserving, paying, cancelling and refunding."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from regulars.collect import identity
from regulars.offer.flash_sales import service
from regulars.offer.flash_sales.domain import MOST_AT_ONCE, MOST_UNITS, FlashSale, Phase, Reservation, State
from regulars.offer.flash_sales.exports import reservations_table, sales_table
from regulars.web import Api, Door
from regulars.web.downloads import Format, csv_file
from regulars.web.paging import Cursor, Limit, Page, page, place_of

api = Api(tags=["Offers"])

SaleId = Annotated[str, Path(max_length=64, description="The flash sale")]
ReservationId = Annotated[str, Path(max_length=128, description="The reservation, by the id it was made under")]
_Minor = Annotated[int, Field(ge=0, lt=2**53, description="In the smallest unit of the shop's currency")]
_AT = datetime(2026, 11, 11, 12, 0, tzinfo=UTC)
_EVERY = 10_000


class NewFlashSale(BaseModel):
    """One product at a price for a time, out of a stock of its own."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=120)
    product_id: str = Field(min_length=1, max_length=200)
    price_minor: _Minor
    list_price_minor: _Minor | None = None
    stock: int = Field(ge=1, le=MOST_UNITS)
    per_customer: int | None = Field(default=None, ge=1, le=MOST_UNITS, description="Units one customer may have; null: any")
    ttl_s: int = Field(default=900, ge=1, le=604_800, description="How long a reservation is held unpaid, in seconds")
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class FlashSaleChange(BaseModel):
    """What changes; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    stock: int | None = Field(default=None, ge=1, le=MOST_UNITS)
    ends_at: AwareDatetime | None = Field(default=None, description="An instant that has passed ends the sale now")


class NewReservation(BaseModel):
    """Whose units, and how many."""

    model_config = ConfigDict(extra="forbid")

    customer_id: str = Field(min_length=1, max_length=200, description="The buyer, as the shop names them")
    quantity: int = Field(default=1, ge=1, le=MOST_AT_ONCE)
    reservation_id: str | None = Field(
        default=None, min_length=1, max_length=128, description="The shop's own id; the same id gives the same answer"
    )


_SALE = FlashSale(
    sale_id="flash_01k3w0d2h5q8v9x1y2z3a4b5c6",
    name="Longjing at noon",
    product_id="longjing-100",
    currency="CNY",
    price_minor=9_900,
    list_price_minor=12_800,
    stock=300,
    per_customer=2,
    ttl_s=900,
    starts_at=_AT,
    ends_at=_AT.replace(hour=14),
    phase="running",
    available=121,
    reserved=37,
    sold=142,
    refunds_due=1,
    made_at=_AT.replace(day=1),
    made_by="operator:op_1",
)
_HELD = Reservation(
    reservation_id="cart-8812",
    sale_id=_SALE.sale_id,
    customer_id="u1",
    quantity=1,
    price_minor=9_900,
    currency="CNY",
    status="reserved",
    reserved_at=_AT,
    expires_at=_AT.replace(minute=15),
)
_SOLD = Reservation(
    **{name: getattr(_HELD, name) for name in ("reservation_id", "sale_id", "customer_id", "quantity", "price_minor", "currency")},
    status="sold",
    reserved_at=_AT,
    expires_at=_AT.replace(minute=15),
    paid_at=_AT.replace(minute=3),
)


@api.get(
    "/v1/flash_sales",
    permission="read_reports",
    answer=Page[FlashSale],
    summary="Flash sales, and how much of each is free now",
    example=Page(items=[_SALE]),
)
def get_flash_sales(
    door: Door,
    phase: Annotated[Phase | None, Query(description="Only those that are planned, running or ended")] = None,
    format: Format = "json",
) -> Page[FlashSale] | Response:
    """The last to begin first. What is free is counted at this instant: a reservation that has run out is free already."""
    with door.reading() as uow:
        found = service.listing(uow, door.shop.shop_id, phase=phase)
    return csv_file(door, sales_table(found), "flash-sales") if format == "csv" else Page(items=found)


@api.post(
    "/v1/flash_sales",
    permission="manage_offers",
    answer=FlashSale,
    summary="Arrange a flash sale",
    status=201,
    example=_SALE,
    sends=NewFlashSale(
        name=_SALE.name, product_id=_SALE.product_id, price_minor=9_900, list_price_minor=12_800, stock=300, per_customer=2,
        starts_at=_SALE.starts_at, ends_at=_SALE.ends_at,
    ),
)  # fmt: skip
def post_flash_sale(door: Door, body: NewFlashSale) -> FlashSale:
    """In the shop's currency. Its stock is a pool of its own: set it aside from the shop's normal stock."""
    with door.unit() as uow:
        return service.arrange(uow, door.caller, door.shop, **body.model_dump())


@api.get(
    "/v1/flash_sales/{sale_id}",
    permission="read_reports",
    answer=FlashSale,
    summary="One flash sale, and how much of it is free now",
    example=_SALE,
)
def get_flash_sale(door: Door, sale_id: SaleId) -> FlashSale:
    """Its price, time and counts at this instant."""
    with door.reading() as uow:
        return service.get(uow, door.shop.shop_id, sale_id)


@api.patch(
    "/v1/flash_sales/{sale_id}",
    permission="manage_offers",
    answer=FlashSale,
    summary="Change the stock or the end of a flash sale",
    example=_SALE,
    sends=FlashSaleChange(stock=320),
)
def patch_flash_sale(door: Door, sale_id: SaleId, body: FlashSaleChange) -> FlashSale:
    """The stock never goes below what is sold and reserved. Open reservations can still be paid after an earlier end."""
    with door.unit() as uow:
        return service.change(uow, door.caller, door.shop.shop_id, sale_id, stock=body.stock, ends_at=body.ends_at)


@api.get(
    "/v1/flash_sales/{sale_id}/reservations",
    permission="read_customers",
    answer=Page[Reservation],
    summary="Reservations of a flash sale",
    example=Page(items=[_HELD]),
)
def get_flash_reservations(
    door: Door,
    sale_id: SaleId,
    status: Annotated[State | None, Query(description="Only those that stand so; `refund_required`: money to give back")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
    format: Format = "json",
) -> Page[Reservation] | Response:
    """In the order of their ids, as they stand at this instant."""
    after = place_of(cursor, str) or ""
    with door.reading() as uow:
        most = _EVERY if format == "csv" else limit + 1
        found = service.reservations(uow, door.shop.shop_id, sale_id, status=status, after=after, limit=most)
    if format == "csv":
        return csv_file(door, reservations_table(found), "flash-reservations")
    return page(found, limit, lambda one: one.reservation_id)


@api.post(
    "/v1/flash_sales/{sale_id}/reservations",
    permission="load_data",
    answer=Reservation,
    summary="Reserve units of a flash sale",
    example=_HELD,
    sends=NewReservation(customer_id="u1", quantity=1, reservation_id="cart-8812"),
)
def post_flash_reservation(door: Door, sale_id: SaleId, body: NewReservation) -> Reservation:
    """All of the units or none, until `expires_at`. Refused with 409 and the code `not_started`, `ended`, `customer_limit` or `sold_out`;
    `idempotency_conflict` where the id was used for another customer or quantity.
    """
    with door.unit() as uow:
        who = identity.whom(uow, door.keyring, door.shop.shop_id, body.customer_id)
        return service.reserve(
            uow, door.shop.shop_id, sale_id, quantity=body.quantity, reservation_id=body.reservation_id, **who._asdict()
        )


@api.get(
    "/v1/flash_sales/{sale_id}/reservations/{reservation_id}",
    permission="read_customers",
    answer=Reservation,
    summary="One reservation",
    example=_SOLD,
)
def get_flash_reservation(door: Door, sale_id: SaleId, reservation_id: ReservationId) -> Reservation:
    """As it stands at this instant."""
    with door.reading() as uow:
        return service.reservation(uow, door.shop.shop_id, sale_id, reservation_id)


@api.post(
    "/v1/flash_sales/{sale_id}/reservations/{reservation_id}/payment",
    permission="load_data",
    answer=Reservation,
    summary="A reservation was paid",
    example=_SOLD,
)
def post_flash_payment(door: Door, sale_id: SaleId, reservation_id: ReservationId) -> Reservation:
    """The payment provider's callback, as often as it comes: the first one counts, and each gets its answer. A late payment buys what is
    still free; else the answer is `refund_required` with the reason, and the money is to be given back.
    """
    with door.unit() as uow:
        return service.pay(uow, door.shop.shop_id, sale_id, reservation_id)


@api.post(
    "/v1/flash_sales/{sale_id}/reservations/{reservation_id}/cancellation",
    permission="load_data",
    answer=Reservation,
    summary="Let a reservation go",
    example=Reservation(
        **{name: getattr(_HELD, name) for name in ("reservation_id", "sale_id", "customer_id", "quantity", "price_minor")},
        currency="CNY",
        status="cancelled",
        reserved_at=_AT,
        expires_at=_AT.replace(minute=15),
        closed_at=_AT.replace(minute=2),
        returned_to_activity=1,
    ),
)
def post_flash_cancellation(door: Door, sale_id: SaleId, reservation_id: ReservationId) -> Reservation:
    """Its units are free at once. One that has been paid is refused: that is a refund."""
    with door.unit() as uow:
        return service.cancel(uow, door.shop.shop_id, sale_id, reservation_id)


@api.post(
    "/v1/flash_sales/{sale_id}/reservations/{reservation_id}/refund",
    permission="load_data",
    answer=Reservation,
    summary="The money of a reservation was given back",
    example=Reservation(
        **{
            name: getattr(_SOLD, name)
            for name in ("reservation_id", "sale_id", "customer_id", "quantity", "price_minor", "paid_at")
        },
        currency="CNY",
        status="refunded",
        reserved_at=_AT,
        expires_at=_AT.replace(minute=15),
        closed_at=_AT.replace(day=12),
    ),
)
def post_flash_refund(door: Door, sale_id: SaleId, reservation_id: ReservationId) -> Reservation:
    """After `refund_required`, or of units that were sold: those return to the shop's normal stock, not to the sale."""
    with door.unit() as uow:
        return service.refund(uow, door.shop.shop_id, sale_id, reservation_id)
