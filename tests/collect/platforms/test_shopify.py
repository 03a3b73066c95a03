"""What Shopify says, as canonical messages: exact money, UTC times, one id for one thing."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from regulars.collect.platforms.domain.dispatch import TOPICS, translate
from regulars.collect.platforms.domain.messages import CATALOGUE, Setting, Translation, completed
from regulars.errors import InvalidInput
from regulars.web.bodies import strict_json
from tests.collect.platforms import payloads as p
from tests.collect.platforms.payloads import SHOPIFY_ORDER, as_bytes, changed

SETTING = Setting("shopify", "Asia/Shanghai", "CNY", "tea-house.example.com")
NOW = datetime(2026, 11, 10, tzinfo=UTC)


def said(topic: str, payload: Any) -> Translation:
    found = translate("shopify", topic, strict_json(as_bytes(payload), exact=True), SETTING, None, NOW)
    assert found is not None
    return found


def events(translation: Translation) -> list[str]:
    return [message.get("event", message["type"]) for message in translation.messages]


def test_a_new_order_is_completed_once_with_exact_amounts() -> None:
    """192.00 in all = goods 190.00 - 20.00 discount + 12.00 shipping + 10.00 tax; revenue is without shipping and tax: 170.00."""
    found = said("orders/create", SHOPIFY_ORDER)

    assert events(found) == ["identify", "Order Completed"]
    message = found.messages[1]
    assert message["messageId"] == "shopify:order:5678901234567:completed"
    assert message["timestamp"] == "2026-11-01T02:15:30Z"
    assert message["userId"] == "mei.lin@example.com"
    properties = message["properties"]
    amounts = {
        name: properties[name] for name in ("total", "subtotal", "revenue", "shipping", "tax", "discount", "currency", "coupon")
    }
    assert amounts == {
        "total": "192.00", "subtotal": "170.00", "revenue": "170.00", "shipping": "12.00", "tax": "10.00", "discount": "20.00",
        "currency": "CNY", "coupon": "AUTUMN",
    }  # fmt: skip
    assert (properties["order_id"], properties["country"], properties["region"]) == ("#1001", "CN", "Zhejiang")
    assert [(line["product_id"], line["price"], line["quantity"]) for line in properties["products"]] == [
        ("TEA-LJ-100", "75.00", 2),
        ("802", "40.00", 1),
    ]
    assert properties["products"][0]["discount"] == "20.00"


def test_who_bought_is_told_as_traits_and_stands_in_no_property() -> None:
    found = said("orders/create", SHOPIFY_ORDER)

    traits = found.messages[0]["traits"]
    assert traits["email"] == "mei.lin@example.com"
    assert traits["name"] == "Mei Lin"
    assert traits["address"]["street"] == "Tea Lane 7"
    told = str(found.messages[1]["properties"])
    assert not [word for word in ("mei.lin", "Mei", "Tea Lane", "13800138000", "ring twice", "203.0.113") if word in told]


def test_every_topic_of_an_order_tells_the_same_completion() -> None:
    later = changed(SHOPIFY_ORDER, updated_at="2026-11-02T11:00:00+08:00", total_price="182.00")

    ids = {said(topic, later).messages[1]["messageId"] for topic in ("orders/create", "orders/updated", "orders/paid")}

    assert ids == {"shopify:order:5678901234567:completed"}


def test_an_update_carries_its_own_time_and_state() -> None:
    later = changed(SHOPIFY_ORDER, updated_at="2026-11-02T11:00:00+08:00", total_price="182.00")

    found = said("orders/updated", later)

    assert events(found) == ["identify", "Order Completed", "Order Updated"]
    assert found.messages[2]["timestamp"] == "2026-11-02T03:00:00Z"
    assert found.messages[2]["properties"]["total"] == "182.00"
    assert found.messages == said("orders/paid", later).messages


def test_an_order_that_is_not_paid_does_not_count_yet() -> None:
    found = said("orders/create", changed(SHOPIFY_ORDER, financial_status="pending"))

    assert (found.messages, found.ignored) == ((), "unpaid_order")
    assert found.names[0].our_id == "#1001"


def test_a_trial_order_is_left_out() -> None:
    assert said("orders/create", changed(SHOPIFY_ORDER, test=True)).ignored == "test_order"


def test_a_cancelled_order_is_completed_and_cancelled() -> None:
    found = said(
        "orders/cancelled", changed(SHOPIFY_ORDER, cancelled_at="2026-11-02T12:00:00+08:00", updated_at="2026-11-02T12:00:01+08:00")
    )

    assert events(found) == ["identify", "Order Completed", "Order Updated", "Order Cancelled"]
    assert found.messages[3]["timestamp"] == "2026-11-02T04:00:00Z"
    assert found.messages[3]["messageId"] == "shopify:order:5678901234567:cancelled"


def test_a_refund_is_the_same_alone_and_inside_its_order() -> None:
    alone = said("refunds/create", p.SHOPIFY_REFUND).later[0]
    inside = said("orders/updated", changed(SHOPIFY_ORDER, refunds=[p.SHOPIFY_REFUND], financial_status="partially_refunded"))

    whole = completed(alone, "#1001", "mei.lin@example.com")
    assert whole == next(message for message in inside.messages if message.get("event") == "Order Refunded")
    assert (whole["properties"]["total"], whole["properties"]["order_id"]) == ("42.00", "#1001")
    assert whole["timestamp"] == "2026-11-05T01:00:00Z"


@pytest.mark.parametrize(
    ("transactions", "total"),
    [
        ([], None),
        ([{"kind": "refund", "status": "failure", "amount": "42.00"}], None),
        ([{"kind": "sale", "status": "success", "amount": "42.00"}], None),
        (
            [{"kind": "refund", "status": "success", "amount": "1.10"}, {"kind": "refund", "status": "pending", "amount": "2.20"}],
            "3.30",
        ),
    ],
)
def test_only_money_that_went_back_is_a_refund(transactions: list[dict[str, str]], total: str | None) -> None:
    found = said("refunds/create", changed(p.SHOPIFY_REFUND, transactions=transactions))

    assert [later.message["properties"]["total"] for later in found.later] == ([total] if total else [])


@pytest.mark.parametrize(
    ("email", "phone", "customer", "user"),
    [
        ("Mei@example.com", "+8613800138000", {"id": 7}, "Mei@example.com"),
        ("", "+8613800138000", {"id": 7}, "+8613800138000"),
        (None, None, {"id": 7}, "7"),
        (None, None, None, None),
    ],
)
def test_a_buyer_is_known_as_in_the_export(email: str | None, phone: str | None, customer: Any, user: str | None) -> None:
    order = changed(
        SHOPIFY_ORDER, email=email, contact_email=None, phone=phone, customer=customer, billing_address=None, shipping_address=None
    )

    message = said("orders/create", order).messages[-1]

    assert message.get("userId") == user
    assert message.get("anonymousId") == (None if user else "shopify:order:5678901234567")


def test_a_customer_is_told_with_consent_and_tags() -> None:
    message = said("customers/update", p.SHOPIFY_CUSTOMER).messages[0]

    assert (message["type"], message["userId"], message["timestamp"]) == ("identify", "mei.lin@example.com", "2026-11-02T00:00:00Z")
    assert message["traits"]["tags"] == ["vip", "tea"]
    assert message["traits"]["email_marketing"] == "subscribed"
    assert message["traits"]["createdAt"] == "2026-10-01T00:00:00Z"


def test_a_product_is_told_for_each_variant_with_a_number() -> None:
    found = said("products/update", p.SHOPIFY_PRODUCT)

    told = [message["properties"] for message in found.messages]
    assert [(one["product_id"], one["price"], one["stock"]) for one in told] == [
        ("TEA-LJ-100", "75.00", 40),
        ("TEA-LJ-250", "168.00", -2),
    ]
    assert told[0]["url"] == "https://tea-house.example.com/products/longjing"
    assert told[1]["image_url"] == "https://cdn.example.com/lj.jpg"
    assert {message["anonymousId"] for message in found.messages} == {CATALOGUE}
    assert {name.our_id for name in found.names} == {"TEA-LJ-100", "TEA-LJ-250"}


def test_a_deleted_product_is_found_again_by_its_number() -> None:
    later = said("products/delete", {"id": 801}).later[0]

    message = completed(later, "TEA-LJ-100", None)

    assert message["properties"] == {"status": "deleted", "product_id": "TEA-LJ-100"}
    assert message["messageId"] == "shopify:product:801:deleted:TEA-LJ-100"


def test_a_checkout_starts_once_and_names_its_visitor() -> None:
    first, later = said("checkouts/create", p.SHOPIFY_CHECKOUT), said("checkouts/update", p.SHOPIFY_CHECKOUT)

    assert events(first) == ["Checkout Started", "identify"]
    assert first.messages[0]["messageId"] == later.messages[0]["messageId"]
    assert (first.messages[1]["anonymousId"], first.messages[1]["userId"]) == ("c1-7a8b", "mei.lin@example.com")
    assert first.messages[0]["properties"]["revenue"] == "170.00"


def test_a_cart_tells_each_product_once() -> None:
    first = said("carts/create", p.SHOPIFY_CART)
    more = [
        *p.SHOPIFY_CART["line_items"],
        {"variant_id": 902, "product_id": 802, "sku": "", "title": "Gaiwan", "quantity": 1, "price": "40.00"},
    ]
    later = said("carts/update", changed(p.SHOPIFY_CART, line_items=more, updated_at="2026-11-01T02:03:00.000Z"))

    ids = [message["messageId"] for message in (*first.messages, *later.messages)]
    assert events(later) == ["Product Added", "Product Added"]
    assert len(set(ids)) == 2


@pytest.mark.parametrize(
    ("topic", "kind"),
    [
        ("customers/redact", "customer_redact"),
        ("customers/data_request", "data_request"),
        ("shop/redact", "shop_redact"),
        ("customers/delete", "customer_deleted"),
    ],
)
def test_requests_about_personal_data_are_listed_and_tell_nothing(topic: str, kind: str) -> None:
    body = {
        "shop_id": 9,
        "shop_domain": "x.example.com",
        "id": 7001,
        "customer": {"id": 7001, "email": "mei.lin@example.com"},
        "orders_to_redact": [],
    }

    found = said(topic, body)

    assert found.messages == ()
    assert [request.kind for request in found.requests] == [kind]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"total_price": "12,00"}, "total_price"), ({"total_price": None}, "total_price"), ({"total_price": True}, "total_price"),
        ({"total_price": "NaN"}, "total_price"), ({"total_price": "1" * 30}, "total_price"), ({"created_at": "yesterday"}, "created_at"),
        ({"created_at": None}, "created_at"), ({"id": None}, "id"), ({"line_items": {"a": 1}}, "line_items"), ({"line_items": [3]}, "line_items[0]"),
        ({"line_items": [{"price": "x", "title": "a"}]}, "line_items[0].price"), ({"billing_address": "here"}, "billing_address"),
        ({"created_at": "9999-12-31T23:59:59-10:00"}, "created_at"), ({"name": ["#1"]}, "name"), ({"id": 10**400 // 10**380}, None),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_by_its_place_and_never_by_its_value(changes: dict[str, Any], place: str | None) -> None:
    body = changed(SHOPIFY_ORDER, **changes)

    if place is None:
        with pytest.raises(InvalidInput):
            said("orders/create", body)
        return
    with pytest.raises(InvalidInput) as error:
        said("orders/create", body)

    assert error.value.values["place"] == place
    assert "yesterday" not in str(error.value)


@pytest.mark.parametrize("body", [[], "x", 3, None, [1, 2], {"id": {}}, {"id": []}])
@pytest.mark.parametrize("topic", TOPICS["shopify"])
def test_no_body_is_a_fault_of_ours(topic: str, body: Any) -> None:
    with pytest.raises(InvalidInput):
        said(topic, body)


def test_an_unknown_topic_is_none_of_ours() -> None:
    assert translate("shopify", "themes/publish", {}, SETTING, None, NOW) is None


def test_a_discounted_order_adds_up() -> None:
    properties = said("orders/create", SHOPIFY_ORDER).messages[1]["properties"]

    goods = sum(Decimal(line["price"]) * line["quantity"] - Decimal(line.get("discount") or 0) for line in properties["products"])
    assert goods == Decimal(properties["revenue"])
    assert Decimal(properties["revenue"]) + Decimal(properties["shipping"]) + Decimal(properties["tax"]) == Decimal(
        properties["total"]
    )
