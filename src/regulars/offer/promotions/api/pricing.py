"""Quotes and orders, for storefronts: what a cart costs, taking an order at that price, cancelling and returning it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from regulars.offer.promotions import service
from regulars.offer.promotions.api.carting import CART, QuoteToAsk
from regulars.offer.promotions.api.routes import AT, QUOTE, OrderId, Strict, api
from regulars.offer.promotions.domain.carts import LARGEST_MINOR
from regulars.offer.promotions.domain.refunds import LineRefund, Policy, Returned
from regulars.offer.promotions.ordering import OrderRefund, PricedOrder
from regulars.offer.promotions.quoting import Quote
from regulars.web import Door

_Id = Annotated[str, Field(min_length=1, max_length=128)]


class CheckoutToCommit(QuoteToAsk):
    """What was quoted, the order it becomes, and what the customer was told to pay."""

    order_id: _Id = Field(description="The order, as the shop names it; the same order is taken once")
    payable: int = Field(ge=0, le=2 * LARGEST_MINOR, description="`totals.payable` of the quote the customer saw")


class LineToReturn(Strict):
    """Units of one line that come back."""

    line: str = Field(min_length=1, max_length=100)
    qty: int = Field(ge=1, le=1_000_000)


class ReturnToMake(Strict):
    """What comes back of an order."""

    refund_id: _Id = Field(description="The return, as the shop names it; the same return is made once")
    lines: list[LineToReturn] = Field(min_length=1, max_length=500)
    policy: Policy = Field(
        default="keep",
        description="`keep`: each line's share of what was paid; `reclaim`: what is kept is priced anew without what it missed",
    )


_REFUND = OrderRefund(refund_id="r-1", policy="keep", lines=[LineRefund("1", 1, 9_600, 0)], cash=9_600, points=0, refunded_at=AT)
_ORDER = PricedOrder(
    order_id="o-1001",
    customer_id="u1",
    state="committed",
    currency="CNY",
    payable=25_000,
    quote=QUOTE,
    refunds=[_REFUND],
    refunded_cash=9_600,
    refunded_points=0,
    committed_at=AT,
    changed_at=AT,
)
_ASKED = {"cart": CART.model_dump(), "customer": "u1", "codes": ["spring10", "AUTUMN"], "channel": "web"}


@api.post(
    "/v1/quotes",
    permission="take_orders",
    answer=Quote,
    summary="What does this cart cost, and why?",
    sends=_ASKED,
    example=QUOTE,
)
def post_quote(door: Door, body: QuoteToAsk) -> Quote:
    """Each line from its list price over every discount with its source to what it costs; shipping, points and totals; why each code and
    offer did or did not apply; and what is missing to the next threshold. Amounts are minor units. Nothing is written or reserved.
    """
    asked = service.known(door.records, door.warehouse, door.shop, body.asked(door))
    with door.reading() as uow:
        return service.quote(uow, door.shop, asked, language=door.language)


@api.post(
    "/v1/checkouts",
    permission="take_orders",
    answer=PricedOrder,
    summary="Take an order at the price that was quoted",
    sends={**_ASKED, "order_id": "o-1001", "payable": 25_000},
    example=_ORDER,
)
def post_checkout(door: Door, body: CheckoutToCommit) -> PricedOrder:
    """The cart is priced anew in one transaction that takes coupons, limits and budgets: all or nothing. 409 `QUOTE_CHANGED` where it costs
    something else now (`payable` tells what), or with the code of a limit that another order reached first. The same order again is answered
    as it stands; with another body it is 409 `IDEMPOTENCY_CONFLICT`.
    """
    asked = service.known(door.records, door.warehouse, door.shop, body.asked(door))
    with door.unit() as uow:
        return service.commit(uow, door.caller, door.shop, body.order_id, asked, body.payable, language=door.language)


@api.get(
    "/v1/checkouts/{order_id}", permission="read_customers", answer=PricedOrder, summary="How was an order priced?", example=_ORDER
)
def get_checkout(door: Door, order_id: OrderId) -> PricedOrder:
    """Its quote as it was committed, and what has come back since."""
    with door.reading() as uow:
        return service.order(uow, door.shop.shop_id, order_id)


@api.post(
    "/v1/checkouts/{order_id}/cancellations",
    permission="take_orders",
    answer=PricedOrder,
    summary="Cancel an order",
    example=_ORDER,
)
def post_checkout_cancellation(door: Door, order_id: OrderId) -> PricedOrder:
    """Its coupons can be used again while they are valid, and its share of limits and budgets is free. Doing it twice changes nothing."""
    with door.unit() as uow:
        return service.cancel(uow, door.caller, door.shop, order_id)


@api.post(
    "/v1/checkouts/{order_id}/refunds",
    permission="take_orders",
    answer=OrderRefund,
    summary="Return units of an order",
    sends=ReturnToMake(refund_id="r-1", lines=[LineToReturn(line="1", qty=1)], policy="keep"),
    example=_REFUND,
)
def post_checkout_refund(door: Door, order_id: OrderId, body: ReturnToMake) -> OrderRefund:
    """What comes back in money and points, line by line, so that all returns of an order add up to what was paid; shipping is refunded
    apart from this. When every unit has come back, the coupon can be used again. The same return again gives back nothing more.
    """
    returned = [Returned(one.line, one.qty) for one in body.lines]
    with door.unit() as uow:
        return service.refund(uow, door.caller, door.shop, order_id, body.refund_id, returned, policy=body.policy)
