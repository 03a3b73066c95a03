"""Paths are drawn as the rules say, by the engine alone as by numpy behind it, and everybody behind a cell is found."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from regulars.errors import InvalidInput
from regulars.understand.paths import PATHS as REPORT
from regulars.understand.paths import counting, fast, sums
from regulars.understand.paths.service import paths
from regulars.understand.questions import Desk
from regulars.warehouse import Warehouse
from tests.support.happenings import happened, shop_of
from tests.understand.paths.plain import edges_of, loops_of, paths_of

T0 = datetime(2026, 3, 1, tzinfo=UTC)


def event(customer: str, name: str, minute: float, **props: Any) -> dict[str, Any]:
    return {"customer": customer, "event": name, "ts": (T0 + timedelta(minutes=minute)).isoformat(), "props": props}


def desk_with(warehouse: Warehouse, events: list[dict[str, Any]], customers: dict[str, Any] | None = None) -> Desk:
    shop = shop_of(shop_id=uuid4().hex)
    happened(warehouse, shop, events, customers)
    return Desk(warehouse, shop)


def walk(customer: str, names: str, first: float = 0, every: float = 1) -> list[dict[str, Any]]:
    return [event(customer, name, first + i * every) for i, name in enumerate(names)]


def answered(desk: Desk, question: dict[str, Any]) -> Any:
    query = REPORT.read(desk, question)
    general, quick = paths(desk, query, "general"), paths(desk, query, "fast")
    assert general == quick
    return general


def edges(answer: Any) -> list[tuple[Any, ...]]:
    return [(e.step, e.from_node, e.to_node, e.paths, e.customers, e.avg_seconds) for e in answer.edges]


def behind(desk: Desk, question: dict[str, Any], cell: dict[str, Any]) -> list[str]:
    rows = desk.warehouse.rows(REPORT.customers(desk, REPORT.read(desk, question), cell))
    return sorted(row["customer_id"] for row in rows)


HISTORIES = st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from("abcd"), st.integers(0, 25)), max_size=40)


@given(
    events=HISTORIES,
    gap=st.integers(1, 6),
    max_steps=st.integers(2, 7),
    start=st.sampled_from([None, "a", "b", "q"]),
    end=st.sampled_from([None, "c", "a"]),
    limit=st.integers(1, 5),
    top=st.integers(1, 30),
)
@settings(
    max_examples=25,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a history that fails is short enough as it is
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_both_routes_agree_with_plain_python_on_any_history(
    warehouse: Warehouse, events: Any, gap: int, max_steps: int, start: Any, end: Any, limit: int, top: int
) -> None:
    desk = desk_with(warehouse, [event(who, node, minute) for who, node, minute in events])
    question = {"session_gap_minutes": gap, "max_steps": max_steps, "start": start, "end": end, "top": top}

    whole = answered(desk, question | {"limit": 100, "top": 500})
    answered(desk, question | {"limit": limit})
    query = REPORT.read(desk, question | {"limit": limit})
    mine = fast.count(warehouse, query, query.asked, at_once=3, most=0)
    general = counting.count(warehouse, query, query.asked)

    expected = paths_of(
        [(who, node, minute * 60) for who, node, minute in events], gap=gap * 60, max_steps=max_steps, start=start, end=end
    )
    assert edges(whole) == edges_of(expected)
    assert (whole.paths, whole.customers) == (len(expected), len({who for who, _ in expected}))
    listed = Counter(tuple(node for node, _ in path) for _, path in expected)
    assert {one.nodes: one.paths for one in whole.top_paths} == listed
    found = {(o.node, o.via, o.returns, o.paths, o.customers, o.avg_steps) for o in whole.loops}
    assert found == loops_of(expected)
    assert mine == general


def test_a_rest_as_long_as_the_gap_begins_a_new_path(warehouse: Warehouse) -> None:
    desk = desk_with(warehouse, [*walk("x", "ab"), *walk("x", "cd", first=31), event("x", "e", 61.9)])

    answer = answered(desk, {"session_gap_minutes": 30})

    assert [(e.step, e.from_node, e.to_node) for e in answer.edges] == [(1, "a", "b"), (1, "c", "d"), (2, "d", "e")]


def test_with_an_end_the_last_steps_are_kept_and_paths_without_it_are_left_out(warehouse: Warehouse) -> None:
    desk = desk_with(warehouse, [*walk("x", "abcdeb"), *walk("y", "acd")])

    answer = answered(desk, {"end": "e", "max_steps": 3})

    assert [one.nodes for one in answer.top_paths] == [("c", "d", "e")]
    assert [(e.step, e.from_node, e.to_node) for e in answer.edges] == [(1, "c", "d"), (2, "d", "e")]


def test_between_two_nodes_a_path_runs_from_the_first_start_to_the_first_end_behind_it(warehouse: Warehouse) -> None:
    desk = desk_with(warehouse, [*walk("x", "eaabce"), *walk("y", "ea")])

    answer = answered(desk, {"start": "a", "end": "e"})

    assert [(one.nodes, one.paths) for one in answer.top_paths] == [(("a", "b", "c", "e"), 1)]


def test_small_nodes_of_a_step_are_drawn_together(warehouse: Warehouse) -> None:
    desk = desk_with(warehouse, [e for i, names in enumerate(("ab", "ab", "ac", "ad", "qa")) for e in walk(f"x{i}", names)])

    answer = answered(desk, {"limit": 1})

    assert edges(answer) == [
        (1, "a", "(other)", 2, 2, 60.0),
        (1, "a", "b", 2, 2, 60.0),
        (1, "(other)", "(other)", 1, 1, 60.0),
    ]
    assert [(n.step, n.node, n.paths, n.ended) for n in answer.nodes] == [
        (1, "a", 4, 0), (1, "(other)", 1, 0), (2, "(other)", 3, 3), (2, "b", 2, 2),
    ]  # fmt: skip
    assert behind(desk, {"limit": 1}, {"step": 1, "from_node": "a", "to_node": "(other)"}) == ["x2", "x3"]
    assert behind(desk, {"limit": 1}, {"step": 1, "node": "(other)"}) == ["x4"]


def test_addresses_lose_the_slash_at_their_end_and_missing_ones_are_told(warehouse: Warehouse) -> None:
    desk = desk_with(
        warehouse,
        [
            event("x", "Page Viewed", 0, url="https://shop.example/tea/"),
            event("x", "Page Viewed", 1, url="https://shop.example/tea"),
            event("x", "Page Viewed", 2, url="/"),
            event("x", "Page Viewed", 3),
        ],
    )

    answer = answered(desk, {"node": {"prop": "url"}})

    assert [one.nodes for one in answer.top_paths] == [("https://shop.example/tea", "/", "(none)")]


def test_a_label_stands_for_the_events_of_its_filter(warehouse: Warehouse) -> None:
    desk = desk_with(warehouse, [event("x", "V", 0, k="tea"), event("x", "V", 1, k="cup"), event("x", "W", 2)])
    include = [{"event": "V", "where": [{"key": "k", "value": "tea"}], "label": "Tea"}, "V"]

    answer = answered(desk, {"include": include})

    assert [one.nodes for one in answer.top_paths] == [("Tea", "V")]


@pytest.mark.parametrize(
    ("funnel", "expected"),
    [
        ({"side": "between", "step": 1}, {("a", "p", "b"): 1, ("a", "q", "b"): 1}),
        ({"side": "before", "step": 2}, {("q", "a", "p", "b"): 1, ("a", "q", "b"): 1}),
        ({"side": "after", "step": 1}, {("a", "p", "b", "r"): 1, ("a", "q", "b"): 1, ("a", "s"): 1}),
        ({"side": "after", "step": 1, "who": "stopped"}, {("a", "s"): 1}),
        ({"side": "after", "step": 1, "who": "went_on"}, {("a", "p", "b", "r"): 1, ("a", "q", "b"): 1}),
    ],
)
def test_paths_before_after_and_between_steps_of_a_funnel(warehouse: Warehouse, funnel: Any, expected: Any) -> None:
    desk = desk_with(warehouse, [*walk("x", "qapbr", every=40), *walk("y", "aqb"), *walk("z", "as"), *walk("w", "qq")])

    answer = answered(desk, {"funnel": {"steps": ["a", "b"], "window": "1d", **funnel}})

    assert {one.nodes: one.paths for one in answer.top_paths} == expected


def test_of_two_attempts_the_later_start_goes_on(warehouse: Warehouse) -> None:
    desk = desk_with(warehouse, walk("x", "apaqb"))

    answer = answered(desk, {"funnel": {"steps": ["a", "b"], "side": "between"}})

    assert [one.nodes for one in answer.top_paths] == [("a", "q", "b")]


def test_the_edges_of_two_groups_stand_beside_each_other(warehouse: Warehouse) -> None:
    people = {"x": {"plan": "pro"}, "y": {"plan": "pro"}, "z": {"plan": "free"}}
    desk = desk_with(warehouse, [*walk("x", "ab"), *walk("y", "ac"), *walk("z", "ab")], people)

    def plan(value: str) -> list[dict[str, Any]]:
        return [{"key": "plan", "value": value, "on": "customer"}]

    question = {"where": plan("pro"), "against": {"where": plan("free")}}
    answer = answered(desk, question)

    assert (answer.paths, answer.against_paths, answer.against_customers) == (2, 1, 1)
    assert [(d.from_node, d.to_node, d.share, d.against_share, d.difference) for d in answer.differences] == [
        ("a", "b", 0.5, 1.0, -0.5),
        ("a", "c", 0.5, 0.0, 0.5),
    ]
    assert behind(desk, question, {"step": 1, "from_node": "a", "to_node": "b"}) == ["x"]
    assert behind(desk, question, {"step": 1, "from_node": "a", "to_node": "b", "group": "against"}) == ["z"]


def test_the_customers_behind_a_path_a_loop_and_everything(warehouse: Warehouse) -> None:
    desk = desk_with(warehouse, [*walk("x", "aba"), *walk("y", "ab"), *walk("z", "aca")])

    assert behind(desk, {}, {"nodes": ["a", "b"]}) == ["y"]
    assert behind(desk, {}, {"node": "a", "via": "b"}) == ["x"]
    assert behind(desk, {}, {}) == ["x", "y", "z"]


def test_a_shop_without_events_has_no_paths(warehouse: Warehouse) -> None:
    answer = answered(desk_with(warehouse, []), {})

    assert (answer.paths, answer.edges, answer.top_paths) == (0, (), ())
    assert REPORT.table(answer).num_rows == 0


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ({"max_steps": 1}, "max_steps"),
        ({"include": []}, "include"),
        ({"node": {"prop": 3}}, "node.key"),
        ({"session_gap_minutes": None}, "session_gap_minutes"),
        ({"funnel": {"steps": ["a", "b"], "step": 2}}, "funnel.step"),
        ({"funnel": {"steps": ["a", "b"], "who": "stopped"}}, "funnel.who"),
        ({"against": {"range": {}}}, "against.range"),
    ],
)
def test_what_cannot_be_understood_is_said_with_its_place(warehouse: Warehouse, question: Any, place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        REPORT.read(desk_with(warehouse, []), question)

    assert caught.value.message.startswith(place)


@pytest.mark.parametrize("names", [35, 45])
def test_long_paths_over_many_nodes_are_the_same_whether_counted_whole_or_in_pieces(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, names: int
) -> None:
    monkeypatch.setattr(sums, "_PATIENCE", 3)
    walked = [event(f"c{who % 7}", f"n{(who * who + i * i * 5) % names:02}", who * 40 + i) for who in range(30) for i in range(14)]
    walked += [event(f"c{who}", f"n{i:02}", 5000 + i) for who in (1, 2, 3) for i in range(names)]
    desk = desk_with(warehouse, walked)
    query = REPORT.read(desk, {"include": [{"event": None}], "max_steps": 20, "session_gap_minutes": 10, "limit": 50, "top": 5})

    whole, pieced = counting.count(warehouse, query, query.asked), fast.count(warehouse, query, query.asked, at_once=3, most=0)

    assert pieced == whole
    assert max(len(one.nodes) for one in whole[0].whole) > 10
