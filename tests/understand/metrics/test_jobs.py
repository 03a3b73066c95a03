"""After a load the overview is ready before anybody asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from regulars.access import Caller, Keyring, shops
from regulars.events import OrdersLoaded
from regulars.records import Records
from regulars.understand import metrics
from regulars.understand.metrics import jobs
from regulars.warehouse import Warehouse
from regulars.work import Worker
from tests.understand.metrics.small_store import SmallStore


def test_after_a_load_the_overview_reads_no_table_any_more(
    records: Records, warehouse: Warehouse, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with records.unit() as uow:
        shell = Caller.system("test", Keyring.open(home))
        shop = shops.create(uow, shell, shop_id="tea", name="Tea", timezone="Asia/Shanghai", currency="CNY")
    SmallStore(shop).order("a", "ann", "2025-01-05 10:00", 100, items=[("pot", "Tea", 1, 100)]).load(warehouse)
    for load in ("l1", "l2"):
        with records.unit() as uow:
            jobs.HANDLERS[OrdersLoaded](uow, OrdersLoaded(shop_id="tea", load_id=load, rows=1, inserted=1, updated=0))

    done = Worker(records, warehouse, home, jobs.JOBS).run_until_idle()

    assert done == 1  # two loads, one count
    monkeypatch.setattr(warehouse, "query", lambda expression: pytest.fail("a table was read"))
    assert metrics.overview(warehouse, shop).tiles[1].value == 1
