"""A shop whose customers permit and refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from regulars.access import Caller, Keyring, shops
from regulars.records import Records

SHOP = "tea"


@pytest.fixture
def keyring(home: Path) -> Keyring:
    return Keyring.open(home)


@pytest.fixture
def shell(keyring: Keyring) -> Caller:
    return Caller.system("shell", keyring)


def open_shop(records: Records, shell: Caller) -> Records:
    with records.unit() as uow:
        for shop_id in (SHOP, "coffee"):
            shops.create(uow, shell, shop_id=shop_id, name=shop_id, timezone="Asia/Shanghai", currency="CNY")
    return records


@pytest.fixture
def shop(any_records: Records, shell: Caller) -> Records:
    """Records on either database, with two shops."""
    return open_shop(any_records, shell)
