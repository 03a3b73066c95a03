"""Carts open with the first thing added, live until an order or a silence, and count where they were opened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from regulars.errors import InvalidInput
from regulars.understand.questions import Desk
from regulars.understand.shopping import CART_ABANDONMENT, abandonment
from regulars.warehouse import Warehouse
from tests.support.happenings import happened, shop_of

T0 = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = {"a": "Product Added", "r": "Product Removed", "c": "Checkout Started", "o": "Order Completed"}


def did(customer: str, what: str, hour: float, **props: Any) -> dict[str, Any]:
    return {"customer": customer, "event": NAMES[what], "ts": (T0 + timedelta(hours=hour)).isoformat(), "props": props}


def desk_with(warehouse: Warehouse, events: list[dict[str, Any]]) -> Desk:
    shop = shop_of(shop_id=uuid4().hex)
    happened(warehouse, shop, events)
    return Desk(warehouse, shop)


def answered(desk: Desk, **question: Any) -> Any:
    query = CART_ABANDONMENT.read(desk, {"as_of": "2026-06-01"} | question)
    answer = CART_ABANDONMENT.answer(desk, query)
    assert answer == abandonment(desk, query, general=True)  # both ways say the same
    return answer


def outcome(answer: Any) -> tuple[int, int, int]:
    return answer.total.abandoned, answer.total.converted, answer.total.open


def behind(desk: Desk, cell: dict[str, Any], **question: Any) -> list[str]:
    query = CART_ABANDONMENT.read(desk, {"as_of": "2026-06-01"} | question)
    return sorted(row["customer_id"] for row in desk.warehouse.rows(CART_ABANDONMENT.customers(desk, query, cell)))


@given(
    events=st.lists(st.tuples(st.sampled_from("xy"), st.sampled_from("arco"), st.integers(0, 60)), max_size=25),
    hours=st.integers(1, 12),
    first=st.integers(0, 2),
    as_of=st.integers(20, 80),
)
@settings(
    max_examples=25,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_carts_are_those_of_plain_python(warehouse: Warehouse, events: Any, hours: int, first: int, as_of: int) -> None:
    desk = desk_with(warehouse, [did(who, what, hour) for who, what, hour in events])

    answer = answered(
        desk,
        abandon_after_hours=hours,
        range={"from": f"2026-03-0{1 + first}"},
        as_of=(T0 + timedelta(hours=as_of) - timedelta(microseconds=1)).isoformat(),
    )

    assert outcome(answer) == plain(events, hours, first * 24, as_of)


@given(
    events=st.lists(
        st.tuples(
            st.sampled_from("xyz"),
            st.sampled_from("aaarco"),
            st.integers(0, 60),
            st.sampled_from(["p1", "p2", "p3", None]),
            st.sampled_from([None, 1.25, 9.99]),
            st.sampled_from(["CNY", "EUR", None]),
            st.sampled_from(["1", "2", None]),
        ),
        max_size=30,
    ),
    question=st.fixed_dictionaries(
        {
            "abandon_after_hours": st.integers(1, 12),
            "interval": st.sampled_from([None, "day", "week"]),
            "limit": st.integers(1, 3),
            "range": st.sampled_from([None, {"from": "2026-03-02"}, {"from": "2026-03-01T06:00:00Z", "to": "2026-03-02"}]),
        }
    ),
)
@settings(
    max_examples=20,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_both_ways_agree_on_money_products_and_orders_told_again(
    warehouse: Warehouse, events: Any, question: dict[str, Any]
) -> None:
    told = [
        did(who, what, hour, product_id=product, price=price, quantity=2, currency=currency, order_id=order)
        for who, what, hour, product, price, currency, order in events
    ]

    answer = answered(desk_with(warehouse, told), **question)  # which asks both

    assert sum(bucket.figures.carts for bucket in answer.buckets) in (0, answer.total.carts)


def plain(events: Any, hours: int, first: int, as_of: int) -> tuple[int, int, int]:
    """Abandoned, converted and open carts, one event after the other."""
    counts = {"abandoned": 0, "converted": 0, "open": 0}
    for customer in "xy":
        opened = last = None
        own = sorted((hour, "arco".index(what)) for who, what, hour in events if who == customer and hour < as_of)
        for hour, kind in [*own, (as_of, 9)]:
            if opened is not None and last is not None and hour - last >= hours:
                counts["abandoned"] += opened >= first
                opened = None
            if kind == 3 and opened is not None:
                counts["converted"] += opened >= first
                opened = None
            elif kind == 0 and opened is None:
                opened = hour
            last = hour if kind < 3 else last
        counts["open"] += opened is not None and opened >= first
    return counts["abandoned"], counts["converted"], counts["open"]


def test_a_silence_exactly_as_long_as_it_takes_ends_a_cart(warehouse: Warehouse) -> None:
    desk = desk_with(warehouse, [did("x", "a", 0), did("x", "o", 24), did("y", "a", 0), did("y", "o", 23.9)])

    assert outcome(answered(desk)) == (1, 1, 0)


def test_taking_out_and_starting_the_checkout_keep_a_cart_alive_but_open_none(warehouse: Warehouse) -> None:
    desk = desk_with(warehouse, [did("x", "a", 0), did("x", "r", 20), did("x", "c", 40), did("x", "o", 60), did("y", "c", 0)])

    assert outcome(answered(desk)) == (0, 1, 0)


def test_what_is_taken_out_before_the_cart_is_opened_is_none_of_it(warehouse: Warehouse) -> None:
    desk = desk_with(warehouse, [did("x", "r", 1, product_id="p1"), did("x", "a", 2, product_id="p1")])

    assert [one.product_id for one in answered(desk).left_products] == ["p1"]


def test_an_order_told_again_ends_no_later_cart(warehouse: Warehouse) -> None:
    desk = desk_with(
        warehouse, [did("x", "a", 0), did("x", "o", 1, order_id="1"), did("x", "a", 2), did("x", "o", 3, order_id="1")]
    )

    assert outcome(answered(desk)) == (1, 1, 0)


def test_figures_buckets_and_groups_by_hand(warehouse: Warehouse) -> None:
    """x gives up 2 x 5.00 at the checkout on the 1st; y orders after two hours; z has just begun."""
    desk = desk_with(
        warehouse,
        [
            did("x", "a", 1, product_id="p", price=5, quantity=2, k="A"), did("x", "c", 2),
            did("x", "a", 2, product_id="q", price=3), did("x", "r", 3, product_id="q", price=3),
            did("y", "a", 25, product_id="p", price=5, k="A"), did("y", "o", 27),
            did("z", "a", 60, product_id="p", price=5),
        ],
    )  # fmt: skip

    answer = answered(desk, interval="day", breakdown="k", as_of="2026-03-03", range={"from": "2026-03-01", "to": "2026-03-03"})

    assert outcome(answer) == (1, 1, 1)
    total = answer.total
    assert (total.rate, total.abandoned_at_checkout, total.abandoned_value_minor) == (0.5, 1, 1000)
    assert total.seconds_to_order_mean == 7200.0
    assert [(one.start, one.complete, one.figures.carts) for one in answer.buckets] == [
        ("2026-03-01", True, 1), ("2026-03-02", True, 1), ("2026-03-03", False, 1),
    ]  # fmt: skip
    assert [(one.value, one.figures.carts, one.figures.rate) for one in answer.groups] == [("A", 2, 0.5), ("(none)", 1, None)]
    assert [(one.product_id, one.carts, one.value_minor) for one in answer.left_products] == [("p", 1, 1000)]
    question: dict[str, Any] = {"interval": "day", "breakdown": "k", "as_of": "2026-03-03"}
    assert behind(desk, {"status": "abandoned"}, **question) == ["x"]
    assert behind(desk, {"start": "2026-03-02"}, **question) == ["y"]
    assert behind(desk, {"group": "(none)"}, **question) == ["z"]
    assert behind(desk, {"product_id": "p"}, **question) == ["x"]
    assert CART_ABANDONMENT.table(answer).num_rows == 1 + 3 + 2


def test_a_shop_without_carts_has_no_rate(warehouse: Warehouse) -> None:
    answer = answered(desk_with(warehouse, []), interval="day")

    assert (answer.total.carts, answer.total.rate, answer.left_products) == (0, None, ())


@pytest.mark.parametrize(
    ("question", "place"),
    [({"abandon_after_hours": 0}, "abandon_after_hours"), ({"interval": "year"}, "interval"), ({"limit": 0}, "limit")],
)
def test_what_cannot_be_understood_is_said_with_its_place(warehouse: Warehouse, question: Any, place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        CART_ABANDONMENT.read(desk_with(warehouse, []), question)

    assert caught.value.message.startswith(place)
