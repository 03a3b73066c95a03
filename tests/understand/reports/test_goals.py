"""Goals: a plan between dated phases, what happened, an honest forecast with its interval, and a light."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from regulars.access import Caller
from regulars.app import House
from regulars.errors import InvalidInput
from regulars.predict.forecast import expected_of_goal
from regulars.understand.questions import Desk
from regulars.understand.reports import goals
from regulars.understand.reports.domain.aiming import Goal, Phase, light_of, phases_of, planned
from tests.understand.metrics.small_store import SmallStore

NOW = datetime(2026, 3, 31, 20, 0, tzinfo=UTC)  # 1 April in Shanghai


def a_goal(
    *phases: tuple[str, float], mode: Any = "total", start_value: float | None = None, starts_on: str = "2026-03-01"
) -> Goal:
    return Goal(
        goal_id="g", shop_id="tea", name="G", kind="metric", question={"metric": "gmv"}, mode=mode, starts_on=date.fromisoformat(starts_on),
        phases=tuple(Phase(date.fromisoformat(day), target) for day, target in phases), start_value=start_value, owner_id="o",
        created_at=NOW, changed_at=NOW,
    )  # fmt: skip


def test_the_plan_goes_straight_from_phase_to_phase() -> None:
    goal = a_goal(("2026-03-10", 100.0), ("2026-03-20", 400.0))

    assert planned(goal, date(2026, 3, 1)) == 10
    assert planned(goal, date(2026, 3, 10)) == 100
    assert planned(goal, date(2026, 3, 15)) == 250
    assert planned(goal, date(2026, 3, 20)) == 400
    assert planned(goal, date(2026, 3, 21)) is None
    level = a_goal(("2026-03-10", 0.2), mode="level", start_value=0.3)
    assert planned(level, date(2026, 3, 5)) == pytest.approx(0.25)


@pytest.mark.parametrize(
    "told",
    [
        [],
        [{"ends_on": "2026-02-01", "target": 1}],
        [{"ends_on": "2026-04-01", "target": 1}, {"ends_on": "2026-04-01", "target": 2}],
        [{"ends_on": "soon", "target": 1}],
        [{"ends_on": "2026-04-01", "target": "much"}],
        [{"ends_on": "2026-04-01", "target": float("nan")}],
        [{"ends_on": "2046-04-01", "target": 1}],
    ],
)
def test_phases_out_of_order_are_refused(told: list[dict[str, Any]]) -> None:
    with pytest.raises(InvalidInput):
        phases_of(told, date(2026, 3, 1))


@pytest.mark.parametrize(
    ("value", "low", "high", "upward", "light"),
    [
        (110, 90, 130, True, "green"), (95, 80, 120, True, "yellow"), (80, 70, 90, True, "red"), (None, None, None, True, "unknown"),
        (90, 80, 120, False, "green"), (105, 95, 120, False, "yellow"), (120, 110, 130, False, "red"),
    ],
)  # fmt: skip
def test_the_light_says_what_may_be_expected(value: Any, low: Any, high: Any, upward: bool, light: str) -> None:
    assert light_of(value, low, high, 100, upward=upward) == light


def expected(values: list[float], last_on: date, count: int, *, daily: bool) -> Any:
    return expected_of_goal(values, last_on, count, daily=daily, zone="Europe/London", currency="GBP")


def test_weekdays_are_found_again_and_without_noise_nearly_sure() -> None:
    day = date(2026, 2, 20)
    series = [100.0 + (50 if (day + timedelta(days=i)).weekday() >= 5 else 0) for i in range(70)]

    made = expected(series[:56], day + timedelta(days=55), 14, daily=True)

    assert made is not None
    values, off = made.levels()
    assert values == pytest.approx(series[56:])
    assert float(off.max()) < 1e-3


def test_too_little_history_gives_no_forecast() -> None:
    assert expected([1.0] * 13, date(2026, 3, 13), 5, daily=True) is None
    assert expected([1.0] * 7, date(2026, 3, 13), 5, daily=False) is None


def test_the_interval_holds_about_four_times_of_five() -> None:
    """300 invented series with noise: the true total of the next 20 days lies inside in 70 to 92 of 100, and of 8 weeks too."""
    random = np.random.default_rng(7)
    inside = {True: 0, False: 0}
    for daily, ahead in ((True, 20), (False, 8)):
        for _ in range(300):
            truth = 200 + random.normal(0, 10, 91 + ahead)
            made = expected(list(truth[:91]), date(2026, 8, 1), ahead, daily=daily)
            assert made is not None
            totals, off = made.totals()
            inside[daily] += abs(totals[-1] - truth[91:].sum()) <= off[-1]

    assert all(0.70 <= count / 300 <= 0.92 for count in inside.values())


@given(st.lists(st.floats(0, 1e6), min_size=28, max_size=100), st.integers(1, 60), st.booleans())
def test_a_forecast_never_falls_below_zero_and_its_interval_never_narrows(values: list[float], ahead: int, daily: bool) -> None:
    made = expected(values, date(2026, 3, 1), ahead, daily=daily)

    if made is None:
        return
    totals, off = made.totals()
    assert len(totals) == ahead
    assert made.least == 0
    assert (np.diff(totals, prepend=0) >= -1e-6).all()
    assert (np.diff(off) >= -1e-6 * max(off.max(), 1)).all()


@pytest.fixture
def sales(house: House, shop: Any) -> Iterator[Desk]:
    """100.00 a day, 200.00 on Saturdays and Sundays, from January to the end of March."""
    store = SmallStore(shop)
    day = date(2026, 1, 1)
    while day <= date(2026, 3, 31):
        store.order(f"d{day}", "ann", f"{day} 04:00", 20_000 if day.weekday() >= 5 else 10_000)
        day += timedelta(days=1)
    store.load(house.warehouse)
    with time_machine.travel(NOW, tick=False):
        yield Desk(house.warehouse, shop)


def set_goal(house: House, desk: Desk, **more: Any) -> Goal:
    with house.records.unit() as uow:
        return goals.aim(
            uow, Caller.system("shell", house.keyring), desk,
            **{
                "name": "Spring", "kind": "metric", "question": {"metric": "gmv"}, "mode": "total", "starts_on": date(2026, 3, 1),
                "phases": [{"ends_on": "2026-03-20", "target": 2_000}, {"ends_on": "2026-04-30", "target": 7_500}],
            } | more,
        )  # fmt: skip


def test_a_total_is_counted_from_its_start_and_its_arrival_foretold(house: House, sales: Desk) -> None:
    """March of the fixture: 22 weekdays and 9 weekend days make 4,000; the shop's other orders add 120 in March."""
    told = goals.progress(sales, set_goal(house, sales))

    assert told.value == pytest.approx(4_000 + 120, abs=1)
    assert (told.phases[0].over, told.phases[0].light) == (True, "green")
    assert told.expected_at_end is not None
    assert told.expected_at_end == pytest.approx(4_120 + 22 * 100 + 8 * 200, rel=0.03)
    assert told.low_at_end is not None
    assert told.high_at_end is not None
    assert told.low_at_end < told.expected_at_end < told.high_at_end
    assert told.light == "green"
    assert told.arrives_on is not None
    assert date(2026, 4, 20) < told.arrives_on <= date(2026, 4, 30)
    assert told.earliest_on is not None
    assert told.earliest_on <= told.arrives_on
    days = [point.day for point in told.points]
    assert days == sorted(set(days))
    assert days[0] == date(2026, 3, 1)


