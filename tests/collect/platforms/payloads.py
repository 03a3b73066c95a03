"""Bodies in the form Shopify and WooCommerce send them, with invented people and goods, signed as the platforms sign."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from standardwebhooks.webhooks import Webhook

SHOPIFY_SECRET = "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"
WOO_SECRET = "woo-0f1e2d3c4b5a6978"
STANDARD_SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()

_ADDRESS = {
    "first_name": "Mei", "last_name": "Lin", "address1": "Tea Lane 7", "address2": None, "phone": "+8613800138000", "city": "Hangzhou",
    "zip": "310000", "province": "Zhejiang", "country": "China", "country_code": "CN", "province_code": "ZJ", "company": None,
    "name": "Mei Lin", "latitude": 30.2741, "longitude": 120.1551,
}  # fmt: skip


def _money(amount: str) -> dict[str, Any]:
    both = {"amount": amount, "currency_code": "CNY"}
    return {"shop_money": both, "presentment_money": both}


SHOPIFY_ORDER: dict[str, Any] = {
    "id": 5678901234567, "admin_graphql_api_id": "gid://shopify/Order/5678901234567", "app_id": 580111, "browser_ip": "203.0.113.9",
    "buyer_accepts_marketing": True, "cancel_reason": None, "cancelled_at": None, "cart_token": "c1-7a8b", "checkout_id": 30112233445566,
    "checkout_token": "ck-9f8e7d", "client_details": {"user_agent": "Mozilla/5.0", "browser_ip": "203.0.113.9"}, "closed_at": None,
    "confirmed": True, "contact_email": "mei.lin@example.com", "created_at": "2026-11-01T10:15:30+08:00", "currency": "CNY",
    "current_subtotal_price": "170.00", "current_total_discounts": "20.00", "current_total_price": "192.00", "current_total_tax": "10.00",
    "customer_locale": "zh-CN", "discount_codes": [{"code": "AUTUMN", "amount": "20.00", "type": "fixed_amount"}],
    "email": "mei.lin@example.com", "estimated_taxes": False, "financial_status": "paid", "fulfillment_status": None,
    "landing_site": "/?utm_source=mail", "name": "#1001", "note": "please ring twice", "note_attributes": [], "number": 1, "order_number": 1001,
    "payment_gateway_names": ["alipay"], "phone": None, "presentment_currency": "CNY", "processed_at": "2026-11-01T10:15:29+08:00",
    "source_name": "web", "subtotal_price": "170.00", "subtotal_price_set": _money("170.00"), "tags": "", "tax_lines": [], "taxes_included": False,
    "test": False, "token": "tok-1", "total_discounts": "20.00", "total_line_items_price": "190.00", "total_outstanding": "0.00",
    "total_price": "192.00", "total_price_set": _money("192.00"), "total_shipping_price_set": _money("12.00"), "total_tax": "10.00",
    "total_tip_received": "0.00", "total_weight": 500, "updated_at": "2026-11-01T10:15:31+08:00", "billing_address": _ADDRESS,
    "customer": {
        "id": 7001, "email": "mei.lin@example.com", "first_name": "Mei", "last_name": "Lin", "phone": "+8613800138000", "state": "enabled",
        "verified_email": True, "currency": "CNY", "created_at": "2026-10-01T08:00:00+08:00", "updated_at": "2026-11-01T10:15:31+08:00",
        "default_address": {**_ADDRESS, "id": 9001, "customer_id": 7001, "default": True},
    },
    "discount_applications": [], "fulfillments": [], "payment_terms": None, "refunds": [], "shipping_address": _ADDRESS,
    "shipping_lines": [{"id": 41, "code": "Standard", "price": "12.00", "title": "Standard", "discounted_price": "12.00", "tax_lines": []}],
    "line_items": [
        {
            "id": 111, "product_id": 801, "variant_id": 901, "sku": "TEA-LJ-100", "title": "Longjing", "variant_title": "100 g", "vendor": "Tea House",
            "name": "Longjing - 100 g", "quantity": 2, "current_quantity": 2, "price": "75.00", "price_set": _money("75.00"), "gift_card": False,
            "grams": 100, "requires_shipping": True, "taxable": True, "total_discount": "0.00", "tax_lines": [],
            "discount_allocations": [{"amount": "20.00", "discount_application_index": 0, "amount_set": _money("20.00")}],
        },
        {
            "id": 112, "product_id": 802, "variant_id": 902, "sku": "", "title": "Gaiwan", "variant_title": None, "vendor": "Tea House",
            "name": "Gaiwan", "quantity": 1, "current_quantity": 1, "price": "40.00", "price_set": _money("40.00"), "gift_card": False,
            "grams": 300, "requires_shipping": True, "taxable": True, "total_discount": "0.00", "tax_lines": [], "discount_allocations": [],
        },
    ],
}  # fmt: skip

SHOPIFY_REFUND: dict[str, Any] = {
    "id": 333001, "order_id": 5678901234567, "created_at": "2026-11-05T09:00:00+08:00", "note": "leaking", "user_id": 1, "restock": True,
    "processed_at": "2026-11-05T09:00:00+08:00", "duties": [], "order_adjustments": [],
    "refund_line_items": [
        {
            "id": 71, "quantity": 1, "line_item_id": 112, "location_id": 5, "restock_type": "return", "subtotal": "40.00", "total_tax": "2.00",
            "line_item": SHOPIFY_ORDER["line_items"][1],
        }
    ],
    "transactions": [
        {
            "id": 81, "order_id": 5678901234567, "kind": "refund", "gateway": "alipay", "status": "success", "amount": "42.00", "currency": "CNY",
            "created_at": "2026-11-05T09:00:00+08:00", "parent_id": 80, "message": "ok", "test": False,
        }
    ],
}  # fmt: skip

SHOPIFY_CUSTOMER: dict[str, Any] = {
    "id": 7001, "email": "mei.lin@example.com", "created_at": "2026-10-01T08:00:00+08:00", "updated_at": "2026-11-02T08:00:00+08:00",
    "first_name": "Mei", "last_name": "Lin", "orders_count": 1, "state": "enabled", "total_spent": "192.00", "note": None, "verified_email": True,
    "tax_exempt": False, "tags": "vip, tea", "currency": "CNY", "phone": "+8613800138000", "addresses": [_ADDRESS], "default_address": _ADDRESS,
    "email_marketing_consent": {"state": "subscribed", "opt_in_level": "single_opt_in", "consent_updated_at": "2026-10-01T08:00:00+08:00"},
    "sms_marketing_consent": None,
}  # fmt: skip

SHOPIFY_PRODUCT: dict[str, Any] = {
    "id": 801, "title": "Longjing", "body_html": "<p>Green tea</p>", "vendor": "Tea House", "product_type": "Green tea", "handle": "longjing",
    "created_at": "2026-09-01T08:00:00+08:00", "updated_at": "2026-11-03T08:00:00+08:00", "published_at": "2026-09-01T08:00:00+08:00",
    "status": "active", "tags": "tea", "options": [{"name": "Weight", "values": ["100 g", "250 g"]}],
    "variants": [
        {"id": 901, "product_id": 801, "title": "100 g", "price": "75.00", "sku": "TEA-LJ-100", "inventory_quantity": 40, "image_id": 61},
        {"id": 903, "product_id": 801, "title": "250 g", "price": "168.00", "sku": "TEA-LJ-250", "inventory_quantity": -2, "image_id": None},
    ],
    "images": [{"id": 61, "src": "https://cdn.example.com/lj.jpg"}], "image": {"id": 61, "src": "https://cdn.example.com/lj.jpg"},
}  # fmt: skip

SHOPIFY_CHECKOUT: dict[str, Any] = {
    "id": 30112233445566, "token": "ck-9f8e7d", "cart_token": "c1-7a8b", "email": "mei.lin@example.com", "created_at": "2026-11-01T10:05:00+08:00",
    "updated_at": "2026-11-01T10:06:00+08:00", "currency": "CNY", "total_price": "192.00", "total_tax": "10.00", "total_discounts": "20.00",
    "discount_codes": [{"code": "AUTUMN", "amount": "20.00"}], "shipping_lines": [{"price": "12.00", "title": "Standard"}], "phone": None,
    "line_items": [{"sku": "TEA-LJ-100", "product_id": 801, "variant_id": 901, "title": "Longjing", "quantity": 2, "price": "75.00"}],
}  # fmt: skip

SHOPIFY_CART: dict[str, Any] = {
    "id": "c1-7a8b", "token": "c1-7a8b", "note": None, "created_at": "2026-11-01T02:00:00.000Z", "updated_at": "2026-11-01T02:01:00.000Z",
    "line_items": [{"id": 901, "variant_id": 901, "product_id": 801, "sku": "TEA-LJ-100", "title": "Longjing", "quantity": 2, "price": "75.00"}],
}  # fmt: skip

WOO_ORDER: dict[str, Any] = {
    "id": 727, "parent_id": 0, "number": "R-1727", "order_key": "wc_order_58d2", "created_via": "checkout", "version": "9.3.3", "status": "processing",
    "currency": "EUR", "date_created": "2026-03-22T16:28:02", "date_created_gmt": "2026-03-22T15:28:02", "date_modified": "2026-03-22T16:28:08",
    "date_modified_gmt": "2026-03-22T15:28:08", "discount_total": "3.00", "discount_tax": "0.57", "shipping_total": "10.00", "shipping_tax": "1.90",
    "cart_tax": "5.01", "total": "43.34", "total_tax": "6.91", "prices_include_tax": False, "customer_id": 26, "customer_ip_address": "203.0.113.7",
    "customer_user_agent": "Mozilla/5.0", "customer_note": "", "payment_method": "bacs", "payment_method_title": "Bank", "transaction_id": "",
    "date_paid": "2026-03-22T16:28:08", "date_paid_gmt": "2026-03-22T15:28:08", "date_completed": None, "date_completed_gmt": None, "cart_hash": "",
    "billing": {
        "first_name": "Jo", "last_name": "Doe", "company": "", "address_1": "Market 9", "address_2": "", "city": "Lyon", "state": "", "postcode": "69001",
        "country": "FR", "email": "jo.doe@example.com", "phone": "+33 4 00 00 00 00",
    },
    "shipping": {"first_name": "Jo", "last_name": "Doe", "company": "", "address_1": "Market 9", "city": "Lyon", "state": "", "postcode": "69001", "country": "FR"},
    "line_items": [
        {
            "id": 315, "name": "Cup - Blue", "parent_name": "Cup", "product_id": 93, "variation_id": 99, "quantity": 3, "tax_class": "", "subtotal": "20.00",
            "subtotal_tax": "3.80", "total": "17.00", "total_tax": "3.23", "sku": "CUP-B", "price": 5.666666666666667, "taxes": [],
            "meta_data": [{"id": 2095, "key": "pa_color", "value": "blue", "display_key": "Color", "display_value": "Blue"}],
            "image": {"id": "12", "src": "https://shop.example.com/cup.jpg"},
        },
        {
            "id": 316, "name": "Saucer", "parent_name": None, "product_id": 22, "variation_id": 0, "quantity": 1, "tax_class": "", "subtotal": "9.43",
            "subtotal_tax": "1.79", "total": "9.43", "total_tax": "1.78", "sku": "", "price": 9.43, "taxes": [], "meta_data": [], "image": {"id": "", "src": ""},
        },
    ],
    "tax_lines": [], "shipping_lines": [{"id": 317, "method_title": "Flat Rate", "total": "10.00", "total_tax": "1.90"}], "fee_lines": [],
    "coupon_lines": [{"id": 318, "code": "spring", "discount": "3.00", "discount_tax": "0.57"}], "refunds": [], "meta_data": [],
    "_links": {"self": [{"href": "https://shop.example.com/wp-json/wc/v3/orders/727"}]},
}  # fmt: skip

WOO_CUSTOMER: dict[str, Any] = {
    "id": 26, "date_created": "2026-02-01T10:00:00", "date_created_gmt": "2026-02-01T09:00:00", "date_modified": "2026-03-01T10:00:00",
    "date_modified_gmt": "2026-03-01T09:00:00", "email": "jo.doe@example.com", "first_name": "Jo", "last_name": "Doe", "role": "customer",
    "username": "jo.doe", "billing": WOO_ORDER["billing"], "shipping": WOO_ORDER["shipping"], "is_paying_customer": True, "avatar_url": "", "meta_data": [],
}  # fmt: skip

WOO_PRODUCT: dict[str, Any] = {
    "id": 93, "name": "Cup", "slug": "cup", "permalink": "https://shop.example.com/product/cup/", "date_created_gmt": "2026-01-01T00:00:00",
    "date_modified_gmt": "2026-03-02T08:00:00", "type": "variable", "status": "publish", "sku": "CUP", "price": "6.67", "regular_price": "",
    "sale_price": "", "on_sale": False, "manage_stock": True, "stock_quantity": 14, "stock_status": "instock", "brands": [{"id": 4, "name": "Potter"}],
    "categories": [{"id": 9, "name": "Cups", "slug": "cups"}], "images": [{"id": 792, "src": "https://shop.example.com/cup.jpg"}],
}  # fmt: skip


def changed(payload: dict[str, Any], **values: Any) -> dict[str, Any]:
    """A copy with some values replaced."""
    return {**deepcopy(payload), **values}


def as_bytes(payload: Any) -> bytes:
    """The body as it travels."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def shopify(topic: str, body: bytes, *, secret: str = SHOPIFY_SECRET, delivery: str = "d-1") -> dict[str, str]:
    """The headers Shopify sends."""
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return {
        "content-type": "application/json",
        "x-shopify-topic": topic,
        "x-shopify-hmac-sha256": signature,
        "x-shopify-shop-domain": "tea-house.example.com",
        "x-shopify-api-version": "2026-07",
        "x-shopify-webhook-id": delivery,
        "x-shopify-event-id": f"e-{delivery}",
        "x-shopify-triggered-at": "2026-11-01T02:15:32.123456789Z",
    }


def woocommerce(topic: str, body: bytes, *, secret: str = WOO_SECRET, delivery: str = "w-1") -> dict[str, str]:
    """The headers WooCommerce sends."""
    resource, _, event = topic.partition(".")
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return {
        "content-type": "application/json",
        "x-wc-webhook-source": "https://shop.example.com/",
        "x-wc-webhook-topic": topic,
        "x-wc-webhook-resource": resource,
        "x-wc-webhook-event": event,
        "x-wc-webhook-signature": signature,
        "x-wc-webhook-id": "12",
        "x-wc-webhook-delivery-id": delivery,
    }


def standard(body: bytes, *, secret: str = STANDARD_SECRET, delivery: str = "msg_1", at: datetime | None = None) -> dict[str, str]:
    """The headers of Standard Webhooks, signed by the library's other half."""
    signed_at = at or datetime.now(UTC)
    return {
        "content-type": "application/json",
        "webhook-id": delivery,
        "webhook-timestamp": str(int(signed_at.timestamp())),
        "webhook-signature": Webhook(secret).sign(delivery, signed_at, body.decode()),
    }
