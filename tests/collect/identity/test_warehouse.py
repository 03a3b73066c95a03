"""The warehouse follows merges and their undoing: events, orders and lists of customers, also through loads, crashes and rebuilds."""

from __future__ import annotations

import itertools
import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.access import Caller, shops
from regulars.collect import identity
from regulars.collect.identity import applying
from regulars.collect.identity.checks import CHECKS
from regulars.collect.identity.domain.answers import merge_id_of
from regulars.collect.identity.domain.clusters import pair_of
from regulars.errors import Conflict, NotAllowed, NotFound
from regulars.records import Records
from regulars.warehouse import Warehouse
from regulars.warehouse.arrow import arrow_rows
from regulars.warehouse.schema import TABLES
from regulars.work import CheckContext
from tests.collect.identity.telling import KEYS, SHOP, Town, alias, identify, track
from tests.collect.identity.test_rules import MESSAGES

SHELL = Caller.system("shell", KEYS)


@pytest.fixture
def town(records: Records, warehouse: Warehouse) -> Town:
    return opened(records, warehouse)


def opened(records: Records, warehouse: Warehouse) -> Town:
    with records.unit() as uow:
        shops.create(uow, SHELL, shop_id=SHOP, name="Tea", timezone="UTC", currency="CNY")
    return Town(records, warehouse)


def order(order_id: str, customer_id: str, *, total: int = 1999, load: str = "l1") -> dict[str, Any]:
    zeros = dict.fromkeys(("shipping_minor", "tax_minor", "discount_minor"), 0)
    return {
        "shop_id": SHOP, "order_id": order_id, "customer_id": customer_id, "ordered_at": datetime(2025, 1, 1), "status": "placed",
        "currency": "CNY", "total_minor": total, "items_minor": total, **zeros, "units": 1, "line_count": 1, "source": "t", "load_id": load,
    }  # fmt: skip


def put(warehouse: Warehouse, table: str, *rows: dict[str, Any]) -> None:
    warehouse.append(table, arrow_rows(TABLES[table], rows))


def owners(warehouse: Warehouse, table: str = "orders", key: str = "order_id") -> dict[str, tuple[str, str | None]]:
    rows = warehouse.rows(warehouse.table(table).filter(warehouse.table(table).shop_id == SHOP))
    return {row[key]: (row["customer_id"], row["named_as"]) for row in rows}


def merge(town: Town, one: str, other: str) -> identity.Decided:
    assert town.warehouse is not None
    with town.records.unit() as uow:
        done = identity.merge(uow, town.warehouse, SHELL, SHOP, one, other)
    identity.apply(town.records, town.warehouse, SHOP)
    return done


def undo(town: Town, one: str, other: str) -> identity.Decided:
    assert town.warehouse is not None
    with town.records.unit() as uow:
        done = identity.undo(uow, SHELL, SHOP, merge_id_of(pair_of(one, other)))
    identity.apply(town.records, town.warehouse, SHOP)
    return done


def doctor(town: Town, home: Path) -> list[str]:
    assert town.warehouse is not None
    context = CheckContext(town.records, town.warehouse, home)
    return [f"{finding.what} {finding.where}" for check in CHECKS for finding in check.run(context)]


def test_earlier_events_of_a_device_become_the_customers(town: Town) -> None:
    town.tell(track(0, anonymous="an1", event="Product Viewed"))
    town.tell(identify(5, "u1", "an1"))
    town.tell(track(9, user="u1", event="Order Completed"), track(10, anonymous="an1", event="Product Viewed"))

    assert town.events() == {"u1": ["Product Viewed", "Order Completed", "Product Viewed"]}


def test_events_go_to_who_claimed_the_device_first_even_when_that_arrives_late(town: Town) -> None:
    town.tell(
        track(0, anonymous="tablet"), identify(8, "u2", "tablet"), track(9, user="u2", anonymous="tablet", event="Seen By u2")
    )
    assert town.events() == {"u2": ["Product Viewed", "Seen By u2"]}

    town.tell(identify(5, "u1", "tablet"))

    assert town.events() == {"u1": ["Product Viewed"], "u2": ["Seen By u2"]}


