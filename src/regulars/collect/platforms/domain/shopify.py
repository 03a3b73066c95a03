"""Shopify's orders and refunds as canonical messages.

An order's id is its **name** (`#1001`), as in Shopify's own export, so that a back-fill by file and a webhook mean one order; the API's
number of it is remembered, as refunds name only that. A buyer is the e-mail address, else the phone, else Shopify's number, as in the
export. A product is its SKU, else Shopify's number. What a delivery means is read from its body, never from its unsigned topic alone.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from regulars.collect.platforms.domain.contacts import traits_of
from regulars.collect.platforms.domain.messages import Later, Name, Setting, Translation, Who
from regulars.collect.platforms.domain.orders import Line, Order, Refund, State, identity_of, order_messages, refund_message
from regulars.collect.platforms.domain.payload import Reader
from regulars.collect.platforms.domain.statuses import meaning_of
from regulars.events.reasons import reason_of

_GIVEN_BACK = ("success", "pending")


def order(body: Reader, setting: Setting, topic: str) -> Translation:
    """An order in any state, from any of its topics."""
    number = body.needed("id", body.id("id"))
    order_number = body.id("order_number")
    order_id = body.needed("name", body.id("name") or (f"#{order_number}" if order_number else None))
    if body.of.get("test") is True:
        return Translation(ignored="test_order")
    prefix = prefix_of(number)
    buyer, billing = body.inner("customer"), body.inner("billing_address")
    address = body.inner("shipping_address") if "shipping_address" in body else billing
    email = body.text("email", "contact_email") or buyer.text("email")
    phone = body.text("phone") or billing.text("phone") or address.text("phone") or buyer.text("phone")
    who = identity_of(prefix, email, phone, buyer.id("id"))
    cancelled_at = body.instant("cancelled_at")
    currency = body.text("currency") or setting.currency
    made = Order(
        prefix=prefix,
        order_id=order_id,
        ordered_at=body.needed("created_at", body.instant("created_at")),
        updated_at=body.instant("updated_at"),
        is_new=topic == "orders/create",
        who=who,
        state=_state(body, cancelled=cancelled_at is not None),
        total=body.needed("total_price", body.amount("total_price")),
        subtotal=body.amount("subtotal_price"),
        shipping=_shipping(body),
        tax=body.amount("total_tax") or Decimal(0),
        discount=body.amount("total_discounts"),
        coupon=next((word for code in body.each("discount_codes") if (word := code.text("code"))), None),
        currency=currency,
        channel=body.text("source_name"),
        country=address.text("country_code", "country"),
        region=address.text("province"),
        city=address.text("city"),
        checkout_id=body.id("checkout_token", "checkout_id"),
        cancelled_at=cancelled_at,
        **_delivery(body),
        lines=tuple(_line(line) for line in body.each("line_items")),
        refunds=tuple(found for refund in body.each("refunds") if (found := _refund(refund))),
        traits=traits_of(
            email=email,
            phone=phone,
            first_name=billing.text("first_name") or address.text("first_name") or buyer.text("first_name"),
            last_name=billing.text("last_name") or address.text("last_name") or buyer.text("last_name"),
            address=address,
        ),
    )
    messages = order_messages(made, setting.library)
    return Translation(
        messages=tuple(messages),
        names=(Name("order", number, order_id, who.user),),
        ignored="" if messages else f"{made.state}_order",
    )


def refund(body: Reader, setting: Setting, topic: str) -> Translation:
    """A refund told by itself: it names its order by Shopify's number, so it waits until that is known."""
    number = body.needed("order_id", body.id("order_id"))
    found = _refund(body)
    if found is None:
        return Translation(ignored="refund_without_money")
    currency = next((told for one in body.each("transactions") if (told := one.text("currency"))), setting.currency)
    prefix = prefix_of(number)
    message = refund_message(found, None, currency, Who(visitor=prefix), setting.library, prefix)
    return Translation(later=(Later("order", number, message, keep=True),))


def prefix_of(number: str) -> str:
    """What the ids of an order's messages begin with."""
    return f"shopify:order:{number}"


def product_of(line: Reader) -> str | None:
    """The product a line or variant stands for, named as in Shopify's export."""
    return line.id("sku") or line.id("product_id", "variant_id")


def _line(line: Reader) -> Line:
    each = [part.amount("amount") or Decimal(0) for part in line.each("discount_allocations")]
    return Line(
        product_id=product_of(line),
        sku=line.id("sku"),
        name=line.text("title", "name"),
        variant=line.text("variant_title"),
        brand=line.text("vendor"),
        price=line.amount("price"),
        quantity=line.amount("quantity") or Decimal(0),
        discount=sum(each, Decimal(0)) if each else line.amount("total_discount"),
        line_id=line.id("id"),
    )


def _refund(body: Reader) -> Refund | None:
    """A refund of money; None where only goods were put back into stock."""
    total = Decimal(0)
    for one in body.each("transactions"):
        if one.text("kind") == "refund" and (one.text("status") or "success") in _GIVEN_BACK:
            total += one.amount("amount") or Decimal(0)
    if not total:
        return None
    lines = []
    for one in body.each("refund_line_items"):
        line = one.inner("line_item")
        quantity = one.amount("quantity") or Decimal(0)
        lines.append(
            Line(
                product_id=product_of(line),
                sku=line.id("sku"),
                name=line.text("title", "name"),
                variant=line.text("variant_title"),
                brand=line.text("vendor"),
                price=line.amount("price"),
                quantity=quantity,
                line_id=one.id("line_item_id") or line.id("id"),
            )
        )
    at = body.needed("created_at", body.instant("processed_at", "created_at"))
    return Refund(body.needed("id", body.id("id")), at, total, tuple(lines), reason_of(body.text("note")))


def _delivery(body: Reader) -> dict[str, datetime | None]:
    """When the first parcel was sent, and the last arrived, once all have; what was promised Shopify tells of parcels on their way."""
    parcels = [one for one in body.each("fulfillments") if one.text("status") in (None, "success")]
    sent = [at for one in parcels if (at := one.instant("created_at"))]
    arrived = [one.instant("updated_at") for one in parcels if one.text("shipment_status") == "delivered"]
    promised = [at for one in parcels if (at := one.instant("estimated_delivery_at"))]
    whole = len(arrived) == len(parcels) and body.text("fulfillment_status") in (None, "fulfilled")
    return {
        "shipped_at": min(sent, default=None),
        "delivered_at": max((at for at in arrived if at), default=None) if whole else None,
        "promised_at": max(promised, default=None),
    }


def _shipping(body: Reader) -> Decimal:
    told = body.inner("total_shipping_price_set").inner("shop_money").amount("amount")
    if told is not None:
        return told
    return sum((line.amount("price") or Decimal(0) for line in body.each("shipping_lines")), Decimal(0))


def _state(body: Reader, *, cancelled: bool) -> State:
    """As a load of the export judges: unpaid does not count even when cancelled; a refunded order is placed, and its refund booked."""
    paid = meaning_of(body.text("financial_status"))
    if paid in ("unpaid", "draft"):
        return "unpaid"
    return "cancelled" if cancelled or paid == "cancelled" else "placed"
