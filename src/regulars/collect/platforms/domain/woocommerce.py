"""WooCommerce's orders, customers and products as canonical messages.

An order's id is its **number** as the shop shows it, as in its exports; the id behind it is remembered, as deletions name only that.
A buyer is the account's number, else the billing e-mail, as in the exports. Times are read from the `_gmt` fields.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from regulars.collect.platforms.domain.contacts import traits_of
from regulars.collect.platforms.domain.messages import (
    Later,
    Name,
    Request,
    Setting,
    Translation,
    Who,
    digest,
    identify,
    moment,
    product_updated,
    short_id,
    track,
)
from regulars.collect.platforms.domain.orders import Line, Order, Refund, State, identity_of, order_messages, price_of_one
from regulars.collect.platforms.domain.payload import Reader, instant_of
from regulars.collect.platforms.domain.statuses import meaning_of
from regulars.events.reasons import reason_of

#: Where the common newsletter plugins of WooCommerce keep a customer's wish.
_NEWSLETTERS = ("mailchimp_woocommerce_is_subscribed", "email_marketing", "marketing_opt_in", "klaviyo_newsletter")


def order(body: Reader, setting: Setting, topic: str) -> Translation:
    """An order in any state, from any of its topics."""
    number = body.needed("id", body.id("id"))
    order_id = body.id("number") or number
    prefix = prefix_of(number)
    billing = body.inner("billing")
    address = body.inner("shipping") if body.inner("shipping").text("city", "address_1") else billing
    email, phone = billing.text("email"), billing.text("phone")
    who = identity_of(prefix, body.id("customer_id"), email, phone)
    ordered_at: datetime = body.needed("date_created_gmt", _time(body, "date_created"))
    changed = _time(body, "date_modified")
    lines = [_line(line) for line in body.each("line_items")]
    made = Order(
        prefix=prefix,
        order_id=order_id,
        ordered_at=ordered_at,
        updated_at=changed,
        is_new=topic == "order.created",
        who=who,
        state=_state(body),
        total=body.needed("total", body.amount("total")),
        subtotal=sum((line.amount("total") or Decimal(0) for line in body.each("line_items")), Decimal(0)),
        shipping=body.amount("shipping_total") or Decimal(0),
        tax=body.amount("total_tax") or Decimal(0),
        discount=body.amount("discount_total"),
        coupon=next((word for code in body.each("coupon_lines") if (word := code.text("code"))), None),
        currency=body.text("currency") or setting.currency,
        channel=body.text("created_via"),
        country=address.text("country"),
        region=address.text("state"),
        city=address.text("city"),
        cancelled_at=changed,
        shipped_at=_time(body, "date_completed"),
        lines=tuple(lines),
        refunds=tuple(found for one in body.each("refunds") if (found := _refund(one, changed or ordered_at))),
        traits=traits_of(
            email=email,
            phone=phone,
            first_name=billing.text("first_name"),
            last_name=billing.text("last_name"),
            address=address,
        ),
    )
    messages = order_messages(made, setting.library)
    return Translation(
        messages=tuple(messages),
        names=(Name("order", number, order_id, who.user),),
        ignored="" if messages else f"{made.state}_order",
    )


def order_deleted(body: Reader, setting: Setting, topic: str, at: datetime) -> Translation:
    """An order thrown away in the shop counts as cancelled, if it ever counted; only its number is told."""
    number = body.needed("id", body.id("id"))
    prefix = prefix_of(number)
    told = {"order_id": None, "reason": "deleted"}
    message = track("Order Cancelled", short_id(prefix, "cancelled"), at, Who(visitor=prefix), told, setting.library)
    return Translation(later=(Later("order", number, message, keep=False),))


def customer(body: Reader, setting: Setting, topic: str) -> Translation:
    """A customer's account."""
    number = body.needed("id", body.id("id"))
    billing = body.inner("billing")
    at: datetime = body.needed("date_modified_gmt", _time(body, "date_modified") or _time(body, "date_created"))
    traits = traits_of(
        email=body.text("email") or billing.text("email"),
        phone=billing.text("phone"),
        first_name=body.text("first_name") or billing.text("first_name"),
        last_name=body.text("last_name") or billing.text("last_name"),
        address=billing,
        username=body.text("username"),
        createdAt=_time(body, "date_created"),
        email_marketing=_newsletter(body),
    )
    message_id = short_id("woocommerce:customer", number, moment(at), digest(traits))
    return Translation(messages=(identify(message_id, at, Who(user=number), traits, setting.library),))


