"""After an erasure no file under the data folder holds a readable trace, a rebuilt warehouse stays erased, and so does a restored one."""

from __future__ import annotations

import json
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from regulars.access import Caller, Keyring, shops
from regulars.collect import imports
from regulars.collect.imports.domain.options import LoadOptions
from regulars.guard import consent, privacy
from regulars.guard.privacy import Person
from regulars.guard.privacy.erasure import recover
from regulars.guard.privacy.erasure_list import NAME, read_list
from regulars.guard.privacy.replaying import replay_erasures
from regulars.guard.privacy.tables import erasure
from regulars.guard.privacy.traces import ARCHIVES, Expiry
from regulars.records import Records
from regulars.warehouse import TABLES, Warehouse
from regulars.warehouse.arrow import arrow_rows
from tests.guard.privacy.conftest import SHOP

MEI, PHONE, NUMBER = "mei.wang@example.com", "13800138000", "customer-4711-mei"
AT = datetime(2026, 3, 1, 12)
VISITOR = "device-of-mei"


def event(number: int, customer_id: str, **more: Any) -> dict[str, Any]:
    row = dict.fromkeys(TABLES["events"].columns)
    given = {
        "shop_id": SHOP,
        "source_id": "src_1",
        "message_id": f"m{number}",
        "event_key": number,
        "type": "track",
        "event": "Product Viewed",
        "customer_id": customer_id,
        "is_known": True,
        "timestamp": AT + timedelta(hours=number),
        "received_at": AT,
        "is_bot": False,
        "is_history": False,
        "properties": json.dumps({"note": f"told by {customer_id}"}),
        "part_id": "0-0",
        "product_id": f"p{number}",
    }
    return row | given | more


def archive(home: Path, shop_id: str, part: str, rows: list[dict[str, Any]]) -> Path:
    path = home / "events" / shop_id / f"{part}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(arrow_rows(TABLES["events"], rows), path)
    return path


@pytest.fixture
def everywhere(records: Records, warehouse: Warehouse, home: Path, keyring: Keyring, shell: Caller) -> Records:
    """Mei in every place that a customer can be in: stores, archives, quarantines, consents; and Lin beside her."""
    with records.unit() as uow:
        shop = shops.create(uow, shell, shop_id=SHOP, name="Tea", timezone="UTC", currency="CNY")
        privacy.remember(uow, keyring, SHOP, [Person(customer_id=NUMBER, name="王梅 Wang Mei", email=MEI, phone=PHONE)])
        consent.record(uow, shell, SHOP, [consent.GivenConsent(customer_id=NUMBER, purpose="marketing", state="given")])
    visitor = privacy.visitor_id(keyring, SHOP, VISITOR)
    rows = [event(n, NUMBER, user_id=NUMBER, anonymous_id=visitor, url=f"/of/{NUMBER}") for n in range(300)]
    rows += [event(n, "lin-1", user_id="lin-1") for n in range(300, 600)]
    rows += [event(600, "lin-1", anonymous_id=visitor)]
    warehouse.append("events", arrow_rows(TABLES["events"], rows))
    archive(home, SHOP, "0-0", rows[:400])
    archive(home, SHOP, "0-1", rows[400:600])
    archive(home, "coffee", "0-0", [event(1, NUMBER, shop_id="coffee")])
    file = home / "orders.csv"
    lines = ["Order No,Order Date,Customer ID,Email,SKU,Product,Quantity,Unit Price"]
    lines += [f"A{n},2026-03-0{n} 10:00,{NUMBER},{MEI},K1,Tea,1,12.50" for n in range(1, 5)]
    lines += [f"B{n},2026-03-0{n} 10:00,lin-1,lin@example.com,K1,Tea,1,12.50" for n in range(1, 5)]
    lines += [f"C1,no date at all,{NUMBER},{MEI},K1,Tea,1,12.50", "C2,no date at all,lin-1,lin@example.com,K1,Tea,1,12.50"]
    file.write_text("\n".join(lines), encoding="utf-8")
    imports.load(records, warehouse, home, shop, "orders", [file], LoadOptions(), caller=shell)
    file.unlink()
    return records


