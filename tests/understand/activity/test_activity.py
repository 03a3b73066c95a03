"""Activity reports on small shops counted by hand: groups, windows, who is behind a cell, and what is not over yet."""

from __future__ import annotations

import random
from typing import Any

import pytest
import time_machine

from regulars.errors import InvalidInput
from regulars.understand import activity
from regulars.understand.questions import Desk, Report
from regulars.warehouse import Warehouse
from tests.support.happenings import happened, shop_of


def event(customer: str, name: str, at: str, **props: Any) -> dict[str, Any]:
    return {"customer": customer, "event": name, "ts": f"2026-03-{at}:00:00Z", "props": props}


EVENTS = [
    event("ann", "Signed Up", "01T08", plan="A"),
    event("ann", "Viewed", "02T09", plan="A"),
    event("ann", "Viewed", "03T09", plan="B"),
    event("bob", "Signed Up", "01T20", plan="B"),
    event("bob", "Viewed", "03T07", plan="B"),
    event("cat", "Signed Up", "02T10"),
    event("cat", "Viewed", "03T12"),
    event("dan", "Signed Up", "02T11", plan="C"),
    event("eve", "Viewed", "05T11"),
]
CUSTOMERS = {"ann": {"city": "Wuhan"}, "bob": {"city": "Wuhan"}, "cat": {"city": "Xi'an"}}
QUESTION = {
    "cohort_event": "Signed Up",
    "return_event": "Viewed",
    "interval": "day",
    "intervals": 4,
    "to": "2026-03-04",
    "cohort_type": "first_time",
}


@pytest.fixture
def desk(warehouse: Warehouse) -> Desk:
    shop = shop_of()
    happened(warehouse, shop, EVENTS, CUSTOMERS)
    return Desk(warehouse, shop)


def ask(desk: Desk, report: Report, question: dict[str, Any]) -> Any:
    return report.answer(desk, report.read(desk, question))


def behind(desk: Desk, report: Report, question: dict[str, Any], **cell: Any) -> list[str]:
    found = report.customers(desk, report.read(desk, question), cell)
    return sorted(row["customer_id"] for row in desk.warehouse.rows(found))


def test_cohorts_come_back_by_day(desk: Desk) -> None:
    answer = ask(desk, activity.RETENTION, QUESTION)

    assert [(row.bucket, row.values) for row in answer.rows] == [
        ("2026-03-01", (2, 1, 2, 0)),
        ("2026-03-02", (2, 1, 0)),
        ("2026-03-03", (0, 0)),
        ("2026-03-04", (0,)),
    ]
    assert [(point.share, point.customers) for point in answer.curve] == [(1, 4), (0.5, 4), (0.5, 4), (0, 2)]


def test_the_customers_behind_a_cell_are_named(desk: Desk) -> None:
    ask_for = {"bucket": "2026-03-01"}

    assert behind(desk, activity.RETENTION, QUESTION, **ask_for) == ["ann", "bob"]
    assert behind(desk, activity.RETENTION, QUESTION, **ask_for, interval=1) == ["ann"]
    assert behind(desk, activity.RETENTION, QUESTION, **ask_for, interval=1, returned=False) == ["bob"]


def test_a_customers_property_tells_groups_apart(desk: Desk) -> None:
    answer = ask(desk, activity.RETENTION, QUESTION | {"breakdown": {"on": "customer", "key": "city"}})

    assert [(group.value, group.customers, group.rows[0].values) for group in answer.groups] == [
        ("(none)", 1, (0, 0, 0, 0)),
        ("Wuhan", 2, (2, 1, 2, 0)),
        ("Xi'an", 1, (0, 0, 0, 0)),
    ]


def test_start_and_return_carry_the_same_value_and_small_groups_stand_together(desk: Desk) -> None:
    question = QUESTION | {"breakdown": {"key": "plan", "limit": 1}}

    answer = ask(desk, activity.RETENTION, question)

    assert [(group.value, group.rows[0].values) for group in answer.groups] == [
        ("(none)", (0, 0, 0, 0)),
        ("(other)", (2, 1, 2, 0)),
    ]
    assert behind(desk, activity.RETENTION, question, bucket="2026-03-01", group="(other)", interval=1) == ["ann"]
    whole = ask(desk, activity.RETENTION, QUESTION | {"breakdown": "plan"})
    assert {group.value: group.rows[0].values for group in whole.groups}["A"] == (1, 1, 0, 0)


