"""What the builder, segments, tags and a customer's page offer, in a shop with orders and events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from regulars.access import Caller, shops
from regulars.app import House
from regulars.collect import imports
from regulars.guard import consent
from regulars.guard.consent import GivenConsent
from regulars.settings import Settings
from regulars.understand import segments, traits
from regulars.understand.questions import Desk
from tests.console.conftest import ROGUE, orders
from tests.support.happenings import happened

_DAYS = [f"2025-06-{day:02d}" for day in range(1, 11)]
EVENTS = [
    {"customer": customer, "event": event, "ts": f"{day}T0{hour}:00:00Z", "props": {"category": "Tea"}}
    for number, day in enumerate(_DAYS)
    for hour, (customer, event) in enumerate(
        (
            ("regular", "Product Viewed"),
            ("regular", "Product Added"),
            (f"buyer{1 + number % 6}", "Product Viewed"),
            (ROGUE, "Product Viewed"),
        )
    )
]
MINE = {"id": "mine", "name": ROGUE, "where_tree": {"trait": "orders", "op": "gte", "value": 2}}
SEEN = {"id": "seen", "name": "Lookers", "where_tree": {"did": {"event": "Product Viewed"}}}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A shop with orders, events and two segments, one of them with a script for a name."""
    home: Path = tmp_path_factory.mktemp("understanding")
    made = House.open(Settings.load({"REGULARS_HOME": str(home)}))
    shell = Caller.system("shell", made.keyring)
    with made.records.unit() as uow:
        shop = shops.create(uow, shell, shop_id="tea", name="Tea House", timezone="America/New_York", currency="CNY")
    file = home / "tea-house.csv"
    file.write_text("\n".join(orders()), encoding="utf-8")
    happened(made.warehouse, shop, EVENTS)
    imports.load(made.records, made.warehouse, made.home, shop, "orders", [file], caller=shell)
    made.work_off()
    with made.records.unit() as uow:
        segments.apply(uow, shell, shop, [MINE, SEEN])
    made.work_off()
    yield made
    made.close()


def report(kind: str, question: dict[str, Any], **more: str) -> str:
    """The builder's address of a question."""
    return f"/reports/{kind}?q={quote(json.dumps(question))}" + "".join(f"&{name}={quote(value)}" for name, value in more.items())


TREND = {
    "series": [{"event": "Product Viewed"}],
    "measure": "events",
    "interval": "day",
    "range": {"from": _DAYS[0], "to": _DAYS[-1]},
}


async def test_a_report_is_asked_of_a_segment_and_two_are_drawn_in_one_chart(visitor: Any) -> None:
    async with visitor("owner") as someone:
        shown = await someone.open(report("trend", {**TREND, "segment": "mine", "compare": "previous"}, beside="of:seen"))

        # A line for each segment and one for the time before of each, in one chart.
        assert ROGUE in shown
        assert "Lookers" in shown
        assert "Product Viewed, the time before · Lookers" in shown
        assert sum(one.startswith("Chart: ") for one in shown) == 1

        shown = await someone.open(
            report("funnel", {"steps": [{"event": "Product Viewed"}, {"event": "Product Added"}]}, beside="of:mine")
        )
        assert {"Everybody", ROGUE, "1. Product Viewed"} <= set(shown)
        assert sum(one.startswith("Chart: ") for one in shown) == 1

        shown = await someone.open(report("week_hours", {"event": {"event": None}}, beside="of:mine"))
        assert f"Hours of the week · {ROGUE}" in shown


async def test_a_question_narrowed_by_the_customer_keeps_its_condition_in_words(visitor: Any) -> None:
    where = [{"key": "region", "op": "eq", "value": "Norway", "on": "customer"}]

    async with visitor("owner", "zh") as someone:
        shown = await someone.open(report("trend", {**TREND, "where": where}))

    assert "客户条件" in shown
    assert "地区" in shown
    assert not [one for one in shown if "出错" in one]


