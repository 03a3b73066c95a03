"""Evaluation: members follow the data, coming and going is told once, lists and frozen ones stay, and sizes are written down."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from regulars.collect.identity import MERGERS, MOVERS
from regulars.errors import Conflict, InvalidInput
from regulars.guard import privacy
from regulars.understand.segments import LIBRARY, evaluating, service, shelf
from regulars.understand.segments.comparing import flows
from regulars.understand.segments.domain.kept import SizeDay
from regulars.understand.segments.explaining import explain
from regulars.warehouse import TABLES
from regulars.warehouse.arrow import arrow_rows
from tests.understand.metrics.small_store import SmallStore
from tests.understand.segments.conftest import VIEWED, Tea

LOOKED = {"did": {"event": VIEWED}, "within_days": 7}


def test_who_comes_and_who_goes_is_told_once(any_tea: Tea) -> None:
    any_tea.happened(("ann1", VIEWED, "2026-03-01T08:00:00Z"), ("ben1", VIEWED, "2026-03-02T08:00:00Z"))
    any_tea.save("lookers", LOOKED)
    any_tea.evaluate()
    assert any_tea.members("lookers") == ["ann1", "ben1"]
    assert any_tea.told() == []  # whom a new segment holds did not come into it

    any_tea.happened(("cat1", VIEWED, "2026-03-08T20:00:00Z"))
    first, second = any_tea.evaluate(), any_tea.evaluate()

    assert (first.entered, first.left, second.entered, second.left) == (1, 1, 0, 0)
    assert any_tea.members("lookers") == ["ben1", "cat1"]
    assert any_tea.told() == [("Segment Left", "lookers", "ann1"), ("Segment Entered", "lookers", "cat1")]


def test_a_tag_counts_however_it_came_to_the_customer(tea: Tea) -> None:
    # given one tag that was loaded with the customer, one given by hand and one by a rule
    for who in ("ann1", "ben1", "cat1", "dan1"):
        tea.happened((who, VIEWED, "2026-03-01T08:00:00Z"))
    loaded = [{"shop_id": "tea", "customer_id": "ann1", "tags": "vip, new", "load_id": "l"}]
    tea.warehouse.append("customers", arrow_rows(TABLES["customers"], loaded))
    given = [
        {"shop_id": "tea", "customer_id": who, "tag": "vip", "by_rule": rule} for who, rule in (("ben1", False), ("cat1", True))
    ]
    tea.warehouse.append("customer_tags", arrow_rows(TABLES["customer_tags"], given))
    # when segments ask for it
    tea.save("vips", {"tag": "vip"})
    tea.save("others", {"not": {"tag": "vip"}})
    tea.evaluate()
    # then they see all three, and say so of each
    assert tea.members("vips") == ["ann1", "ben1", "cat1"]
    assert tea.members("others") == ["dan1"]
    with tea.records.reading() as uow:
        known = {one.segment_id: one for one in shelf.listing(uow, "tea")}
    for who, holds in (("ann1", True), ("ben1", True), ("dan1", False)):
        reason = explain(tea.desk, known["vips"], known, who).reason
        assert reason is not None
        assert reason.holds is holds


def test_more_segments_and_conditions_than_a_number_has_bits(tea: Tea) -> None:
    # given a customer with so many events, each of another day
    for day in range(1, 29):
        tea.happened(("ann1", VIEWED, f"2026-03-{day:02}T08:00:00Z"))
    tea.happened(("ben1", VIEWED, "2026-03-28T08:00:00Z"))
    # when seventy segments ask how often in how many days, and whether at all
    for k in range(70):
        often = {"did": {"event": VIEWED}, "at_least": 2 + k % 28, "within_days": 1 + k % 28}
        tea.save(
            f"s{k:02}",
            {
                "any": [
                    often,
                    {"all": [{"did": {"event": VIEWED}, "within_days": 1 + k / 70}, {"stopped": "A", "since_days": k + 1}]},
                ]
            },
        )
    tea.evaluate()
    # then each knows: of the last k + 1 days, judged at the end of the 28th, k + 1 have an event
    assert [k for k in range(70) if tea.members(f"s{k:02}")] == []
    for k in range(70):
        tea.save(f"s{k:02}", {"did": {"event": VIEWED}, "exactly": 1 + k % 28, "within_days": 1 + k % 28})
    tea.evaluate()
    assert {tuple(tea.members(f"s{k:02}")) for k in range(70) if k % 28} == {("ann1",)}
    assert tea.members("s00") == ["ann1", "ben1"]


def test_what_a_crash_left_untold_is_told_by_the_next_evaluation(tea: Tea, monkeypatch: pytest.MonkeyPatch) -> None:
    tea.happened(("ann1", VIEWED, "2026-03-01T08:00:00Z"))
    tea.save("lookers", LOOKED)
    tea.evaluate()
    tea.happened(("ben1", VIEWED, "2026-03-02T08:00:00Z"))
    real, calls = evaluating.tell, []

    def dies(*arguments: Any) -> tuple[int, int]:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(evaluating, "tell", dies)
    with pytest.raises(KeyboardInterrupt):
        tea.evaluate()
    assert tea.told() == []
    tea.evaluate()
    tea.evaluate()

    assert tea.told() == [("Segment Entered", "lookers", "ben1")]


def test_another_definition_begins_anew_and_tells_nobody(tea: Tea) -> None:
    tea.happened(("ann1", VIEWED, "2026-03-01T08:00:00Z"), ("ben1", "Product Added", "2026-03-01T08:00:00Z"))
    tea.save("some", {"did": VIEWED})
    tea.save("others", {"not": {"segment": "some"}})
    tea.evaluate()

    tea.save("some", {"did": "Product Added"})
    tea.evaluate()

    assert (tea.members("some"), tea.members("others")) == (["ben1"], ["ann1"])
    assert tea.told() == []


def test_a_frozen_segment_keeps_whom_it_held(tea: Tea) -> None:
    tea.happened(("ann1", VIEWED, "2026-03-01T08:00:00Z"))
    tea.save("march", {"did": VIEWED}, kind="frozen")
    tea.evaluate()

    tea.happened(("ben1", VIEWED, "2026-03-02T08:00:00Z"))
    tea.evaluate()

    assert tea.members("march") == ["ann1"]


def test_an_uploaded_list_is_a_segment_that_others_ask_about(any_tea: Tea) -> None:
    any_tea.happened(("ann1", VIEWED, "2026-03-01T08:00:00Z"), ("ben1", VIEWED, "2026-03-01T09:00:00Z"))
    any_tea.save("vip", kind="uploaded", customers=("ben1", " zoe9 ", "ben1"))
    any_tea.save("vip-lookers", {"all": [{"did": VIEWED}, {"segment": "vip"}]})
    any_tea.evaluate()
    assert (any_tea.members("vip"), any_tea.members("vip-lookers")) == (["ben1", "zoe9"], ["ben1"])

    any_tea.save("vip", kind="uploaded", customers=("ann1", "ben1"))
    any_tea.evaluate()

    assert (any_tea.members("vip"), any_tea.members("vip-lookers")) == (["ann1", "ben1"], ["ann1", "ben1"])
    assert set(any_tea.told()) == {
        ("Segment Entered", "vip", "ann1"),
        ("Segment Left", "vip", "zoe9"),
        ("Segment Entered", "vip-lookers", "ann1"),
    }


def test_ids_the_shop_knows_nothing_of_stay_in_their_list_only(tea: Tea) -> None:
    tea.happened(("ann1", VIEWED, "2026-03-01T08:00:00Z"))
    tea.save("vip", kind="uploaded", customers=("ann1", "zoe9"))
    tea.save("all-vip", {"segment": "vip"})
    tea.evaluate()

    assert (tea.members("vip"), tea.members("all-vip")) == (["ann1", "zoe9"], ["ann1"])


def test_segments_do_not_ask_about_each_other_in_a_circle(tea: Tea) -> None:
    tea.save("a", {"did": VIEWED})
    tea.save("b", {"segment": "a"})

    with pytest.raises(InvalidInput, match="circle"):
        tea.save("a", {"not": {"segment": "b"}})
    with pytest.raises(InvalidInput, match="circle"):
        tea.save("c", {"segment": "c"})
    with pytest.raises(Conflict), tea.records.unit() as uow:
        service.throw_away(uow, tea.shell, "tea", "a")


def test_a_thrown_away_segment_leaves_nothing(tea: Tea) -> None:
    tea.happened(("ann1", VIEWED, "2026-03-01T08:00:00Z"))
    tea.save("lookers", LOOKED)
    tea.evaluate()

    with tea.records.unit() as uow:
        service.throw_away(uow, tea.shell, "tea", "lookers")
    tea.evaluate()

    for name in ("segment_members", "segment_changes", "segment_runs"):
        assert tea.warehouse.value(tea.warehouse.table(name).count().as_table()) == 0


def test_merged_customers_stay_in_without_coming_or_going(any_tea: Tea) -> None:
    any_tea.happened(("v_1", VIEWED, "2026-03-01T08:00:00Z"), ("ann1", VIEWED, "2026-03-01T09:00:00Z"))
    any_tea.save("lookers", LOOKED)
    any_tea.save("listed", kind="uploaded", customers=("v_1",))
    any_tea.evaluate()

    with any_tea.records.unit() as uow, any_tea.warehouse.transaction():
        for merger in MERGERS:
            merger(uow, "tea", {"v_1": "ann1"})
        after = [mover(any_tea.warehouse, "tea", {"v_1": "ann1"}) for mover in MOVERS]
        any_tea.warehouse.update("events", {"customer_id": "ann1"}, lambda t: t.customer_id == "v_1")
        for moved in after:
            moved()
    any_tea.evaluate()

    assert (any_tea.members("lookers"), any_tea.members("listed")) == (["ann1"], ["ann1"])
    assert any_tea.told() == []


def test_the_erased_are_in_no_list_and_nameless_in_all_else(any_tea: Tea) -> None:
    any_tea.happened(("ann1", VIEWED, "2026-03-01T08:00:00Z"), ("ben1", VIEWED, "2026-03-01T09:00:00Z"))
    any_tea.save("lookers", LOOKED)
    any_tea.save("listed", kind="uploaded", customers=("ann1", "ben1"))
    any_tea.evaluate()

    privacy.erase(any_tea.records, any_tea.warehouse, any_tea.home, any_tea.shell, "tea", "ann1")
    any_tea.evaluate()

    assert any_tea.members("listed") == ["ben1"]
    assert "ann1" not in any_tea.members("lookers")
    changes = any_tea.warehouse.table("segment_changes")
    assert any_tea.warehouse.rows(changes.filter(changes.customer_id == "ann1")) == []
    any_tea.save("listed", kind="uploaded", customers=("ann1", "ben1"))
    any_tea.evaluate()
    assert any_tea.members("listed") == ["ben1"]


def test_sizes_and_flows_tell_how_segments_grew(tea: Tea) -> None:
    tea.happened(("ann1", VIEWED, "2026-03-01T08:00:00Z"), ("ben1", VIEWED, "2026-03-02T08:00:00Z"))
    tea.save("awake", LOOKED)
    tea.save("asleep", {"not": LOOKED})
    tea.evaluate()
    tea.happened(("cat1", VIEWED, "2026-03-08T20:00:00Z"))
    tea.evaluate()

    with tea.records.reading() as view:
        days = service.sizes(view, "tea", "awake")
    moved = flows(tea.desk, ["awake", "asleep"], datetime(2026, 3, 3, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC))

    assert days == [SizeDay(date(2026, 3, 2), 2, 0, 0, True), SizeDay(date(2026, 3, 8), 2, 1, 1, False)]
    assert {(one.source, one.target): one.customers for one in moved.flows} == {
        ("awake", "awake"): 1,
        ("awake", "asleep"): 1,
        ("", "awake"): 1,
    }


def test_overlap_counts_every_combination(tea: Tea) -> None:
    tea.happened(*((f"u{i}", VIEWED, "2026-03-01T08:00:00Z") for i in range(1, 6)))
    for name, customers in (("a", ("u1", "u2", "u3")), ("b", ("u2", "u3", "u4")), ("c", ("u3", "u5"))):
        tea.save(name, kind="uploaded", customers=customers)
    tea.evaluate()

    found = service.overlap(tea.desk, ["a", "b", "c"])
    counts = {one.segments: one.customers for one in found.combinations}

    assert found.sizes == (3, 3, 2)
    assert found.in_any == 5
    assert counts == {("a",): 1, ("b",): 1, ("c",): 1, ("a", "b"): 1, ("a", "c"): 0, ("b", "c"): 0, ("a", "b", "c"): 1}
    assert found.shared[0] == (3, 2, 1)
    for operation, expected in (
        ("union", ["u1", "u2", "u3", "u4", "u5"]),
        ("intersection", ["u3"]),
        ("difference", ["u1"]),
        ("exclusive", ["u1", "u4", "u5"]),
    ):
        rows = tea.warehouse.rows(service.combined(tea.desk, operation, ["a", "b", "c"]))
        assert sorted(row["customer_id"] for row in rows) == expected
        tea.save("made", service.tree_of(operation, ["a", "b", "c"]))
        tea.evaluate()
        assert tea.members("made") == expected


def test_every_reason_is_told_with_what_was_found(tea: Tea) -> None:
    tea.happened(("ann1", VIEWED, "2026-03-01T08:00:00Z"), ("ben1", "Product Added", "2026-03-01T09:00:00Z"))
    tea.save("lookers", {"all": [{"did": VIEWED, "at_least": 2, "within_days": 7}, {"not": {"did": "Product Added"}}]})
    tea.evaluate()

    found = service.explain(tea.records, tea.desk, "lookers", "ann1")
    chinese = service.explain(tea.records, tea.desk, "lookers", "ann1", "zh")

    assert (found.is_member, found.entered_at) == (False, None)
    assert found.reason is not None
    assert chinese.reason is not None
    first, second = found.reason.parts
    assert (first.holds, first.value, first.text) == (False, 1.0, "did “Product Viewed” at least 2 times in the last 7 days")
    assert (second.holds, second.parts[0].value) == (True, 0.0)
    assert chinese.reason.parts[0].text == "“Product Viewed”至少 2 次（最近 7 天）"


def test_everything_in_the_library_can_be_evaluated_and_said(tea: Tea) -> None:
    store = SmallStore(tea.shop)
    for i in range(4):
        store.order(f"a{i}", "ann1", f"2026-02-0{i + 1} 10:00", 9_000, items=[("tea", "Tea", 1, 9_000)], discount_minor=100)
    store.order("b1", "ben1", "2026-02-03 10:00", 2_000, items=[("cup", "Tea", 1, 2_000)])
    for line in store.lines:
        line["brand"] = "Oolong" if line["customer_id"] == "ann1" else "Other"
    store.load(tea.warehouse)
    from regulars.understand import profiles

    profiles.refresh(tea.warehouse, tea.shop)
    with tea.records.unit() as uow:
        service.from_library(uow, tea.shell, tea.shop, [one.library_id for one in LIBRARY])
    tea.evaluate()

    with tea.records.reading() as view:
        assert [one.error for one in service.listing(view, "tea")] == [None] * len(LIBRARY)
    assert tea.members("brand-loyal") == ["ann1"]
    assert tea.members("price-sensitive") == ["ann1"]
    assert tea.members("quality-seeking") == []  # 9 against an average of 7.60
    assert tea.members("new") == ["ann1", "ben1"]
    for one in LIBRARY:
        found = service.explain(tea.records, tea.desk, one.library_id, "ann1", "zh")
        assert found.reason is not None
        assert one.zh
        assert one.means_zh
