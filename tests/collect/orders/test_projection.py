"""Messages make the orders, lines and refunds that a count by hand makes of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from regulars.access import Shop
from regulars.collect import orders
from regulars.warehouse import Warehouse
from tests.collect.orders.messages import CUP, SHOP, TEA, cancelled, completed, refunded, rows, tables, told, updated


def test_an_order_with_its_products_becomes_a_header_and_its_lines(warehouse: Warehouse) -> None:
    """Items 2 x 20 + 1 x 30 = 70, shipping 8, discount 5: 73."""
    message = completed(
        "o1", "2025-01-05T10:00", total="¥73.00", shipping=8, discount=5, coupon="NEW", affiliation="app", products=[TEA, CUP]
    )

    done = orders.project(warehouse, SHOP, [message])

    assert (done.orders, done.lines, done.refunds, done.problems) == (1, 2, 0, ())
    (order,) = rows(warehouse, "orders")
    assert order == {
        "shop_id": "tea",
        "order_id": "o1",
        "customer_id": "c1",
        "named_as": None,
        "ordered_at": datetime(2025, 1, 5, 10),
        "status": "placed",
        "currency": "CNY",
        "total_minor": 7300,
        "items_minor": 7000,
        "shipping_minor": 800,
        "tax_minor": 0,
        "discount_minor": 500,
        "units": Decimal(3),
        "line_count": 2,
        "cancelled_at": None,
        "shipped_at": None,
        "delivered_at": None,
        "promised_at": None,
        "channel": "app",
        "region": None,
        "seller_id": None,
        "coupon_code": "NEW",
        "source": "events",
        "load_id": "events",
    }
    lines = {row["product_id"]: row for row in rows(warehouse, "order_lines")}
    assert (lines["p1"]["quantity"], lines["p1"]["unit_price"], lines["p1"]["amount_minor"]) == (2, 20, 4000)
    assert (lines["p2"]["quantity"], lines["p2"]["amount_minor"], lines["p2"]["category"]) == (1, 3000, "Cups")
    assert {row["customer_id"] for row in lines.values()} == {"c1"}


@pytest.mark.parametrize(
    ("told_money", "total", "items"),
    [
        ({"total": 100}, 10000, 10000),
        ({"revenue": 80, "shipping": 12, "tax": 8}, 10000, 8000),
        ({"revenue": "80", "tax": "8.00"}, 8800, 8000),
        ({"total": 100, "revenue": 5, "shipping": 10}, 10000, 9000),
        ({"total": 100, "shipping": 10, "discount": 20}, 10000, 11000),
        ({"total": 100, "subtotal": 95, "shipping": 5}, 10000, 9500),
        ({"products": [TEA, CUP], "shipping": 5}, 7500, 7000),
        ({"total": 0}, 0, 0),
        ({"total": "0.125"}, 12, 12),
        ({"total": "0.135"}, 14, 14),
        ({"total": "1.234,56"}, 123456, 123456),
    ],
)
def test_an_order_comes_to_its_total_or_to_its_parts(
    told_money: dict[str, Any], total: int, items: int, warehouse: Warehouse
) -> None:
    orders.project(warehouse, SHOP, [completed("o1", "2025-01-05T10:00", **told_money)])

    assert rows(warehouse, "orders", "total_minor", "items_minor") == [(total, items)]


def test_a_currency_without_minor_units_is_kept_whole(warehouse: Warehouse) -> None:
    shop = Shop(shop_id="tea", name="Tea", timezone="Asia/Tokyo", currency="JPY")

    orders.project(
        warehouse, shop, [completed("o1", "2025-01-05T10:00", total="¥1,234"), completed("o2", "2025-01-05T10:00", total=2.5)]
    )

    assert rows(warehouse, "orders", "order_id", "total_minor") == [("o1", 1234), ("o2", 2)]


def test_tax_inside_the_prices_is_not_added_again(warehouse: Warehouse) -> None:
    message = completed("o1", "2025-01-05T10:00", total=70, tax=5, products=[TEA, CUP])

    orders.project(warehouse, SHOP, [message])

    assert rows(warehouse, "orders", "total_minor", "items_minor", "tax_minor") == [(7000, 7000, 0)]


def test_the_first_completed_counts_and_a_later_one_changes_nothing(warehouse: Warehouse) -> None:
    first = completed("o1", "2025-01-05T10:00", total=100)
    again = completed("o1", "2025-01-05T10:01", total=999, customer="c2")

    orders.project(warehouse, SHOP, [again])
    orders.project(warehouse, SHOP, [first])

    assert rows(warehouse, "orders", "total_minor", "customer_id", "ordered_at") == [(10000, "c1", datetime(2025, 1, 5, 10))]


def test_an_update_replaces_total_and_products_but_not_the_time(warehouse: Warehouse) -> None:
    orders.project(warehouse, SHOP, [completed("o1", "2025-01-05T10:00", total=70, products=[TEA, CUP], coupon="NEW")])

    orders.project(warehouse, SHOP, [updated("o1", "2025-01-07T10:00", total=30, products=[CUP])])

    (order,) = rows(warehouse, "orders")
    assert (order["total_minor"], order["line_count"], order["coupon_code"]) == (3000, 1, "NEW")
    assert order["ordered_at"] == datetime(2025, 1, 5, 10)
    assert rows(warehouse, "order_lines", "product_id") == ["p2"]


def test_an_update_that_arrives_first_waits_for_its_order(warehouse: Warehouse) -> None:
    orders.project(warehouse, SHOP, [updated("o1", "2025-01-07T10:00", total=30)])
    assert rows(warehouse, "orders") == []

    orders.project(warehouse, SHOP, [completed("o1", "2025-01-05T10:00", total=70)])

    assert rows(warehouse, "orders", "total_minor") == [3000]


def test_a_cancelled_order_stays_with_its_state_and_loses_its_refunds(warehouse: Warehouse) -> None:
    """GMV 100, cancelled 100: a refund of the same money beside it would make net revenue negative."""
    messages = [
        completed("o1", "2025-01-05T10:00", total=100, products=[TEA]),
        refunded("o1", "2025-01-06T10:00", total=30),
        cancelled("o1", "2025-01-07T10:00"),
    ]

    for message in messages:
        orders.project(warehouse, SHOP, [message])

    assert rows(warehouse, "orders", "status", "cancelled_at", "total_minor") == [("cancelled", datetime(2025, 1, 7, 10), 10000)]
    assert rows(warehouse, "order_lines", "status") == ["cancelled"]
    assert rows(warehouse, "refunds") == []


def test_refunds_of_one_order_add_up_on_their_own_dates(warehouse: Warehouse) -> None:
    """30, then a cup (30), then all that is left: 100 - 60 = 40; a second full refund finds nothing left."""
    messages = [
        completed("o1", "2025-01-05T10:00", total=100, products=[TEA, CUP]),
        refunded("o1", "2025-01-20T10:00", total=30),
        refunded("o1", "2025-02-01T10:00", products=[{"product_id": "p2", "quantity": 1}]),
        refunded("o1", "2025-02-03T10:00"),
        refunded("o1", "2025-02-04T10:00"),
    ]

    orders.project(warehouse, SHOP, messages)

    found = sorted(rows(warehouse, "refunds", "refunded_at", "amount_minor", "product_id", "kind"))
    assert found == [
        (datetime(2025, 1, 20, 10), 3000, None, "refund"),
        (datetime(2025, 2, 1, 10), 3000, "p2", "return"),
        (datetime(2025, 2, 3, 10), 4000, None, "refund"),
    ]


def test_two_messages_of_one_refund_number_are_one_refund(warehouse: Warehouse) -> None:
    messages = [
        completed("o1", "2025-01-05T10:00", total=100),
        refunded("o1", "2025-01-20T10:00", total=30, refund_id="r1"),
        refunded("o1", "2025-01-20T10:02", total=30, refund_id="r1", source_id="hook"),
        refunded("o1", "2025-01-20T10:02", total=30, refund_id="r2"),
    ]

    orders.project(warehouse, SHOP, messages)

    assert rows(warehouse, "refunds", "refund_id", "amount_minor") == [("o1/r1", 3000), ("o1/r2", 3000)]


def test_a_refund_with_products_is_booked_by_product_and_its_rest_apart(warehouse: Warehouse) -> None:
    """30 given back for a cup (19) and two packs of tea (6): 5 more were postage."""
    back = [{"product_id": "a", "price": 19, "quantity": 1}, {"product_id": "b", "price": 3, "quantity": 2}]

    orders.project(
        warehouse,
        SHOP,
        [completed("o1", "2025-01-05T10:00", total=100), refunded("o1", "2025-01-06T10:00", total=30, products=back)],
    )

    assert sorted(rows(warehouse, "refunds", "amount_minor", "kind")) == [(500, "refund"), (600, "return"), (1900, "return")]


def test_a_refund_that_tells_its_amount_does_not_wait_for_its_order(warehouse: Warehouse) -> None:
    orders.project(warehouse, SHOP, [refunded("o1", "2025-01-20T10:00", total="30"), refunded("o2", "2025-01-20T10:00")])
    assert rows(warehouse, "refunds", "order_id", "amount_minor") == [("o1", 3000)]

    orders.project(warehouse, SHOP, [completed("o2", "2025-01-05T10:00", total=50)])

    assert sorted(rows(warehouse, "refunds", "order_id", "amount_minor")) == [("o1", 3000), ("o2", 5000)]


def test_products_without_a_price_share_what_the_order_comes_to(warehouse: Warehouse) -> None:
    """100 in all; the cup is 30, so 70 stay for 3 + 4 pieces: 30 and 40."""
    bare = [{"product_id": "x", "quantity": 3}, {"product_id": "y", "quantity": 4, "price": "cheap"}]

    done = orders.project(warehouse, SHOP, [completed("o1", "2025-01-05T10:00", total=100, products=[CUP, *bare])])

    found = dict(rows(warehouse, "order_lines", "product_id", "amount_minor"))
    assert found == {"p2": 3000, "x": 3000, "y": 4000}
    assert [problem.code for problem in done.problems] == ["products.price:not_a_number"]


def test_equal_products_of_one_order_each_count(warehouse: Warehouse) -> None:
    orders.project(warehouse, SHOP, [completed("o1", "2025-01-05T10:00", products=[CUP, CUP])])

    assert rows(warehouse, "order_lines", "amount_minor") == [3000, 3000]
    assert rows(warehouse, "orders", "total_minor", "units") == [(6000, 2)]


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"total": "lots"}, "total:not_a_number"),
        ({}, "total:missing"),
        ({"total": -5}, "total:negative"),
        ({"total": 10**13}, "total:too_large"),
        ({"products": [{"product_id": "a"}]}, "total:missing"),
    ],
)
def test_an_order_whose_total_nobody_can_tell_waits_and_says_why(
    properties: dict[str, Any], code: str, warehouse: Warehouse
) -> None:
    message = completed("o1", "2025-01-05T10:00", **properties)

    done = orders.project(warehouse, SHOP, [message])

    assert rows(warehouse, "orders") == []
    assert code in [problem.code for problem in done.problems]
    assert {problem.message_id for problem in done.problems} == {message["messageId"]}
    orders.project(warehouse, SHOP, [updated("o1", "2025-01-06T10:00", total=20)])
    assert rows(warehouse, "orders", "total_minor", "ordered_at") == [(2000, datetime(2025, 1, 5, 10))]


@pytest.mark.parametrize("order_id", [None, "", "null", "undefined", "0", True, ["o1"], {"id": 1}, "x" * 200, "a\x1fb", 10**300])
def test_an_order_without_a_readable_number_is_a_problem(order_id: Any, warehouse: Warehouse) -> None:
    message = completed("o1", "2025-01-05T10:00", total=5)
    message["properties"]["order_id"] = order_id

    done = orders.project(warehouse, SHOP, [message])

    assert rows(warehouse, "order_facts") == []
    assert any(problem.code.startswith("order_id:") for problem in done.problems)


def test_numbers_and_texts_name_the_same_order(warehouse: Warehouse) -> None:
    first = told("order_completed", None, "2025-01-05T10:00", orderId=1001, total=5)

    orders.project(warehouse, SHOP, [first, completed(" 1001 ", "2025-01-05T11:00", total=7)])

    assert rows(warehouse, "orders", "order_id", "total_minor") == [("1001", 500)]


def test_other_events_make_no_order(warehouse: Warehouse) -> None:
    messages = [told(name, "o1", "2025-01-05T10:00", total=5) for name in ("Checkout Started", "Product Viewed", "Tea Tasted")]

    assert orders.project(warehouse, SHOP, messages) == orders.Projected()


def test_an_order_in_another_currency_is_left_out_unless_a_rate_is_known(warehouse: Warehouse) -> None:
    """10 USD and 2.345 USD at 7.1: 71.00 and 16.6495, which is 16.65."""
    messages = [completed("o1", "2025-01-05T10:00", total=10, currency="usd"), refunded("o1", "2025-01-06T10:00", total="2.345")]

    left_out = orders.project(warehouse, SHOP, messages)

    assert {problem.code for problem in left_out.problems} == {"other_currency"}
    assert tables(warehouse) == {"orders": [], "order_lines": [], "refunds": []}
    other = Shop(shop_id="other", name="Other", timezone="UTC", currency="CNY")
    orders.project(warehouse, other, messages, rates={"USD": Decimal("7.1")})
    assert rows(warehouse, "orders", "total_minor", "currency") == [(7100, "CNY")]
    assert rows(warehouse, "refunds", "amount_minor", "currency") == [(1665, "CNY")]


def test_a_message_that_comes_twice_changes_nothing(warehouse: Warehouse) -> None:
    messages = [completed("o1", "2025-01-05T10:00", total=70, products=[TEA, CUP]), refunded("o1", "2025-01-06T10:00", total=5)]
    orders.project(warehouse, SHOP, messages)
    before = tables(warehouse)

    done = orders.project(warehouse, SHOP, [*messages, *messages])

    assert not done.changed
    assert tables(warehouse) == before


def test_shops_do_not_see_each_others_orders(warehouse: Warehouse) -> None:
    other = Shop(shop_id="other", name="Other", timezone="UTC", currency="CNY")
    orders.project(warehouse, SHOP, [completed("o1", "2025-01-05T10:00", total=70)])

    orders.project(warehouse, other, [completed("o1", "2025-02-05T10:00", total=9)])

    assert sorted(rows(warehouse, "orders", "shop_id", "total_minor")) == [("other", 900), ("tea", 7000)]


def test_a_known_customer_counts_before_a_device(warehouse: Warehouse) -> None:
    device = completed("o1", "2025-01-05T10:00", total=70, customer="v_1234567890abcdef1234")

    orders.project(warehouse, SHOP, [device, updated("o1", "2025-01-05T10:05", customer="c7")])

    assert rows(warehouse, "orders", "customer_id") == ["c7"]


def test_nothing_is_kept_when_the_transaction_around_it_fails(warehouse: Warehouse) -> None:
    def load_and_fail() -> None:
        with warehouse.transaction():
            orders.project(warehouse, SHOP, [completed("o1", "2025-01-05T10:00", total=70)])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        load_and_fail()

    assert rows(warehouse, "orders") == rows(warehouse, "order_facts") == []