def test_the_first_start_of_all_history_has_one_value_even_when_two_come_at_once(warehouse: Warehouse) -> None:
    shop = shop_of()
    happened(warehouse, shop, [event("a", "S", "02T00", k="y"), event("a", "S", "02T00", k="x"), event("a", "S", "01T00")])
    desk = Desk(warehouse, shop)
    question = {"cohort_event": "S", "to": "2026-03-02", "intervals": 2, "cohort_type": "first_time", "breakdown": "k"}
    matching = {"event": "S", "where": [{"key": "k", "op": "is_set"}]}

    assert [g.value for g in ask(desk, activity.RETENTION, question).groups] == ["(none)"]
    assert [g.value for g in ask(desk, activity.RETENTION, question | {"cohort_event": matching}).groups] == ["x"]
    ever = question | {"cohort_event": matching, "cohort_type": "first_ever"}
    assert ask(desk, activity.RETENTION, ever).groups == ()


def test_what_is_not_over_is_not_complete(warehouse: Warehouse) -> None:
    shop = shop_of()
    happened(warehouse, shop, EVENTS)
    with time_machine.travel("2026-03-03T15:00:00Z", tick=False):
        desk = Desk(warehouse, shop)
        answer = ask(desk, activity.RETENTION, QUESTION)
        later = ask(desk, activity.RETENTION, QUESTION | {"mode": "on_or_after"})
        life = ask(desk, activity.LIFECYCLE, {"range": {"from": "2026-03-01", "to": "2026-03-03"}})
        sticky = ask(desk, activity.STICKINESS, {"range": {"from": "2026-03-01", "to": "2026-03-02"}})
        rolling = ask(desk, activity.RETENTION_ROLLING, ROLLING)

    assert answer.rows[0].complete == (True, True, False, False)
    assert answer.curve[2].customers == 0
    assert later.rows[0].complete == (True, False, False, False)
    assert life.complete == (True, True, False)
    assert set(sticky.complete) == {True}
    assert rolling.complete == (True, False, False)
    assert rolling.eligible == (2, 0, 0)


ROLLING = {
    "cohort_event": "Signed Up",
    "return_event": "Viewed",
    "rolling": {"value": 1, "unit": "day"},
    "intervals": 3,
    "range": {"from": "2026-03-01", "to": "2026-03-02"},
}


def test_windows_are_counted_from_each_customers_own_start(desk: Desk) -> None:
    """Ann returns after 25 and 49 hours, Bob after 35, Cat after 26, Dan never."""
    answer = ask(desk, activity.RETENTION_ROLLING, ROLLING)

    assert answer.values == (4, 3, 1)
    assert answer.shares == (1, 0.75, 0.25)
    assert answer.complete == (True, True, True)
    assert behind(desk, activity.RETENTION_ROLLING, ROLLING, interval=2) == ["ann"]
    assert behind(desk, activity.RETENTION_ROLLING, ROLLING, interval=1, returned=False) == ["dan"]


def test_windows_by_group_need_the_same_value(desk: Desk) -> None:
    answer = ask(desk, activity.RETENTION_ROLLING, ROLLING | {"breakdown": "plan"})

    assert {group.value: group.values for group in answer.groups} == {
        "(none)": (1, 1, 0),
        "A": (1, 1, 0),
        "B": (1, 1, 0),
        "C": (1, 0, 0),
    }
    assert answer.values == (4, 3, 0)


def test_windows_with_several_returns(desk: Desk) -> None:
    question = ROLLING | {"rolling": "3d", "intervals": 2, "min_return_count": 2, "return_event": {"event": None}}

    assert ask(desk, activity.RETENTION_ROLLING, question).values == (4, 0)


