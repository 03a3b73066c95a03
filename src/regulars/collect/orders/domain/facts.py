"""What one message says about an order: read once, kept small, in the exact amounts it told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from regulars.collect.orders.domain.rates import Rates, rate_at
from regulars.events.ecommerce import order_value, problems, spec_of
from regulars.events.reasons import reason_of
from regulars.values.amounts import read_amount
from regulars.values.zones import day_start, local_day

OrderKind = Literal["completed", "updated", "refunded", "cancelled", "shipped", "delivered"]

#: The events that make orders. Checkout Started is no order yet.
EVENTS: dict[str, OrderKind] = {
    "Order Completed": "completed",
    "Order Updated": "updated",
    "Order Refunded": "refunded",
    "Order Cancelled": "cancelled",
    "Order Shipped": "shipped",
    "Order Delivered": "delivered",
}
NAMES: dict[OrderKind, str] = {kind: name for name, kind in EVENTS.items()}

#: Texts that programs send for nothing.
_NOTHING = frozenset({"", "null", "undefined", "none", "nan", "0", "[object object]"})
_LONGEST_ID = 128
_LARGEST_QUANTITY = Decimal(10**9)
_MONEY = ("subtotal", "shipping", "tax", "discount")
_TEXTS = ("coupon", "channel", "region", "seller_id", "refund_id")
#: When an order was sent, arrived, and was to arrive.
DELIVERY = ("shipped_at", "delivered_at", "promised_at")
_NAMES: dict[str, tuple[str, ...]] = {
    "shipped_at": ("shipped_at", "shippedAt", "ship_date", "fulfilled_at"),
    "delivered_at": ("delivered_at", "deliveredAt"),
    "promised_at": (
        "promised_at",
        "promisedAt",
        "estimated_delivery",
        "estimated_delivery_date",
        "expected_delivery",
        "promised_delivery_date",
    ),
    "order_id": ("order_id", "orderId", "order_number", "transaction_id"),
    "coupon": ("coupon", "coupon_code", "couponCode"),
    "channel": ("channel", "affiliation"),
    "region": ("region",),
    "seller_id": ("seller_id", "sellerId"),
    "refund_id": ("refund_id", "refundId"),
    "product_id": ("product_id", "productId", "sku", "id"),
    "name": ("name", "product_name", "productName"),
    "category": ("category", "product_category", "productCategory"),
    "brand": ("brand",),
    "variant": ("variant",),
    "price": ("price", "unit_price", "unitPrice"),
    "quantity": ("quantity", "qty"),
}
_PRODUCT_TEXTS = ("product_id", "name", "category", "brand", "variant", "seller_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One product of an order or refund, as told; `price` in major units of the fact's currency."""

    product_id: str | None = None
    name: str | None = None
    category: str | None = None
    brand: str | None = None
    variant: str | None = None
    seller_id: str | None = None
    quantity: Decimal = Decimal(1)
    price: Decimal | None = None

    @property
    def identity(self) -> tuple[str, str]:
        """What tells it from the other products of its order."""
        return (self.product_id or self.name or "", self.variant or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFact:
    """What one message told about an order. Amounts are in major units of `currency`, which is None where it was not told.

    `shop_currency` is what orders are kept in, `rate` how much of it one unit of `currency` is worth, where that is known.
    """

    order_id: str
    source_id: str
    message_id: str
    kind: OrderKind
    told_at: datetime
    customer_id: str | None
    shop_currency: str
    currency: str | None = None
    rate: Decimal | None = None
    total: Decimal | None = None
    subtotal: Decimal | None = None
    shipping: Decimal | None = None
    tax: Decimal | None = None
    discount: Decimal | None = None
    coupon: str | None = None
    channel: str | None = None
    region: str | None = None
    seller_id: str | None = None
    refund_id: str | None = None
    reason: str | None = None  # a code, of a refund
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    promised_at: datetime | None = None
    products: tuple[Product, ...] | None = None

    @property
    def place(self) -> tuple[datetime, str, str]:
        """Its place among the facts of its order, whatever order they arrived in."""
        return (self.told_at, self.source_id, self.message_id)

    @property
    def has_money(self) -> bool:
        """Whether any amount was told."""
        return any(getattr(self, name) is not None for name in ("total", *_MONEY)) or any(
            product.price is not None for product in self.products or ()
        )

    def row(self, shop_id: str) -> dict[str, Any]:
        """The fact as a row of the warehouse table `order_facts`."""
        return {
            "shop_id": shop_id,
            "order_id": self.order_id,
            "source_id": self.source_id,
            "message_id": self.message_id,
            "customer_id": self.customer_id,
            "event": NAMES[self.kind],
            "told_at": self.told_at.astimezone(UTC).replace(tzinfo=None),
            "told": json.dumps(_plain(self, _KEPT), ensure_ascii=False, separators=(",", ":")),
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> OrderFact:
        """The fact that a row holds."""
        told = json.loads(row["told"])
        products = told.pop("products", None)
        return cls(
            order_id=row["order_id"],
            source_id=row["source_id"],
            message_id=row["message_id"],
            kind=EVENTS[row["event"]],
            told_at=row["told_at"].replace(tzinfo=UTC),
            customer_id=row["customer_id"],
            products=None if products is None else tuple(Product(**_typed(each)) for each in products),
            **_typed(told),
        )


_DECIMALS = frozenset({"rate", "total", *_MONEY, "quantity", "price"})
_ENVELOPE = frozenset({"order_id", "source_id", "message_id", "kind", "told_at", "customer_id"})
_KEPT = tuple(field.name for field in fields(OrderFact) if field.name not in _ENVELOPE)
_KEPT_OF_PRODUCT = tuple(field.name for field in fields(Product))


def is_order_event(event: str) -> bool:
    """Whether an event of this name, in any spelling, makes or changes an order."""
    if event in EVENTS:
        return True
    spec = spec_of(event)
    return spec is not None and spec.name in EVENTS


def read(
    message: Mapping[str, Any], shop_currency: str, rates: Rates | Mapping[str, Decimal], zone: str = "UTC"
) -> tuple[OrderFact | None, list[str]]:
    """What a message says about an order, and what of it cannot be read (as codes of the catalogue).

    No value makes it fail: what cannot be read is left out, and without a readable order number there is no fact.

    Parameters
    ----------
    message : `event`, `messageId`, `source_id`, `customer_id`, `timestamp` (an instant, or ISO text) and `properties`.
    rates : currency -> how much of the shop's currency one unit is worth.
    zone : in which days without a time are read.
    """
    spec = spec_of(str(message.get("event") or ""))
    if spec is None or spec.name not in EVENTS:
        return None, []
    told = message.get("properties")
    properties: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    codes = problems(spec, properties)
    order_id = _identifier(_first(properties, "order_id"))
    at = _instant(message.get("timestamp"))
    if order_id is None or at is None:
        broken = "order_id:not_an_identifier" if order_id is None and "order_id:missing" not in codes else None
        return None, [*codes, *([broken] if broken else []), *(["timestamp:not_a_time"] if at is None else [])]
    currency = _currency(properties.get("currency"))
    total = order_value(properties)
    if total is None and EVENTS[spec.name] == "refunded":
        total = next(
            (amount for name in ("amount", "refund_amount") if (amount := read_amount(properties.get(name))) is not None), None
        )
    if total is not None and total < 0 and EVENTS[spec.name] != "refunded":
        total, codes = None, [*codes, "total:negative"]
    told_besides: dict[str, Any] = {name: read_amount(properties.get(name)) for name in _MONEY}
    told_besides |= {name: _text(_first(properties, name)) for name in _TEXTS}
    told_besides |= _delivery(properties, EVENTS[spec.name], at, zone)
    fact = OrderFact(
        order_id=order_id,
        source_id=str(message.get("source_id") or ""),
        message_id=str(message.get("messageId") or ""),
        kind=EVENTS[spec.name],
        told_at=at,
        customer_id=message.get("customer_id"),
        shop_currency=shop_currency,
        currency=currency,
        rate=rate_at(rates, currency, at) if currency and currency != shop_currency else None,
        total=total,
        **told_besides,
        reason=reason_of(_text(properties.get("reason"))) if EVENTS[spec.name] == "refunded" else None,
        products=_products(properties.get("products", properties.get("items"))),
    )
    return fact, codes


def _first(properties: Mapping[str, Any], name: str) -> Any:
    """The value under the first of a property's names that has one."""
    return next((value for each in _NAMES[name] if (value := properties.get(each)) not in (None, "")), None)


def _identifier(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value).strip() if isinstance(value, str) or abs(value) < 10**_LONGEST_ID else ""
    return text if text.lower() not in _NOTHING and len(text) <= _LONGEST_ID and text.isprintable() else None


def _text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value).strip() if isinstance(value, str) or abs(value) < 10**_LONGEST_ID else ""
    return text[:400] or None


def _currency(value: Any) -> str | None:
    return value.upper() if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isalpha() else None


def _instant(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        return None


def _delivery(properties: Mapping[str, Any], kind: OrderKind, at: datetime, zone: str) -> dict[str, datetime | None]:
    """When it was sent, arrived and was to arrive; the message's own time where that is what it is about."""
    told = {name: _local(_first(properties, name), zone) for name in DELIVERY}
    for name in ("shipped_at", "delivered_at"):
        if told[name] is None and name.startswith(kind):
            told[name] = at
    promised = told["promised_at"]
    if promised is not None and promised == day_start(local_day(promised, zone), zone):  # a day: it ends with its last second
        told["promised_at"] = day_start(local_day(promised, zone) + timedelta(days=1), zone) - timedelta(seconds=1)
    return told


def _local(value: Any, zone: str) -> datetime | None:
    """An instant; a bare day begins at the shop's midnight."""
    if isinstance(value, str) and len(value) == 10:
        try:
            return day_start(date.fromisoformat(value), zone)
        except ValueError:
            return None
    return _instant(value)


def _products(value: Any) -> tuple[Product, ...] | None:
    if not isinstance(value, list | tuple):
        return None
    return tuple(_product(each) for each in value if isinstance(each, Mapping)) or None  # an empty list tells nothing


def _product(told: Mapping[str, Any]) -> Product:
    quantity = read_amount(_first(told, "quantity"))
    if quantity is None or abs(quantity) >= _LARGEST_QUANTITY:
        quantity = Decimal(1)
    texts = {name: _text(_first(told, name)) for name in _PRODUCT_TEXTS}
    return Product(**texts, quantity=round(quantity, 3), price=read_amount(_first(told, "price")))


def _plain(value: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """What is set, as JSON values; decimals as exact texts."""
    kept: dict[str, Any] = {}
    for name in names:
        held = getattr(value, name)
        if name == "products" and held is not None:
            kept[name] = [_plain(product, _KEPT_OF_PRODUCT) for product in held]
        elif isinstance(held, Decimal):
            kept[name] = str(held)
        elif isinstance(held, datetime):
            kept[name] = held.isoformat()
        elif held is not None:
            kept[name] = held
    return kept


def _typed(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: Decimal(value) if name in _DECIMALS else datetime.fromisoformat(value) if name in DELIVERY else value
        for name, value in told.items()
    }
