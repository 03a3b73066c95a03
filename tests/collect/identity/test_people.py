"""Merged customers in looking up, exporting and erasing: every id merged into a customer is theirs (P20, P21)."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from regulars.collect import identity
from regulars.collect.identity.tables import identity_alias, identity_change, identity_claim, identity_known, identity_refusal
from regulars.guard import privacy
from regulars.guard.privacy import Person
from regulars.records import Records
from regulars.values.answers import to_json
from regulars.warehouse import Warehouse
from tests.collect.identity.telling import KEYS, SHOP, Town, identify, track
from tests.collect.identity.test_warehouse import SHELL, merge, opened, order, put

MEI, WORK = "mei@example.com", "wang.mei@work.example"


@pytest.fixture
def town(any_records: Records, warehouse: Warehouse) -> Town:
    """Mei under two e-mail addresses and on a phone, merged by hand; Lin beside her, who once used her phone."""
    town = opened(any_records, warehouse)
    town.tell(track(0, anonymous="phone"), track(1, user=MEI), track(2, user=WORK), identify(3, MEI, "phone"))
    town.tell(track(4, user="lin1"), identify(5, "lin1", "phone"), track(6, user="lin1", anonymous="phone", event="Seen By Lin"))
    put(warehouse, "orders", order("o1", town.reader.known(MEI)), order("o2", town.reader.known(WORK)), order("o3", "lin1"))
    put(warehouse, "customers", {"shop_id": SHOP, "customer_id": town.reader.known(WORK), "city": "杭州", "load_id": "l"})
    with any_records.unit() as uow:
        people = [
            Person(customer_id=town.reader.known(MEI), name="王梅", email=MEI),
            Person(customer_id=town.reader.known(WORK), name="Wang Mei", email=WORK, phone="13800138000"),
        ]
        privacy.remember(uow, KEYS, SHOP, people)
    merge(town, MEI, WORK)
    return town


def test_a_merged_customer_is_found_by_each_contact_and_seen_whole(town: Town) -> None:
    mei, work = town.reader.known(MEI), town.reader.known(WORK)

    with town.records.unit() as uow:
        assert privacy.find_by_contact(uow, KEYS, SHOP, WORK) == [mei]
        assert privacy.find_by_contact(uow, KEYS, SHOP, MEI) == [mei]
        seen = privacy.reveal(uow, SHELL, SHOP, [mei, work])
    assert (seen[mei].name, seen[mei].email, seen[mei].phone) == ("王梅", MEI, "13800138000")
    assert (seen[work].email, seen[work].phone) == (WORK, "13800138000")


def test_an_export_of_either_id_holds_what_is_held_of_both(town: Town) -> None:
    assert town.warehouse is not None
    for raw in (MEI, WORK):
        with town.records.unit() as uow:
            export = privacy.export_customer(uow, town.warehouse, SHELL, SHOP, town.reader.known(raw))

        assert [row["order_id"] for row in export.warehouse["orders"]] == ["o1", "o2"]
        assert len(export.warehouse["events"]) == 4
        assert {row["id"] for row in export.records["identity_alias"]} == {town.reader.known(WORK), town.reader.visitor("phone")}
        assert export.more["identity_claims"]


@pytest.mark.parametrize("asked", [MEI, WORK])
def test_erasing_one_id_erases_every_id_of_the_customer_and_nobody_else(town: Town, asked: str, home: Path) -> None:
    assert town.warehouse is not None
    mine = {town.reader.known(MEI), town.reader.known(WORK), town.reader.visitor("phone")}

    certificate = privacy.erase(town.records, town.warehouse, home, SHELL, SHOP, town.reader.known(asked))

    assert certificate.erased_at is not None
    with town.records.reading() as uow:
        for table in (identity_alias, identity_change, identity_claim, identity_known, identity_refusal):
            text = str(to_json([dict(row) for row in uow.rows(select(table))]))
            assert not [one for one in mine if one in text], table.name
        assert privacy.find_by_contact(uow, KEYS, SHOP, WORK) == []
    everything = {name: town.warehouse.rows(town.warehouse.table(name)) for name in town.warehouse.tables()}
    assert not [one for one in mine if one in str(everything)]
    orders = {row["order_id"]: row["customer_id"] for row in everything["orders"]}
    assert orders["o1"] == orders["o2"] != "lin1" and orders["o3"] == "lin1"
    assert {row["customer_id"] for row in everything["events"] if row["user_id"] == "lin1"} == {"lin1"}
    assert everything["customers"][0]["city"] is None


def test_an_erased_customer_is_not_learned_again(town: Town, home: Path) -> None:
    assert town.warehouse is not None
    privacy.erase(town.records, town.warehouse, home, SHELL, SHOP, town.reader.known(MEI))

    learned = town.tell(identify(9, MEI, "phone"), identify(9, "lin1", "tablet"))

    assert learned.erased.keys() == {town.reader.known(MEI), town.reader.visitor("phone")}
    assert town.customer("tablet") == "lin1"
    with town.records.reading() as uow:
        assert identity.resolve(uow, SHOP, [town.reader.visitor("phone")]) == {
            town.reader.visitor("phone"): town.reader.visitor("phone")
        }


def test_settling_a_warehouse_after_an_erasure_brings_nobody_back(town: Town, home: Path) -> None:
    assert town.warehouse is not None
    privacy.erase(town.records, town.warehouse, home, SHELL, SHOP, town.reader.known(MEI))

    assert identity.settle_warehouse(town.records, town.warehouse, SHOP) == 0
