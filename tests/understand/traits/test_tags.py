"""Tags by hand and by rule: given, filtered by, asked for, followed through merges, gone with erasure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from regulars.access import Caller, Keyring, api_keys, shops
from regulars.errors import Conflict, InvalidInput
from regulars.guard import privacy
from regulars.records import Records
from regulars.understand import profiles, traits
from regulars.understand.profiles import Filters
from regulars.understand.profiles.api import api as profiles_api
from regulars.understand.questions import Condition, Desk
from regulars.understand.questions.queries import belonging
from regulars.understand.traits.api import api
from regulars.understand.traits.tagging import follow, forget
from regulars.warehouse import Warehouse, unbound
from regulars.web import Stores, WebOptions, build
from tests.understand.metrics.small_store import SmallStore

RICH = {"where": [{"key": "lifetime_value", "op": "gte", "value": 50}]}


class House:
    """A shop of three customers with records and warehouse."""

    def __init__(self, records: Records, warehouse: Warehouse, home: Path) -> None:
        self.records, self.warehouse, self.home = records, warehouse, home
        self.keyring = Keyring.open(home)
        self.shell = Caller.system("shell", self.keyring)
        with records.unit() as uow:
            self.shop = shops.create(uow, self.shell, shop_id="tea", name="Tea", timezone="Asia/Shanghai", currency="CNY")
        store = SmallStore(self.shop)
        for i, (who, total) in enumerate((("ann", 9000), ("ben", 6000), ("cyd", 1000))):
            store.order(f"{i}", who, f"2025-01-0{i + 1} 02:00", total)
        store.load(warehouse)
        self.compute()

    def compute(self) -> None:
        profiles.refresh(self.warehouse, self.shop)
        traits.refresh(self.warehouse, self.shop)
        self.retag()

    def retag(self) -> None:
        with self.records.reading() as uow:
            traits.retag(uow, self.warehouse, self.shop)

    def make(self, name: str, rule: Any = None) -> traits.Tag:
        with self.records.unit() as uow:
            return traits.make_tag(uow, self.shell, Desk(self.warehouse, self.shop), name=name, rule=rule)

    def give(self, name: str, *add: str, remove: tuple[str, ...] = ()) -> traits.BulkTagged:
        with self.records.unit() as uow:
            return traits.tag_customers(uow, self.warehouse, self.shell, "tea", name, add=add, remove=remove)

    def who(self, tag: str) -> list[str]:
        self.retag()
        found = profiles.search(self.warehouse, self.shop, filters=Filters(tag=tag), sort="customer_id")
        return [row.customer_id for row in found.rows]


@pytest.fixture
def house(any_records: Records, warehouse: Warehouse, home: Path) -> House:
    return House(any_records, warehouse, home)


def test_tags_by_hand_are_given_once_and_taken_away(house: House) -> None:
    house.make("vip")

    first, again = house.give("vip", "ann", "cyd", "nobody"), house.give("vip", "ann")

    assert (first.added, first.unknown, again.added) == (2, ["nobody"], 0)
    assert house.who("vip") == ["ann", "cyd"]
    assert house.give("vip", remove=("ann",)).removed == 1
    assert house.who("vip") == ["cyd"]
    assert profiles.filter_choices(house.warehouse, house.shop).tags[0].value == "vip"


def test_a_rule_gives_a_tag_to_whom_it_holds_for_and_goes_with_it(house: House) -> None:
    tag = house.make("rich", RICH)

    assert house.who("rich") == ["ann", "ben"]

    house.give("rich", "cyd", "ann")
    with house.records.reading() as uow:
        told = traits.customer_traits(uow, house.warehouse, house.shop, "ben")
    assert house.who("rich") == ["ann", "ben", "cyd"]
    assert [(one.name, one.by_rule) for one in told.tags] == [("rich", True)]
    with house.records.unit() as uow:
        traits.change_tag(uow, house.shell, Desk(house.warehouse, house.shop), tag.tag_id, drop_rule=True)
    assert house.who("rich") == ["ann", "cyd"]
    with house.records.unit() as uow:
        traits.delete_tag(uow, house.shell, "tea", "rich")
    assert house.who("rich") == []


def test_a_rule_is_the_tree_of_a_segment(house: House) -> None:
    often = {
        "any": [{"ordered": {}, "measure": "amount", "at_least": 80}, {"not": {"ordered": {}, "measure": "amount", "at_least": 20}}]
    }
    tag = house.make("either", {"where_tree": often})

    assert tag.where_tree == often
    assert house.who("either") == ["ann", "cyd"]

    with house.records.unit() as uow:
        desk = Desk(house.warehouse, house.shop)
        traits.change_tag(
            uow, house.shell, desk, "either", rule={**RICH, "where_tree": {"not": {"attribute": "tag:vip", "op": "is_set"}}}
        )
    house.make("vip")
    house.give("vip", "ann")
    assert house.who("either") == ["ben"]


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"where": []},
        {"where": [{"op": "eq"}]},
        {"where": [{"key": "a", "op": "moon"}]},
        {"x": 1},
        {"where_tree": {"all": []}},
        {"where_tree": {"moon": 1}},
        {"where_tree": {"segment": "nobody knows"}},
    ],
)
def test_a_rule_that_cannot_be_asked_is_refused(house: House, rule: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        house.make("odd", rule)


def test_names_are_unique(house: House) -> None:
    house.make("vip")

    with pytest.raises(Conflict):
        house.make(" vip ")


def test_traits_and_tags_are_customer_properties(house: House) -> None:
    house.make("vip")
    house.give("vip", "cyd")
    house.retag()

    def holds(key: str, op: Any, value: Any) -> list[str]:
        from dataclasses import replace

        asked = replace(Desk(house.warehouse, house.shop).base, where=(Condition(key, op, value, "customer"),))
        rows = belonging(unbound("customer_traits"), asked)
        return sorted(row["customer_id"] for row in house.warehouse.rows(rows.select("customer_id")))

    assert holds("lifetime_value", "lt", 70) == ["ben", "cyd"]
    assert holds("tag:vip", "is_set", None) == ["cyd"]
    assert holds("tag:vip", "ne", "true") == ["ann", "ben"]


def test_tags_follow_merges_and_come_back(house: House) -> None:
    house.make("vip")
    house.give("vip", "ann")

    with house.records.unit() as uow:
        follow(uow, "tea", {"ann": "ben"})
    assert house.who("vip") == ["ben"]

    with house.records.unit() as uow:
        follow(uow, "tea", {"ann": "ann"})
    assert house.who("vip") == ["ann"]


def test_erasure_takes_tags_and_what_was_given(house: House) -> None:
    house.make("vip")
    house.give("vip", "ann", "ben")
    house.retag()

    with house.records.unit() as uow:
        assert forget(uow, "tea", "ann", "gone_1") == 1
    privacy.erase(house.records, house.warehouse, house.home, house.shell, "tea", "ben")

    held = house.warehouse.rows(house.warehouse.table("customer_traits"))
    assert "ben" not in {row["customer_id"] for row in held}
    assert "ben" not in {row["customer_id"] for row in house.warehouse.rows(house.warehouse.table("customer_tags"))}
    assert house.who("vip") == []


def test_people_like_one_are_those_with_near_numbers(house: House) -> None:
    """ann (90 ago 2 days) and ben (60, 1 day) are nearer to each other than to cyd (10, today)."""
    answer = traits.alike(house.warehouse, house.shop, "ann")

    assert [one.customer_id for one in answer.alike] == ["ben", "cyd"]
    assert answer.alike[0].likeness > answer.alike[1].likeness


def test_the_api_tells_what_the_verbs_tell(house: House) -> None:
    stores = Stores(records=house.records, warehouse=house.warehouse, home=house.home, keyring=house.keyring)
    app = build(stores, WebOptions(), [api, profiles_api])
    with house.records.unit() as uow:
        key = api_keys.create(uow, house.shell, name="t", scopes=["read_reports", "read_customers", "manage_segments", "export"])
    client = TestClient(app, headers={"authorization": f"Bearer {key.secret}"}, base_url="http://localhost")

    made = client.post("/v1/tags", json={"name": "vip", "rule": RICH}, headers={"idempotency-key": "k1"})
    given = client.post("/v1/tags/vip/customers", json={"add": ["cyd", "x"]}, headers={"idempotency-key": "k2"})
    house.retag()

    assert made.status_code == 201, made.text
    assert given.json()["unknown"] == ["x"]
    assert [row["customer_id"] for row in client.get("/v1/customers?tag=vip&sort=customer_id").json()["rows"]] == [
        "ann",
        "ben",
        "cyd",
    ]
    assert client.get("/v1/tags").json()["items"][0]["customers"] == 3
    spread = client.get("/v1/traits/lifetime_value").json()
    assert sum(one["customers"] for one in spread["bins"]) == 3
    assert client.get("/v1/traits/moon").status_code == 404
    mine = client.get("/v1/customers/ann/traits").json()
    value = next(one for one in mine["traits"] if one["name"] == "lifetime_value")
    assert (value["number"], value["shop_median"], value["percentile"]) == (90.0, 60.0, pytest.approx(0.8333))
    assert next(one for one in mine["traits"] if one["name"] == "preferred_brand")["reason"]
    assert client.get("/v1/customers/ann/alike").json()["alike"][0]["customer_id"] == "ben"
    assert client.get("/v1/customers/ann/alike?format=csv").text.splitlines()[1].startswith("ben,")
    assert client.get("/v1/customer_traits?format=csv").text.count("\n") == 4