def customer_deleted(body: Reader, setting: Setting, topic: str) -> Translation:
    """The account was deleted in the shop; a person decides what that means here."""
    number = body.needed("id", body.id("id"))
    return Translation(requests=(Request("customer_deleted", number, number),))


def product(body: Reader, setting: Setting, topic: str) -> Translation:
    """A product or a variation of one."""
    number = body.needed("id", body.id("id"))
    product_id = body.id("sku") or number
    at: datetime = body.needed("date_modified_gmt", _time(body, "date_modified") or _time(body, "date_created"))
    stock = body.amount("stock_quantity")
    status = "sold out" if body.text("stock_status") == "outofstock" else body.text("status") or "publish"
    properties = {
        "product_id": product_id,
        "sku": body.id("sku"),
        "name": body.text("name"),
        "category": next((found for one in body.each("categories") if (found := one.text("name"))), None),
        "brand": next((found for one in body.each("brands") if (found := one.text("name"))), None),
        "price": body.amount("price"),
        "currency": setting.currency,
        "stock": None if stock is None else int(stock),
        "status": "active" if status == "publish" else status,
        "url": body.text("permalink"),
        "image_url": next((found for one in body.each("images") if (found := one.text("src"))), None),
    }
    message_id = short_id("woocommerce:product", number, moment(at), digest(properties))
    made = product_updated(message_id, at, properties, setting.library)
    return Translation(messages=(made,), names=(Name("product", number, product_id),))


def product_deleted(body: Reader, setting: Setting, topic: str, at: datetime) -> Translation:
    """The product is gone; only its number is told, and no time."""
    number = body.needed("id", body.id("id"))
    message = product_updated(f"woocommerce:product:{number}:deleted", at, {"status": "deleted"}, setting.library)
    return Translation(later=(Later("product", number, message, keep=False),))


def prefix_of(number: str) -> str:
    """What the ids of an order's messages begin with."""
    return f"woocommerce:order:{number}"


def _newsletter(body: Reader) -> bool | None:
    """Whether the customer wants the newsletter: WooCommerce has no field for it, its plugins keep it in the meta data."""
    told = {str(one.of.get("key")): one.of.get("value") for one in body.each("meta_data")}
    value = next((told[name] for name in _NEWSLETTERS if told.get(name) not in (None, "")), None)
    return None if value is None else str(value).strip().lower() in ("1", "yes", "true", "on", "subscribed")


def _line(line: Reader) -> Line:
    quantity = line.amount("quantity") or Decimal(0)
    subtotal, total = line.amount("subtotal"), line.amount("total")
    price = price_of_one(subtotal, quantity) if subtotal is not None and quantity else line.amount("price")
    return Line(
        product_id=line.id("sku") or line.id("variation_id") or line.id("product_id"),
        sku=line.id("sku"),
        name=line.text("parent_name", "name"),
        variant=", ".join(_options(line)) or None,
        price=price,
        quantity=quantity,
        discount=subtotal - total if subtotal is not None and total is not None else None,
        line_id=line.id("id"),
        image_url=line.inner("image").text("src"),
    )


def _options(line: Reader) -> list[str]:
    """The chosen options of a variation, in the words the shop shows."""
    if not line.id("variation_id"):
        return []
    return [
        str(one.of["display_value"])[:200]
        for one in line.each("meta_data")
        if isinstance(one.of.get("display_value"), str) and not str(one.of.get("key", "")).startswith("_")
    ]


def _refund(one: Reader, at: datetime) -> Refund | None:
    """WooCommerce tells refunds as negative totals, without a time: the order's change tells when."""
    total = one.amount("total")
    if not total:
        return None
    return Refund(one.needed("id", one.id("id")), at, abs(total), reason=reason_of(one.text("reason")))


def _time(body: Reader, name: str) -> datetime | None:
    """The `_gmt` field, which is UTC; without one the local field, in the shop's zone."""
    told = body.of.get(f"{name}_gmt")
    if told:
        found = instant_of(told, body.place(f"{name}_gmt"), "UTC")
        return found.astimezone(UTC) if found else None
    return body.instant(name)


def _state(body: Reader) -> State:
    match meaning_of(body.text("status")):
        case "cancelled":
            return "cancelled"
        case "unpaid" | "closed":
            return "unpaid"
        case "draft":
            return "draft"
        case _:
            return "placed"
