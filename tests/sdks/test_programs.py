"""What a shop's programs say through six SDKs arrives as exactly the right events, with and without gzip, by host and key alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sdks.installed import Installed
from tests.sdks.programs import Program, start
from tests.sdks.shop import Landed, open_shop

pytestmark = pytest.mark.sdks

PRODUCT = {"product_id": "p1", "name": "龙井茶", "category": "Tea", "price": 19.9, "currency": "CNY", "quantity": 2}
ORDER = {
    "order_id": "o1", "total": 47.8, "revenue": 39.8, "shipping": 8, "currency": "CNY", "coupon": "NEW",
    "products": [{"product_id": "p1", "sku": "s1", "name": "龙井茶", "price": 19.9, "quantity": 2}],
}  # fmt: skip
#: A program (driver, then how it is set up) and the SDK's own options.
PROGRAMS: dict[str, dict[str, Any]] = {
    "segment_python": {},
    "segment_python-gzip": {"gzip": True},
    "rudder_python": {},
    "rudder_python-plain": {"gzip": False},
    "posthog_python": {},
    "posthog_python-gzip": {"gzip": True},
    "segment_node": {},
    "rudder_node": {},
    "rudder_node-plain": {"gzip": False},
    "posthog_node": {},
    "posthog_node-plain": {"disableCompression": True},
}
POSTHOG = [name for name in PROGRAMS if name.startswith("posthog")]
SEGMENT_FORM = [name for name in PROGRAMS if name not in POSTHOG]
#: One program's customers are known to its shop by their e-mail.
USERS = {name: f"U-{number}" for number, name in enumerate(PROGRAMS)} | {"rudder_node": "Ling.Wang@mail-of-buyers.test"}
VISITORS = {name: f"device-{number}" for number, name in enumerate(PROGRAMS)}
EMAILS = {name: f"buyer{number}@mail-of-buyers.test" for number, name in enumerate(PROGRAMS)}


@pytest.fixture(scope="module")
def landed(sdks: Installed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Landed]:
    """Every program made every call once, all at the same time, against one server."""
    shop = open_shop(tmp_path_factory.mktemp("programs"), PROGRAMS)
    shop.start()
    programs: dict[str, Program] = {}
    for name, options in PROGRAMS.items():
        driver = name.partition("-")[0]
        programs[name] = start(sdks, driver, host=shop.url, key=shop.keys[name], options=options, product=PRODUCT, order=ORDER)
        programs[name].tell("calls", USERS[name], VISITORS[name], EMAILS[name])
    for name, program in programs.items():
        assert program.hear() == "done calls", name
        program.end()
    yield shop.landed(known=USERS.values(), visitors=VISITORS.values())
    shop.stop()


@pytest.mark.parametrize("name", SEGMENT_FORM)
def test_each_segment_call_is_one_event(landed: Landed, name: str) -> None:
    found = sorted((row["type"], row["event"]) for row in landed.of(name))

    assert found == [
        ("alias", "Ids Joined"),
        ("group", "Group Joined"),
        ("identify", "Customer Identified"),
        ("page", "Page Viewed"),
        ("screen", "Screen Viewed"),
        ("track", "Order Completed"),
        ("track", "Product Viewed"),
        ("track", "Products Searched"),
    ]


@pytest.mark.parametrize("name", POSTHOG)
def test_each_posthog_call_is_one_event(landed: Landed, name: str) -> None:
    found = sorted((row["type"], row["event"]) for row in landed.of(name))

    sets = 2 if name.startswith("posthog_python") else 1  # `set` and `set_once` are one call for Node
    assert found == [
        ("alias", "Ids Joined"),
        ("group", "Group Joined"),
        *[("identify", "Customer Identified")] * sets,
        ("page", "Page Viewed"),
        ("track", "$feature_flag_called"),
        ("track", "Order Completed"),
        ("track", "Product Viewed"),
        ("track", "Products Searched"),
    ]


@pytest.mark.parametrize("name", PROGRAMS)
def test_customers_and_visitors_have_the_ids_of_the_house(landed: Landed, name: str) -> None:
    known, visitor = landed.known[USERS[name]], landed.visitors[VISITORS[name]]

    searched = landed.one(name, "track", "Products Searched")
    rest = [row for row in landed.of(name) if row is not searched and (row["type"] != "group" or name not in POSTHOG)]
    assert {row["user_id"] for row in rest} == {known}
    assert {row["customer_id"] for row in rest} == {known}
    assert searched["user_id"] is None
    assert searched["anonymous_id"] == visitor
    assert known.startswith("c_") == ("@" in USERS[name])


@pytest.mark.parametrize("name", POSTHOG)
def test_a_group_alone_is_nobody(landed: Landed, name: str) -> None:
    group = landed.one(name, "group")

    assert group["customer_id"] is None
    assert group["properties"] == {"group_id": "g1", "name": "Store A"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_hot_properties_are_columns_and_all_are_kept(landed: Landed, name: str) -> None:
    viewed, ordered = landed.one(name, "track", "Product Viewed"), landed.one(name, "track", "Order Completed")

    columns = ("product_id", "product_name", "category", "price", "currency", "quantity")
    assert [viewed[column] for column in columns] == ["p1", "龙井茶", "Tea", Decimal("19.9"), "CNY", Decimal(2)]
    assert [ordered[column] for column in ("order_id", "value_minor", "currency", "coupon")] == ["o1", 4780, "CNY", "NEW"]
    assert landed.one(name, "track", "Products Searched")["query"] == "green tea"
    assert PRODUCT.items() <= viewed["properties"].items()
    assert {key: value for key, value in ordered["properties"].items() if not key.startswith("$")} == ORDER


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_page_tells_its_address_name_and_source(landed: Landed, name: str) -> None:
    page = landed.one(name, "page")

    columns = ("url", "path", "title", "utm_source", "utm_medium", "channel")
    assert [page[column] for column in columns] == ["https://shop.test/tea", "/tea", "Home", "weibo", "social", "social"]


@pytest.mark.parametrize("name", SEGMENT_FORM)
def test_screens_and_groups_keep_their_names(landed: Landed, name: str) -> None:
    screen, group = landed.one(name, "screen"), landed.one(name, "group")

    assert (screen["title"], screen["properties"]) == ("Cart", {"name": "Cart", "category": "App"})
    assert group["properties"] == {"group_id": "g1", "name": "Store A"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_times_are_those_of_the_call(landed: Landed, name: str) -> None:
    viewed = landed.one(name, "track", "Product Viewed")

    assert viewed["timestamp"] == datetime(2025, 1, 2, 3, 4, 5, 678000)
    now = datetime.now(UTC).replace(tzinfo=None)
    for row in landed.of(name):
        assert now - timedelta(minutes=5) < row["received_at"] <= now
        if row is not viewed:
            assert timedelta(0) <= row["received_at"] - row["timestamp"] < timedelta(minutes=2)


@pytest.mark.parametrize("name", PROGRAMS)
def test_own_message_ids_are_kept(landed: Landed, name: str) -> None:
    viewed = landed.one(name, "track", "Product Viewed")

    assert viewed["message_id"] == ("fb1117b4-7a8c-4306-ba41-7440ad3ce0b1" if name in POSTHOG else "m-fixed-1")


@pytest.mark.parametrize("name", PROGRAMS)
def test_who_a_customer_is_stands_in_the_records_alone(landed: Landed, name: str) -> None:
    person = landed.people[landed.known[USERS[name]]]

    assert (person.name, person.email) == ("王玲", EMAILS[name])
    told = [row["properties"] for row in landed.of(name, "identify")]
    assert any(properties.get("vip") is True for properties in told)
    assert not any("email" in properties or "name" in properties for properties in told)
    assert "mail-of-buyers" not in landed.archived
    assert "王玲" not in landed.archived
    assert not any("mail-of-buyers" in str(value) or "王玲" in str(value) for row in landed.of(name) for value in row.values())


def test_nothing_was_put_aside(landed: Landed) -> None:
    assert landed.refused == []
