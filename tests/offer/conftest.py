"""A shop on the records of either kind, and the shell that acts in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from regulars.access import Caller, Keyring, Shop, shops
from regulars.records import Records

NOON = datetime(2026, 11, 11, 12, 0, tzinfo=UTC)


@pytest.fixture
def keyring(home: Path) -> Keyring:
    return Keyring.open(home)


@pytest.fixture
def shell(keyring: Keyring) -> Caller:
    return Caller.system("shell", keyring)


@pytest.fixture
def shop(any_records: Records, shell: Caller) -> Shop:
    with any_records.unit() as uow:
        return shops.create(uow, shell, shop_id="tea", name="Tea", timezone="Asia/Shanghai", currency="CNY")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands at noon until it is moved."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller
