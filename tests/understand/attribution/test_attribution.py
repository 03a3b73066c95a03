"""Revenue is shared among touches as each model says, to the minor unit, and those behind a credit are found."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from regulars.errors import InvalidInput
from regulars.understand.attribution import ATTRIBUTION, attribution
from regulars.understand.questions import Desk
from regulars.values.money import Money
from regulars.warehouse import Warehouse
from tests.support.happenings import happened, shop_of
from tests.support.rows import put

T0 = datetime(2026, 3, 1)
EVENTS = {"touch_event": "Touched", "conversion_event": "Order Completed"}
SHAPES = ("first", "last", "last_non_direct", "linear", "position", "time_decay")


def touched(customer: str, day: float, **props: Any) -> dict[str, Any]:
    return {"customer": customer, "event": "Touched", "ts": f"{(T0 + timedelta(days=day)).isoformat()}Z", "props": props}


def ordered(customer: str, day: float, order_id: str, total: float) -> dict[str, Any]:
    props = {"order_id": order_id, "total": total}
    return {"customer": customer, "event": "Order Completed", "ts": f"{(T0 + timedelta(days=day)).isoformat()}Z", "props": props}


def desk_with(warehouse: Warehouse, events: list[dict[str, Any]]) -> Desk:
    shop = shop_of(shop_id=uuid4().hex)
    happened(warehouse, shop, events)
    return Desk(warehouse, shop)


def answered(desk: Desk, question: dict[str, Any]) -> Any:
    query = ATTRIBUTION.read(desk, question)
    answer = ATTRIBUTION.answer(desk, query)
    assert answer == attribution(desk, query, general=True)  # both ways say the same
    return answer


def credited(answer: Any, model: str) -> dict[str, int]:
    return {row.value: row.credit[model].revenue_minor for row in answer.rows}


def behind(desk: Desk, question: dict[str, Any], cell: dict[str, Any]) -> list[str]:
    rows = desk.warehouse.rows(ATTRIBUTION.customers(desk, ATTRIBUTION.read(desk, question), cell))
    return sorted(row["customer_id"] for row in rows)


def plain(weights: list[int], minor: int) -> list[int]:
    return [part.minor for part in Money(minor, "CNY").allocate(weights)]


def weights_of(model: str, touches: list[tuple[float, str]], half_life: float) -> list[int]:
    """Of touches in order of time: (day, channel)."""
    many = len(touches)
    spoken = [i for i, (_, channel) in enumerate(touches) if channel != "direct"]
    chosen = {"first": 0, "last": many - 1, "last_non_direct": spoken[-1] if spoken else many - 1}
    if model in chosen:
        return [int(i == chosen[model]) for i in range(many)]
    if model == "linear" or (model == "position" and many <= 2):
        return [1] * many
    if model == "position":
        return [2 * (many - 2) if i in (0, many - 1) else 1 for i in range(many)]
    return [round(2 ** ((day - touches[-1][0]) / half_life) * 2**20) for day, _ in touches]


@given(
    touches=st.lists(
        st.tuples(st.sampled_from("xy"), st.integers(0, 60), st.sampled_from(["ads", "mail", "direct"])),
        max_size=12,
        unique_by=lambda one: one[:2],
    ),
    orders=st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 60), st.integers(0, 100_000)), max_size=5),
    lookback=st.integers(1, 40),
)
@settings(
    max_examples=12,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_credits_are_those_of_plain_python_and_add_up_to_the_revenue(
    warehouse: Warehouse, touches: Any, orders: Any, lookback: int
) -> None:
    desk = desk_with(
        warehouse,
        [
            *(touched(who, day, channel=channel) for who, day, channel in touches),
            *(ordered(who, day, f"o{i}", minor / 100) for i, (who, day, minor) in enumerate(orders)),
        ],
    )

    answer = answered(desk, EVENTS | {"lookback_days": lookback})

    for model in SHAPES:
        expected: dict[str, int] = defaultdict(int)
        for who, day, minor in orders:
            before = sorted((d, c) for w, d, c in touches if w == who and day - lookback <= d <= day)
            if not before:
                expected["(none)"] += minor
                continue
            for (_, channel), part in zip(before, plain(weights_of(model, before, 7), minor), strict=True):
                expected[channel] += part
        found = credited(answer, model)
        assert {value: minor for value, minor in found.items() if minor} == {v: m for v, m in expected.items() if m}
        assert sum(found.values()) == answer.revenue_minor == sum(minor for _, _, minor in orders)
        assert sum(row.credit[model].conversions for row in answer.rows) == pytest.approx(len(orders), abs=1e-3)


def test_an_order_told_twice_counts_once_and_the_first_wins(warehouse: Warehouse) -> None:
    desk = desk_with(warehouse, [touched("x", 1, channel="ads"), ordered("x", 2, "o", 10), ordered("x", 3, "o", 99)])

    answer = answered(desk, EVENTS)

    assert (answer.conversions, answer.revenue_minor) == (1, 1000)
    assert credited(answer, "linear") == {"ads": 1000}


def test_touches_before_the_range_count_and_orders_outside_do_not(warehouse: Warehouse) -> None:
    desk = desk_with(warehouse, [touched("x", 1, channel="ads"), ordered("x", 5, "o1", 10), ordered("x", 9, "o2", 20)])

    answer = answered(desk, EVENTS | {"range": {"from": "2026-03-10", "to": "2026-03-10"}})

    assert credited(answer, "last") == {"ads": 2000}
    assert answer.complete


def test_by_campaign_a_touch_that_names_none_is_not_no_touch(warehouse: Warehouse) -> None:
    desk = desk_with(
        warehouse,
        [
            touched("x", 1, channel="ads", campaign="spring"), ordered("x", 2, "o1", 10),
            touched("y", 1, channel="ads"), ordered("y", 2, "o2", 20),
            touched("w", 1, channel="direct"), ordered("w", 2, "o3", 30),
            ordered("z", 2, "o4", 40),
        ],
    )  # fmt: skip

    answer = answered(desk, EVENTS | {"by": "campaign", "model": "last"})

    assert credited(answer, "last") == {"(direct)": 3000, "(not set)": 2000, "spring": 1000, "(none)": 4000}


def test_the_customers_behind_a_credit(warehouse: Warehouse) -> None:
    desk = desk_with(
        warehouse,
        [
            touched("x", 1, channel="ads"), touched("x", 2, channel="mail"), ordered("x", 3, "o1", 10),
            touched("y", 1, channel="ads"), ordered("y", 2, "o2", 20), ordered("z", 2, "o3", 30),
        ],
    )  # fmt: skip

    assert behind(desk, EVENTS, {"value": "ads"}) == ["x", "y"]
    assert behind(desk, EVENTS, {"value": "ads", "model": "last"}) == ["y"]
    assert behind(desk, EVENTS, {"value": "(none)"}) == ["z"]
    assert behind(desk, EVENTS, {}) == ["x", "y", "z"]


def test_small_channels_are_one_row_and_the_credits_still_add_up(warehouse: Warehouse) -> None:
    desk = desk_with(warehouse, [e for i in range(4) for e in (touched("x", i, channel=f"c{i}"), ordered("x", i, f"o{i}", 10 + i))])

    answer = answered(desk, EVENTS | {"limit": 1, "model": "last"})

    assert credited(answer, "last") == {"c3": 1300, "(other)": 3300}
    assert sum(credited(answer, "position").values()) == answer.revenue_minor


def test_visits_and_orders_of_the_shop_are_what_is_asked_by_default(warehouse: Warehouse) -> None:
    shop = shop_of(shop_id="real")
    desk = Desk(warehouse, shop)
    visit = {"shop_id": "real", "is_known": True}
    put(
        warehouse,
        "sessions",
        [
            visit | {"session_key": 1, "customer_id": "x", "started_at": T0, "channel": "email", "utm_source": "letter"},
            visit | {"session_key": 2, "customer_id": "x", "started_at": T0 + timedelta(days=1), "channel": None},
            visit | {"session_key": 3, "customer_id": "x", "started_at": T0 + timedelta(days=1), "channel": "paid", "is_bot": True},
            visit | {"session_key": 4, "customer_id": "y", "started_at": T0, "channel": "direct"},
        ],
    )
    order = {"shop_id": "real", "status": "placed", "currency": "CNY", "ordered_at": T0 + timedelta(days=2)}
    put(
        warehouse,
        "orders",
        [
            order | {"order_id": "1", "customer_id": "x", "total_minor": 101},
            order | {"order_id": "2", "customer_id": "y", "total_minor": 50, "status": "cancelled"},
            order | {"order_id": "3", "customer_id": None, "total_minor": 7},
            order | {"order_id": "4", "customer_id": "x", "total_minor": 900, "status": "unpaid"},
        ],
    )

    answer = answered(desk, {})

    assert credited(answer, "last") == {"email": 101, "direct": 50, "(none)": 7}
    assert credited(answered(desk, {"by": "source"}), "last") == {"letter": 101, "(direct)": 50, "(none)": 7}
    assert answer.customers == 2
    assert ATTRIBUTION.table(answer).num_rows == 3 * 6


def test_a_shop_without_orders_has_no_credits(warehouse: Warehouse) -> None:
    answer = answered(desk_with(warehouse, []), {})

    assert (answer.conversions, answer.revenue_minor, answer.rows) == (0, 0, ())


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ({"model": "markov"}, "model"),
        ({"by": "region"}, "by"),
        ({"by": {"prop": "k"}}, "by"),
        ({"half_life_days": 0}, "half_life_days"),
        ({"where": [{"key": "k", "value": 1}]}, "where"),
    ],
)
def test_what_cannot_be_understood_is_said_with_its_place(warehouse: Warehouse, question: Any, place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        ATTRIBUTION.read(desk_with(warehouse, []), question)

    assert caught.value.message.startswith(place)
