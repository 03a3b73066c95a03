"""Which translation a delivery's topic asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regulars.collect.platforms.domain import generic, shopify, shopify_people, woocommerce
from regulars.collect.platforms.domain.messages import Setting, Translation
from regulars.collect.platforms.domain.payload import Reader
from regulars.collect.platforms.domain.signatures import Platform

Translate = Callable[[Reader, Setting, str], Translation]
TranslateAt = Callable[[Reader, Setting, str, datetime], Translation]

_SHOPIFY: dict[str, Translate] = {
    **dict.fromkeys(
        ("orders/create", "orders/updated", "orders/paid", "orders/cancelled", "orders/fulfilled", "orders/partially_fulfilled"),
        shopify.order,
    ),
    "refunds/create": shopify.refund,
    **dict.fromkeys(("customers/create", "customers/update", "customers/enable", "customers/disable"), shopify_people.customer),
    "customers/delete": shopify_people.customer_deleted,
    **dict.fromkeys(("customers/redact", "customers/data_request", "shop/redact"), shopify_people.privacy_request),
    **dict.fromkeys(("products/create", "products/update"), shopify_people.product),
    **dict.fromkeys(("checkouts/create", "checkouts/update"), shopify_people.checkout),
    **dict.fromkeys(("carts/create", "carts/update"), shopify_people.cart),
}
_WOOCOMMERCE: dict[str, Translate] = {
    **dict.fromkeys(("order.created", "order.updated", "order.restored", "order.refunded"), woocommerce.order),
    **dict.fromkeys(("customer.created", "customer.updated"), woocommerce.customer),
    "customer.deleted": woocommerce.customer_deleted,
    **dict.fromkeys(("product.created", "product.updated", "product.restored"), woocommerce.product),
}
_BY_NUMBER: dict[str, TranslateAt] = {
    "products/delete": shopify_people.product_deleted,
    "order.deleted": woocommerce.order_deleted,
    "product.deleted": woocommerce.product_deleted,
}

#: Topics of each platform, for its documentation and the page that sets it up.
TOPICS: dict[Platform, tuple[str, ...]] = {
    "shopify": (*_SHOPIFY, "products/delete"),
    "woocommerce": (*_WOOCOMMERCE, "order.deleted", "product.deleted"),
    "webhook": (),
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the headers say of a delivery: its topic, and the number under which it is sent again."""

    topic: str
    delivery_id: str


def delivery_of(platform: Platform, headers: Mapping[str, str]) -> Delivery:
    """Read the headers (by lower-case name); unsigned ones are only hints."""
    match platform:
        case "shopify":
            return Delivery(headers.get("x-shopify-topic", "")[:64], headers.get("x-shopify-webhook-id", "")[:200])
        case "woocommerce":
            return Delivery(headers.get("x-wc-webhook-topic", "")[:64], headers.get("x-wc-webhook-delivery-id", "")[:200])
        case "webhook":
            return Delivery("", headers.get("webhook-id", "")[:200])


def translate(
    platform: Platform, topic: str, body: Any, setting: Setting, mapping: generic.GenericMapping | None, seen_at: datetime
) -> Translation | None:
    """What a delivery says; None for a topic that nobody knows.

    Raises
    ------
    InvalidInput : the body is not what its topic promises; says where.
    """
    if platform == "webhook":
        return generic.translate(mapping, body, setting, seen_at) if mapping else Translation(ignored="no_mapping")
    found = (_SHOPIFY if platform == "shopify" else _WOOCOMMERCE).get(topic)
    if found is not None:
        return found(Reader(body, zone=setting.zone), setting, topic)
    by_number = _BY_NUMBER.get(topic) if topic in TOPICS[platform] else None
    return by_number(Reader(body), setting, topic, seen_at) if by_number else None
