"""A tea shop whose customers come and go, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from regulars.access import Caller, Keyring, Shop, shops
from regulars.records import Records, outbox
from regulars.understand.questions import Desk
from regulars.understand.segments import SegmentFile, service
from regulars.warehouse import Warehouse
from tests.support.happenings import happened

VIEWED = "Product Viewed"


@dataclass
class Tea:
    """The shop, and what tests do with it."""

    records: Records
    warehouse: Warehouse
    shop: Shop
    shell: Caller
    home: Path

    @property
    def desk(self) -> Desk:
        return Desk(self.warehouse, self.shop)

    def save(self, segment_id: str, where_tree: Any = None, **more: Any) -> Any:
        """Make or change a segment."""
        with self.records.unit() as uow:
            given = SegmentFile(segment_id=segment_id, name=segment_id.title(), where_tree=where_tree, **more)
            return service.save(uow, self.shell, self.shop, given)

    def evaluate(self) -> Any:
        return service.evaluate(self.records, self.warehouse, self.shop)

    def members(self, segment_id: str) -> list[str]:
        return [row["customer_id"] for row in service.every_member(self.desk, segment_id)]

    def happened(self, *events: tuple[str, str, str]) -> None:
        """(customer, event, time)."""
        told = [{"customer": customer, "event": event, "ts": at, "props": {}} for customer, event, at in events]
        happened(self.warehouse, self.shop, told)

    def told(self) -> list[tuple[str, str, str]]:
        """(event, segment, customer) of what was told, in order."""
        with self.records.reading() as view:
            rows = view.rows(select(outbox).where(outbox.c.event.like("Segment %")).order_by(outbox.c.position))
        import json

        return [(row["event"], json.loads(row["properties"])["segment_id"], row["customer_id"]) for row in rows]


@pytest.fixture
def open_tea(home: Path, warehouse: Warehouse) -> Callable[[Records], Tea]:
    def opened(records: Records) -> Tea:
        shell = Caller.system("shell", Keyring.open(home))
        with records.unit() as uow:
            shop = shops.create(uow, shell, shop_id="tea", name="Tea", timezone="UTC", currency="CNY")
        return Tea(records, warehouse, shop, shell, home)

    return opened


@pytest.fixture
def tea(records: Records, open_tea: Callable[[Records], Tea]) -> Tea:
    return open_tea(records)


@pytest.fixture
def any_tea(any_records: Records, open_tea: Callable[[Records], Tea]) -> Tea:
    return open_tea(any_records)
