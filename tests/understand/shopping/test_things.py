"""What lies together in baskets and what rises or fades is counted as a hand would count it."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import combinations
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from regulars.errors import InvalidInput
from regulars.understand.questions import Desk
from regulars.understand.shopping import AFFINITY, HOT_PRODUCTS
from regulars.warehouse import Warehouse
from tests.support.happenings import happened, shop_of
from tests.support.rows import put

T0 = datetime(2026, 3, 1)


def desk_with(warehouse: Warehouse, lines: list[tuple[str, str, str, float]], events: list[dict[str, Any]] | None = None) -> Desk:
    """Lines are customer, order, product, day; a product's category is its first letter."""
    shop = shop_of(shop_id=uuid4().hex)
    happened(warehouse, shop, events or [])
    put(
        warehouse,
        "order_lines",
        [
            {
                "shop_id": shop.shop_id,
                "order_id": order,
                "line_key": i,
                "customer_id": customer,
                "ordered_at": T0 + timedelta(days=day),
                "status": "placed",
                "kind": "product",
                "product_id": product,
                "product_name": f"Name of {product}",
                "category": product[0],
                "quantity": 2,
                "currency": "CNY",
            }
            for i, (customer, order, product, day) in enumerate(lines)
        ],
    )
    return Desk(warehouse, shop)


def affinity(desk: Desk, **question: Any) -> Any:
    return AFFINITY.answer(desk, AFFINITY.read(desk, {"min_baskets": 1} | question))


def movers(desk: Desk, **question: Any) -> Any:
    return HOT_PRODUCTS.answer(desk, HOT_PRODUCTS.read(desk, {"min_count": 1} | question))


def behind(desk: Desk, report: Any, question: dict[str, Any], cell: dict[str, Any]) -> list[str]:
    return sorted(row["customer_id"] for row in desk.warehouse.rows(report.customers(desk, report.read(desk, question), cell)))


def test_support_confidence_and_lift_by_hand(warehouse: Warehouse) -> None:
    """Of 4 orders, tea lies in 3, cups in 2, both in 2: lift 2 x 4 / (3 x 2)."""
    lines = [
        ("x", "1", "tea", 0),
        ("x", "1", "cup", 0),
        ("y", "2", "tea", 0),
        ("y", "2", "cup", 0),
        ("z", "3", "tea", 0),
        ("z", "4", "pot", 0),
    ]
    desk = desk_with(warehouse, [(c, o, p, float(d)) for c, o, p, d in lines])

    answer = affinity(desk)

    pair = answer.pairs[0]
    assert (answer.baskets, len(answer.pairs)) == (4, 1)
    assert (pair.a, pair.b, pair.a_name) == ("cup", "tea", "Name of cup")
    assert (pair.support, pair.confidence, pair.confidence_back, pair.lift) == (0.5, 1.0, 0.6667, 1.3333)
    turned = affinity(desk, item="tea").pairs[0]
    assert (turned.a, turned.confidence) == ("tea", 0.6667)
    assert affinity(desk, min_support=0.6).pairs == ()
    assert affinity(desk, basket="customer").pairs[0].lift == 1.0
    assert behind(desk, AFFINITY, {}, {"a": "tea", "b": "cup"}) == ["x", "y"]
    assert behind(desk, AFFINITY, {"basket": "customer"}, {"a": "pot", "b": "tea"}) == ["z"]
    assert AFFINITY.table(answer).num_rows == 1


@given(lines=st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 5), st.sampled_from(["a1", "a2", "b1", "c1"])), max_size=25))
@settings(
    max_examples=15,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_pairs_are_those_of_plain_python(warehouse: Warehouse, lines: Any) -> None:
    desk = desk_with(warehouse, [(who, f"{who}{order}", product, 0.0) for who, order, product in lines])

    answer = affinity(desk, sort="baskets", limit=1000)

    baskets: dict[str, set[str]] = {}
    for who, order, product in lines:
        baskets.setdefault(f"{who}{order}", set()).add(product)
    expected: dict[tuple[str, str], int] = {}
    for basket in baskets.values():
        for pair in combinations(sorted(basket), 2):
            expected[pair] = expected.get(pair, 0) + 1
    assert answer.baskets == len(baskets)
    assert {(one.a, one.b): one.baskets for one in answer.pairs} == expected


def test_rising_and_fading_products_by_hand(warehouse: Warehouse) -> None:
    """a: 16 after 4, z = 12 / sqrt(20); b: 1 after 15, z = -14 / 4; c stays."""
    lines = [("x", f"a{i}", "a", 20.0 if i < 16 else 10.0) for i in range(20)]
    lines += [("y", f"b{i}", "b", 20.0 if i < 1 else 10.0) for i in range(16)]
    lines += [("z", f"c{i}", "c", 20.0 if i < 5 else 10.0) for i in range(10)]
    desk = desk_with(warehouse, lines)
    question = {"range": {"from": "2026-03-15", "to": "2026-03-28"}}

    answer = movers(desk, **question)

    assert (answer.now, answer.before, answer.complete) == (22, 24, True)
    assert [(one.key, one.now, one.before, one.change, one.z) for one in answer.rising] == [("a", 16, 4, 3.0, 2.6833)]
    assert [(one.key, one.z, one.significant, one.p) for one in answer.fading] == [("b", -3.5, True, 0.000465)]
    assert answer.rising[0].z_against_shop == pytest.approx((16 - 20 * 22 / 46) / (20 * 22 * 24 / 46**2) ** 0.5, abs=1e-4)
    assert movers(desk, measure="units", **question).rising[0].now == 32
    assert movers(desk, of="category", min_count=17, **question).fading == ()
    assert behind(desk, HOT_PRODUCTS, question, {"key": "a"}) == ["x"]
    assert HOT_PRODUCTS.table(answer).num_rows == 2


def test_views_and_carts_are_counted_from_events(warehouse: Warehouse) -> None:
    view = {"event": "Product Viewed", "props": {"product_id": "a", "category": "Tea"}}
    events = [view | {"customer": who, "ts": "2026-03-20T00:00:00Z"} for who in "xxy"]
    desk = desk_with(warehouse, [], events)
    question = {"range": {"from": "2026-03-15", "to": "2026-03-28"}, "measure": "views"}

    assert [(one.key, one.now) for one in movers(desk, **question).rising] == [("a", 3)]
    assert [(one.key, one.now) for one in movers(desk, of="category", **question).rising] == [("Tea", 3)]
    assert behind(desk, HOT_PRODUCTS, question, {"key": "a"}) == ["x", "y"]


def test_a_shop_that_sold_nothing_has_neither_pairs_nor_movers(warehouse: Warehouse) -> None:
    desk = desk_with(warehouse, [])

    assert affinity(desk).pairs == ()
    assert (movers(desk).rising, movers(desk).fading, movers(desk).now) == ((), (), 0)


@pytest.mark.parametrize(
    ("report", "question", "place"),
    [
        (AFFINITY, {"of": "seller"}, "of"),
        (AFFINITY, {"min_support": 2}, "min_support"),
        (HOT_PRODUCTS, {"measure": "likes"}, "measure"),
        (HOT_PRODUCTS, {"min_count": 0}, "min_count"),
    ],
)
def test_what_cannot_be_understood_is_said_with_its_place(warehouse: Warehouse, report: Any, question: Any, place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        report.read(desk_with(warehouse, []), question)

    assert caught.value.message.startswith(place)