def test_a_merge_by_hand_moves_orders_and_its_undoing_restores_them_exactly(town: Town, home: Path) -> None:
    assert town.warehouse is not None
    put(town.warehouse, "orders", order("o1", "u1"), order("o2", "u2"), order("o3", "u3"))
    put(town.warehouse, "customers", {"shop_id": SHOP, "customer_id": "u2", "region": "ZJ", "load_id": "l1"})
    town.tell(track(1, user="u1"), track(2, user="u2"), track(3, anonymous="an2"), identify(4, "u2", "an2"))
    before = (owners(town.warehouse), town.events())

    done = merge(town, "u2", "u1")

    assert done.merge.customer_id == "u1"
    assert owners(town.warehouse) == {"o1": ("u1", None), "o2": ("u1", "u2"), "o3": ("u3", None)}
    assert owners(town.warehouse, "customers", "load_id") == {"l1": ("u1", "u2")}
    assert town.events() == {"u1": ["Product Viewed"] * 3}
    assert doctor(town, home) == []
    with town.records.reading() as uow:
        assert identity.resolve(uow, SHOP, ["u2"]) == {"u2": "u1"}  # a customer_id outlives merges

    back = undo(town, "u1", "u2")

    assert not back.still_together
    assert (owners(town.warehouse), town.events()) == before
    assert doctor(town, home) == []


def test_what_was_undone_stays_so_though_messages_say_it_again_until_it_is_merged_by_hand(town: Town) -> None:
    told = identify(5, "u1", "an1")
    town.tell(track(0, anonymous="an1"), told)
    undo(town, town.reader.visitor("an1"), "u1")
    assert town.events() == {town.reader.visitor("an1"): ["Product Viewed"]}

    town.tell(told, identify(1, "u1", "an1"), track(7, user="u1", anonymous="an1"))
    assert town.customer("an1") == town.reader.visitor("an1")

    merge(town, town.reader.visitor("an1"), "u1")
    assert town.customer("an1") == "u1"


def test_an_undone_alias_stays_undone_when_the_device_becomes_known(town: Town) -> None:
    town.tell(track(0, user="u1"), track(0, anonymous="an1"), alias(1, "an1", "u1"))
    undo(town, "an1", "u1")
    assert town.customer("an1") != "u1"

    town.tell(track(2, user="an1"), alias(3, "u1", "an1"))

    assert town.customer("an1") != "u1"


def test_undoing_one_of_two_merges_says_that_another_still_joins_them(town: Town) -> None:
    town.tell(*(track(1, user=user) for user in ("u1", "u2", "u3")))
    for pair in (("u1", "u2"), ("u2", "u3")):
        merge(town, *pair)
    town.tell(alias(4, "u1", "u3"))

    assert undo(town, "u1", "u3").still_together
    assert not undo(town, "u2", "u3").still_together
    assert {town.customer(one) for one in ("u1", "u2")} == {"u1"} and town.customer("u3") == "u3"


def test_a_device_an_operator_gave_to_somebody_is_theirs_whatever_was_told_first(town: Town) -> None:
    town.tell(identify(1, "u1", "an1"), track(2, user="u2"))

    undo(town, town.reader.visitor("an1"), "u1")
    merge(town, town.reader.visitor("an1"), "u2")
    town.tell(identify(0, "u3", "an1"))

    assert town.customer("an1") == "u2"
    with pytest.raises(Conflict, match="another customer"):
        merge(town, town.reader.visitor("an1"), "u3")
    assert town.customer("an1") == "u2"


