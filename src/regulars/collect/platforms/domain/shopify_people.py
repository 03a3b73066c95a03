"""Shopify's customers, products, carts and checkouts as canonical messages, and what Shopify asks about personal data."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from regulars.collect.platforms.domain import shopify
from regulars.collect.platforms.domain.contacts import traits_of
from regulars.collect.platforms.domain.messages import (
    Later,
    Message,
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
from regulars.collect.platforms.domain.orders import Line, identity_of
from regulars.collect.platforms.domain.payload import Reader


def customer(body: Reader, setting: Setting, topic: str) -> Translation:
    """A customer's account, with what Shopify knows of their wish to be written to."""
    number = body.needed("id", body.id("id"))
    address = body.inner("default_address")
    email = body.text("email")
    phone = body.text("phone") or address.text("phone")
    at: datetime = body.needed("updated_at", body.instant("updated_at", "created_at"))
    who = identity_of("", email, phone, number)
    traits = traits_of(
        email=email,
        phone=phone,
        first_name=body.text("first_name"),
        last_name=body.text("last_name"),
        address=address,
        createdAt=body.instant("created_at"),
        tags=[tag.strip() for tag in (body.text("tags") or "").split(",") if tag.strip()],
        language=body.text("locale"),
        shopify_customer_id=number,
        email_marketing=body.inner("email_marketing_consent").text("state"),
        email_marketing_at=body.inner("email_marketing_consent").instant("consent_updated_at"),
        sms_marketing=body.inner("sms_marketing_consent").text("state"),
        sms_marketing_at=body.inner("sms_marketing_consent").instant("consent_updated_at"),
    )
    message_id = short_id("shopify:customer", number, moment(at), digest(traits))
    return Translation(messages=(identify(message_id, at, who, traits, setting.library),))


def customer_deleted(body: Reader, setting: Setting, topic: str) -> Translation:
    """The account was deleted in the shop; a person decides what that means here."""
    return Translation(requests=(Request("customer_deleted", body.needed("id", body.id("id")), body.text("email")),))


def privacy_request(body: Reader, setting: Setting, topic: str) -> Translation:
    """Shopify's three compulsory topics: what a customer's data are, forget a customer, forget the shop."""
    if topic == "shop/redact":
        return Translation(requests=(Request("shop_redact", body.needed("shop_id", body.id("shop_id"))),))
    person = body.inner("customer")
    number = person.needed("id", person.id("id"))
    user = person.text("email") or person.text("phone") or number
    if topic == "customers/redact":
        return Translation(requests=(Request("customer_redact", number, user),))
    return Translation(requests=(Request("data_request", number, user),))


def product(body: Reader, setting: Setting, topic: str) -> Translation:
    """A product: one message for each variant with a number of its own, else one for the product."""
    number = body.needed("id", body.id("id"))
    at: datetime = body.needed("updated_at", body.instant("updated_at", "created_at"))
    images = {image.id("id"): image.text("src") for image in body.each("images")}
    main = body.inner("image").text("src") or next(iter(images.values()), None)
    handle = body.text("handle")
    messages: dict[str, Message] = {}
    for variant in body.each("variants") or [body]:
        product_id = variant.id("sku") or number
        if product_id in messages:
            continue
        title = variant.text("title") if variant is not body else None
        properties = {
            "product_id": product_id,
            "sku": variant.id("sku"),
            "name": body.text("title"),
            "variant": None if title == "Default Title" else title,
            "category": body.text("product_type") or body.inner("category").text("name"),
            "brand": body.text("vendor"),
            "price": variant.amount("price"),
            "currency": setting.currency,
            "stock": _whole(variant.amount("inventory_quantity")),
            "status": body.text("status") or "active",
            "url": f"https://{setting.domain}/products/{handle}" if setting.domain and handle else None,
            "image_url": images.get(variant.id("image_id")) or main,
        }
        message_id = short_id("shopify:product", number, product_id, moment(at), digest(properties))
        messages[product_id] = product_updated(message_id, at, properties, setting.library)
    return Translation(messages=tuple(messages.values()), names=tuple(Name("product", number, one) for one in messages))


def product_deleted(body: Reader, setting: Setting, topic: str, at: datetime) -> Translation:
    """The product is gone; only its number is told, and no time."""
    number = body.needed("id", body.id("id"))
    message = product_updated(f"shopify:product:{number}:deleted", at, {"status": "deleted"}, setting.library)
    return Translation(later=(Later("product", number, message, keep=False),))


def checkout(body: Reader, setting: Setting, topic: str) -> Translation:
    """A checkout: started once; and who it was, as soon as an address is typed."""
    token = body.needed("token", body.id("token", "id"))
    email = body.text("email") or body.text("phone")
    at: datetime = body.needed("created_at", body.instant("created_at"))
    total = body.amount("total_price")
    shipping = sum((line.amount("price") or Decimal(0) for line in body.each("shipping_lines")), Decimal(0))
    tax = body.amount("total_tax") or Decimal(0)
    visitor = body.id("cart_token") or token
    properties = {
        "checkout_id": token,
        "value": total,
        "revenue": total - shipping - tax if total is not None else None,
        "shipping": shipping,
        "tax": tax,
        "discount": body.amount("total_discounts"),
        "coupon": next((found for code in body.each("discount_codes") if (found := code.text("code"))), None),
        "currency": body.text("currency") or setting.currency,
        "products": [_goods(line).properties(place) for place, line in enumerate(body.each("line_items"), 1)],
    }
    prefix = f"shopify:checkout:{token}"
    messages = [
        track("Checkout Started", short_id(prefix, "started"), at, Who(visitor=visitor), properties, setting.library),
    ]
    if email:
        known = short_id(prefix, "known", digest(email))
        traits = traits_of(email=body.text("email"), phone=body.text("phone"))
        messages.append(
            identify(known, body.instant("updated_at") or at, Who(user=email, visitor=visitor), traits, setting.library)
        )
    return Translation(messages=tuple(messages))


def cart(body: Reader, setting: Setting, topic: str) -> Translation:
    """A cart: each product put into it, once for each cart."""
    token = body.needed("token", body.id("token", "id"))
    at: datetime = body.needed("updated_at", body.instant("updated_at", "created_at"))
    messages = []
    for place, line in enumerate(body.each("line_items"), 1):
        goods = _goods(line)
        if not goods.quantity:
            continue
        properties = {"cart_id": token, "currency": setting.currency, **goods.properties(place)}
        key = short_id("shopify:cart", token, "added", line.id("variant_id", "id") or goods.product_id or str(place))
        messages.append(track("Product Added", key, at, Who(visitor=token), properties, setting.library))
    return Translation(messages=tuple(messages), ignored="" if messages else "empty_cart")


def _goods(line: Reader) -> Line:
    return Line(
        product_id=shopify.product_of(line),
        sku=line.id("sku"),
        name=line.text("title", "presentment_title"),
        variant=line.text("variant_title", "presentment_variant_title"),
        brand=line.text("vendor"),
        price=line.amount("price"),
        quantity=line.amount("quantity") or Decimal(0),
    )


def _whole(value: Decimal | None) -> int | None:
    return None if value is None else int(value)