def test_a_target_out_of_reach_is_red_and_one_that_was_reached_says_when(house: House, sales: Desk) -> None:
    far = goals.progress(sales, set_goal(house, sales, name="Far", phases=[{"ends_on": "2026-04-30", "target": 50_000}]))
    near = goals.progress(sales, set_goal(house, sales, name="Near", phases=[{"ends_on": "2026-04-30", "target": 1_000}]))

    assert far.light == "red"
    assert near.light == "green"
    assert near.reached_on is not None
    assert near.reached_on < date(2026, 3, 15)


def test_a_level_is_that_of_the_latest_whole_week(house: House, sales: Desk) -> None:
    goal = set_goal(
        house, sales, name="AOV", question={"metric": "aov", "interval": "week"}, mode="level", start_value=100.0,
        phases=[{"ends_on": "2026-06-30", "target": 200}],
    )  # fmt: skip

    told = goals.progress(sales, goal)

    assert told.value == pytest.approx(900 / 7, rel=0.1)
    assert told.unit == "money"
    assert told.light == "red"


def test_a_goal_needs_a_line_over_time(house: House, sales: Desk) -> None:
    with pytest.raises(InvalidInput):
        set_goal(house, sales, kind="sales_by", question={"by": "region"})
    with pytest.raises(InvalidInput):
        set_goal(house, sales, mode="average")


def test_the_api_sets_changes_and_gives_up(client_with: Any) -> None:
    client = client_with("read_reports", "manage_reports")
    told = {
        "name": "G",
        "question": {"metric": "orders"},
        "starts_on": "2026-03-01",
        "phases": [{"ends_on": "2026-12-31", "target": 10}],
    }

    made = client.post("/v1/goals", json=told)
    assert made.status_code == 201
    assert client.get("/v1/goals/G").json()["value"] == 2
    changed = client.patch("/v1/goals/G", json={"phases": [{"ends_on": "2026-12-31", "target": 2}]})
    assert changed.json()["phases"] == [{"ends_on": "2026-12-31", "target": 2}]
    assert client.get("/v1/goals/G").json()["reached_on"] == "2026-03-05"
    assert client.post("/v1/goals", json=told).status_code == 409
    assert client.delete("/v1/goals/G").status_code == 204
    assert client.get("/v1/goals").json()["items"] == []