def test_decisions_need_the_permission_and_customers_who_are_there(town: Town, records: Records) -> None:
    town.tell(track(1, user="u1"), track(1, user="u2"))
    reader = Caller(kind="operator", id="o", scopes=frozenset({"read_customers"}), keyring=KEYS)

    assert town.warehouse is not None
    with records.unit() as uow, pytest.raises(NotAllowed):
        identity.merge(uow, town.warehouse, reader, SHOP, "u1", "u2")
    with pytest.raises(NotFound, match="u77"):
        merge(town, "u1", "u77")
    with pytest.raises(NotFound):
        merge(town, "u1", "v_00000000000000000000")
    with pytest.raises(Conflict, match="already"):
        merge(town, "u1", "u1")
    with pytest.raises(NotFound):
        undo(town, "u1", "u2")


def test_customers_only_files_have_named_can_be_merged(town: Town) -> None:
    assert town.warehouse is not None
    put(town.warehouse, "orders", order("o1", "A1"), {**order("o2", "A2"), "ordered_at": datetime(2024, 1, 1)})

    merge(town, "A2", "A1")

    assert owners(town.warehouse) == {"o1": ("A2", "A1"), "o2": ("A2", None)}  # the one first seen


def test_loading_a_file_again_changes_nothing_and_new_rows_follow_the_merge(town: Town, tmp_path: Path) -> None:
    assert town.warehouse is not None
    put(town.warehouse, "orders", order("o1", "u1"), order("o2", "u2"))
    put(town.warehouse, "customers", {"shop_id": SHOP, "customer_id": "u2", "region": "ZJ", "load_id": "l1"})
    town.tell(track(1, user="u1"), track(2, user="u2"))
    merge(town, "u1", "u2")

    def load(table: str, *rows: dict[str, Any]) -> tuple[int, int, int]:
        data = arrow_rows(TABLES[table], rows).drop_columns(["named_as"])
        pq.write_table(data, tmp_path / "rows.parquet")
        assert town.warehouse is not None
        counts = town.warehouse.merge(table, [tmp_path / "rows.parquet"])
        return counts.inserted, counts.updated, counts.unchanged

    assert load("orders", order("o1", "u1"), order("o2", "u2", load="l2")) == (0, 0, 2)
    assert load("customers", {"shop_id": SHOP, "customer_id": "u2", "region": "ZJ", "load_id": "l2"}) == (0, 0, 1)
    assert load("customers", {"shop_id": SHOP, "customer_id": "u2", "region": "SH", "load_id": "l2"}) == (0, 1, 0)
    assert load("orders", order("o2", "u2", total=5), order("o3", "u2")) == (1, 1, 0)
    assert owners(town.warehouse)["o2"] == ("u1", "u2")
    assert owners(town.warehouse, "customers", "region") == {"SH": ("u1", "u2")}

    assert identity.settle_warehouse(town.records, town.warehouse, SHOP) == 1
    assert owners(town.warehouse)["o3"] == ("u1", "u2")


