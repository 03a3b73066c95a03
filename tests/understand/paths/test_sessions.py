"""Sessions of events are cut by rests and count where they begin, by the engine alone as by numpy behind it."""

from __future__ import annotations

from collections import defaultdict
from statistics import fmean, median
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from regulars.errors import InvalidInput
from regulars.understand.paths import SESSIONS as REPORT
from regulars.understand.paths import fast_visits, visit_counting
from regulars.understand.paths.visits import sessions
from regulars.understand.questions import Desk
from regulars.warehouse import Warehouse
from tests.understand.paths.test_paths import desk_with, event

DAY = {"from": "2026-03-01", "to": "2026-03-02"}


def answered(desk: Desk, question: dict[str, Any]) -> Any:
    query = REPORT.read(desk, question)
    general, quick = sessions(desk, query, "general"), sessions(desk, query, "fast")
    assert general == quick
    return general


def behind(desk: Desk, question: dict[str, Any], cell: dict[str, Any]) -> list[str]:
    rows = desk.warehouse.rows(REPORT.customers(desk, REPORT.read(desk, question), cell))
    return sorted(row["customer_id"] for row in rows)


@given(
    events=st.lists(
        st.tuples(st.sampled_from("xyz"), st.integers(-40, 2900), st.sampled_from([None, "ads", "mail", "web"])), max_size=40
    ),
    gap=st.integers(1, 300),
    limit=st.integers(1, 4),
)
@settings(
    max_examples=20,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a history that fails is short enough as it is
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_both_routes_agree_with_plain_python_on_any_history(warehouse: Warehouse, events: Any, gap: int, limit: int) -> None:
    desk = desk_with(warehouse, [event(who, "V", minute, **({"c": c} if c else {})) for who, minute, c in events])
    question = {"range": DAY, "session_gap_minutes": gap, "interval": "hour", "breakdown": "c", "limit": limit}

    answer = answered(desk, question)
    query = REPORT.read(desk, question)
    calendar = desk.calendar(query.moments, query.interval)
    pieced = fast_visits.count(warehouse, query, calendar, at_once=3, most=0)

    found = plain(events, gap)
    assert answer.total.sessions == len(found)
    assert answer.total.customers == len({one["who"] for one in found})
    assert answer.total.events == sum(one["events"] for one in found)
    assert answer.total.bounces == sum(one["events"] == 1 for one in found)
    if found:
        assert answer.total.duration_mean_seconds == pytest.approx(fmean(one["took"] for one in found), abs=1e-4)
        assert answer.total.duration_median_seconds == median(one["took"] for one in found)
    by_hour = {bucket.start: bucket.figures.sessions for bucket in answer.buckets if bucket.figures.sessions}
    hours = [f"2026-03-{1 + one['began'] // 1440:02}T{one['began'] % 1440 // 60:02}:00:00" for one in found]
    assert by_hour == {hour: hours.count(hour) for hour in hours}
    assert sum(group.figures.sessions for group in answer.groups) == len(found)
    assert pieced == visit_counting.count(warehouse, query, calendar)


def plain(events: Any, gap: int) -> list[dict[str, Any]]:
    """The sessions that begin on the two days, in plain Python."""
    by_customer = defaultdict(list)
    for who, minute, _ in events:
        by_customer[who].append(minute)
    found: list[dict[str, Any]] = []
    for who, minutes in by_customer.items():
        before = None
        for minute in sorted(minutes):
            if before is None or minute - before >= gap:
                found.append({"who": who, "began": minute, "events": 0})
            found[-1]["events"] += 1
            found[-1]["took"] = (minute - found[-1]["began"]) * 60
            before = minute
    return [one for one in found if 0 <= one["began"] < 2880]


def test_figures_and_groups_of_a_day_by_hand(warehouse: Warehouse) -> None:
    """x: 00:00, 00:10 by ads; 02:00 alone by mail. y: 00:05, 00:25 (nothing told first). Lengths 600, 0 and 1200 seconds."""
    desk = desk_with(
        warehouse,
        [
            event("x", "V", 0, c="ads"), event("x", "V", 10, c="mail"), event("x", "V", 120, c="mail"),
            event("y", "V", 5), event("y", "V", 25, c="ads"),
        ],
    )  # fmt: skip

    answer = answered(desk, {"range": {"from": "2026-03-01", "to": "2026-03-01"}, "breakdown": "c"})

    total = answer.total
    assert (total.sessions, total.customers, total.events, total.bounces) == (3, 2, 5, 1)
    assert (total.sessions_per_customer, total.events_per_session, total.bounce_rate) == (1.5, 1.6667, 0.3333)
    assert (total.duration_mean_seconds, total.duration_median_seconds) == (600.0, 600.0)
    assert [(one.value, one.figures.sessions) for one in answer.groups] == [("(none)", 1), ("ads", 1), ("mail", 1)]
    assert [(one.start, one.complete) for one in answer.buckets] == [("2026-03-01", True)]


def test_a_session_that_began_before_the_range_is_not_counted_and_one_that_ends_behind_it_is_whole(warehouse: Warehouse) -> None:
    desk = desk_with(warehouse, [event("x", "V", -10), event("x", "V", 5), event("y", "V", 1435), event("y", "V", 1445)])

    answer = answered(desk, {"range": {"from": "2026-03-01", "to": "2026-03-01"}})

    assert (answer.total.sessions, answer.total.duration_mean_seconds) == (1, 600.0)


def test_the_customers_behind_a_bucket_and_a_group(warehouse: Warehouse) -> None:
    desk = desk_with(warehouse, [event("x", "V", 0, c="ads"), event("y", "V", 1500, c="mail"), event("z", "V", 1500)])
    question = {"range": DAY, "breakdown": "c", "limit": 1}

    assert behind(desk, question, {"start": "2026-03-02"}) == ["y", "z"]
    assert behind(desk, question, {"group": "(none)"}) == ["z"]
    assert behind(desk, question, {"group": "(other)"}) == ["x", "y"]
    assert behind(desk, question, {}) == ["x", "y", "z"]
    with pytest.raises(InvalidInput):
        behind(desk, question, {"start": "2026-03-09"})


def test_every_figure_is_a_row_of_the_table(warehouse: Warehouse) -> None:
    desk = desk_with(warehouse, [event("x", "V", 0, c="ads")])

    rows = REPORT.table(answered(desk, {"range": DAY, "breakdown": "c"})).to_pylist()

    assert [(row["of"], row["value"], row["sessions"]) for row in rows] == [
        ("all", "", 1), ("bucket", "2026-03-01", 1), ("bucket", "2026-03-02", 0), ("group", "ads", 1),
    ]  # fmt: skip
