"""Sessions are what the rule says, in whatever order, batches and hands their events came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.collect import identity
from regulars.collect.sessions import making
from regulars.collect.sessions.domain import cut
from regulars.records import Records
from regulars.stream.checks import CHECKS
from regulars.warehouse import Warehouse
from regulars.work import CheckContext
from tests.collect.sessions.rows import Row, event, naive, stored, table

MINUTES = st.sampled_from([0, 1, 5, 10, 29, 30, 31, 40, 59, 60, 61, 90, 300, 1439, 1440, 1441, 1500, 2880, 2910, 4500])
EVENTS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c"]), MINUTES, st.sampled_from([None, None, "s1", "s2"])), min_size=1, max_size=14
)


@dataclass
class Told:
    """An event as a timeline has it."""

    timestamp: datetime
    session_id: str | None
    event_key: int


@pytest.fixture(scope="module")
def store() -> Iterator[Warehouse]:
    opened = Warehouse.open("duckdb://:memory:")
    yield opened
    opened.close()


def emptied(store: Warehouse) -> Warehouse:
    for name in ("events", "sessions", "session_work"):
        store.delete(name, lambda t: t.shop_id == "tea")
    return store


def load(store: Warehouse, rows: Sequence[Row], *, at_once: int = making.FEW_EVENTS) -> None:
    """As the loader does it."""
    if rows:
        with store.transaction():
            store.append("events", table(rows))
            making.note(store, "tea", table(rows))
        making.follow(store, "tea", at_once=at_once)


def one_by_one(store: Warehouse, *rows: Row) -> list[Row]:
    emptied(store)
    for row in rows:
        load(store, [row])
    return stored(store)


def shape(sessions: Sequence[Row]) -> dict[tuple[str, int], int]:
    return {(row["customer_id"], row["session_key"]): row["events"] for row in sessions}


def expected(events: Sequence[Row]) -> dict[tuple[str, int], int]:
    return {which: len(members) for which, members in naive(events).items()}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=EVENTS, order=st.randoms(use_true_random=False), parts=st.integers(1, 5))
def test_any_order_of_arrival_gives_the_sessions_of_the_rule(store: Warehouse, told: list[Any], order: Any, parts: int) -> None:
    """By a second implementation that reads the rule word by word, and by all of it made anew."""
    emptied(store)
    events = [event(n, customer, minutes, session) for n, (customer, minutes, session) in enumerate(told)]
    arrived = list(events)
    order.shuffle(arrived)
    for part in range(parts):
        load(store, arrived[part::parts])
    found = stored(store)

    assert shape(found) == expected(events)
    making.rebuild(store, "tea")
    assert stored(store) == found
    making.rebuild(store, "tea", at_once=3)
    assert stored(store) == found


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=EVENTS, merges=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=3), data=st.data())
def test_merges_between_the_parts_change_nothing_of_the_outcome(
    store: Warehouse, told: list[Any], merges: list[tuple[str, str]], data: st.DataObject
) -> None:
    """Whose an event is may change before, between and after its neighbours come; a merge may be taken back."""
    emptied(store)
    owner = {"a": "a", "b": "b", "c": "c"}
    events = [event(n, customer, minutes, session) for n, (customer, minutes, session) in enumerate(told)]
    steps = data.draw(st.permutations([*((one, None) for one in events), *((None, pair) for pair in merges)]))
    for row, pair in steps:
        if row is not None:
            load(store, [{**row, "customer_id": owner[row["anonymous_id"]]}])
        else:
            assert pair is not None
            owner[pair[0]] = pair[1]
            identity.rewrite(store, "tea", {pair[0]: pair[1]})

    final = [{**row, "customer_id": owner[row["anonymous_id"]]} for row in events]
    assert shape(stored(store)) == expected(final)


@given(told=st.lists(st.tuples(MINUTES, st.sampled_from([None, "s1", "s2"])), max_size=12), order=st.randoms(use_true_random=False))
def test_the_timeline_cuts_as_the_table_does(told: list[Any], order: Any) -> None:
    events = [event(n, "a", minutes, session) for n, (minutes, session) in enumerate(told)]
    seen = [Told(row["timestamp"], row["session_id"], row["event_key"]) for row in events]
    order.shuffle(seen)

    assert {("a", visit.key): len(visit.events) for visit in cut(seen)} == expected(events)


def test_exactly_thirty_minutes_end_a_visit_and_a_second_less_does_not(store: Warehouse) -> None:
    apart = one_by_one(store, event(1, "a", 0), event(2, "a", 30))
    together = one_by_one(store, event(1, "a", 0), event(2, "a", 30 - 1 / 60))

    assert [row["events"] for row in apart] == [1, 1]
    assert [(row["events"], row["duration_s"]) for row in together] == [(2, 1799)]


def test_a_late_event_joins_what_had_been_two_visits(store: Warehouse) -> None:
    [visit] = one_by_one(store, event(1, "a", 0), event(2, "a", 50), event(3, "a", 25))

    assert (visit["events"], visit["duration_s"]) == (3, 3000)


def test_a_named_session_outlasts_a_rest_and_two_devices_at_once_are_two_visits(store: Warehouse) -> None:
    found = one_by_one(
        store, event(1, "a", 0, "s1"), event(2, "a", 10, "s2"), event(3, "a", 300, "s1"), event(4, "a", 12), event(5, "a", 11, "s1")
    )

    assert [(row["session_id"], row["events"]) for row in found] == [("s1", 4), ("s2", 1)]


def test_a_name_that_is_silent_for_a_day_has_ended(store: Warehouse) -> None:
    found = one_by_one(store, event(1, "a", 0, "constant"), event(2, "a", 1440, "constant"), event(3, "a", 1441, "constant"))

    assert [row["events"] for row in found] == [1, 2]


def test_a_visit_holds_how_it_came_where_it_went_and_what_was_done(store: Warehouse) -> None:
    touch = {"channel": "paid", "utm_source": "google", "utm_campaign": "autumn", "click_id": "gclid"}
    page = {"type": "page", "event": "Page Viewed"}
    order = {"event": "Order Completed", "order_id": "o1", "value_minor": 4_780, "currency": "CNY"}
    [visit] = one_by_one(
        store,
        event(4, "a", 3, **order),
        event(1, "a", 0, **page, path="/tea", url="https://tea.example/tea", region="CN-31", os="iOS", browser="WeChat"),
        event(6, "a", 5, **page, path="/thanks"),
        event(5, "a", 4, **order, device="server"),
        event(2, "a", 1, **page, path="/oolong", **touch),
        event(3, "a", 2, event="product added"),
        event(7, "a", 6, **page, path="/else", channel="search", utm_term="tea"),
    )

    assert {name: visit[name] for name in ("pages", "carts", "orders", "value_minor", "currency")} == {
        "pages": 4, "carts": 1, "orders": 1, "value_minor": 4_780, "currency": "CNY",
    }  # fmt: skip
    assert (visit["landing_path"], visit["exit_path"], visit["region"], visit["os"]) == ("/tea", "/else", "CN-31", "iOS")
    assert (visit["channel"], visit["utm_source"], visit["utm_campaign"], visit["utm_term"], visit["click_id"]) == (
        "paid", "google", "autumn", None, "gclid",
    )  # fmt: skip
    assert (visit["is_bounce"], visit["is_seen"], visit["is_bot"]) == (False, True, False)


def test_one_page_and_nothing_done_on_it_is_a_bounce(store: Warehouse) -> None:
    page = {"type": "page", "event": "Page Viewed", "path": "/"}
    [left] = one_by_one(store, event(1, "a", 0, **page), event(2, "a", 1, event="Page Left", duration_ms=8_000))
    [clicked] = one_by_one(store, event(1, "a", 0, **page), event(2, "a", 1, event="Product Clicked"))

    assert (left["is_bounce"], left["dwell_ms"], clicked["is_bounce"]) == (True, 8_000, False)


def test_what_only_servers_tell_is_no_visit_that_was_seen(store: Warehouse) -> None:
    [visit] = one_by_one(store, event(1, "a", 0, device="server"))

    assert (visit["is_seen"], visit["device"]) == (False, "server")


@pytest.mark.parametrize(
    ("pages", "clicks", "more", "reason"),
    [
        (61, 0, {}, "pages"),
        (60, 240, {}, None),
        (60, 241, {}, "events"),
        (61, 0, {"is_history": True}, None),
        (0, 400, {"device": "server"}, None),
        (1, 0, {"is_bot": True}, "agent"),
    ],
)
def test_nobody_looks_at_so_many_pages_in_a_minute(
    store: Warehouse, pages: int, clicks: int, more: Row, reason: str | None
) -> None:
    emptied(store)
    rows = [event(n, "a", n / 1000, type="page", **more) for n in range(pages)]
    load(store, [*rows, *(event(1000 + n, "a", n / 1000, **more) for n in range(clicks))])

    [visit] = stored(store)
    assert (visit["bot_reason"], visit["is_bot"]) == (reason, reason is not None)


def test_the_rate_counts_all_a_customer_does_in_the_minute(store: Warehouse) -> None:
    emptied(store)
    load(store, [event(n, "a", n / 1000, f"s{n}", type="page") for n in range(70)])

    assert {row["bot_reason"] for row in stored(store)} == {"pages"}


def test_what_is_old_waits_for_the_job_where_there_is_much(store: Warehouse) -> None:
    emptied(store)
    load(store, [event(1, "a", 0)], at_once=0)
    assert stored(store) == []

    making.refresh(store, "tea")

    assert len(stored(store)) == 1
    assert store.rows(store.table("session_work")) == store.rows(store.table("session_ranges")) == []


def test_the_same_stretch_may_be_noted_twice_before_it_is_made_anew(store: Warehouse, records: Records, home: Path) -> None:
    emptied(store)
    events = table([event(1, "a", 0)])
    store.append("events", events)
    making.note(store, "tea", events)
    making.note(store, "tea", events)

    [unique] = [check for check in CHECKS if check.name == "warehouse keys are unique"]
    found = list(unique.run(CheckContext(records, store, home)))
    making.refresh(store, "tea")

    assert found == []
    assert len(stored(store)) == 1


def test_much_that_waits_is_made_share_by_share(store: Warehouse) -> None:
    emptied(store)
    events = [event(n, f"v_{n % 9}", n) for n in range(40)]
    store.append("events", table(events))
    making.note(store, "tea", table(events))

    written = making.refresh(store, "tea", at_once=2)

    assert (shape(stored(store)), written) == (expected(events), len(expected(events)))
    assert store.rows(store.table("session_work")) == []


def test_shops_do_not_see_each_other(store: Warehouse) -> None:
    found = one_by_one(store, event(1, "a", 0, "s1"))
    other = event(2, "a", 1, "s1", shop_id="other")
    store.append("events", table([other]))
    making.note(store, "other", table([other]))
    making.follow(store, "other")

    assert [row["events"] for row in stored(store)] == [1, 1]
    assert found[0] in stored(store)
    store.delete("sessions", lambda t: t.shop_id == "other")
    store.delete("events", lambda t: t.shop_id == "other")