def test_a_crash_between_the_two_stores_is_made_good_at_the_next_start(
    town: Town, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.tell(track(0, anonymous="an1"))
    monkeypatch.setattr(identity, "apply", lambda *_: None)
    town.tell(identify(1, "u1", "an1"))
    monkeypatch.undo()
    assert town.events() == {town.reader.visitor("an1"): ["Product Viewed"]}

    from regulars.collect.identity.service import recover

    assert town.warehouse is not None
    recover(town.records, town.warehouse, home)

    assert town.events() == {"u1": ["Product Viewed"]}
    assert doctor(town, home) == []


def test_the_doctor_names_rows_that_do_not_agree(town: Town, home: Path) -> None:
    assert town.warehouse is not None
    town.tell(track(0, anonymous="an1"), identify(1, "u1", "an1"), track(2, user="u2"))

    town.warehouse.update("events", {"customer_id": "u2"}, lambda t: t.user_id == "u1")
    town.warehouse.update("events", {"customer_id": town.reader.visitor("an1")}, lambda t: t.user_id.isnull())

    assert [words.split()[-1] for words in doctor(town, home)] == ["tea/u1", f"tea/{town.reader.visitor('an1')}"]
    assert identity.settle_warehouse(town.records, town.warehouse, SHOP) == 2
    assert doctor(town, home) == []


def test_a_warehouse_made_anew_is_brought_to_the_same_customers(town: Town) -> None:
    assert town.warehouse is not None
    put(town.warehouse, "orders", order("o1", "u1"), order("o2", "u2"))
    town.tell(track(0, anonymous="an1"), track(1, user="u1"), track(2, user="u2"), identify(3, "u2", "an1"))
    merge(town, "u1", "u2")
    undo(town, town.reader.visitor("an1"), "u2")
    as_it_was = (owners(town.warehouse), town.events())

    # as files and parts of the journal were written, before and after merges
    town.warehouse.update("orders", {"customer_id": "u2", "named_as": None}, lambda t: t.order_id == "o2")
    town.warehouse.update("events", {"customer_id": "u2"}, lambda t: t.anonymous_id.notnull())
    town.warehouse.update("events", {"customer_id": "u2"}, lambda t: t.user_id == "u2")
    identity.settle_warehouse(town.records, town.warehouse, SHOP)

    assert (owners(town.warehouse), town.events()) == as_it_was


def test_other_rooms_follow_in_the_same_transaction(town: Town) -> None:
    heard: list[dict[str, str]] = []
    identity.MERGERS.append(lambda _uow, _shop, changed: heard.append(dict(changed)))
    try:
        town.tell(track(1, user="u1"), track(2, user="u2"), alias(3, "u1", "u2"))
    finally:
        identity.MERGERS.pop()

    assert heard[0]["u2"] == "u1"


def test_rewriting_reaches_every_table_of_the_warehouse_that_has_a_customer(warehouse: Warehouse) -> None:
    derived = {name for name, table in warehouse.tables().items() if table.derived}

    assert (
        set(warehouse.relabelled())
        == {name for name, table in warehouse.tables().items() if "customer_id" in table.columns} - derived
    )
    assert applying.rewrite(warehouse, SHOP, {}) == {}


def test_orders_that_events_tell_of_follow_merges_and_further_events(town: Town) -> None:
    from regulars.access import Shop
    from regulars.collect import orders

    assert town.warehouse is not None
    shop = Shop(shop_id=SHOP, name="Tea", timezone="UTC", currency="CNY")

    def told(name: str, message_id: str, **properties: Any) -> dict[str, Any]:
        moment = f"2025-01-01T1{message_id[-1]}:00:00Z"
        return {"type": "track", "event": name, "messageId": message_id, "source_id": "s", "customer_id": "u2", "timestamp": moment,
                "properties": {"order_id": "o1", **properties}}  # fmt: skip

    town.tell(track(1, user="u1"), track(2, user="u2"))
    orders.project(town.warehouse, shop, [told("Order Completed", "m1", total=10, currency="CNY")])
    merge(town, "u1", "u2")
    assert owners(town.warehouse) == {"o1": ("u1", "u2")}

    orders.project(town.warehouse, shop, [told("Order Updated", "m2", total=12, currency="CNY")])
    assert owners(town.warehouse) == {"o1": ("u1", "u2")}

    undo(town, "u1", "u2")
    assert owners(town.warehouse) == {"o1": ("u2", None)}


_SHOPS = itertools.count()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=st.lists(MESSAGES, min_size=1, max_size=10), shuffle=st.randoms(use_true_random=False))
def test_any_order_and_any_parts_give_everybody_the_same_events(
    records: Records, warehouse: Warehouse, messages: list[dict[str, Any]], shuffle: random.Random
) -> None:
    unique = list({one["messageId"]: one for one in messages}.values())

    def told(these: list[dict[str, Any]], parts: int) -> dict[str, list[str]]:
        town = Town(records, warehouse, shop_id=f"shop-{next(_SHOPS)}")
        town.reader._shop_id = SHOP  # so that stored ids are the same in every one
        for start in range(0, len(these), parts):
            town.tell(*these[start : start + parts])
        return town.events()

    whole = told(unique, len(unique))
    mixed = list(unique)
    shuffle.shuffle(mixed)

    assert told(mixed, 2) == whole
