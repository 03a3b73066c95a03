"""A cart as storefronts send it, and what is asked with it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from regulars.offer.promotions.api.routes import Code, Customer, Strict, customer_of
from regulars.offer.promotions.domain.carts import LARGEST_MINOR, MOST_LINES, MOST_UNITS, Cart, CartLine
from regulars.offer.promotions.domain.quoting import Mode
from regulars.offer.promotions.quoting import Asked, PointsWanted
from regulars.web import Door

Minor = Annotated[int, Field(ge=0, le=LARGEST_MINOR, description="Minor units of the cart's currency")]


class LineToPrice(Strict):
    """One line of a cart."""

    id: str = Field(min_length=1, max_length=100, description="The line, by an id of its own in the cart")
    sku: str = Field(min_length=1, max_length=200, description="The product or variant")
    category: str = Field(default="", max_length=500, description="Its category; what lies below another one is `Tea > Green tea`")
    seller: str = Field(default="", max_length=100, description="Who sells it, on a marketplace")
    unit_price: int = Field(ge=0, le=LARGEST_MINOR, description="The list price of one unit, in minor units")
    qty: int = Field(ge=1, le=MOST_UNITS, description="How many units")
    discountable: bool = Field(default=True, description="false: no offer on goods touches it (a gift card)")


class CartToPrice(Strict):
    """A cart: its lines and what sending costs, in one currency."""

    currency: str = Field(min_length=3, max_length=3, description="ISO 4217")
    shipping: Minor = 0
    lines: list[LineToPrice] = Field(min_length=1, max_length=MOST_LINES)


class PointsToPay(Strict):
    """Points that shall pay a part of the goods."""

    balance: int | None = Field(
        default=None,
        ge=0,
        le=2**53,
        description="Points kept elsewhere; null: those of the points ledger here, and an order spends them",
    )
    redeem: int = Field(ge=0, le=2**53, description="How many the customer wants to use at most")
    step_points: int = Field(default=100, ge=1, le=2**31, description="Points are used in steps of so many")
    step_minor: int = Field(default=100, ge=1, le=LARGEST_MINOR, description="What a step is worth, in minor units")
    max_bps: int = Field(
        default=10_000, ge=0, le=10_000, description="The largest part of the goods that points pay, in basis points"
    )


class QuoteToAsk(Strict):
    """A cart, who buys it and how. What is not told of the customer is looked up."""

    cart: CartToPrice
    customer: Customer | None = None
    codes: list[Code] = Field(default=[], max_length=50, description="Codes the customer entered; blanks and case do not matter")
    coupon_mode: Mode = Field(default="requested", description="`best` finds the best use of the customer's wallet (and the codes)")
    segments: list[str] | None = Field(default=None, max_length=500, description="Segments the customer is in; null: looked up")
    tier: str | None = Field(default=None, max_length=100, description="The customer's tier")
    new_customer: bool | None = Field(
        default=None, description="Whether the customer never bought; null: by the orders committed here"
    )
    traits: dict[str, str] = Field(default={}, max_length=50, description="Traits that conditions of offers may ask for")
    channel: str = Field(default="", max_length=50, description="Where the cart is: `web`, `app`, `wechat` ...")
    points: PointsToPay | None = None

    def asked(self, door: Door) -> Asked:
        """As the verbs take it."""
        cart: dict[str, Any] = self.cart.model_dump()
        return Asked(
            cart=Cart(
                currency=self.cart.currency.upper(),
                shipping=self.cart.shipping,
                lines=tuple(CartLine(**line) for line in cart["lines"]),
            ),
            customer_id=customer_of(door, self.customer),
            segments=None if self.segments is None else frozenset(self.segments),
            tier=self.tier,
            new_customer=self.new_customer,
            traits=self.traits,
            channel=self.channel,
            mode=self.coupon_mode,
            codes=tuple(self.codes),
            points=PointsWanted(**self.points.model_dump()) if self.points else None,
        )


CART = CartToPrice(
    currency="CNY",
    shipping=1_000,
    lines=[
        LineToPrice(id="1", sku="longjing-100", category="Tea > Green tea", seller="s1", unit_price=10_000, qty=2),
        LineToPrice(id="2", sku="cup", category="Ware", seller="s1", unit_price=5_000, qty=1),
    ],
)
