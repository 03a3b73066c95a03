"""The tracking plan: names that were meant otherwise, properties as they are, breaches since when, and what is missing."""

from __future__ import annotations

import pytest

from regulars.collect.track import plan
from regulars.collect.track.domain.plan import nearly, problems_in, properties_seen
from regulars.errors import NotFound
from tests.collect.track.conftest import Desk, track


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("product viewed", "Product Viewed"),
        ("product_viewed", "Product Viewed"),
        ("productViewed", "Product Viewed"),
        ("Viewed Product", "Product Viewed"),
        ("View Product", "Product Viewed"),
        ("Prodcut Viewed", "Product Viewed"),
        ("OrderCompleted", "Order Completed"),
        ("Product Viewed", None),
        ("Video Played", None),
        ("Store Visited", None),
        ("查看商品", None),
    ],
)
def test_a_name_that_is_nearly_a_known_one_is_found(name: str, meant: str | None) -> None:
    assert nearly(name, {name: 5}) == meant


def test_of_two_spellings_of_an_own_event_the_rarer_is_the_misspelt_one() -> None:
    counts = {"Video Played": 100, "video_played": 3}

    assert nearly("video_played", counts) == "Video Played"
    assert nearly("Video Played", counts) is None


def test_properties_are_told_with_share_and_types() -> None:
    found = properties_seen(
        [
            {"price": 9.5, "id": "p1"},
            {"price": "9.50", "id": "p2"},
            {"id": "p1", "at": "2026-11-01T09:30:00Z"},
            {"id": "p3", "price": None},
        ]
    )

    by_name = {one.name: one for one in found}
    assert [one.name for one in found] == ["id", "price", "at"]
    assert (by_name["id"].share, by_name["id"].types, by_name["id"].distinct) == (1.0, {"text": 1.0}, 3)
    assert by_name["price"].share == 0.75
    assert set(by_name["price"].types) == {"number", "number as text", "null"}
    assert by_name["at"].types == {"time": 1.0}


def test_problems_are_read_back() -> None:
    assert problems_in(["price:not_a_number", "odd"]) == [("price", "not_a_number"), ("", "odd")]


def test_the_plan_tells_what_arrives_and_what_is_missing(desk: Desk) -> None:
    views = [
        track("Product Viewed", f"m{n}", userId=f"c{n % 3}", properties={"product_id": "p1", "price": 9.5, "currency": "CNY"})
        for n in range(6)
    ]
    desk.take(
        *views,
        track("product viewed", "x1"),
        track("Video Played", "v1", properties={"seconds": 5}),
        {"type": "page", "anonymousId": "a", "messageId": "p"},
    )

    found = plan.tracking_plan(desk.house.warehouse, desk.shop)

    by_name = {one.event: one for one in found.events}
    assert found.events[0].event == "Product Viewed"
    assert (by_name["Product Viewed"].events, by_name["Product Viewed"].customers) == (6, 3)
    assert by_name["Product Viewed"].days[-1] == 6
    assert (by_name["product viewed"].standing, by_name["product viewed"].meant) == ("misspelt", "Product Viewed")
    assert by_name["Video Played"].standing == "own"
    assert (by_name["Page Viewed"].standing, by_name["Page Viewed"].type) == ("known", "page")
    assert "Order Completed" in found.missing
    assert "Product Viewed" not in found.missing


def test_one_event_tells_its_properties_and_who_sends_it(desk: Desk) -> None:
    library = {"library": {"name": "analytics.js"}}
    desk.take(*(track("Video Played", f"v{n}", properties={"seconds": n if n else "3"}, context=library) for n in range(4)))

    found = plan.event_detail(desk.house.warehouse, desk.shop, "Video Played")

    assert found.looked_at == 4
    assert found.seen[0].types == {"integer": 0.75, "number as text": 0.25}
    assert [(one.source_id, one.library, one.events) for one in found.sources] == [(desk.source_id, "analytics.js", 4)]
    with pytest.raises(NotFound):
        plan.event_detail(desk.house.warehouse, desk.shop, "Nothing Of The Kind")


def test_breaches_say_since_when_by_property_and_source(desk: Desk) -> None:
    desk.take(
        track("Product Viewed", "m1", properties={"product_id": "p1"}),
        track("Product Viewed", "m2", properties={"product_id": "p1"}),
    )
    desk.house.warehouse.update(
        "events", {"schema_problems": "price:missing;currency:missing"}, lambda events: events.message_id == "m2"
    )

    found = plan.event_detail(desk.house.warehouse, desk.shop, "Product Viewed")

    assert found.summary.broken == 1
    assert found.summary.broken_since is not None
    assert [(one.property, one.problem, one.events) for one in found.breaches] == [
        ("currency", "missing", 1),
        ("price", "missing", 1),
    ]
    assert found.breaches[0].first_at == found.summary.broken_since


def test_an_empty_shop_has_an_empty_plan(desk: Desk) -> None:
    found = plan.tracking_plan(desk.house.warehouse, desk.shop)

    assert (list(found.events), list(found.missing)) == ([], [])
