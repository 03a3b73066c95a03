"""Questions over events: written, understood, matched and cut by the calendar as the rules say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from regulars.errors import InvalidInput
from regulars.understand.questions import Calendar, Desk, EventFilter, Moments, told
from regulars.understand.questions.queries import bucket, code, events_of, holds, within
from regulars.warehouse import Warehouse
from tests.support.happenings import happened, shop_of
from tests.support.rows import put

EVENTS: list[dict[str, Any]] = [
    {"customer": "a", "event": "Viewed", "ts": "2026-03-01T00:00:00Z", "props": {"price": 19.9, "k": "Tea", "n": 3, "yes": True}},
    {
        "customer": "b",
        "event": "Viewed",
        "ts": "2026-03-02T00:00:00Z",
        "props": {"k": "Cups", "n": "12", "yes": False, "a.b": 'q"1'},
    },
    {"customer": "c", "event": "Bought", "ts": "2026-03-03T00:00:00Z", "props": {"k": None, "deep": {"x": 1}, "名": "茶"}},
]
CUSTOMERS: dict[str, dict[str, Any]] = {"a": {"internal": True, "plan": "x"}, "b": {"plan": "y"}}


@pytest.fixture
def desk(warehouse: Warehouse) -> Desk:
    shop = shop_of()
    happened(warehouse, shop, EVENTS, CUSTOMERS)
    return Desk(warehouse, shop)


@pytest.mark.parametrize(
    ("condition", "customers"),
    [
        ({"key": "k", "value": "Tea"}, "a"),
        ({"key": "k", "op": "ne", "value": "Tea"}, "bc"),
        ({"key": "k", "op": "is_set"}, "ab"),
        ({"key": "k", "op": "not_set"}, "c"),
        ({"key": "k", "op": "in", "value": ["Tea", "Cups"]}, "ab"),
        ({"key": "k", "op": "not_in", "value": ["Tea", "Cups"]}, "c"),
        ({"key": "k", "op": "contains", "value": "UP"}, "b"),
        ({"key": "k", "op": "not_contains", "value": "up"}, "ac"),
        ({"key": "k", "op": "starts_with", "value": "te"}, "a"),
        ({"key": "n", "value": 3}, "a"),
        ({"key": "n", "value": 3.0}, "a"),
        ({"key": "n", "value": "3"}, "a"),
        ({"key": "n", "op": "gt", "value": 3}, "b"),
        ({"key": "n", "op": "between", "value": [3, 12]}, "ab"),
        ({"key": "n", "op": "in", "value": [12, "nothing"]}, "b"),
        ({"key": "price", "op": "gte", "value": "19.9"}, "a"),
        ({"key": "yes", "value": True}, "a"),
        ({"key": "yes", "op": "ne", "value": True}, "bc"),
        ({"key": "a.b", "value": 'q"1'}, "b"),
        ({"key": "名", "value": "茶"}, "c"),
        ({"key": "plan", "value": "x", "on": "customer"}, "a"),
        ({"key": "internal", "op": "ne", "value": True, "on": "customer"}, "bc"),
        ({"key": "plan", "op": "not_set", "on": "customer"}, "c"),
        ({"key": "plan", "value": None, "on": "customer"}, "c"),
    ],
)
def test_conditions_hold_for_whom_they_should(desk: Desk, condition: dict[str, Any], customers: str) -> None:
    wanted = told.condition(condition, "where[0]")
    rows = events_of(desk.base, filters=[EventFilter(None, (wanted,))])

    assert {row["customer_id"] for row in desk.warehouse.rows(rows.select("customer_id"))} == set(customers)

    asked = told.asked({"where": [condition]}, desk.base)
    assert {row["customer_id"] for row in desk.warehouse.rows(events_of(asked).select("customer_id"))} == set(customers)
    assert holds(rows, wanted) is not None


def test_each_event_says_which_filters_it_passes(desk: Desk) -> None:
    filters = [
        told.event_filter("Viewed", "steps[0]"),
        told.event_filter({"event": None, "where": [{"key": "n", "value": 3}]}, "x"),
    ]
    rows = events_of(desk.base, filters=filters)

    found = desk.warehouse.rows(rows.select("customer_id", code=code(rows, filters)))

    assert {row["customer_id"]: row["code"] for row in found} == {"a": 3, "b": 1}


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ({"where": [{"op": "eq"}]}, "where[0].key"),
        ({"where": [{"key": "k", "op": "like", "value": 1}]}, "where[0].op"),
        ({"where": [{"key": "k", "op": "gt", "value": "1,2"}]}, "where[0].value"),
        ({"where": [{"key": "k", "op": "in", "value": []}]}, "where[0].value"),
        ({"where": "k"}, "where"),
        ({"where": [{"key": "k", "values": 1}]}, "where[0].values"),
        ({"known_only": "yes"}, "known_only"),
    ],
)
def test_what_cannot_be_understood_is_said_with_its_place(desk: Desk, written: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        told.asked(written, desk.base)

    assert caught.value.message.startswith(place)
    assert caught.value.mend


def test_an_amount_with_a_comma_between_thousands_is_a_number(desk: Desk) -> None:
    assert told.condition({"key": "price", "op": "gt", "value": "1,299.50"}, "w").value == 1299.5


@pytest.mark.parametrize(
    ("written", "seconds"), [("7d", 604_800), ("30m", 1800), ({"value": 2, "unit": "week"}, 1_209_600), ("90s", 90)]
)
def test_windows_are_read(written: Any, seconds: int) -> None:
    assert told.window(written, "window").microseconds == seconds * 1_000_000


def test_a_range_of_dates_includes_both_local_days_and_an_instant_includes_itself() -> None:
    days = told.moments({"from": "2026-03-01", "to": "2026-03-02"}, "range", "Asia/Shanghai")
    assert days == Moments(datetime(2026, 2, 28, 16, tzinfo=UTC), datetime(2026, 3, 2, 16, tzinfo=UTC))

    until = told.moments({"to": "2026-03-01T10:00:00Z"}, "range", "UTC")
    assert until == Moments(None, datetime(2026, 3, 1, 10, 0, 0, 1, tzinfo=UTC))


@pytest.mark.parametrize("zone", ["UTC", "Europe/London", "Asia/Kolkata", "America/New_York", "Asia/Shanghai"])
@pytest.mark.parametrize("interval", ["hour", "day", "week", "month"])
@pytest.mark.parametrize("week_start", ["monday", "sunday"])
def test_python_and_the_engine_cut_the_same_buckets(warehouse: Warehouse, zone: str, interval: Any, week_start: Any) -> None:
    shop = shop_of({"timezone": zone})
    stamps = [f"2026-03-{day:02d}T{hour:02d}:30:00Z" for day in (1, 7, 8, 9, 28, 29, 30, 31) for hour in range(0, 24, 1)]
    happened(warehouse, shop, [{"customer": "a", "event": "E", "ts": ts} for ts in stamps])
    desk = Desk(warehouse, shop)
    moments = told.moments({"from": "2026-03-01", "to": "2026-03-31"}, "range", zone)
    calendar = Calendar.over(moments, interval, zone, week_start)

    rows = within(events_of(desk.base), moments)
    found = warehouse.rows(rows.select("timestamp", n=bucket(rows.timestamp, calendar)))

    assert found
    for row in found:
        assert row["n"] == calendar.index(row["timestamp"].replace(tzinfo=UTC)), row


def test_a_local_day_may_have_25_hours() -> None:
    moments = told.moments({"from": "2026-10-25", "to": "2026-10-25"}, "range", "Europe/London")

    calendar = Calendar.over(moments, "hour", "Europe/London")

    assert len(calendar) == 25
    assert calendar.labels()[1:3] == ["2026-10-25T01:00:00", "2026-10-25T01:00:00"]


def test_a_calendar_ends_with_the_bucket_that_holds_an_instant() -> None:
    calendar = Calendar.ending(datetime(2026, 3, 15, 12, tzinfo=UTC), 3, "month", "UTC")

    assert calendar.labels() == ["2026-01-01", "2026-02-01", "2026-03-01"]
    assert calendar.complete(datetime(2026, 3, 15, tzinfo=UTC)) == [True, True, False]
    assert calendar.extended(1).day(0) == date(2025, 12, 1)


def test_too_many_buckets_are_refused_with_a_way_out() -> None:
    with pytest.raises(InvalidInput, match="1,500") as caught:
        Calendar.over(Moments(datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)), "hour", "UTC")
    assert "coarser" in caught.value.mend


def test_a_desk_judges_a_history_at_the_end_of_its_newest_day(desk: Desk, warehouse: Warehouse) -> None:
    assert desk.as_of() == datetime(2026, 3, 4, tzinfo=UTC)
    assert desk.bounded(Moments(), days=2).start == datetime(2026, 3, 2, tzinfo=UTC)
    assert Desk(warehouse, shop_of(shop_id="empty")).span() == Moments()


def test_a_loaded_property_of_a_customer_comes_before_a_told_one(desk: Desk) -> None:
    put(desk.warehouse, "customers", [{"shop_id": desk.shop.shop_id, "customer_id": "a", "region": "North"}])
    asked = told.asked({"where": [{"key": "region", "value": "North", "on": "customer"}]}, desk.base)

    assert {row["customer_id"] for row in desk.warehouse.rows(events_of(asked).select("customer_id"))} == {"a"}
