"""Series over time, by hand on a small shop and against numpy on a random one."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from regulars.errors import InvalidInput
from regulars.understand.questions import Desk
from regulars.understand.trends import TREND, WEEK_HOURS, TrendAnswer, trend, week_hours
from regulars.warehouse import Warehouse
from tests.support.happenings import happened, shop_of

RANGE = {"from": "2026-03-01", "to": "2026-03-03"}


def at(day: int, hour: int = 12) -> str:
    return f"2026-03-{day:02d}T{hour:02d}:00:00Z"


@pytest.fixture
def desk(warehouse: Warehouse) -> Desk:
    shop = shop_of()
    happened(
        warehouse,
        shop,
        [
            {"customer": "a", "event": "View", "ts": at(1), "props": {"price": 10, "k": "x"}},
            {"customer": "a", "event": "View", "ts": at(1, 13), "props": {"price": 20, "k": "y"}},
            {"customer": "b", "event": "View", "ts": at(1), "props": {"price": 30, "k": "x"}},
            {"customer": "a", "event": "View", "ts": at(3), "props": {"k": "z"}},
            {"customer": "a", "event": "Buy", "ts": at(3)},
            {"customer": "c", "event": "View", "ts": "2026-02-27T12:00:00Z", "props": {"price": 5, "k": "x"}},
            {"customer": "c", "event": "View", "ts": "2025-03-02T12:00:00Z", "props": {"k": "x"}},
        ],
    )
    return Desk(warehouse, shop)


def ask(desk: Desk, **told: Any) -> TrendAnswer:
    query = TREND.read(desk, {"range": RANGE, **told})
    answer: TrendAnswer = TREND.answer(desk, query)
    assert answer == trend(desk, query, general=True)  # both ways say the same
    return answer


@pytest.mark.parametrize(
    ("measure", "values", "total"),
    [
        ("events", (3, 0, 1), 4),
        ("customers", (2, 0, 1), 2),
        ("per_customer", (1.5, None, 1), 2),
        ("sum", (60, 0, 0), 60),
        ("avg", (20, None, None), 20),
        ("min", (10, None, None), 10),
        ("max", (30, None, None), 30),
        ("p50", (20, None, None), 20),
        ("p90", (28, None, None), 28),
    ],
)
def test_measures_by_day_and_over_the_range(desk: Desk, measure: str, values: Any, total: float) -> None:
    line = ask(desk, series=[{"event": "View", "measure": measure, "of": "price"}]).lines[0]

    assert line.values == pytest.approx(values, nan_ok=True)
    assert line.total == pytest.approx(total)


def test_groups_beyond_the_limit_are_counted_together_and_a_customer_once(desk: Desk) -> None:
    answer = ask(desk, series=[{"event": "View", "measure": "customers"}], breakdown={"key": "k", "limit": 1})

    assert {line.group: (line.values, line.total) for line in answer.lines} == {"x": ((2, 0, 0), 2), "(other)": ((1, 0, 1), 1)}


def test_beside_the_time_before_and_the_year_before(desk: Desk) -> None:
    before = ask(desk, series=["View"], compare="previous").lines[0]
    year = ask(desk, series=["View"], compare="last_year").lines[0]

    assert (before.previous, before.previous_total) == ((0, 1, 0), 1)
    assert (year.previous, year.previous_total) == ((0, 1, 0), 1)


def test_a_formula_of_series_is_null_where_it_divides_by_zero(desk: Desk) -> None:
    answer = ask(desk, series=["Buy", "View"], formula="100 * A / (B - 0)")

    assert list(answer.lines[0].values) == [0, None, 100]
    assert answer.lines[0].total == 25


@pytest.mark.parametrize("text", ["A / C", "A +", "A ** B", "(A", "A B", "import os", "A)", "1 +* A"])
def test_what_is_no_formula_is_refused(desk: Desk, text: str) -> None:
    with pytest.raises(InvalidInput, match="formula"):
        ask(desk, series=["Buy", "View"], formula=text)


def test_running_sums_and_moving_averages(desk: Desk) -> None:
    assert ask(desk, series=["View"], cumulative=True).lines[0].values == (3, 3, 4)
    assert ask(desk, series=["View"], moving_average=2).lines[0].values == (3, 1.5, 0.5)


def test_buckets_say_whether_they_are_over(desk: Desk) -> None:
    answer = ask(desk, series=["View"], range={"from": "2026-03-02", "to": "2026-03-05"})

    assert answer.buckets == ("2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05")
    assert answer.complete == (True, True, False, False)


def test_who_is_behind_a_point(desk: Desk) -> None:
    query = TREND.read(desk, {"range": RANGE, "series": ["View"], "breakdown": {"key": "k", "limit": 1}})

    def who(**cell: Any) -> set[str]:
        return {row["customer_id"] for row in desk.warehouse.rows(TREND.customers(desk, query, cell))}

    assert who(bucket="2026-03-01") == {"a", "b"}
    assert who(group="x") == {"a", "b"}
    assert who(group="(other)", bucket="2026-03-03") == {"a"}


def test_the_hours_of_the_week_are_local(warehouse: Warehouse) -> None:
    shop = shop_of({"timezone": "Asia/Shanghai"})
    happened(
        warehouse,
        shop,
        [{"customer": c, "event": "View", "ts": "2026-03-01T20:30:00Z"} for c in "aab"],  # Monday 04:30 in Shanghai
    )
    desk = Desk(warehouse, shop)

    events = WEEK_HOURS.answer(desk, WEEK_HOURS.read(desk, {"event": "View"}))
    customers = WEEK_HOURS.answer(desk, WEEK_HOURS.read(desk, {"event": "View", "measure": "customers"}))

    assert (events.values[0][4], events.total) == (3, 3)
    assert customers.values[0][4] == 2
    query = WEEK_HOURS.read(desk, {"event": "View"})
    assert len(warehouse.rows(WEEK_HOURS.customers(desk, query, {"weekday": 0, "hour": 4}))) == 2


def test_quantiles_are_those_of_numpy(warehouse: Warehouse) -> None:
    chance = random.Random(7)
    shop = shop_of()
    numbers = [round(chance.expovariate(0.01), 2) for _ in range(237)]
    start = datetime(2026, 3, 1, tzinfo=UTC)
    happened(
        warehouse,
        shop,
        [
            {"customer": "a", "event": "E", "ts": (start + timedelta(hours=i % 48)).isoformat(), "props": {"n": n}}
            for i, n in enumerate(numbers)
        ],
    )
    desk = Desk(warehouse, shop)

    for measure, share in (("p50", 50), ("p90", 90), ("p99", 99)):
        line = ask(
            desk, series=[{"event": "E", "measure": measure, "of": "n"}], range={"from": "2026-03-01", "to": "2026-03-02"}
        ).lines[0]
        assert line.total == pytest.approx(np.percentile(numbers, share))
        days = [[n for i, n in enumerate(numbers) if (i % 48 < 24) == first] for first in (True, False)]
        assert line.values == pytest.approx([np.percentile(one, share) for one in days])


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({}, "series"),
        ({"series": [{"event": "A", "measure": "avg"}]}, "series[0].of"),
        ({"series": ["A"], "interval": "year"}, "interval"),
        ({"series": ["A"], "breakdown": {"key": "k", "limit": 0}}, "breakdown.limit"),
        ({"series": ["A"], "compare": "never"}, "compare"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(desk: Desk, told: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        TREND.read(desk, told)
    assert caught.value.message.startswith(place)


@given(
    events=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 60 * 24 * 4), st.sampled_from(["View", "Buy"])), max_size=30),
    zone=st.sampled_from(["UTC", "Asia/Kathmandu", "America/New_York", "Europe/London"]),
    measure=st.sampled_from(["events", "customers", "per_customer"]),
    interval=st.sampled_from(["hour", "day", "week"]),
    told_range=st.sampled_from(
        [{"from": "2026-03-28", "to": "2026-03-30"}, {"from": "2026-03-28T10:07:00Z", "to": "2026-03-30T01:01:01Z"}]
    ),
)
@settings(
    max_examples=25,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_both_ways_agree_in_every_zone(
    warehouse: Warehouse, events: Any, zone: str, measure: str, interval: str, told_range: dict[str, str]
) -> None:
    # given a random history around the day on which Europe's clocks go forward
    shop = shop_of({"timezone": zone}, uuid4().hex)
    start = datetime(2026, 3, 27, tzinfo=UTC)
    told = [{"customer": who, "event": what, "ts": (start + timedelta(minutes=m)).isoformat()} for who, m, what in events]
    happened(warehouse, shop, told)
    desk = Desk(warehouse, shop)
    # when it is asked by bucket and by hour of the week, then both ways say the same
    ask(
        desk,
        series=[{"event": "View", "measure": measure}, {"event": None, "measure": measure}],
        interval=interval,
        range=told_range,
    )
    if measure != "per_customer":
        query = WEEK_HOURS.read(desk, {"event": {"event": "View"}, "measure": measure, "range": told_range})
        assert WEEK_HOURS.answer(desk, query) == week_hours(desk, query, general=True)
