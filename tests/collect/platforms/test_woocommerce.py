"""What WooCommerce says, as canonical messages."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from regulars.collect.platforms.domain.dispatch import TOPICS, translate
from regulars.collect.platforms.domain.messages import Setting, Translation, completed
from regulars.errors import InvalidInput
from regulars.web.bodies import strict_json
from tests.collect.platforms import payloads as p
from tests.collect.platforms.payloads import WOO_ORDER, as_bytes, changed

SETTING = Setting("woocommerce", "Europe/Paris", "EUR")
NOW = datetime(2026, 11, 10, tzinfo=UTC)


def said(topic: str, payload: Any, setting: Setting = SETTING) -> Translation:
    found = translate("woocommerce", topic, strict_json(as_bytes(payload), exact=True), setting, None, NOW)
    assert found is not None
    return found


def test_a_new_order_is_completed_once_with_exact_amounts() -> None:
    """Lines 20.00 + 9.43 - 3.00 discount = 26.43; + 10.00 shipping + 6.91 tax = 43.34."""
    found = said("order.created", WOO_ORDER)

    message = found.messages[1]
    assert [one.get("event", one["type"]) for one in found.messages] == ["identify", "Order Completed"]
    assert (message["messageId"], message["userId"], message["timestamp"]) == (
        "woocommerce:order:727:completed",
        "26",
        "2026-03-22T15:28:02Z",
    )
    properties = message["properties"]
    names = ("order_id", "total", "subtotal", "revenue", "shipping", "tax", "discount", "coupon", "currency")
    assert [properties[name] for name in names] == ["R-1727", "43.34", "26.43", "26.43", "10.00", "6.91", "3.00", "spring", "EUR"]
    lines = properties["products"]
    assert [(line["product_id"], line["quantity"], line.get("variant")) for line in lines] == [
        ("CUP-B", 3, "Blue"),
        ("22", 1, None),
    ]
    assert [line["price"] for line in lines] == ["6.666667", "9.43"]
    assert "jo.doe" not in str(properties)


def test_a_guest_is_known_by_the_billing_address() -> None:
    assert said("order.created", changed(WOO_ORDER, customer_id=0)).messages[1]["userId"] == "jo.doe@example.com"


@pytest.mark.parametrize("status", ["pending", "on-hold", "failed", "checkout-draft", "trash"])
def test_orders_that_are_not_paid_or_drafts_do_not_count(status: str) -> None:
    found = said("order.created", changed(WOO_ORDER, status=status))

    assert found.messages == ()
    assert found.ignored in ("unpaid_order", "draft_order")


def test_a_cancelled_order_is_completed_and_cancelled_when_it_changed() -> None:
    found = said("order.updated", changed(WOO_ORDER, status="cancelled", date_modified_gmt="2026-03-25T08:00:00"))

    assert found.messages[-1]["event"] == "Order Cancelled"
    assert found.messages[-1]["timestamp"] == "2026-03-25T08:00:00Z"


def test_each_refund_of_the_list_is_told_under_its_own_id() -> None:
    refunds = [{"id": 801, "reason": "broken", "total": "-10.00"}, {"id": 802, "reason": "", "total": "-3.34"}]
    first = said("order.updated", changed(WOO_ORDER, refunds=refunds[:1], date_modified_gmt="2026-03-24T08:00:00"))
    both = said("order.updated", changed(WOO_ORDER, refunds=refunds, date_modified_gmt="2026-03-25T08:00:00"))

    told = [one for one in (*first.messages, *both.messages) if one.get("event") == "Order Refunded"]
    assert [one["messageId"] for one in told] == [
        "woocommerce:order:727:refund:801", "woocommerce:order:727:refund:801", "woocommerce:order:727:refund:802",
    ]  # fmt: skip
    assert [one["properties"]["total"] for one in told] == ["10.00", "10.00", "3.34"]
    assert "broken" not in str(told)


def test_a_time_without_offset_is_the_shops_own() -> None:
    order = changed(WOO_ORDER, date_created_gmt=None, date_created="2026-07-22T16:28:02")

    assert said("order.created", order).messages[1]["timestamp"] == "2026-07-22T14:28:02Z"


def test_a_deleted_order_is_found_by_its_number() -> None:
    later = said("order.deleted", {"id": 727}).later[0]
    message = completed(later, "R-1727", "26")

    assert (message["event"], message["properties"]["order_id"], message["userId"]) == ("Order Cancelled", "R-1727", "26")
    assert message["messageId"] == "woocommerce:order:727:cancelled"
    assert not later.keep


def test_customers_and_products_are_told() -> None:
    customer = said("customer.updated", p.WOO_CUSTOMER).messages[0]
    product = said("product.updated", p.WOO_PRODUCT).messages[0]["properties"]

    assert (customer["userId"], customer["traits"]["email"], customer["timestamp"]) == (
        "26",
        "jo.doe@example.com",
        "2026-03-01T09:00:00Z",
    )
    assert [product[name] for name in ("product_id", "name", "category", "brand", "price", "currency", "stock", "status")] == [
        "CUP", "Cup", "Cups", "Potter", "6.67", "EUR", 14, "active",
    ]  # fmt: skip


@pytest.mark.parametrize("body", [[], "x", 3, None, {"id": {}}, {"id": []}])
@pytest.mark.parametrize("topic", TOPICS["woocommerce"])
def test_no_body_is_a_fault_of_ours(topic: str, body: Any) -> None:
    with pytest.raises(InvalidInput):
        said(topic, body)


def test_a_price_with_a_point_stays_exact() -> None:
    line = {**WOO_ORDER["line_items"][1], "subtotal": None, "total": None, "price": 0.1}
    body = as_bytes(changed(WOO_ORDER, line_items=[line])).replace(b'"price":0.1', b'"price":0.100000000')

    found = translate("woocommerce", "order.created", strict_json(body, exact=True), SETTING, None, NOW)

    assert found is not None
    assert Decimal(found.messages[1]["properties"]["products"][0]["price"]) == Decimal("0.1")
