"""What is past its time is deleted once a day from both stores and the archives, and what was deleted is written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from regulars.access import Caller, Keyring
from regulars.errors import InvalidInput, NotAllowed
from regulars.guard import privacy
from regulars.records import Records
from regulars.values import clock
from regulars.warehouse import TABLES, Warehouse
from regulars.warehouse.arrow import arrow_rows
from tests.guard.privacy.conftest import SHOP
from tests.guard.privacy.test_traces import archive, event


def aged(days: list[int], shop_id: str = SHOP) -> list[dict[str, object]]:
    now = clock.now().astimezone(UTC).replace(tzinfo=None)
    return [event(n, "u1", timestamp=now - timedelta(days=age), shop_id=shop_id) for n, age in enumerate(days)]


def test_rows_past_their_time_go_and_nothing_else_does(filled: Records, warehouse: Warehouse, home: Path, shell: Caller) -> None:
    rows = aged([1, 10, 29, 31, 400])
    warehouse.append("events", arrow_rows(TABLES["events"], rows))
    warehouse.append("events", arrow_rows(TABLES["events"], aged([400], "coffee")))
    path = archive(home, SHOP, "0-0", rows)
    with filled.unit() as uow:
        privacy.change_retention(uow, shell, SHOP, {"events": 30})

    run = privacy.expire(filled, warehouse, home, SHOP)
    again = privacy.expire(filled, warehouse, home, SHOP)

    events = warehouse.table("events")
    assert run.deleted == {"events": {"archive": 2, "warehouse.events": 2}}
    assert again.deleted == {}
    assert warehouse.value(events.filter(events.shop_id == SHOP).count()) == 3
    assert warehouse.value(events.filter(events.shop_id == "coffee").count()) == 1
    assert pq.read_table(path).num_rows == 3
    with filled.reading() as uow:
        assert [one.error for one in privacy.retention_runs(uow, SHOP)] == [None, None]


def test_nothing_is_deleted_where_nobody_has_decided(filled: Records, warehouse: Warehouse, home: Path) -> None:
    orders = warehouse.table("orders")
    before = warehouse.value(orders.count())

    assert privacy.expire(filled, warehouse, home, SHOP).deleted == {}
    assert warehouse.value(orders.count()) == before


def test_orders_can_expire_too(filled: Records, warehouse: Warehouse, home: Path, shell: Caller) -> None:
    with filled.unit() as uow:
        privacy.change_retention(uow, shell, SHOP, {"orders": 30})
    assert clock.now() > datetime(2026, 5, 1, tzinfo=UTC)  # the orders of the shop are of March

    run = privacy.expire(filled, warehouse, home, SHOP)

    assert run.deleted == {"orders": {"warehouse.orders": 3}}


def test_times_are_decided_by_who_manages_the_shop(filled: Records, shell: Caller, keyring: Keyring) -> None:
    viewer = Caller(kind="operator", id="o", scopes=frozenset({"read_audit"}), keyring=keyring)
    with filled.unit() as uow:
        with pytest.raises(NotAllowed):
            privacy.change_retention(uow, viewer, SHOP, {"events": 30})
        for days in ({"events": 0}, {"events": 4000}, {"unknown": 3}):
            with pytest.raises(InvalidInput):
                privacy.change_retention(uow, shell, SHOP, days)
        privacy.change_retention(uow, shell, SHOP, {"events": 30})
        privacy.change_retention(uow, shell, SHOP, {"events": None})
        kept = {one.name: one.days for one in privacy.retention(uow, SHOP)}
        decided = [one.value for one in privacy.decisions(uow, SHOP, "retention.events")]

    assert kept["events"] is None
    assert sorted(decided, key=str) == [30, None]
