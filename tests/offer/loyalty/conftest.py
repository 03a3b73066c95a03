"""A shop with points on records of either kind, and short ways to move them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from regulars.access import shops
from regulars.access.domain import Caller, Shop
from regulars.access.keys import Keyring
from regulars.offer.loyalty import service
from regulars.offer.loyalty.domain.wishes import Wish
from regulars.records import Records

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)


@dataclass
class Till:
    """A shop's points at hand."""

    records: Records
    shop: Shop
    shell: Caller

    def move(self, verb: Any, key: str, *, who: str = "c1", at: datetime = NOON, currency: str = "points", **wish: Any) -> Any:
        """One wish in a transaction of its own."""
        with self.records.unit() as uow:
            return service.move_one(uow, self.shop.shop_id, who, Wish(verb=verb, key=key, at=at, **wish), currency)

    def balance(self, who: str = "c1", *, at: datetime = NOON, currency: str = "points") -> service.PointsBalance:
        """What somebody has."""
        with self.records.reading() as uow:
            return service.balance(uow, self.shop, who, currency, at=at)


def opened(records: Records, home: Path) -> Till:
    """A new shop in Shanghai."""
    shell = Caller.system("shell", Keyring.open(home))
    with records.unit() as uow:
        shop = shops.create(uow, shell, shop_id="tea", name="Tea House", timezone="Asia/Shanghai", currency="CNY")
    return Till(records, shop, shell)


@pytest.fixture
def till(any_records: Records, home: Path) -> Till:
    """On SQLite, then on PostgreSQL."""
    return opened(any_records, home)


@pytest.fixture
def quick_till(records: Records, home: Path) -> Till:
    """On SQLite only, for what does not depend on the database."""
    return opened(records, home)
