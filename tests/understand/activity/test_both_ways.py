"""Random histories: the portable expression, the numbers of bits and a count by hand agree, whatever is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.understand import activity
from regulars.understand.questions import Desk
from regulars.warehouse import Warehouse
from tests.support.happenings import happened, shop_of
from tests.understand.activity import by_hand

START = datetime(2026, 3, 20, tzinfo=UTC)
SHOPS = count()

EVENTS = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.sampled_from(["Viewed", "Bought"]),
        st.integers(0, 24 * 40).map(lambda hours: START + timedelta(hours=hours)),
        st.sampled_from([None, "x", "y"]),
    ),
    max_size=40,
)
FILTERS = st.sampled_from(
    [
        {"event": None},
        {"event": "Viewed"},
        {"event": "Bought"},
        {"event": "Viewed", "where": [{"key": "k", "value": "x"}]},
    ]
)
ZONES = st.sampled_from(["UTC", "Europe/London", "Asia/Shanghai", "America/New_York"])
SLOW = settings(max_examples=25, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def store() -> Iterator[Warehouse]:
    warehouse = Warehouse.open("duckdb://:memory:")
    yield warehouse
    warehouse.close()


def desk_with(store: Warehouse, events: list[Any], zone: str, week_start: str = "monday") -> tuple[Desk, by_hand.History]:
    shop = shop_of({"timezone": zone, "week_start": week_start}, f"shop{next(SHOPS)}")
    told = [{"customer": who, "event": what, "ts": at.isoformat(), "props": {"k": k}} for who, what, at, k in events]
    happened(store, shop, told)
    history: dict[str, list[Any]] = defaultdict(list)
    for who, what, at, k in events:
        history[who].append((at, what, k))
    return Desk(store, shop), history


@SLOW
@given(
    events=EVENTS,
    zone=ZONES,
    question=st.fixed_dictionaries(
        {
            "cohort_event": FILTERS,
            "return_event": FILTERS,
            "interval": st.sampled_from(["day", "week", "month"]),
            "intervals": st.integers(1, 70),
            "to": st.sampled_from(["2026-04-02", "2026-04-20", "2026-05-01T10:00:00Z"]),
            "cohort_type": st.sampled_from(["recurring", "first_time", "first_ever"]),
            "mode": st.sampled_from(["on", "on_or_after"]),
            "min_return_count": st.sampled_from([1, 1, 2]),
        }
    ),
)
def test_retention(store: Warehouse, events: list[Any], zone: str, question: dict[str, Any]) -> None:
    desk, history = desk_with(store, events, zone)
    query = activity.RETENTION.read(desk, question)

    quick, portable = activity.retention(desk, query), activity.retention(desk, query, general=True)

    assert quick == portable
    assert [list(row.values) for row in quick.rows] == by_hand.retention(history, query)


RANGES = st.sampled_from(
    [
        {"from": "2026-03-25", "to": "2026-04-10"},
        {"from": "2026-03-28T12:00:00Z", "to": "2026-03-30T11:00:00Z"},
        {"from": "2026-02-01", "to": "2026-04-29"},
    ]
)


@SLOW
@given(
    events=EVENTS,
    zone=ZONES,
    week_start=st.sampled_from(["monday", "sunday"]),
    question=st.fixed_dictionaries(
        {
            "event": FILTERS,
            "interval": st.sampled_from(["day", "week", "month"]),
            "range": RANGES,
            "new_basis": st.sampled_from(["first_match", "first_seen"]),
        }
    ),
)
def test_lifecycle(store: Warehouse, events: list[Any], zone: str, week_start: str, question: dict[str, Any]) -> None:
    desk, history = desk_with(store, events, zone, week_start)
    query = activity.LIFECYCLE.read(desk, question)

    quick, portable = activity.lifecycle(desk, query), activity.lifecycle(desk, query, general=True)

    assert quick == portable
    assert {name: list(getattr(quick, name)) for name in ("new", "returning", "resurrecting", "dormant")} == by_hand.lifecycle(
        history, query
    )


@SLOW
@given(
    events=EVENTS,
    zone=ZONES,
    question=st.fixed_dictionaries(
        {
            "event": FILTERS,
            "interval": st.sampled_from(["hour", "day", "week"]),
            "range": st.sampled_from(
                [{"from": "2026-03-25", "to": "2026-03-29"}, {"from": "2026-03-28T12:00:00Z", "to": "2026-04-03"}]
            ),
            "cumulative": st.booleans(),
            "min_count": st.sampled_from([1, 1, 2]),
        }
    ),
)
def test_stickiness(store: Warehouse, events: list[Any], zone: str, question: dict[str, Any]) -> None:
    desk, history = desk_with(store, events, zone)
    query = activity.STICKINESS.read(desk, question)

    quick, portable = activity.stickiness(desk, query), activity.stickiness(desk, query, general=True)

    assert quick == portable
    assert list(quick.values) == by_hand.stickiness(history, query)


@SLOW
@given(events=EVENTS, zone=ZONES, question=st.fixed_dictionaries({"event": FILTERS, "range": RANGES}))
def test_active_customers(store: Warehouse, events: list[Any], zone: str, question: dict[str, Any]) -> None:
    desk, history = desk_with(store, events, zone)
    query = activity.ACTIVE.read(desk, question)

    quick, portable = activity.active(desk, query), activity.active(desk, query, general=True)

    assert quick == portable
    assert {name: list(getattr(quick, name)) for name in ("dau", "wau", "mau")} == by_hand.active(history, query)
