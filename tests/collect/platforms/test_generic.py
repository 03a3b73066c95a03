"""The generic webhook's mapping: where the fields stand is said once, and what is wrong is named."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.collect.platforms.domain.generic import at_path, parse_mapping, translate
from regulars.collect.platforms.domain.messages import Setting, Translation
from regulars.errors import InvalidInput

SETTING = Setting("webhook", "Asia/Shanghai", "CNY")
NOW = datetime(2026, 11, 10, tzinfo=UTC)
ORDER_RULE: dict[str, Any] = {
    "take": "orders",
    "when": {"type": "order.paid"},
    "fields": {
        "order_id": "data.number", "ordered_at": "data.paid_at", "updated_at": "data.changed_at", "customer_email": "data.buyer.email",
        "shipping": "data.freight", "status": "data.state", "currency": "=CNY", "refund_amount": "data.refund.sum", "refund_id": "data.refund.id",
    },
    "lines": "data.items",
    "line_fields": {"product_id": "sku", "product_name": "title", "quantity": "qty", "unit_price": "prices[0]", "line_discount": "off"},
}  # fmt: skip
ORDER: dict[str, Any] = {
    "type": "order.paid",
    "data": {
        "number": "A-17", "paid_at": "2026-11-01 17:30:00", "buyer": {"email": "mei@example.com"}, "freight": "8.00", "state": "shipped",
        "items": [{"sku": "T1", "title": "Tea", "qty": 2, "prices": ["45.00"], "off": "5.50"}, {"sku": "T2", "qty": 1, "prices": ["10.10"]}],
    },
}  # fmt: skip


def said(rules: Any, body: Any, **more: Any) -> Translation:
    return translate(parse_mapping({"rules": rules, **more}), body, SETTING, NOW)


def test_an_order_is_read_by_its_paths_and_added_up() -> None:
    """2 x 45.00 - 5.50 + 10.10 = 94.60 of goods, + 8.00 shipping = 102.60."""
    found = said([ORDER_RULE], ORDER)

    order = found.messages[1]
    assert order["messageId"] == "webhook:order:A-17:completed"
    assert (order["userId"], order["timestamp"]) == ("mei@example.com", "2026-11-01T09:30:00Z")
    assert (order["properties"]["total"], order["properties"]["revenue"]) == ("102.60", "94.60")
    assert [line["product_id"] for line in order["properties"]["products"]] == ["T1", "T2"]


def test_the_first_rule_that_fits_is_taken_and_without_one_nothing_is() -> None:
    event = {
        "take": "events",
        "when": {"type": "page"},
        "fields": {"event": "=Page Viewed", "visitor_id": "who", "happened_at": "at", "properties": "data"},
    }

    found = said([ORDER_RULE, event], {"type": "page", "who": "dev-1", "at": 1_793_500_200, "data": {"url": "/tea"}})

    assert found.messages[0]["anonymousId"] == "dev-1"
    assert found.messages[0]["properties"] == {"url": "/tea"}
    assert said([ORDER_RULE], {"type": "other"}).ignored == "no_rule"


def test_an_event_with_an_id_has_that_id_and_without_one_its_content() -> None:
    rule = {"take": "events", "fields": {"event": "name", "visitor_id": "who", "message_id": "id", "properties": "data"}}

    assert said([rule], {"name": "A", "who": "d", "id": "77"}).messages[0]["messageId"] == "webhook:event:77"
    first, again, other = (said([rule], {"name": "A", "who": "d", "data": {"n": n}}).messages[0]["messageId"] for n in (1, 1, 2))
    assert first == again != other


def test_status_words_of_the_shop_decide() -> None:
    body = {**ORDER, "data": {**ORDER["data"], "state": "wait for money"}}

    assert said([ORDER_RULE], body).messages
    assert said([ORDER_RULE], body, statuses={"Wait for money": "unpaid"}).ignored == "unpaid_order"


def test_each_refund_is_told_under_its_own_number() -> None:
    body = {**ORDER, "data": {**ORDER["data"], "refund": {"id": "R1", "sum": "-10.10"}, "changed_at": "2026-11-03T00:00:00Z"}}

    refund = said([ORDER_RULE], body).messages[-1]

    assert (refund["event"], refund["properties"]["total"], refund["messageId"]) == (
        "Order Refunded",
        "10.10",
        "webhook:order:A-17:refund:R1",
    )


def test_customers_and_products_are_read() -> None:
    customer = {"take": "customers", "fields": {"customer_id": "id", "customer_email": "mail", "updated_at": "at"}}
    product = {
        "take": "products",
        "fields": {"product_id": "id", "product_name": "name", "price": "price", "cost": "cost", "stock": "n"},
    }

    who = said([customer], {"id": 5, "mail": "a@example.com", "at": "2026-11-01T00:00:00Z"}).messages[0]
    what = said([product], {"id": "P", "name": "Tea", "price": "9.90", "cost": "3.3", "n": 4}).messages[0]

    assert (who["userId"], who["traits"]["email"]) == ("5", "a@example.com")
    assert [what["properties"][name] for name in ("product_id", "price", "cost", "stock")] == ["P", "9.90", "3.3", 4]


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        (None, "list of rules"), ({}, "list of rules"), ({"rules": []}, "1 to 50 rules"), ({"rules": "x"}, "list of rules"), ({"rules": [3]}, "rules[0]"),
        ({"rules": [{"take": "cats"}]}, "rules[0].take"),
        ({"rules": [{"take": "orders", "fields": {"order_no": "x"}}]}, "'order_no' is not a field of orders"),
        ({"rules": [{"take": "orders", "fields": {"order_id": "x"}}]}, "rules[0] has no field ordered_at"),
        ({"rules": [{"take": "orders", "fields": {"order_id": "a..b"}}]}, "rules[0].fields.order_id is not a path"),
        ({"rules": [{"take": "orders", "fields": {"order_id": 3}}]}, "rules[0].fields"),
        ({"rules": [{**ORDER_RULE, "lines": ""}]}, "go together"),
        ({"rules": [{**ORDER_RULE, "line_fields": {"ordered_at": "x"}}]}, "not a field of a line"),
        ({"rules": [{**ORDER_RULE, "when": {"a b[": "x"}}]}, "not a path"),
        ({"rules": [ORDER_RULE], "statuses": {"x": "gone"}}, "cannot mean 'gone'"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_mapping_is_named(mapping: Any, words: str) -> None:
    with pytest.raises(InvalidInput) as error:
        parse_mapping(mapping)

    assert words in error.value.message
    assert error.value.mend
    assert error.value.code == "bad_mapping"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"items": "none"}, "data.items"),
        ({"items": [7]}, "order_total"),
        ({"paid_at": "soon"}, "ordered_at"),
        ({"number": None}, "order_id"),
        ({"freight": "a lot"}, "shipping"),
    ],
)
def test_what_is_wrong_with_a_body_is_named(change: dict[str, Any], place: str) -> None:
    body = {**ORDER, "data": {**ORDER["data"], **change}}

    with pytest.raises(InvalidInput) as error:
        said([ORDER_RULE], body)

    assert error.value.values["place"] == place


@given(
    body=st.recursive(
        st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    )
)
def test_any_body_is_read_or_refused_with_a_sentence(body: Any) -> None:
    with suppress(InvalidInput):
        said([{**ORDER_RULE, "when": {}}], body)


def test_paths_reach_into_lists_and_fixed_texts() -> None:
    body = {"a": [{"b": 1}, {"b": [2, 3]}]}

    assert at_path(body, "$.a[1].b[0]") == 2
    assert at_path(body, "a[9].b") is None
    assert at_path(body, "a.b") is None
    assert at_path(body, "=CNY") == "CNY"
