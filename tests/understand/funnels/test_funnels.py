"""The funnel, by the portable expression and by the fast way, against the words of the rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.errors import InvalidInput
from regulars.understand.funnels import FUNNEL, FUNNEL_TIME, FUNNEL_TREND, FunnelQuery, fast, funnel, funnel_time, funnel_trend
from regulars.understand.funnels.queries.outcomes import outcomes
from regulars.understand.funnels.queries.stream import copies
from regulars.understand.questions import Desk
from regulars.warehouse import Warehouse
from tests.support.happenings import happened, shop_of
from tests.understand.funnels.naive import Happened, Rules, outcome

START = datetime(2026, 3, 1, tzinfo=UTC)
VALUES = ("x", None, "y", "x", "")
EVENTS = st.lists(st.tuples(st.sampled_from("ABCXo"), st.integers(0, 30)), max_size=12)
QUESTIONS = st.fixed_dictionaries(
    {
        "steps": st.lists(st.sampled_from("ABC"), min_size=1, max_size=4),
        "order": st.sampled_from(["ordered", "strict", "any"]),
        "window": st.integers(1, 20).map(lambda seconds: {"value": seconds, "unit": "second"}),
        "conversion_scope": st.sampled_from(["in_range", "window_after_range"]),
        "until": st.integers(5, 35),
        "exclusion": st.one_of(
            st.none(), st.tuples(st.integers(1, 3), st.integers(2, 4), st.sampled_from(["drop_customer", "stop"]))
        ),
    }
)


def question(told: dict[str, Any]) -> dict[str, Any]:
    """A question as people write it."""
    until = START + timedelta(seconds=told["until"])
    made = {name: told[name] for name in ("steps", "order", "window", "conversion_scope")}
    made["range"] = {"from": START.isoformat(), "to": until.isoformat()}
    if told["exclusion"] is not None and len(told["steps"]) > 1:
        after, before, mode = told["exclusion"]
        count = len(told["steps"])
        after = min(after, count - 1)
        whole = told["order"] == "any"
        made["exclusions"] = [
            {
                "event": "X",
                "after_step": 1 if whole else after,
                "before_step": count if whole else min(max(before, after + 1), count),
            }
        ]
        made["exclusion_mode"] = "stop" if whole else mode
    return made


def by_the_rules(query: FunnelQuery, history: list[tuple[str, int]]) -> list[int] | None:
    """What the naive reading says of one customer, in seconds since the start."""
    assert query.range.end is not None
    end = (query.range.end - START).total_seconds()
    last = end if query.scope == "in_range" else end + query.window.microseconds / 1e6
    spoils = {k for k in range(2, query.count + 1) if query.exclusions_of(k)}
    events = [
        Happened(
            t * 1_000_000,
            key,
            frozenset(k for k, step in enumerate(query.steps, start=1) if step.event == name),
            frozenset(spoils) if name == "X" else frozenset(),
        )
        for key, (name, t) in enumerate(history)
        if t < last and (name in "ABC" or query.order == "strict" or (name == "X" and query.exclusions))
    ]
    if query.order != "strict":
        events = [one for one in events if one.steps or one.spoils]
    rules = Rules(
        query.count,
        query.window.microseconds,
        round(end * 1e6),
        query.order,
        query.exclusion_mode == "drop_customer",
        copies(query),
    )
    return outcome(events, rules)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp("funnels")
    opened = Warehouse.open(f"duckdb:///{folder}/warehouse.duckdb", memory_limit="1GB")
    yield opened
    opened.close()


@given(histories=st.lists(EVENTS, min_size=1, max_size=6), told=QUESTIONS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_ways_say_what_the_rules_say(store: Warehouse, histories: list[list[tuple[str, int]]], told: dict[str, Any]) -> None:
    store.delete("events", lambda t: t.shop_id == "case")
    shop = shop_of()
    happened(
        store,
        shop,
        [
            {
                "customer": f"c{number}",
                "event": name,
                "ts": (START + timedelta(seconds=t)).isoformat(),
                "props": {"k": VALUES[place % 5]},
            }
            for number, history in enumerate(histories)
            for place, (name, t) in enumerate(history)
        ],
    )
    desk = Desk(store, shop)
    query = FUNNEL.read(desk, question(told))
    expected = {f"c{i}": by_the_rules(query, history) for i, history in enumerate(histories)}
    wanted = {name: times for name, times in expected.items() if times is not None}

    base = int(START.timestamp()) * 1_000_000
    found = {
        row["customer_id"]: [row[f"t{k}"] - base for k in range(1, query.count + 1) if row[f"t{k}"] is not None]
        for row in store.rows(outcomes(query))
        if row["depth"]
    }

    assert found == wanted
    assert fast.figures(store, query) == fast.figures(store, query, most=0)
    assert [one[0] for one in fast.figures(store, query)] == [
        sum(len(times) >= k for times in wanted.values()) for k in range(1, query.count + 1)
    ]
    assert funnel(desk, query).steps == funnel(desk, query, general=True).steps
    for touch in ("first_touch", "last_touch", "step"):
        by = {"key": "k", "attribution": touch, "step": query.count, "limit": 1} | ({} if touch == "step" else {"step": 1})
        grouped = FUNNEL.read(desk, question(told) | {"breakdown": by})
        assert funnel(desk, grouped) == funnel(desk, grouped, general=True)
    trend = FUNNEL_TREND.read(desk, question(told) | {"interval": "hour"})
    assert funnel_trend(desk, trend) == funnel_trend(desk, trend, general=True)
    if query.count > 1:
        times = FUNNEL_TIME.read(desk, question(told) | {"bins": 3})
        assert funnel_time(desk, times).bins == funnel_time(desk, times, general=True).bins


@pytest.fixture
def desk(warehouse: Warehouse) -> Desk:
    shop = shop_of({"timezone": "Asia/Shanghai"})
    day = "2026-03-0"
    happened(
        warehouse,
        shop,
        [
            {"customer": "a", "event": "View", "ts": f"{day}1T15:59:00Z", "props": {"k": "x"}},
            {"customer": "a", "event": "Buy", "ts": f"{day}1T16:10:00Z", "props": {"k": "y"}},
            {"customer": "b", "event": "View", "ts": f"{day}1T16:00:00Z", "props": {"k": "x"}},
            {"customer": "c", "event": "View", "ts": f"{day}2T10:00:00Z"},
            {"customer": "c", "event": "Buy", "ts": f"{day}2T10:00:00Z"},
        ],
    )
    return Desk(warehouse, shop)


def who(desk: Desk, report: Any, told: dict[str, Any], cell: dict[str, Any]) -> set[str]:
    query = report.read(desk, told)
    return {row["customer_id"] for row in desk.warehouse.rows(report.customers(desk, query, cell))}


def test_who_is_behind_a_step_and_who_was_lost(desk: Desk) -> None:
    told: dict[str, Any] = {"steps": ["View", "Buy"], "window": "1h"}

    assert who(desk, FUNNEL, told, {"step": 2}) == {"a", "c"}
    assert who(desk, FUNNEL, told, {"step": 2, "lost": True}) == {"b"}
    assert who(desk, FUNNEL, told | {"breakdown": "k"}, {"step": 1, "group": "x"}) == {"a", "b"}
    assert who(desk, FUNNEL, told | {"breakdown": {"key": "k", "limit": 1}}, {"step": 1, "group": "(other)"}) == {"c"}


def test_a_group_by_the_event_of_a_step(desk: Desk) -> None:
    told = {"steps": ["View", "Buy"], "breakdown": {"key": "k", "attribution": "step", "step": 2}}

    groups = {
        group.value: [step.customers for step in group.steps] for group in FUNNEL.answer(desk, FUNNEL.read(desk, told)).groups
    }

    assert groups == {"y": [1, 1], "(none)": [2, 1]}


def test_conversion_by_the_shop_s_own_days(desk: Desk) -> None:
    told = {"steps": ["View", "Buy"], "window": "1h", "range": {"from": "2026-03-01", "to": "2026-03-02"}}
    answer = FUNNEL_TREND.answer(desk, FUNNEL_TREND.read(desk, told))

    assert [(row.bucket, row.entered, row.converted) for row in answer.rows] == [("2026-03-01", 1, 1), ("2026-03-02", 2, 1)]
    assert who(desk, FUNNEL_TREND, told, {"bucket": "2026-03-02", "converted": False}) == {"b"}


def test_times_between_two_steps_and_who_took_so_long(desk: Desk) -> None:
    told = {"steps": ["View", "Buy"], "bins": 2}
    answer = FUNNEL_TIME.answer(desk, FUNNEL_TIME.read(desk, told))

    assert answer.bins == ((0.0, 1), (330.0, 1))
    assert answer.median_seconds == 330
    assert who(desk, FUNNEL_TIME, told, {"from_seconds": 330}) == {"a"}


def test_nobody_is_an_answer_too(desk: Desk) -> None:
    answer = FUNNEL.answer(desk, FUNNEL.read(desk, {"steps": ["Never", "Buy"]}))

    assert [step.customers for step in answer.steps] == [0, 0]
    assert answer.steps[0].share_of_first is None
    assert FUNNEL.table(answer).num_rows == 2


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({}, "steps"),
        ({"steps": []}, "steps"),
        ({"steps": ["A"] * 31}, "steps"),
        ({"steps": ["A", "B"], "window": "soon"}, "window"),
        ({"steps": ["A", "B"], "order": "reverse"}, "order"),
        ({"steps": ["A", "B"], "exclusions": [{"event": "B"}]}, "exclusions[0]"),
        ({"steps": ["A", "B"], "exclusions": [{"event": "X", "after_step": 2}]}, "exclusions[0].after_step"),
        ({"steps": ["A", "B"], "order": "any", "exclusion_mode": "drop_customer", "exclusions": ["X"]}, "exclusion_mode"),
        ({"steps": ["A", "B"], "breakdown": {"key": "k", "step": 3}}, "breakdown.step"),
        ({"steps": ["A", "B"], "widnow": "7d"}, "question.widnow"),
        ({"steps": ["A", "B"], "range": {"from": "2026-03-02", "to": "2026-03-01"}}, "range"),
        ({"steps": ["A", {"event": "B", "where": [{"key": "", "value": 1}]}]}, "steps[1].where[0].key"),
    ],
)
def test_what_is_wrong_with_a_question_is_said_with_its_place(desk: Desk, told: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        FUNNEL.read(desk, told)
    assert caught.value.message.startswith(f"{place}:")
