"""What a shop's pages say through three browser SDKs in a real Chromium arrives as exactly the right events, across sites."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sdks.browsers import AGENT, HEADLESS, Visit, chromium, ready, site, visit
from tests.sdks.installed import Installed
from tests.sdks.shop import Landed, open_shop
from tests.sdks.test_programs import ORDER, PRODUCT

pytestmark = [pytest.mark.sdks, pytest.mark.browser]

_BATCHING = {"integrations": {"Segment.io": {"deliveryStrategy": {"strategy": "batching", "config": {"size": 50, "timeout": 300}}}}}
#: A page (and how it is set up), and the SDK's own options.
PAGES: dict[str, dict[str, Any]] = {
    "segment": {},
    "segment-batching": _BATCHING,
    "rudder": {},
    "rudder-beacon": {"useBeacon": True},
    "posthog": {},
    "posthog-plain": {"disable_compression": True},
}
#: Requests with events before the visitor leaves.
REQUESTS = {"segment": 8, "segment-batching": 1, "rudder": 7, "rudder-beacon": 0, "posthog": 3, "posthog-plain": 3}
POSTHOG = [name for name in PAGES if name.startswith("posthog")]
USERS = {name: f"U-{number}" for number, name in enumerate(PAGES)}
EMAILS = {name: f"buyer{number}@mail-of-buyers.test" for number, name in enumerate(PAGES)}
TRAITS = {"name": "王玲", "vip": True}


@dataclass
class Seen:
    """What arrived, the ids the SDKs gave to the visitor before and after, and what the browser said."""

    landed: Landed
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    complaints: dict[str, list[str]] = field(default_factory=dict)
    robot_answers: int = 0


def _make_every_call(name: str, made: Visit) -> None:
    if name not in POSTHOG:  # posthog tells of the page by itself
        made.tell("page")
    made.tell("track", "Product Viewed", PRODUCT)
    made.tell("identify", USERS[name], {"email": EMAILS[name], **TRAITS})
    made.tell("group", "g1", {"name": "Store A"})
    made.tell("track", "Order Completed", ORDER)
    if name.startswith("segment"):
        made.tell("screen")
    if name in POSTHOG:
        made.tell("set", {"level": 3})
        made.settle_flags()  # a flag that is asked for before they are known is not told of
        assert not made.tell("flag", "new-cart")
        made.tell("alias", f"other-{name}")
    else:
        made.tell("alias", USERS[name], f"other-{name}")
    made.tell("reset")
    made.tell("track", "Products Searched", {"query": "green tea"})


@pytest.fixture(scope="module")
def seen(sdks: Installed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """One visit to each page, all calls made, the visitor gone; and two robots at the PostHog page."""
    shop = open_shop(tmp_path_factory.mktemp("pages"), [*PAGES, "robot", "robot-told"], kind="browser")
    shop.start()
    before, after, complaints = {}, {}, {}
    with site(sdks.node_modules) as origin, chromium() as browser:
        visits = {
            name: visit(browser, origin, name.partition("-")[0], host=shop.url, key=shop.keys[name], options=options)
            for name, options in PAGES.items()
        }
        robot = visit(browser, origin, "posthog", host=shop.url, key=shop.keys["robot"], agent=HEADLESS)
        told = {"opt_out_useragent_filter": True}
        robot_told = visit(browser, origin, "posthog", host=shop.url, key=shop.keys["robot-told"], options=told, agent=HEADLESS)
        for name, made in visits.items():
            before[name] = ready(made).tell("anonymous")
            _make_every_call(name, made)
            after[name] = made.tell("anonymous")
        for name, made in visits.items():
            if name in POSTHOG:  # what it would still send while leaving, a browser may drop
                made.settle_on("Products Searched")
            made.settle(REQUESTS[name])
            made.leave()
            complaints[name] = made.complaints
        ready(robot).leave()
        robot_answers = len(robot.taken())
        ready(robot_told).settle(1)
        robot_told.page.wait_for_timeout(500)  # a beacon is not waited for by the page that sent it
    landed = shop.landed(known=USERS.values(), visitors=[*before.values(), *after.values()])
    yield Seen(landed, before, after, complaints, robot_answers)
    shop.stop()


@pytest.mark.parametrize("name", PAGES)
def test_each_call_is_one_event(seen: Seen, name: str) -> None:
    found = sorted((row["type"], row["event"]) for row in seen.landed.of(name) if row["event"] != "Page Left")

    own = {
        "segment": [("screen", "Screen Viewed")],
        "rudder": [],
        "posthog": [("identify", "Customer Identified"), ("track", "$feature_flag_called")],
    }[name.partition("-")[0]]
    assert found == sorted(
        [
            ("alias", "Ids Joined"),
            ("group", "Group Joined"),
            ("identify", "Customer Identified"),
            ("page", "Page Viewed"),
            ("track", "Order Completed"),
            ("track", "Product Viewed"),
            ("track", "Products Searched"),
            *own,
        ]
    )


@pytest.mark.parametrize("name", PAGES)
def test_a_visitor_becomes_a_customer_and_a_reset_begins_another_visitor(seen: Seen, name: str) -> None:
    landed, known = seen.landed, seen.landed.known[USERS[name]]
    device, other = landed.visitors[seen.before[name]], landed.visitors[seen.after[name]]

    viewed = landed.one(name, "track", "Product Viewed")
    ordered = landed.one(name, "track", "Order Completed")
    identified = landed.of(name, "identify")[0]
    searched = landed.one(name, "track", "Products Searched")
    assert (viewed["user_id"], viewed["anonymous_id"]) == (None, device)
    assert (identified["user_id"], identified["anonymous_id"]) == (known, device)
    assert (ordered["user_id"], ordered["anonymous_id"], ordered["customer_id"]) == (known, device, known)
    assert (searched["user_id"], searched["anonymous_id"], searched["customer_id"]) == (None, other, other)
    assert device != other


@pytest.mark.parametrize("name", PAGES)
def test_hot_properties_are_columns(seen: Seen, name: str) -> None:
    viewed, ordered = seen.landed.one(name, "track", "Product Viewed"), seen.landed.one(name, "track", "Order Completed")

    columns = ("product_id", "product_name", "category", "price", "currency", "quantity")
    assert [viewed[column] for column in columns] == ["p1", "龙井茶", "Tea", Decimal("19.9"), "CNY", Decimal(2)]
    assert [ordered[column] for column in ("order_id", "value_minor", "currency", "coupon")] == ["o1", 4780, "CNY", "NEW"]
    assert ordered["properties"]["products"] == ORDER["products"]
    assert seen.landed.one(name, "group")["properties"].items() >= {"group_id": "g1", "name": "Store A"}.items()


@pytest.mark.parametrize("name", PAGES)
def test_page_source_and_browser_are_told(seen: Seen, name: str) -> None:
    page = seen.landed.one(name, "page")

    assert page["path"] == f"/{name.partition('-')[0]}.html"
    columns = ("title", "utm_source", "utm_medium", "channel", "device", "os", "browser", "locale", "is_bot")
    told = ["Tea house", "weibo", "social", "social", "desktop", "Windows", "Chrome", "en-GB", False]
    assert [page[column] for column in columns] == told
    assert all(row["session_id"] for row in seen.landed.of(name)) == (not name.startswith("segment"))


@pytest.mark.parametrize("name", PAGES)
def test_times_follow_the_calls(seen: Seen, name: str) -> None:
    rows = sorted(
        seen.landed.of(name), key=lambda row: row["original_at"]
    )  # corrected times differ by how long a request was under way

    order = [row["event"] for row in rows if row["event"] in ("Product Viewed", "Order Completed", "Products Searched")]
    assert order == ["Product Viewed", "Order Completed", "Products Searched"]
    assert all(abs(row["timestamp"] - row["original_at"]) < timedelta(seconds=5) for row in rows)
    assert all(timedelta(seconds=-1) <= row["received_at"] - row["timestamp"] < timedelta(minutes=2) for row in rows)


@pytest.mark.parametrize("name", PAGES)
def test_who_a_customer_is_stands_in_the_records_alone(seen: Seen, name: str) -> None:
    person = seen.landed.people[seen.landed.known[USERS[name]]]

    assert (person.name, person.email) == ("王玲", EMAILS[name])
    assert "mail-of-buyers" not in seen.landed.archived
    assert "王玲" not in seen.landed.archived
    assert not any("mail-of-buyers" in str(value) for row in seen.landed.of(name) for value in row.values())


@pytest.mark.parametrize("name", PAGES)
def test_the_browser_has_nothing_to_complain_about(seen: Seen, name: str) -> None:
    assert seen.complaints[name] == []


def test_posthog_sends_nothing_for_a_robot(seen: Seen) -> None:
    assert seen.robot_answers == 0
    assert seen.landed.of("robot") == []


def test_a_robot_that_is_told_of_all_the_same_is_marked(seen: Seen) -> None:
    rows = seen.landed.of("robot-told")

    assert rows
    assert all(row["is_bot"] for row in rows)
    assert HEADLESS != AGENT
