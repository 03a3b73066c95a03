"""`regulars doctor` on customers: nothing to say about a sound store, and the damage by name otherwise."""

from __future__ import annotations

from pathlib import Path

from regulars.access import Caller, Keyring, shops
from regulars.predict import next_purchase
from regulars.predict.next_purchase.checks import CHECKS as NEXT
from regulars.records import Records
from regulars.stream import Relay
from regulars.understand import profiles
from regulars.understand.profiles.checks import CHECKS
from regulars.warehouse import Warehouse
from regulars.work import CheckContext
from tests.understand.metrics.small_store import SmallStore


def test_damage_is_found_and_named(records: Records, warehouse: Warehouse, home: Path) -> None:
    with records.unit() as uow:
        caller = Caller.system("test", Keyring.open(home))
        shop = shops.create(uow, caller, shop_id="tea", name="Tea", timezone="Asia/Shanghai", currency="CNY")
    store = SmallStore(shop)
    for k in range(4):
        store.order(f"o{k}", "mei", f"2025-0{1 + k}-01 02:00", 100).order(f"p{k}", "liu", f"2025-0{1 + k}-02 02:00", 100)
    store.load(warehouse)
    Relay(records, warehouse, []).run()
    context = CheckContext(records, warehouse, home)

    def findings() -> list[str]:
        return [finding.what for check in (*CHECKS, *NEXT) for finding in check.run(context)]

    assert findings() == ["profiles hold 0 buyers with 0 orders, the orders 2 with 8"]
    profiles.refresh(warehouse, shop)
    next_purchase.refresh(warehouse, shop)
    assert findings() == []
    warehouse.delete("customer_profiles", lambda table: table.customer_id == "liu")
    assert findings() == [
        "profiles hold 1 buyers with 4 orders, the orders 2 with 8",
        "1 next orders belong to nobody with a profile",
    ]
