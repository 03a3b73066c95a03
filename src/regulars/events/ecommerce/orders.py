"""Orders: placed, changed, given back, called off; and what an order comes to."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from regulars.events.ecommerce.vocabulary import (
    AFFILIATION,
    CHECKOUT_ID,
    COUPON,
    CURRENCY,
    DISCOUNT,
    ORDER_ID,
    PRODUCTS,
    REVENUE,
    SHIPPING,
    SUBTOTAL,
    TAX,
    TOTAL,
    needed,
)
from regulars.events.specs import EventSpec, PropertySpec, Subject
from regulars.values.amounts import read_amount

_HEAD = (needed(ORDER_ID), CHECKOUT_ID, AFFILIATION)
_MONEY = (SUBTOTAL, TOTAL, REVENUE, SHIPPING, TAX, DISCOUNT, COUPON, CURRENCY, PRODUCTS)
_OWED = (SUBTOTAL, needed(TOTAL, instead=("revenue", "products", "items")), *_MONEY[2:])
_REFUND_ID = PropertySpec(
    "refund_id", "string", "the refund's number; several messages with one number are one refund", "退款编号，同号消息为同一笔退款",
    aliases=("refundId",),
)  # fmt: skip
_REASON = PropertySpec("reason", "string", "why; only a code of it is kept with a refund", "原因；退款仅保留原因代码")
_SHIPPED = PropertySpec(
    "shipped_at", "datetime", "when the first parcel left", "首个包裹发出的时间", aliases=("shippedAt", "ship_date", "fulfilled_at")
)
_DELIVERED = PropertySpec(
    "delivered_at", "datetime", "when the last parcel arrived", "最后一个包裹签收的时间", aliases=("deliveredAt",)
)
_PROMISED = PropertySpec(
    "promised_at", "datetime", "when it was to arrive; a day stands for the whole day", "承诺送达的时间；日期表示当天之内",
    aliases=("promisedAt", "estimated_delivery", "estimated_delivery_date", "expected_delivery", "promised_delivery_date"),
)  # fmt: skip
_DELIVERY = (_SHIPPED, _DELIVERED, _PROMISED)
_CARRIER = PropertySpec("carrier", "string", "who carries it", "承运商")

ORDERS = Subject(
    "Orders",
    "订单",
    (
        EventSpec(
            "Order Completed",
            "An order was placed. The first message of an order_id counts.",
            "下单成功。同一订单编号以第一条为准。",
            (*_HEAD, *_OWED, *_DELIVERY),
        ),
        EventSpec(
            "Order Updated",
            "An order was changed: what is told replaces total and products, never the time.",
            "订单变更：替换总额与商品，不改变下单时间。",
            (*_HEAD, *_MONEY, *_DELIVERY),
        ),
        EventSpec(
            "Order Shipped",
            "An order, or its first parcel, was sent; at the message's own time where `shipped_at` is not told.",
            "订单（或首个包裹）已发货；未给出 shipped_at 时取消息时间。",
            (*_HEAD[:1], _SHIPPED, _PROMISED, _CARRIER),
        ),
        EventSpec(
            "Order Delivered",
            "An order arrived; of several parcels the last one counts. At the message's own time where `delivered_at` is not told.",
            "订单已签收；多个包裹以最后一个为准。未给出 delivered_at 时取消息时间。",
            (*_HEAD[:1], *_DELIVERY, _CARRIER),
        ),
        EventSpec(
            "Order Refunded",
            "Money of an order was given back: `total`, else the products told, else all that is left of it.",
            "订单退款：按 total，否则按所列商品，再否则按订单剩余金额。",
            (*_HEAD[:1], _REFUND_ID, TOTAL, REVENUE, SHIPPING, TAX, CURRENCY, PRODUCTS, _REASON),
        ),
        EventSpec(
            "Order Cancelled",
            "An order was called off as a whole.",
            "整单取消。",
            (*_HEAD, *_MONEY, _REASON),
        ),
    ),
)


def order_value(properties: Mapping[str, Any]) -> Decimal | None:
    """What an order comes to in major units: `total`, else revenue + shipping + tax; None where neither can be read.

    `revenue` is without shipping and tax, as Segment defines it.
    """
    total = read_amount(properties.get("total"))
    if total is not None:
        return total
    revenue = read_amount(properties.get("revenue"))
    if revenue is None:
        return None
    extra = (read_amount(properties.get(name)) for name in ("shipping", "tax"))
    return sum((amount for amount in extra if amount is not None), start=revenue)
