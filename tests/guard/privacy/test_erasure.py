"""Erasing a customer (P20) leaves no readable trace and totals as they were; exporting one (P21) leaves nothing out."""

from __future__ import annotations

import io
import logging
import os
import signal
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from regulars.access import Caller, Keyring, audit, shops
from regulars.errors import NotAllowed, NotFound
from regulars.guard import privacy
from regulars.guard.privacy import Person, Sealed
from regulars.guard.privacy.erasure import recover
from regulars.guard.privacy.export import as_zip
from regulars.guard.privacy.tables import erasure, person
from regulars.records import Json, Records, UtcDateTime, outbox
from regulars.values.answers import to_json
from regulars.warehouse import Warehouse
from tests.guard.privacy.conftest import MEI, SHOP, append, fill


def orders(warehouse: Warehouse, shop_id: str = SHOP) -> list[tuple[str, str, int]]:
    table = warehouse.table("orders")
    rows = warehouse.rows(table.filter(table.shop_id == shop_id).order_by("order_id"))
    return [(row["order_id"], row["customer_id"], row["total_minor"]) for row in rows]


def test_an_erased_customer_is_nobody_and_totals_stay(
    any_records: Records, warehouse: Warehouse, home: Path, keyring: Keyring, shell: Caller, mei: str
) -> None:
    fill(any_records, warehouse, keyring, shell, mei)
    before = orders(warehouse)

    certificate = privacy.erase(any_records, warehouse, home, shell, SHOP, mei)

    after = orders(warehouse)
    successor = after[0][1]
    assert [(order_id, total) for order_id, _, total in after] == [(order_id, total) for order_id, _, total in before]
    assert [who for _, who, _ in after] == [successor, successor, "17850"]
    assert successor not in (mei, "17850")
    assert orders(warehouse, "coffee")[0][1] == mei  # the same person in another shop is another customer
    with any_records.unit() as uow:
        assert privacy.reveal(uow, shell, SHOP, [mei, successor]) == {}
        assert privacy.reveal_texts(uow, shell, SHOP, ["review:r1", "review:r2"]) == {"review:r2": "fine"}
        assert privacy.find_by_contact(uow, keyring, SHOP, MEI) == []
    customers = warehouse.table("customers")
    (row,) = warehouse.rows(customers.filter(customers.customer_id == successor))
    assert (row["city"], row["gender"], row["birth_year"], row["region"]) == (None, None, None, "ZJ")
    assert certificate.erased_at is not None
    assert certificate.rows["warehouse.orders"] == 2


def test_no_trace_is_left_in_files_logs_or_the_certificate(
    filled: Records, warehouse: Warehouse, home: Path, keyring: Keyring, shell: Caller, mei: str, caplog: pytest.LogCaptureFixture
) -> None:
    with filled.unit() as uow:
        privacy.reveal(uow, shell, SHOP, [mei])
        sealed = uow.rows(select(person.c.sealed).where(person.c.customer_id == mei))
    with caplog.at_level(logging.DEBUG, "regulars"):
        certificate = privacy.erase(filled, warehouse, home, shell, SHOP, mei)

    with filled.reading() as uow:
        told = str(uow.rows(select(outbox))) + str(audit.entries(uow))
        tombstone = str(uow.rows(select(erasure)))
    filled.close()
    files = b"".join(path.read_bytes() for path in home.glob("records.sqlite*"))
    log = caplog.text + str([record.__dict__ for record in caplog.records if record.name.startswith("regulars")])
    for trace in (mei, "王梅", "Wang Mei", "mei.wang", "13800138000", "西湖路", "mei_w", "好喝"):
        assert trace.encode() not in files, trace
        assert trace not in told + tombstone + log + str(certificate), trace
    assert not any(row["sealed"] in files for row in sealed)


def test_asking_twice_gives_the_same_certificate(
    filled: Records, warehouse: Warehouse, home: Path, shell: Caller, mei: str
) -> None:
    first = privacy.erase(filled, warehouse, home, shell, SHOP, mei)

    assert privacy.erase(filled, warehouse, home, shell, SHOP, mei) == first