def traces(home: Path) -> list[str]:
    """Files that hold anything of Mei; Parquet is looked into, as it is compressed."""
    found = []
    for path in sorted(path for path in home.rglob("*") if path.is_file()):
        data = path.read_bytes()
        if path.suffix == ".parquet":
            data += str(pq.read_table(path).to_pydict()).encode()
        found += [
            f"{path.relative_to(home)}: {sign}"
            for sign in (MEI, PHONE, "王梅", "Wang Mei", NUMBER, VISITOR)
            if sign.encode() in data
        ]
    return found


def counts(warehouse: Warehouse, shop_id: str = SHOP) -> dict[str, int]:
    tables = {name: warehouse.table(name) for name in ("events", "orders", "order_lines")}
    return {name: warehouse.value(table.filter(table.shop_id == shop_id).count()) for name, table in tables.items()}


def customers(warehouse: Warehouse) -> set[str]:
    found = set()
    for name in ("events", "orders", "order_lines"):
        table = warehouse.table(name)
        found |= {
            row["customer_id"] for row in warehouse.rows(table.filter(table.shop_id == SHOP).select("customer_id").distinct())
        }
    return found


def test_no_file_holds_a_readable_trace_and_totals_stay(
    everywhere: Records, warehouse: Warehouse, home: Path, keyring: Keyring, shell: Caller
) -> None:
    before = counts(warehouse)
    shutil.rmtree(home / "events" / "coffee")  # the same number in another shop is another customer, and would be found
    assert traces(home)
    began = time.monotonic()

    certificate = privacy.erase(everywhere, warehouse, home, shell, SHOP, NUMBER)

    assert time.monotonic() - began < 60
    assert counts(warehouse) == before
    assert customers(warehouse) == {"lin-1", next(iter(customers(warehouse) - {"lin-1"}))}
    assert certificate.rows["warehouse.events"] == 300
    assert certificate.rows["archive"] >= 300
    assert certificate.rows["regulars.collect.imports.quarantine.empty_rows_of"] == 1
    everywhere.close()
    warehouse.close()
    assert traces(home) == []


def test_others_are_untouched(everywhere: Records, warehouse: Warehouse, home: Path, shell: Caller, keyring: Keyring) -> None:
    def of_lin() -> list[Any]:
        table = warehouse.table("events")
        stored = warehouse.rows(table.filter(table.customer_id == "lin-1").order_by("message_id"))
        archived = [row for path in sorted(home.glob("events/*/*.parquet")) for row in pq.read_table(path).to_pylist()]
        return [stored, [row for row in archived if row["customer_id"] == "lin-1" or row["shop_id"] == "coffee"]]

    before = of_lin()
    privacy.erase(everywhere, warehouse, home, shell, SHOP, NUMBER)

    assert of_lin() == before


def test_a_rebuilt_warehouse_stays_erased(
    everywhere: Records, warehouse: Warehouse, home: Path, shell: Caller, keyring: Keyring
) -> None:
    privacy.erase(everywhere, warehouse, home, shell, SHOP, NUMBER)
    after = customers(warehouse)
    fresh = Warehouse.open(f"duckdb:///{home}/fresh.duckdb", memory_limit="1GB")
    try:
        imports.rebuild(everywhere, fresh, home)
        parts = [pq.read_table(path) for path in sorted(home.glob(f"events/{SHOP}/*.parquet"))]
        fresh.append("events", pa.concat_tables(parts))

        assert NUMBER not in customers(fresh)
        assert customers(fresh) == after
    finally:
        fresh.close()


def test_an_old_file_loaded_again_bears_the_pseudonym_of_nobody(
    everywhere: Records, warehouse: Warehouse, home: Path, shell: Caller
) -> None:
    privacy.erase(everywhere, warehouse, home, shell, SHOP, NUMBER)
    after = customers(warehouse)
    file = home / "more.csv"
    file.write_text(
        "Order No,Order Date,Customer ID,SKU,Product,Quantity,Unit Price\n"
        f"Z1,2026-02-01 10:00,{NUMBER},K1,Tea,1,12.50\nZ2,2026-02-01 10:00,new-1,K1,Tea,1,12.50\n",
        encoding="utf-8",
    )
    with everywhere.reading() as uow:
        shop = shops.get(uow, SHOP)

    imports.load(everywhere, warehouse, home, shop, "orders", [file], LoadOptions(), caller=shell)

    assert customers(warehouse) == after | {"new-1"}


