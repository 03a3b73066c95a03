"""From the cart to the payment."""

from __future__ import annotations

from regulars.events.ecommerce.vocabulary import (
    AFFILIATION,
    CART_ID,
    CHECKOUT_ID,
    COUPON,
    CURRENCY,
    DISCOUNT,
    ONE_PRODUCT,
    ORDER_ID,
    PRODUCTS,
    REVENUE,
    SEARCH_ID,
    SHIPPING,
    TAX,
    TOTAL,
    VALUE,
)
from regulars.events.specs import EventSpec, PropertySpec, Subject

_STEP = (
    CHECKOUT_ID,
    PropertySpec("step", "integer", "the step of the checkout, from 1", "结算步骤，从 1 开始", required=True),
    PropertySpec("shipping_method", "string", "how it is to be sent", "配送方式", aliases=("shippingMethod",)),
    PropertySpec("payment_method", "string", "how it is to be paid", "支付方式", aliases=("paymentMethod",)),
)

BUYING = Subject(
    "Cart and checkout",
    "购物车与结算",
    (
        EventSpec(
            "Product Added", "A product was put into the cart.", "商品加入购物车。", (CART_ID, *ONE_PRODUCT, SEARCH_ID, CURRENCY)
        ),
        EventSpec("Product Removed", "A product was taken out of the cart.", "商品移出购物车。", (CART_ID, *ONE_PRODUCT, CURRENCY)),
        EventSpec("Cart Viewed", "The cart was seen.", "查看了购物车。", (CART_ID, PRODUCTS, VALUE, CURRENCY)),
        EventSpec(
            "Checkout Started",
            "The checkout was entered. It is no order yet.",
            "进入结算。尚未成为订单。",
            (ORDER_ID, CHECKOUT_ID, AFFILIATION, VALUE, TOTAL, REVENUE, SHIPPING, TAX, DISCOUNT, COUPON, CURRENCY, PRODUCTS),
        ),
        EventSpec("Checkout Step Viewed", "A step of the checkout was seen.", "看到了某个结算步骤。", _STEP),
        EventSpec("Checkout Step Completed", "A step of the checkout was done.", "完成了某个结算步骤。", _STEP),
        EventSpec("Payment Info Entered", "How to pay was entered.", "填写了支付信息。", (ORDER_ID, *_STEP[:1], *_STEP[2:])),
    ),
)