def test_one_event_is_told_that_names_nobody(filled: Records, warehouse: Warehouse, home: Path, shell: Caller, mei: str) -> None:
    privacy.erase(filled, warehouse, home, shell, SHOP, mei)
    privacy.erase(filled, warehouse, home, shell, SHOP, mei)

    with filled.reading() as uow:
        told = [row for row in uow.rows(select(outbox)) if row["event"] == "Customer Erased"]
    assert [(row["shop_id"], row["customer_id"]) for row in told] == [(SHOP, None)]


def test_an_old_file_does_not_bring_anybody_back(
    filled: Records, warehouse: Warehouse, home: Path, keyring: Keyring, shell: Caller, mei: str
) -> None:
    privacy.erase(filled, warehouse, home, shell, SHOP, mei)
    successor = orders(warehouse)[0][1]

    with filled.unit() as uow:
        counts = privacy.remember(
            uow, keyring, SHOP, [Person(customer_id=mei, email=MEI), Person(customer_id="new", email="new@example.com")]
        )
        kept = privacy.remember_texts(uow, keyring, SHOP, [Sealed(subject="review:r1", customer_id=mei, text="好喝!")])
        renamed = privacy.erased(uow, keyring, SHOP, [mei, "17850", "new"])

    assert (counts.inserted, counts.erased, kept) == (1, 1, 0)
    assert renamed == {mei: successor}


def test_a_customer_known_only_by_orders_can_be_erased(
    filled: Records, warehouse: Warehouse, home: Path, shell: Caller, mei: str
) -> None:
    certificate = privacy.erase(filled, warehouse, home, shell, "coffee", mei)

    assert certificate.rows == {"warehouse.orders": 1}
    assert orders(warehouse, "coffee")[0][1] != mei


def test_who_is_unknown_cannot_be_erased_and_who_may_not_does_not(
    filled: Records, warehouse: Warehouse, home: Path, keyring: Keyring, shell: Caller, mei: str
) -> None:
    support = Caller(kind="operator", id="o", scopes=frozenset({"see_personal_data"}), keyring=keyring)

    with pytest.raises(NotFound):
        privacy.erase(filled, warehouse, home, shell, SHOP, "nobody")
    with pytest.raises(NotAllowed):
        privacy.erase(filled, warehouse, home, support, SHOP, mei)
    with filled.reading() as uow:
        assert uow.rows(select(erasure)) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from regulars.access import Caller, Keyring
from regulars.guard import privacy
from regulars.records import Records
from regulars.warehouse import Warehouse

home, customer = Path(sys.argv[1]), sys.argv[2]
records = Records.open(f"sqlite:///{home}/records.sqlite")
warehouse = Warehouse.open(f"duckdb:///{home}/warehouse.duckdb", memory_limit="1GB")
if sys.argv[3] == "between":
    warehouse.update = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
else:
    close = records.unit
    calls = []
    def unit():
        calls.append(1)
        if len(calls) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return close()
    records.unit = unit
