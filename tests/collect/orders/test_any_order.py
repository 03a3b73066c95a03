"""Whatever order messages and files arrive in, and however they are cut into batches: the tables are the same."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.collect import orders
from regulars.collect.orders.domain import OrderFact, fold, read
from regulars.warehouse import Warehouse
from tests.collect.orders.messages import CUP, SHOP, TEA, cancelled, completed, refunded, tables, told, updated

_products = st.lists(
    st.fixed_dictionaries(
        {"product_id": st.sampled_from(["a", "b", "c"])},
        optional={"price": st.sampled_from([3, "4.50", "x"]), "quantity": st.sampled_from([1, 2, "1.5"])},
    ),
    max_size=3,
)
_money = st.sampled_from([0, 5, "12.34", "1,000", "x", None])


@st.composite
def _messages(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A few messages about a few orders, every kind, some at the same instant."""
    made = []
    for index in range(draw(st.integers(1, 9))):
        properties = draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "total": _money,
                    "revenue": _money,
                    "shipping": _money,
                    "tax": _money,
                    "discount": _money,
                    "subtotal": _money,
                    "currency": st.sampled_from(["CNY", "USD", "EUR"]),
                    "coupon": st.sampled_from(["A", "B"]),
                    "refund_id": st.sampled_from(["r1", "r2"]),
                    "products": _products,
                },
            )
        )
        event = draw(st.sampled_from(["Order Completed", "Order Completed", "Order Updated", "Order Refunded", "Order Cancelled"]))
        made.append(
            told(
                event,
                draw(st.sampled_from(["o1", "o2"])),
                f"2025-01-0{draw(st.integers(1, 4))}T10:00",
                customer=draw(st.sampled_from(["c1", "c2", "v_0123456789abcdef0123", None])),
                message_id=f"m{index}",
                **properties,
            )
        )
    return made


def _split(messages: Sequence[Any], cuts: Sequence[int]) -> list[list[Any]]:
    edges = [0, *sorted(cut % (len(messages) + 1) for cut in cuts), len(messages)]
    return [list(messages[start:end]) for start, end in itertools.pairwise(edges)]


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(_messages(), st.randoms(use_true_random=False), st.lists(st.integers(0, 20), max_size=4))
def test_any_permutation_and_split_gives_the_same_tables(messages: list[dict[str, Any]], random: Any, cuts: list[int]) -> None:
    shuffled = list(messages)
    random.shuffle(shuffled)
    one, other = Warehouse.open("duckdb://:memory:"), Warehouse.open("duckdb://:memory:")
    try:
        orders.project(one, SHOP, messages, rates={"USD": 7})  # type: ignore[dict-item]
        for part in _split(shuffled, cuts):
            orders.project(other, SHOP, part, rates={"USD": 7})  # type: ignore[dict-item]
            orders.project(other, SHOP, part[:1], rates={"USD": 7})  # type: ignore[dict-item]

        assert tables(other) == tables(one)
    finally:
        one.close()
        other.close()


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(_messages())
def test_an_order_is_the_sum_of_its_lines_and_refunds_are_positive(messages: list[dict[str, Any]]) -> None:
    facts = [fact for message in messages if (fact := read(message, "CNY", {})[0]) is not None]

    for order_id in {fact.order_id for fact in facts}:
        made = fold("tea", order_id, [fact for fact in facts if fact.order_id == order_id])

        assert all(row["amount_minor"] > 0 for row in made.refunds)
        assert len({(row["refund_id"], row["line_key"]) for row in made.refunds}) == len(made.refunds)
        if made.order and made.lines:
            assert made.order["items_minor"] == sum(line["amount_minor"] for line in made.lines)
            assert made.order["line_count"] == len({line["line_key"] for line in made.lines})
            assert made.order["units"] == sum(line["quantity"] for line in made.lines)


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(_messages())
def test_a_fact_comes_back_from_its_row_as_it_was(messages: list[dict[str, Any]]) -> None:
    facts = [fact for message in messages if (fact := read(message, "CNY", {})[0]) is not None]

    assert [OrderFact.from_row(fact.row("tea")) for fact in facts] == facts


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
_KEYS = [
    "order_id",
    "total",
    "revenue",
    "shipping",
    "tax",
    "discount",
    "subtotal",
    "currency",
    "products",
    "coupon",
    "refund_id",
    "items",
]
_STRANGE = st.fixed_dictionaries({"order_id": st.just("o1") | _JSON}, optional=dict.fromkeys(_KEYS[1:], _JSON))
_ODD_PRODUCTS = st.lists(
    st.fixed_dictionaries({}, optional=dict.fromkeys(["product_id", "name", "price", "quantity", "variant"], _JSON))
)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(["Order Completed", "Order Updated", "Order Refunded", "Order Cancelled"]),
    _STRANGE,
    _ODD_PRODUCTS,
    st.sampled_from(["2025-01-05T10:00:00Z", "", None, 5, "yesterday", "0001-01-01T00:00:00+14:00"]),
)
def test_no_value_whatever_makes_a_projection_fall_over(event: str, properties: Any, products: Any, at: Any) -> None:
    message = {"event": event, "messageId": "m", "source_id": "s", "customer_id": "c", "timestamp": at}
    other = message | {"messageId": "n", "properties": properties | {"products": products}}
    warehouse = _OPEN[0] if _OPEN else _OPEN.append(Warehouse.open("duckdb://:memory:")) or _OPEN[0]
    for table in ("orders", "order_lines", "refunds", "order_facts"):
        warehouse.delete(table, lambda t: t.shop_id == "tea")

    orders.project(warehouse, SHOP, [message | {"properties": properties}, other])

    assert len(tables(warehouse)["orders"]) <= 2


#: One store for all examples; each begins with empty tables.
_OPEN: list[Warehouse] = []


def test_messages_one_at_a_time_end_alike_in_any_order(warehouse: Warehouse) -> None:
    messages = [
        completed("o1", "2025-01-05T10:00", total=70, products=[TEA, CUP]),
        updated("o1", "2025-01-06T10:00", total=60, products=[TEA]),
        refunded("o1", "2025-01-07T10:00", total=10),
        cancelled("o2", "2025-01-07T10:00"),
        completed("o2", "2025-01-05T10:00", total=5),
    ]
    seen = []
    for order in list(itertools.permutations(messages))[::11]:
        for table in ("orders", "order_lines", "refunds", "order_facts"):
            warehouse.delete(table, lambda t: t.shop_id == "tea")
        for message in order:
            orders.project(warehouse, SHOP, [message])
        seen.append(tables(warehouse))

    assert all(each == seen[0] for each in seen)
    assert [row["total_minor"] for row in seen[0]["orders"]] == [6000, 500]
