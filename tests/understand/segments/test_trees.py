"""Condition trees against a naive reading of the same words, and what their words mean at the edges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.errors import InvalidInput
from regulars.understand.questions import Desk
from regulars.understand.segments import definition, members_of
from regulars.warehouse import Warehouse
from tests.support.happenings import happened, shop_of
from tests.understand.segments.naive import Person, inside

AS_OF = datetime(2026, 3, 31, 12, tzinfo=UTC)
NAMES = ["Product Viewed", "Product Added", "Order Completed"]

DAYS = st.sampled_from([1, 3, 7, 14, 30])
EVENT = st.tuples(st.sampled_from(NAMES), st.integers(0, 40 * 4), st.sampled_from([None, 0.1, 0.2, 0.7, 30, 40]))
PEOPLE = st.lists(
    st.tuples(
        st.fixed_dictionaries({}, optional={"tier": st.sampled_from(["gold", "silver"]), "city": st.just("Wuhan")}),
        st.lists(EVENT, max_size=8),
    ),
    min_size=1,
    max_size=6,
)
ATTRIBUTE = st.one_of(
    st.fixed_dictionaries(
        {
            "attribute": st.sampled_from(["tier", "city"]),
            "op": st.sampled_from(["eq", "ne"]),
            "value": st.sampled_from(["gold", "Wuhan"]),
        }
    ),
    st.fixed_dictionaries({"attribute": st.just("tier"), "op": st.just("is_set")}),
)
BOUNDS = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"at_least": st.sampled_from([0, 1, 2, 0.8, 70])}),
    st.fixed_dictionaries({"at_most": st.sampled_from([0, 1, 2, 70])}),
    st.fixed_dictionaries({"exactly": st.sampled_from([0, 1, 2, 0.3])}),
)
DID = st.tuples(
    st.fixed_dictionaries(
        {"did": st.sampled_from(NAMES), "measure": st.sampled_from(["count", "sum(total)", "avg(total)", "max(total)"])},
        optional={"within_days": DAYS},
    ),
    BOUNDS,
).map(lambda both: {**both[0], **both[1]})
FIRST = st.fixed_dictionaries({"did": st.sampled_from(NAMES), "first": st.just(True)}, optional={"within_days": DAYS})
SEQUENCE = st.fixed_dictionaries(
    {"sequence": st.lists(st.sampled_from(NAMES), min_size=2, max_size=3)},
    optional={"within": st.sampled_from(["1d", "7d"]), "within_days": DAYS},
)
STOPPED = st.fixed_dictionaries(
    {"stopped": st.sampled_from(NAMES), "since_days": DAYS}, optional={"before_days": DAYS, "at_least": st.integers(1, 3)}
)
REGULARLY = st.integers(1, 5).flatmap(
    lambda weeks: st.fixed_dictionaries(
        {"regularly": st.sampled_from(NAMES), "of_weeks": st.just(weeks), "at_least": st.integers(1, weeks)}
    )
)
TREES = st.recursive(
    st.one_of(ATTRIBUTE, DID, FIRST, SEQUENCE, STOPPED, REGULARLY),
    lambda below: st.one_of(
        st.lists(below, max_size=3).map(lambda many: {"all": many}),
        st.lists(below, max_size=3).map(lambda many: {"any": many}),
        below.map(lambda one: {"not": one}),
    ),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp("segments")
    opened = Warehouse.open(f"duckdb:///{folder}/warehouse.duckdb", memory_limit="1GB")
    yield opened
    opened.close()


def shop_with(store: Warehouse, people: dict[str, Person]) -> Desk:
    """The people in an emptied warehouse."""
    store.delete("events", lambda t: t.shop_id == "case")
    shop = shop_of()
    events = [
        {"customer": name, "event": event, "ts": at.isoformat(), "props": {} if total is None else {"total": total}}
        for name, person in people.items()
        for event, at, total in person.events
    ]
    happened(store, shop, events, {name: person.traits for name, person in people.items()})
    return Desk(store, shop)


def who(desk: Desk, tree: Any, at: datetime = AS_OF) -> list[str]:
    """The members of a tree."""
    found = desk.warehouse.rows(members_of(desk, definition(tree, "UTC"), at=at))
    return sorted(row["customer_id"] for row in found)


@given(people=PEOPLE, tree=TREES)
@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_a_tree_holds_whom_its_words_hold(store: Warehouse, people: list[Any], tree: Any) -> None:
    known = {
        f"u{number}": Person(
            traits, [(name, AS_OF + timedelta(days=1) - timedelta(hours=6 * ago), total) for name, ago, total in events]
        )
        for number, (traits, events) in enumerate(people)
    }

    desk = shop_with(store, known)

    assert who(desk, tree) == [name for name in sorted(known) if inside(tree, known[name], AS_OF)]


def test_the_window_is_open_at_its_old_end_and_closed_at_the_new_one(store: Warehouse) -> None:
    day = timedelta(days=1)
    desk = shop_with(
        store,
        {
            "old1": Person({}, [("Product Viewed", AS_OF - 30 * day, None)]),
            "just1": Person({}, [("Product Viewed", AS_OF - 30 * day + timedelta(microseconds=1), None)]),
            "now1": Person({}, [("Product Viewed", AS_OF, None)]),
            "later1": Person({}, [("Product Viewed", AS_OF + timedelta(microseconds=1), None)]),
        },
    )

    assert who(desk, {"did": {"event": "Product Viewed"}, "within_days": 30}) == ["just1", "now1"]


def test_attributes_are_written_in_any_of_three_ways(store: Warehouse) -> None:
    desk = shop_with(store, {"a1": Person({"tier": "gold"}), "b1": Person({"tier": "silver"}), "c1": Person()})

    for tree in (
        {"attribute": "tier", "value": "gold"},
        {"attribute": {"key": "tier", "op": "eq", "value": "gold"}},
        {"attribute": {"tier": "gold"}},
    ):
        assert who(desk, tree) == ["a1"]
    assert who(desk, {"attribute": "tier", "op": "ne", "value": "gold"}) == ["b1", "c1"]


def test_steps_at_one_instant_do_not_follow_each_other(store: Warehouse) -> None:
    at = AS_OF - timedelta(days=1)
    desk = shop_with(
        store,
        {
            "same1": Person({}, [("Product Viewed", at, None), ("Product Added", at, None)]),
            "then1": Person({}, [("Product Viewed", at, None), ("Product Added", at + timedelta(seconds=1), None)]),
        },
    )

    assert who(desk, {"sequence": ["Product Viewed", "Product Added"], "within": "1h"}) == ["then1"]


@pytest.mark.parametrize(
    ("tree", "place"),
    [
        ({}, "where_tree"),
        ({"did": "A", "trait": "orders"}, "where_tree"),
        ({"all": [{"did": "A", "at_leest": 2}]}, "where_tree.all[0].at_leest"),
        ({"trait": "height", "value": 2}, "where_tree.trait"),
        ({"trait": "stage", "op": "gt", "value": 2}, "where_tree.op"),
        ({"did": "A", "at_least": 3, "at_most": 1}, "where_tree"),
        ({"did": "A", "within_days": -1}, "where_tree.within_days"),
        ({"did": "A", "measure": "sum"}, "where_tree.measure"),
        (
            {"ordered": {"where": [{"key": "coupon", "op": "is_set"}, {"key": "brand", "value": "Oolong"}]}},
            "where_tree.ordered.where",
        ),
        ({"regularly": "A", "at_least": 5, "of_weeks": 4}, "where_tree.at_least"),
        ({"segment": "x"}, "where_tree"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tree: Any, place: str, store: Warehouse) -> None:
    from regulars.understand.segments import shelf

    with pytest.raises(InvalidInput) as error:
        shelf.needed(definition(tree, "UTC"), {}, shop_of())

    assert str(error.value).startswith(place)
