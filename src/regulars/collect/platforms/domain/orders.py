"""One order as any platform or database tells it, and the messages it comes to.

An order is told as often as anything about it changes. Whatever arrives first makes it: `Order Completed` has the same id from every
telling, so it counts once. Later states are `Order Updated`, whose id and time are those of the state: the newest time holds, whatever
arrives last. `Order Cancelled` and each `Order Refunded` have one id for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from regulars.collect.platforms.domain.messages import Message, Who, digest, identify, moment, short_id, track

State = Literal["placed", "cancelled", "unpaid", "draft"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order; the price is of one, the discount of the whole line."""

    product_id: str | None
    name: str | None = None
    sku: str | None = None
    variant: str | None = None
    brand: str | None = None
    category: str | None = None
    price: Decimal | None = None
    quantity: Decimal = Decimal(1)
    discount: Decimal | None = None
    line_id: str | None = None
    image_url: str | None = None

    def properties(self, place: int) -> dict[str, Any]:
        """The line as the Segment specification has it."""
        return {
            "product_id": self.product_id,
            "sku": self.sku,
            "name": self.name,
            "variant": self.variant,
            "brand": self.brand,
            "category": self.category,
            "price": self.price,
            "quantity": int(self.quantity) if self.quantity == self.quantity.to_integral_value() else self.quantity,
            "discount": self.discount or None,
            "line_id": self.line_id,
            "position": place,
            "image_url": self.image_url,
        }


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back for an order; `refund_id` names it for ever."""

    refund_id: str
    at: datetime
    total: Decimal
    lines: tuple[Line, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One order. `prefix` begins its message ids and names it for ever; `who` and `traits` are the buyer."""

    prefix: str
    order_id: str
    ordered_at: datetime
    who: Who
    total: Decimal
    currency: str | None
    state: State = "placed"
    updated_at: datetime | None = None
    is_new: bool = False
    shipping: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    subtotal: Decimal | None = None
    discount: Decimal | None = None
    coupon: str | None = None
    channel: str | None = None
    country: str | None = None
    region: str | None = None
    city: str | None = None
    checkout_id: str | None = None
    cancelled_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    promised_at: datetime | None = None
    lines: tuple[Line, ...] = ()
    refunds: tuple[Refund, ...] = ()
    traits: Mapping[str, Any] = field(default_factory=dict)

    def properties(self) -> dict[str, Any]:
        """The order as the Segment specification has it: `revenue` is what remains of the total without shipping and tax."""
        times = {"shipped_at": self.shipped_at, "delivered_at": self.delivered_at, "promised_at": self.promised_at}
        return {
            **{name: moment(at) for name, at in times.items() if at is not None},
            "order_id": self.order_id,
            "checkout_id": self.checkout_id,
            "total": self.total,
            "subtotal": self.subtotal,
            "revenue": self.total - self.shipping - self.tax,
            "shipping": self.shipping,
            "tax": self.tax,
            "discount": self.discount,
            "coupon": self.coupon,
            "currency": self.currency,
            "channel": self.channel,
            "country": self.country,
            "region": self.region,
            "city": self.city,
            "products": [line.properties(place) for place, line in enumerate(self.lines, 1)],
        }


def order_messages(order: Order, library: str) -> list[Message]:
    """What an order comes to; nothing for one that is not paid or only a draft, as it does not count."""
    messages: list[Message] = []
    if order.state in ("unpaid", "draft"):
        return messages
    properties = order.properties()
    if order.traits and order.who.user:
        buyer = short_id(order.prefix, "buyer", digest([order.who.user, dict(order.traits)]))
        messages.append(identify(buyer, order.ordered_at, order.who, order.traits, library))
    messages.append(track("Order Completed", short_id(order.prefix, "completed"), order.ordered_at, order.who, properties, library))
    changed = order.updated_at
    if changed is not None and changed > order.ordered_at and not order.is_new:
        state = short_id(order.prefix, "updated", moment(changed), digest(properties))
        messages.append(track("Order Updated", state, changed, order.who, properties, library))
    if order.state == "cancelled":
        at = order.cancelled_at or changed or order.ordered_at
        told = {name: properties[name] for name in ("order_id", "total", "currency")}
        messages.append(track("Order Cancelled", short_id(order.prefix, "cancelled"), at, order.who, told, library))
    messages += [
        refund_message(refund, order.order_id, order.currency, order.who, library, order.prefix) for refund in order.refunds
    ]
    return messages


def refund_message(refund: Refund, order_id: str | None, currency: str | None, who: Who, library: str, prefix: str) -> Message:
    """One refund; its id does not depend on which delivery told of it."""
    properties = {
        "order_id": order_id,
        "refund_id": refund.refund_id,
        "total": refund.total,
        "currency": currency,
        "products": [line.properties(place) for place, line in enumerate(refund.lines, 1)],
    }
    if refund.reason:
        properties["reason"] = refund.reason
    return track("Order Refunded", short_id(prefix, "refund", refund.refund_id), refund.at, who, properties, library)


def identity_of(prefix: str, *told: str | None) -> Who:
    """The first id that names the buyer; an order of nobody known stands for itself."""
    found = next((one for one in told if one), None)
    return Who(user=found) if found else Who(visitor=prefix)


def price_of_one(amount: Decimal, quantity: Decimal) -> Decimal:
    """What one costs of a line that comes to `amount`; six digits behind the point are enough where it does not divide evenly."""
    price = amount / quantity
    exponent = price.as_tuple().exponent
    return price.quantize(Decimal("0.000001")) if isinstance(exponent, int) and exponent < -6 else price