async def test_the_time_before_is_drawn_under_the_same_days(visitor: Any) -> None:
    async with visitor("owner") as someone:
        shown = await someone.open(
            report("active", {"event": {"event": None}, "range": {"from": _DAYS[5], "to": _DAYS[-1]}}, against="previous")
        )

        assert "On the day, the time before" in shown

        # Without a range the usual days are compared with those before them.
        shown = await someone.open("/reports/active?against=previous")

    assert "On the day, the time before" in shown
    assert sum(one.startswith("Chart: ") for one in shown) == 1


async def test_overlap_is_a_picture_with_its_table(visitor: Any) -> None:
    async with visitor("owner") as someone:
        shown = await someone.open("/segments/compare?of=mine,seen")

    assert "How the segments overlap. The same figures are in the table below." in shown
    assert "Areas are true to the number of customers." in shown
    assert "Combinations" in shown


async def test_the_rule_of_a_tag_is_told_in_words(visitor: Any, house: House) -> None:
    shell = Caller.system("shell", house.keyring)
    with house.records.unit() as uow:
        desk = Desk(house.warehouse, shops.get(uow, "tea"))
        rule = {"where": [{"key": "order_count", "op": "gte", "value": 2}], "segment": "mine"}
        traits.make_tag(uow, shell, desk, name="Tag of mine", rule=rule)

    async with visitor("owner") as someone:
        shown = await someone.open("/tags")

    assert any(one.startswith("Orders ") and ROGUE in one and "order_count" not in one for one in shown)
    assert {"Change", "Delete"} <= set(shown)


async def test_rfm_customers_and_act_on_can_be_narrowed_to_those_who_ordered_then(visitor: Any) -> None:
    june = "?from=2025-06-01&to=2025-06-30"

    async with visitor("owner") as someone:
        everybody, few = await someone.open("/customers"), await someone.open("/customers" + june)
        shown = await someone.open("/rfm" + june)
        everywhere = await someone.open("/rfm")
        act = await someone.open("/act-on?status=on_time&from=2025-06-01&to=2025-06-30")

    assert "buyer1" in everybody
    assert "buyer1" not in few
    assert "buyer6" in few
    assert any(one.startswith("2 buyers") for one in shown)
    assert any(one.startswith("9 buyers") for one in everywhere)
    assert "buyer1" not in act


async def test_a_customers_events_consents_and_segments_stand_in_one_list(visitor: Any, house: House) -> None:
    with house.records.unit() as uow:
        given = GivenConsent(
            customer_id="buyer1", purpose="marketing", state="given", source="form", happened_at=datetime(2025, 6, 7, tzinfo=UTC)
        )
        consent.record(uow, Caller.system("shell", house.keyring), "tea", [given])

    async with visitor("owner") as someone:
        everything = await someone.open("/customers/buyer1")
        events = await someone.open("/customers/buyer1?shown=events")
        consents = await someone.open("/customers/buyer1?shown=consents")

    said = next(one for one in everything if one.startswith("Marketing: "))
    assert {"Order", "Product Viewed", "B1"} <= set(everything)
    assert "Product Viewed" in events
    assert "B1" not in events
    assert said in consents


async def test_the_builder_shows_every_condition_as_fields(visitor: Any, house: House) -> None:
    tree = {
        "all": [
            {"not": {"trait": "orders", "op": "gte", "value": 2}},
            {"sequence": ["Product Viewed", {"event": "Product Added", "where": [{"key": "category", "value": "Tea"}]}, "B"]},
            {"tag": "Tag of nobody"},
        ]
    }
    with house.records.unit() as uow:
        segments.apply(
            uow, Caller.system("shell", house.keyring), shops.get(uow, "tea"), [{"id": "deep", "name": "Deep", "where_tree": tree}]
        )

    async with visitor("owner") as someone:
        shown = await someone.open("/segments/deep/edit")

    assert {"none holds", "then", "Tag of nobody", "Step"} <= set(shown)
    assert "Written as text; change it below." not in shown
