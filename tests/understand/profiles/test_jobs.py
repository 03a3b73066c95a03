"""When profiles and next orders are rebuilt."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from regulars.access import Caller, Keyring, shops
from regulars.events import CustomersLoaded, LoadUndone, OrdersLoaded, ProfilesRefreshed, ShopChanged
from regulars.predict import next_purchase
from regulars.predict.next_purchase import jobs as next_jobs
from regulars.records import Records
from regulars.understand import profiles
from regulars.understand.profiles import jobs
from regulars.warehouse import Warehouse
from regulars.work import JobContext
from regulars.work.tables import job
from tests.understand.metrics.small_store import SmallStore


def waiting(records: Records) -> list[tuple[str, str]]:
    with records.reading() as uow:
        return [(row["kind"], row["shop_id"]) for row in uow.rows(select(job).order_by(job.c.kind, job.c.shop_id))]


def test_several_changes_of_a_shop_ask_for_one_rebuild(records: Records) -> None:
    events = [
        OrdersLoaded(shop_id="tea", load_id="l1", rows=1, inserted=1, updated=0),
        OrdersLoaded(shop_id="tea", load_id="l2", rows=1, inserted=1, updated=0),
        CustomersLoaded(shop_id="tea", load_id="l3", rows=1, inserted=1, updated=0),
        LoadUndone(shop_id="tea", load_id="l4"),
        ShopChanged(shop_id="cups", fields=("timezone",)),
    ]

    for event in events:
        with records.unit() as uow:
            jobs.HANDLERS[type(event)](uow, event)

    assert waiting(records) == [("profiles.refresh", "cups"), ("profiles.refresh", "tea")]


def test_the_next_orders_follow_the_profiles(records: Records) -> None:
    event = ProfilesRefreshed(shop_id="tea", as_of=None, customers=3)

    for _ in range(2):
        with records.unit() as uow:
            next_jobs.HANDLERS[ProfilesRefreshed](uow, event)

    assert waiting(records) == [("next_purchase.products", "tea"), ("next_purchase.refresh", "tea")]


@pytest.mark.parametrize("with_orders", [True, False])
def test_the_jobs_rebuild_and_tell(records: Records, warehouse: Warehouse, home: Path, with_orders: bool) -> None:
    keyring = Keyring.open(home)
    with records.unit() as uow:
        shop = shops.create(
            uow, Caller.system("test", keyring), shop_id="tea", name="Tea", timezone="Asia/Shanghai", currency="CNY"
        )
    if with_orders:
        store = SmallStore(shop)
        for k in range(4):
            store.order(f"o{k}", "mei", f"2025-0{1 + k}-01 02:00", 100)
        store.order("end", None, "2025-12-01 02:00", 100).load(warehouse)
    with records.unit() as uow:
        jobs.on_change(uow, ShopChanged(shop_id="tea"))
    with records.reading() as uow:
        (row,) = uow.rows(select(job))
    ctx = JobContext(row["job_id"], "tea", {}, records, warehouse, home, "test")

    jobs.refresh(ctx)
    next_jobs.refresh(ctx)

    assert profiles.search(warehouse, shop).total == int(with_orders)
    assert next_purchase.act_on(warehouse, shop, status=["overdue", "lost"]).total == int(with_orders)
