"""The catalogue of behaviour events: names in any spelling, typed properties, problems as codes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.events.ecommerce import SPECS, columns, order_value, problems, spec_of
from regulars.events.specs import EventSpec
from regulars.warehouse.schema import EVENTS

#: The names in rules/analytics.md, "E-commerce event names (Segment v2)".
SEGMENT = (
    "Products Searched, Product List Viewed, Product List Filtered, Promotion Viewed, Promotion Clicked, Product Clicked, Product Viewed,"
    "Product Added, Product Removed, Cart Viewed, Checkout Started, Checkout Step Viewed, Checkout Step Completed, Payment Info Entered,"
    "Order Completed, Order Updated, Order Refunded, Order Cancelled, Coupon Entered, Coupon Applied, Coupon Denied, Coupon Removed,"
    "Product Added to Wishlist, Product Removed from Wishlist, Wishlist Product Added to Cart, Product Shared, Cart Shared, Product Reviewed"
)

CLEAN: dict[str, Any] = {
    "product_id": "507f1f77",
    "sku": "G-32",
    "category": "Games",
    "name": "Monopoly",
    "brand": "Hasbro",
    "variant": "3rd edition",
    "price": 18.99,
    "quantity": 1,
    "coupon": "MAYDEALS",
    "currency": "usd",
    "position": 3,
    "url": "https://example.com/p/1",
    "image_url": "https://example.com/p/1.jpg",
}


def spec(name: str) -> EventSpec:
    found = spec_of(name)
    assert found is not None
    return found


def test_every_segment_event_is_in_the_catalogue() -> None:
    names = [name.strip() for name in SEGMENT.split(",")]

    assert [name for name in names if name not in SPECS] == []
    assert {"Page Viewed", "Page Left", "Page Performance", "Consent Changed"} <= SPECS.keys()


@pytest.mark.parametrize(
    "written", ["product viewed", "productViewed", "Product-Viewed", "product_viewed", "PRODUCT VIEWED", "ProductViewed"]
)
def test_a_name_is_recognised_in_any_spelling(written: str) -> None:
    assert spec(written).name == "Product Viewed"


def test_a_shops_own_event_has_no_specification() -> None:
    assert spec_of("Tea Tasted") is None
    assert spec_of("x" * 10_000) is None
    assert spec_of("") is None


def test_no_two_events_are_spelled_alike() -> None:
    assert len({name.replace(" ", "").lower() for name in SPECS}) == len(SPECS)


def test_hot_properties_feed_columns_that_exist() -> None:
    fed = {prop.column for each in SPECS.values() for prop in each.properties if prop.column}

    assert fed <= EVENTS.columns.keys()
    assert {"product_id", "product_name", "category", "price", "quantity", "currency", "order_id", "query", "duration_ms"} <= fed


def test_a_clean_event_has_no_problems() -> None:
    assert problems(spec("Product Viewed"), CLEAN) == []
    assert problems(spec("Order Completed"), {"order_id": 7, "total": "1,234.50", "products": [CLEAN]}) == []


@pytest.mark.parametrize(
    ("event", "properties", "codes"),
    [
        ("Product Viewed", {**CLEAN, "price": "cheap"}, ["price:not_a_number"]),
        ("Product Viewed", {**CLEAN, "price": True}, ["price:not_a_number"]),
        ("Product Viewed", {**CLEAN, "price": float("nan")}, ["price:not_a_number"]),
        ("Product Viewed", {**CLEAN, "price": 10**12}, ["price:too_large"]),
        ("Product Viewed", {**CLEAN, "category": ["a"]}, ["category:not_a_string"]),
        ("Product Viewed", {**CLEAN, "currency": "dollars"}, ["currency:not_a_currency"]),
        ("Product Viewed", {**CLEAN, "position": 1.5}, ["position:not_an_integer"]),
        ("Product Viewed", {"price": 1}, ["product_id:missing"]),
        ("Product Viewed", {"productId": "", "sku": None}, ["product_id:missing"]),
        ("Product Viewed", {"unitPrice": "x", "id": "1"}, ["price:not_a_number"]),
        ("Order Completed", {"order_id": "1"}, ["total:missing"]),
        ("Order Completed", {"total": 1}, ["order_id:missing"]),
        ("Order Completed", {"order_id": "1", "products": "tea"}, ["products:not_products"]),
        ("Order Completed", {"order_id": "1", "products": ["tea"]}, ["products:not_products"]),
        (
            "Order Completed",
            {"order_id": "1", "total": 1, "products": [{"price": "x"}, {"price": "y", "sku": "a"}]},
            ["products.price:not_a_number", "products.product_id:missing"],
        ),
        ("Page Left", {}, ["duration_ms:missing"]),
        ("Consent Changed", {"purposes": "all"}, ["purposes:not_a_list"]),
    ],
)
def test_what_breaks_the_schema_is_named(event: str, properties: dict[str, Any], codes: list[str]) -> None:
    assert problems(spec(event), properties) == codes


@pytest.mark.parametrize(
    "told", [{"productId": "p"}, {"sku": "p"}, {"id": "p"}, {"product_id": "p", "sku": "s"}, {"product_id": None, "sku": "p"}]
)
def test_a_product_is_known_by_its_aliases_in_order_of_preference(told: dict[str, Any]) -> None:
    assert columns(spec("Product Viewed"), told)["product_id"] == "p"
    assert problems(spec("Product Viewed"), told) == []


def test_columns_are_typed_and_unreadable_values_are_left_out() -> None:
    given = {"product_id": 5, "price": "¥1,234.50", "quantity": "2", "position": "x", "currency": "CNY", "coupon": " "}

    filled = columns(spec("Product Added"), given)

    assert filled == {"product_id": "5", "price": Decimal("1234.50"), "quantity": Decimal(2), "currency": "CNY"}


@pytest.mark.parametrize(
    ("properties", "value"),
    [
        ({"total": 30, "revenue": 25}, "30"),
        ({"revenue": 25, "shipping": 3, "tax": "2"}, "30"),
        ({"revenue": 25, "shipping": "free"}, "25"),
        ({"total": "x", "revenue": 25}, "25"),
        ({"total": 0, "revenue": 25}, "0"),
    ],
)
def test_an_order_comes_to_its_total_or_to_revenue_with_shipping_and_tax(properties: dict[str, Any], value: str) -> None:
    assert order_value(properties) == Decimal(value)
    assert order_value({"shipping": 3}) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_NAMES = sorted({name for each in SPECS.values() for prop in each.properties for name in prop.names})


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(SPECS)), st.dictionaries(st.sampled_from(_NAMES), _JSON, max_size=8))
def test_no_value_whatever_makes_a_check_fall_over(event: str, properties: dict[str, Any]) -> None:
    codes = problems(SPECS[event], properties)

    assert all(":" in code for code in codes)
    columns(SPECS[event], properties)