def test_every_id_of_a_customer_goes_with_them(
    everywhere: Records, warehouse: Warehouse, home: Path, keyring: Keyring, shell: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = privacy.visitor_id(keyring, SHOP, VISITOR)
    both = [NUMBER, visitor]
    monkeypatch.setattr("regulars.guard.privacy.same_person.SAME_PERSON", [lambda uow, shop_id, ids: dict.fromkeys(ids, both)])

    privacy.erase(everywhere, warehouse, home, shell, SHOP, NUMBER)

    with everywhere.reading() as uow:
        gone = privacy.erased(uow, keyring, SHOP, [NUMBER, visitor])
    assert len(gone) == 2
    assert len(set(gone.values())) == 1
    table = warehouse.table("events")
    assert warehouse.value(table.filter(table.anonymous_id == visitor).count()) == 0


def test_what_is_under_way_is_settled_before_and_after_the_wish_is_written_down(
    everywhere: Records, warehouse: Warehouse, home: Path, keyring: Keyring, shell: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def settle(of: Path, shop_id: str) -> None:
        assert (of, shop_id) == (home, SHOP)
        with everywhere.reading() as uow:
            seen.append(bool(privacy.erased(uow, keyring, SHOP, [NUMBER])))

    monkeypatch.setattr("regulars.guard.privacy.erasure.BEFORE_ERASURE", [settle])

    privacy.erase(everywhere, warehouse, home, shell, SHOP, NUMBER)

    assert seen == [False, True]


def test_an_erasure_cut_off_between_the_archives_is_finished(
    everywhere: Records, warehouse: Warehouse, home: Path, shell: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(home: Path, shop_id: str, change: Any) -> int:
        raise OSError("the power went")

    monkeypatch.setattr("regulars.guard.privacy.traces.ARCHIVES", [*ARCHIVES, broken])
    with pytest.raises(OSError, match="power"):
        privacy.erase(everywhere, warehouse, home, shell, SHOP, NUMBER)
    monkeypatch.undo()

    recover(everywhere, warehouse, home)

    with everywhere.reading() as uow:
        assert all(row["erased_at"] for row in uow.rows(select(erasure)))
    assert not [
        row for path in home.glob(f"events/{SHOP}/*.parquet") for row in pq.read_table(path).to_pylist() if NUMBER in str(row)
    ]


def test_a_restored_backup_forgets_again_whom_it_brought_back(
    everywhere: Records, warehouse: Warehouse, home: Path, keyring: Keyring, shell: Caller, tmp_path: Path
) -> None:
    everywhere.close()
    warehouse.close()
    backup = tmp_path / "backup"
    shutil.copytree(home, backup)
    now = Records.open(f"sqlite:///{home}/records.sqlite")
    store = Warehouse.open(f"duckdb:///{home}/warehouse.duckdb", memory_limit="1GB")
    privacy.erase(now, store, home, shell, SHOP, NUMBER)
    now.close()
    store.close()
    listed = list(read_list(home / NAME))
    old = Records.open(f"sqlite:///{backup}/records.sqlite")
    stale = Warehouse.open(f"duckdb:///{backup}/warehouse.duckdb", memory_limit="1GB")

    again = replay_erasures(old, stale, backup, shell, listed)
    nothing = replay_erasures(old, stale, backup, shell, [])

    old.close()
    stale.close()
    shutil.rmtree(backup / "events" / "coffee")
    assert (len(listed), again, nothing) == (1, 1, 0)
    assert MEI not in str(listed)
    assert NUMBER not in str(listed)
    assert traces(backup) == []


def test_rows_that_are_too_old_leave_the_archive(home: Path) -> None:
    path = archive(home, SHOP, "0-0", [event(n, "u1") for n in range(10)])
    expiry = Expiry(SHOP, {"events": ("timestamp", (AT + timedelta(hours=4)).replace(tzinfo=UTC))})

    removed = privacy.rewrite_archives(home, SHOP, expiry)
    again = privacy.rewrite_archives(home, SHOP, expiry)

    assert (removed, again) == (4, 0)
    assert pq.read_table(path).num_rows == 6
    assert pq.read_schema(path).equals(arrow_rows(TABLES["events"], []).schema)