def test_windows_by_the_quick_way_are_those_of_the_portable_one(warehouse: Warehouse) -> None:
    chance, shop = random.Random(3), shop_of()
    hours = [f"{day:02}T{hour:02}" for day in range(1, 7) for hour in (0, 5, 23)]
    told = [
        event(f"c{n % 30}", chance.choice(["Signed Up", "Viewed", "Viewed"]), chance.choice(hours), k=chance.choice(["x", None]))
        for n in range(240)
    ]
    happened(warehouse, shop, told)
    desk = Desk(warehouse, shop)
    only = {"event": "Signed Up", "where": [{"key": "k", "op": "is_set"}]}

    for more in (
        {},
        {"cohort_event": only},
        {"cohort_event": only, "cohort_type": "first_ever"},
        {"return_event": {"event": None}},
    ):
        for count in (1, 2):
            question = ROLLING | {"rolling": "12h", "intervals": 6, "min_return_count": count} | more
            query = activity.RETENTION_ROLLING.read(desk, question)
            answer = activity.retention_rolling(desk, query)
            assert answer == activity.retention_rolling(desk, query, general=True)
            assert answer.values[0]


def test_those_seen_before_are_not_new_where_new_means_first_seen(desk: Desk) -> None:
    question = {"event": "Viewed", "range": {"from": "2026-03-02", "to": "2026-03-04"}, "new_basis": "first_seen"}

    answer = ask(desk, activity.LIFECYCLE, question)

    assert (answer.new, answer.resurrecting, answer.dormant) == ((0, 0, 0), (1, 2, 0), (0, 0, 3))
    assert behind(desk, activity.LIFECYCLE, question, bucket="2026-03-04", state="dormant") == ["ann", "bob", "cat"]


def test_active_customers_of_days_weeks_and_months(desk: Desk) -> None:
    question = {"range": {"from": "2026-03-03", "to": "2026-03-05"}}

    answer = ask(desk, activity.ACTIVE, question)

    assert (answer.dau, answer.wau, answer.mau) == ((3, 0, 1), (4, 4, 5), (4, 4, 5))
    assert answer.dau_over_mau == (0.75, 0.0, 0.2)
    assert behind(desk, activity.ACTIVE, question, bucket="2026-03-05") == ["eve"]
    assert behind(desk, activity.ACTIVE, question, bucket="2026-03-04", measure="wau") == ["ann", "bob", "cat", "dan"]


def test_the_customers_behind_so_many_days(desk: Desk) -> None:
    question = {"range": {"from": "2026-03-01", "to": "2026-03-05"}}

    assert ask(desk, activity.STICKINESS, question).values == (2, 2, 1, 0, 0)
    assert behind(desk, activity.STICKINESS, question, buckets=3) == ["ann"]
    assert behind(desk, activity.STICKINESS, question | {"cumulative": True}, buckets=2) == ["ann", "bob", "cat"]


REPORTS = [activity.RETENTION, activity.RETENTION_ROLLING, activity.LIFECYCLE, activity.STICKINESS, activity.ACTIVE]


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.kind)
def test_the_example_works_on_any_shop_and_an_empty_one(desk: Desk, report: Report) -> None:
    for one in (desk, Desk(desk.warehouse, shop_of(shop_id="empty"))):
        table = report.table(ask(one, report, dict(report.example)))
        assert table.num_rows


@pytest.mark.parametrize(
    ("report", "question", "place"),
    [
        (activity.RETENTION, {"cohort": "x"}, "question.cohort"),
        (activity.RETENTION, {"cohort_type": "last"}, "cohort_type"),
        (activity.RETENTION, {"range": {"from": "2026-03-01"}, "to": "2026-03-02"}, "to"),
        (activity.RETENTION, {"min_return_count": 0}, "min_return_count"),
        (activity.RETENTION_ROLLING, {"cohort_type": "recurring"}, "cohort_type"),
        (activity.LIFECYCLE, {"new_basis": "x"}, "new_basis"),
        (activity.STICKINESS, {"cumulative": 1}, "cumulative"),
        (activity.ACTIVE, {"interval": "day"}, "question.interval"),
    ],
)
def test_what_cannot_be_understood_is_said_with_its_place(desk: Desk, report: Report, question: Any, place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        report.read(desk, question)

    assert caught.value.message.startswith(place)


def test_a_range_with_one_end_reaches_to_the_other_end_of_the_data(desk: Desk) -> None:
    until = activity.LIFECYCLE.read(desk, {"range": {"to": "2026-03-03"}})
    since = activity.LIFECYCLE.read(desk, {"range": {"from": "2026-03-03"}})

    assert until.calendar.labels() == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert since.calendar.labels() == ["2026-03-03", "2026-03-04", "2026-03-05"]
