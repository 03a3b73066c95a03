"""A shop with a handful of customers in both stores."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from regulars.access import Caller, Keyring, shops
from regulars.guard import privacy
from regulars.guard.privacy import Person, Sealed
from regulars.records import Records
from regulars.warehouse import Warehouse
from regulars.warehouse.arrow import arrow_rows
from regulars.warehouse.schema import TABLES

MEI = "mei.wang@example.com"
SHOP = "tea"


@pytest.fixture
def keyring(home: Path) -> Keyring:
    return Keyring.open(home)


@pytest.fixture
def shell(keyring: Keyring) -> Caller:
    return Caller.system("shell", keyring)


@pytest.fixture
def mei(keyring: Keyring) -> str:
    """Mei's pseudonym."""
    return privacy.pseudonym(keyring, SHOP, MEI, "email")


def fill(records: Records, warehouse: Warehouse, keyring: Keyring, shell: Caller, mei: str) -> None:
    """Mei and Lin with people, texts, orders and profiles; Mei also in another shop."""
    with records.unit() as uow:
        for shop_id in (SHOP, "coffee"):
            shops.create(uow, shell, shop_id=shop_id, name=shop_id, timezone="UTC", currency="CNY")
        everybody = [
            Person(
                customer_id=mei,
                name="王梅 Wang Mei",
                email=MEI,
                phone="138 0013 8000",
                address="西湖路 7 号",
                other={"wechat": "mei_w"},
            ),
            Person(customer_id="17850", name="Lin Bo", email="lin@example.com"),
        ]
        privacy.remember(uow, keyring, SHOP, everybody, load_id="load_1")
        texts = [
            Sealed(subject="review:r1", customer_id=mei, text="好喝! call me 13800138000"),
            Sealed(subject="review:r2", customer_id="17850", text="fine"),
            Sealed(subject="review:r3", customer_id=None, text="by nobody known"),
        ]
        privacy.remember_texts(uow, keyring, SHOP, texts, load_id="load_1")
    at = datetime(2026, 3, 1, 12)
    for customer_id, order_id in ((mei, "o1"), (mei, "o2"), ("17850", "o3")):
        append(warehouse, "orders", _order(SHOP, customer_id, order_id, at))
        append(
            warehouse, "reviews", {"shop_id": SHOP, "review_id": "r" + order_id, "customer_id": customer_id, "load_id": "load_1"}
        )
    append(warehouse, "orders", _order("coffee", mei, "o1", at))
    append(
        warehouse,
        "customers",
        {
            "shop_id": SHOP,
            "customer_id": mei,
            "city": "杭州",
            "gender": "f",
            "birth_year": 1987,
            "region": "ZJ",
            "load_id": "load_1",
        },
    )


def _order(shop_id: str, customer_id: str, order_id: str, at: datetime) -> dict[str, object]:
    return {
        "shop_id": shop_id,
        "order_id": order_id,
        "customer_id": customer_id,
        "ordered_at": at,
        "status": "placed",
        "currency": "CNY",
        "total_minor": 1999,
        "items_minor": 1999,
        "shipping_minor": 0,
        "tax_minor": 0,
        "discount_minor": 0,
        "units": 1,
        "line_count": 1,
        "source": "test",
        "load_id": "load_1",
    }


def append(warehouse: Warehouse, table: str, row: dict[str, object]) -> None:
    """One row; columns that are not named are null."""
    spec = TABLES[table]
    warehouse.append(table, arrow_rows(spec, [{name: row.get(name) for name in spec.columns}]))


@pytest.fixture
def filled(records: Records, warehouse: Warehouse, keyring: Keyring, shell: Caller, mei: str) -> Records:
    fill(records, warehouse, keyring, shell, mei)
    return records
