"""A shop whose stream can be fed and loaded in one process, with everything that follows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from regulars.access import shops
from regulars.access.domain import Caller, Shop
from regulars.app import House, examine
from regulars.collect import track
from regulars.collect.track import sources
from regulars.settings import Settings


@dataclass
class Stream:
    """A house with a shop and a source."""

    house: House
    shop: Shop
    source_id: str
    write_key: str
    caller: Caller
    sent: int = field(default=0)

    def send(self, *messages: dict[str, Any], source_id: str | None = None, load: bool = True) -> None:
        """Put messages into the journal, each with an id of its own unless it brings one, and load them."""
        told = []
        for message in messages:
            self.sent += 1
            told.append({"type": "track", "messageId": f"m{self.sent}", "timestamp": "2026-03-01T10:00:00Z", **message})
        track.accept(self.house.loader.journal, self.shop.shop_id, source_id or self.source_id, told)
        if load:
            self.house.loader.run_once()

    def rows(self, table: str = "events", *columns: str) -> list[dict[str, Any]]:
        """The rows of a warehouse table, in order of its key."""
        found = self.house.warehouse.table(table)
        ordered = found.order_by(list(self.house.warehouse.tables()[table].key))
        return self.house.warehouse.rows(ordered.select(*columns) if columns else ordered)

    def wrong(self) -> list[str]:
        """What the doctor finds."""
        return [f"{check.name}: {finding}" for check in examine(self.house).checks for finding in check.findings]


@pytest.fixture
def stream(home: Path) -> Iterator[Stream]:
    house = House.open(Settings.load({"REGULARS_HOME": str(home)}))
    caller = Caller.system("test", house.keyring)
    with house.records.unit() as uow:
        shop = shops.create(uow, caller, shop_id="tea", name="Tea", timezone="Asia/Shanghai", currency="CNY")
        made = sources.create(uow, caller, shop_id="tea", name="Web", kind="browser")
    yield Stream(house, shop, made.source.source_id, made.write_key, caller)
    house.close()