privacy.erase(records, warehouse, home, Caller.system("shell", Keyring.open(home)), "tea", customer)
"""


@pytest.mark.parametrize("moment", ["between", "after"])
def test_an_erasure_killed_half_way_is_finished_at_the_next_start(
    filled: Records, warehouse: Warehouse, home: Path, keyring: Keyring, shell: Caller, mei: str, moment: str
) -> None:
    url = f"duckdb:///{home}/warehouse.duckdb"
    warehouse.close()
    done = subprocess.run([sys.executable, "-c", KILLED, str(home), mei, moment], env={**os.environ}, check=False)
    assert done.returncode == -signal.SIGKILL

    reopened = Warehouse.open(url, memory_limit="1GB")
    try:
        with filled.unit() as uow:
            assert privacy.reveal(uow, shell, SHOP, [mei]) == {}  # the key went first
        recover(filled, reopened, home)
        recover(filled, reopened, home)

        assert mei not in [who for _, who, _ in orders(reopened)]
        certificate = privacy.erase(filled, reopened, home, shell, SHOP, mei)
        assert certificate.erased_at is not None
        with filled.reading() as uow:
            assert [row["old_id_sealed"] for row in uow.rows(select(erasure))] == [None]
    finally:
        reopened.close()


def test_an_export_holds_everything_that_was_put_in(
    any_records: Records, warehouse: Warehouse, keyring: Keyring, shell: Caller, mei: str
) -> None:
    fill(any_records, warehouse, keyring, shell, mei)

    with any_records.unit() as uow:
        answer = to_json(privacy.export_customer(uow, warehouse, shell, SHOP, mei))

    assert answer["person"]["name"] == "王梅 Wang Mei"
    assert answer["person"]["other"] == {"wechat": "mei_w"}
    assert answer["texts"] == {"review:r1": "好喝! call me 13800138000"}
    assert [row["order_id"] for row in answer["warehouse"]["orders"]] == ["o1", "o2"]
    assert [row["review_id"] for row in answer["warehouse"]["reviews"]] == ["ro1", "ro2"]
    assert answer["warehouse"]["customers"][0]["city"] == "杭州"
    assert "Lin" not in str(answer)
    assert "17850" not in str(answer)


def test_every_table_that_names_a_customer_is_exported_and_erased(filled: Records, warehouse: Warehouse, mei: str) -> None:
    from regulars.guard.privacy.erasure import _OWN, renamed_tables
    from regulars.records import metadata

    naming = {table.name for table in metadata.sorted_tables if "customer_id" in table.c}
    assert naming == {table.name for table in renamed_tables()} | set(_OWN)


def test_a_row_in_every_table_that_names_a_customer_is_exported_and_renamed(
    records: Records, warehouse: Warehouse, home: Path, keyring: Keyring, shell: Caller
) -> None:
    """One row for the customer in each table of both stores, filled by the types of its columns."""
    from sqlalchemy import insert

    from regulars.guard.privacy.erasure import renamed_tables
    from regulars.warehouse import TABLES

    with records.unit() as uow:
        shops.create(uow, shell, shop_id=SHOP, name=SHOP, timezone="UTC", currency="CNY")
        for table in renamed_tables():
            for parent in {key.column.table for key in table.foreign_keys} - set(renamed_tables()):
                if uow.one(select(*parent.primary_key.columns).limit(1)) is None:
                    uow.execute(insert(parent).values(least(parent) | {"shop_id": SHOP}))
            uow.execute(insert(table).values(least(table) | {"shop_id": SHOP, "customer_id": "u1"}))
    naming = {name: spec for name, spec in TABLES.items() if {"customer_id", "shop_id"} <= set(spec.columns)}
    for name, spec in naming.items():
        append(
            warehouse,
            name,
            {column: scan_filler(kind) for column, kind in spec.columns.items()} | {"shop_id": SHOP, "customer_id": "u1"},
        )

    with records.unit() as uow:
        answer = privacy.export_customer(uow, warehouse, shell, SHOP, "u1")
    files = zipfile.ZipFile(io.BytesIO(as_zip(answer))).namelist()
    privacy.erase(records, warehouse, home, shell, SHOP, "u1")

    assert set(answer.warehouse) == set(naming)
    assert set(answer.records) == {table.name for table in renamed_tables()}
    assert {f"{name}.csv" for name in (*answer.warehouse, *answer.records)} <= set(files)
    with records.unit() as uow, pytest.raises(NotFound):
        privacy.export_customer(uow, warehouse, shell, SHOP, "u1")


def least(table: Any) -> dict[str, object]:
    return {column.name: filler(column) for column in table.columns if not column.nullable and column.server_default is None}


def filler(column: Any) -> object:
    kind = column.type
    if isinstance(kind, UtcDateTime):
        return datetime(2026, 3, 1, 12, tzinfo=UTC)
    if isinstance(kind, Json):
        return {}
    python = kind.python_type
    return {str: "x", int: 999_999, bool: False, bytes: b"x", float: 1.0, date: date(2026, 3, 1)}.get(python, "x")


def scan_filler(kind: str) -> object:
    if not kind.startswith("!"):
        return None
    for name, value in (("string", "x"), ("timestamp", datetime(2026, 3, 1)), ("boolean", False), ("float", 1.0)):
        if name in kind:
            return value
    return 1


def test_an_export_needs_the_permission_and_somebody_to_export(
    filled: Records, warehouse: Warehouse, keyring: Keyring, shell: Caller, mei: str
) -> None:
    analyst = Caller(kind="operator", id="o", scopes=frozenset({"read_customers", "export"}), keyring=keyring)
    with filled.unit() as uow:
        with pytest.raises(NotAllowed):
            privacy.export_customer(uow, warehouse, analyst, SHOP, mei)
        with pytest.raises(NotFound):
            privacy.export_customer(uow, warehouse, shell, SHOP, "nobody")
