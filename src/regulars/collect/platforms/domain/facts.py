"""Fields by their canonical names (those of files: order_id, ordered_at, unit_price ...) as orders, customers, products and events.

What a generic webhook's mapping and a database's columns give is the same thing from here on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, get_args

from regulars.collect.imports.domain.fields import CUSTOMER_FIELDS, ORDER_FIELDS, PRODUCT_FIELDS
from regulars.collect.imports.domain.statuses import plain_status
from regulars.collect.platforms.domain.contacts import traits_of
from regulars.collect.platforms.domain.messages import (
    Message,
    Setting,
    Who,
    digest,
    identify,
    moment,
    product_updated,
    short_id,
    track,
)
from regulars.collect.platforms.domain.orders import Line, Order, Refund, State, identity_of, price_of_one
from regulars.collect.platforms.domain.payload import Reader
from regulars.collect.platforms.domain.statuses import meaning_of
from regulars.events.reasons import reason_of

Take = Literal["orders", "customers", "products", "events"]
TAKES: tuple[Take, ...] = get_args(Take)
#: What a connector reads: rows of one kind, or a stream of messages.
Reads = Literal["orders", "customers", "products", "events", "stream"]

_BEYOND_FILES = {
    "updated_at": "when the row last changed",
    "refund_id": "what names one refund; without it an order has one",
}
EVENT_FIELDS: dict[str, str] = {
    "event": "the event's name, such as Product Viewed",
    "happened_at": "when it happened",
    "customer_id": "the shop's own number of the customer",
    "customer_email": "the customer's e-mail address",
    "visitor_id": "the id of a device that nobody has named yet",
    "message_id": "what names this event for ever; without it, its content does",
    "properties": "an object with the event's properties",
}
#: Field -> meaning, of everything a mapping may name.
FIELDS: dict[Take, dict[str, str]] = {
    "orders": {**{name: field.meaning for name, field in ORDER_FIELDS.items()}, **_BEYOND_FILES},
    "customers": {**{name: field.meaning for name, field in CUSTOMER_FIELDS.items()}, "updated_at": _BEYOND_FILES["updated_at"]},
    "products": {**{name: field.meaning for name, field in PRODUCT_FIELDS.items()}, "url": "the page", "image_url": "a picture"},
    "events": EVENT_FIELDS,
}
LINE_FIELDS = frozenset(name for name, field in ORDER_FIELDS.items() if field.level == "line")
#: One field of each group must be there.
NEEDED: dict[Take, tuple[tuple[str, ...], ...]] = {
    "orders": (("order_id",), ("ordered_at",), ("order_total", "line_amount", "unit_price", "items_total", "paid_amount")),
    "customers": (("customer_id", "customer_email", "customer_phone"),),
    "products": (("product_id",),),
    "events": (("event",), ("customer_id", "customer_email", "visitor_id")),
}


def order_of(head: Reader, lines: Sequence[Reader], setting: Setting) -> Order:
    """One order; amounts that are not told are added up from its lines.

    `setting.extra["statuses"]` says what words of the status column mean.
    """
    order_id = head.needed("order_id", head.id("order_id"))
    prefix = f"{setting.library}:order:{order_id}"
    goods = tuple(line for one in lines if (line := _line(one)))
    ordered_at: datetime = head.needed("ordered_at", head.instant("ordered_at"))
    shipping, tax = head.amount("shipping") or Decimal(0), head.amount("tax") or Decimal(0)
    discount = head.amount("discount")
    cancelled_at = head.instant("cancelled_at")
    changed = head.instant("updated_at")
    items = head.amount("items_total")
    if items is None and goods:
        items = sum((_worth(line) for line in goods), Decimal(0))
    subtotal = None if items is None else items - (discount or Decimal(0))
    total = head.amount("order_total")
    if total is None:
        total = head.amount("paid_amount")
    if total is None and subtotal is not None:
        total = subtotal + shipping + tax
    who = identity_of(
        prefix, *(head.text(name) for name in ("customer_id", "customer_email", "customer_account", "customer_phone"))
    )
    given_back = head.amount("refund_amount")
    refund_at = head.instant("refunded_at") or changed or ordered_at
    return Order(
        prefix=prefix,
        order_id=order_id,
        ordered_at=ordered_at,
        updated_at=changed,
        who=who,
        total=head.needed("order_total", total),
        currency=head.text("currency") or setting.currency,
        state=_state(head, setting, cancelled=cancelled_at is not None),
        subtotal=subtotal,
        shipping=shipping,
        tax=tax,
        discount=discount,
        coupon=head.text("coupon"),
        channel=head.text("channel"),
        country=head.text("country"),
        region=head.text("region"),
        city=head.text("city"),
        cancelled_at=cancelled_at,
        shipped_at=head.instant("shipped_at"),
        delivered_at=head.instant("delivered_at"),
        promised_at=head.instant("promised_at"),
        lines=goods,
        refunds=(
            Refund(head.id("refund_id") or "all", refund_at, abs(given_back), reason=reason_of(head.text("refund_reason"))),
        ) if given_back else (),
        traits=traits_of(
            email=head.text("customer_email"), phone=head.text("customer_phone"), name=head.text("customer_name"),
            account=head.text("customer_account"), street=head.text("customer_address"),
        ),
    )  # fmt: skip


def customer_of(row: Reader, setting: Setting, seen_at: datetime, state: str = "") -> Message:
    """One customer as an identify message; the same content under the same `state` (a cursor's value) is the same message."""
    told = [row.text(name) for name in ("customer_id", "customer_email", "customer_account", "customer_phone")]
    who = identity_of("", *told)
    row.needed("customer_id", who.user)
    traits = traits_of(
        email=told[1],
        phone=told[3],
        name=row.text("customer_name"),
        first_name=row.text("first_name"),
        last_name=row.text("last_name"),
        account=told[2],
        street=row.text("customer_address"),
        createdAt=row.instant("registered_at"),
        country=row.text("country"),
        region=row.text("region"),
        city=row.text("city"),
        gender=row.text("gender"),
        birth_year=row.text("birth_year"),
        tier=row.text("tier"),
        channel=row.text("channel"),
        tags=row.text("tags"),
    )
    told_at = row.instant("updated_at") or row.instant("registered_at")
    stated = state or (moment(told_at) if told_at else "seen")
    message_id = short_id(f"{setting.library}:customer", digest([who.user, traits]), stated)
    return identify(message_id, told_at or seen_at, who, traits, setting.library)


def product_of(row: Reader, setting: Setting, seen_at: datetime, state: str = "") -> Message:
    """One product as a message of the catalogue, observed at its own time or when it was seen."""
    product_id = row.needed("product_id", row.id("product_id"))
    stock = row.amount("stock")
    properties = {
        "product_id": product_id,
        "name": row.text("product_name"),
        "category": row.text("category"),
        "brand": row.text("brand"),
        "seller": row.text("seller"),
        "price": row.amount("price"),
        "cost": row.amount("cost"),
        "currency": row.text("currency") or setting.currency,
        "stock": None if stock is None else int(stock),
        "status": row.text("status"),
        "url": row.text("url"),
        "image_url": row.text("image_url"),
    }
    told = row.instant("observed_at")
    at = told or seen_at
    message_id = short_id(f"{setting.library}:product", product_id, digest(properties), state or (moment(told) if told else "seen"))
    return product_updated(message_id, at, properties, setting.library)


def event_of(row: Reader, setting: Setting, seen_at: datetime, more: Mapping[str, Any] | None = None) -> Message:
    """One event; what is no field of an event is a property."""
    event = row.needed("event", row.text("event"))
    at = row.instant("happened_at") or seen_at
    user = row.text("customer_id") or row.text("customer_email")
    visitor = row.text("visitor_id")
    row.needed("customer_id", user or visitor)
    properties = {**row.inner("properties").of, **(more or {})}
    given = row.text("message_id")
    when = moment(at) if "happened_at" in row else ""
    message_id = short_id(setting.library, "event", given or digest([event, when, user, visitor, properties]))
    return track(event, message_id, at, Who(user=user, visitor=visitor), properties, setting.library)


def refunded_since(order: Order, before: Decimal) -> Order:
    """An order of which so much was given back before: what is told of it is one sum, so only the rest is a new refund."""
    if not order.refunds:
        return order
    whole = order.refunds[0]
    if whole.refund_id != "all":
        return order
    rest = whole.total - before
    if rest <= 0:
        return replace(order, refunds=())
    return replace(order, refunds=(replace(whole, refund_id=f"{before:f}-{whole.total:f}", total=rest),))


def _line(one: Reader) -> Line | None:
    """A line; None where the row tells of none."""
    product_id, name = one.id("product_id"), one.text("product_name")
    price, amount = one.amount("unit_price"), one.amount("line_amount")
    quantity = one.amount("quantity")
    if product_id is None and name is None and price is None and amount is None:
        return None
    count = Decimal(1) if quantity is None else quantity
    if price is None and amount is not None and count:
        price = price_of_one(amount, count)
    return Line(
        product_id=product_id,
        name=name,
        variant=one.text("variant"),
        brand=one.text("brand"),
        category=one.text("category"),
        price=price,
        quantity=count,
        discount=one.amount("line_discount"),
        line_id=one.id("line_id"),
    )


def _worth(line: Line) -> Decimal:
    exact = (line.price or Decimal(0)) * line.quantity - (line.discount or Decimal(0))
    return exact.quantize(Decimal("0.0001")) if exact != exact.quantize(Decimal("0.0001")) else exact


def _state(head: Reader, setting: Setting, *, cancelled: bool) -> State:
    own: Mapping[str, str] = setting.extra.get("statuses") or {}
    found = []
    for name in ("status", "payment_status"):
        word = head.text(name)
        if word:
            found.append(own.get(plain_status(word)) or meaning_of(word))
    if "draft" in found:
        return "draft"
    if "unpaid" in found or "closed" in found:
        return "unpaid"
    return "cancelled" if cancelled or "cancelled" in found else "placed"
