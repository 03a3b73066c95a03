"""A house with a tea shop and a source, in which events are taken and loaded by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from regulars.access import shops
from regulars.access.domain import Caller, Shop
from regulars.app import House
from regulars.collect.track import accept, sources
from regulars.collect.track.quarantine import QuarantinedEvent, listing
from regulars.settings import Settings
from tests.collect.track.streams import stream

__all__ = ["stream"]


@dataclass
class Desk:
    """Stores, shop, source and the one who acts."""

    house: House
    shop: Shop
    source_id: str
    caller: Caller

    def take(self, *messages: dict[str, Any], source_id: str | None = None) -> None:
        """Put messages into the journal and load them."""
        accept(self.house.journal, self.shop.shop_id, source_id or self.source_id, messages)
        self.house.loader.run_once()

    def events(self) -> list[dict[str, Any]]:
        """What the warehouse holds."""
        return self.house.warehouse.rows(self.house.warehouse.table("events"))

    def aside(self, state: str = "open", *, language: str = "en") -> list[QuarantinedEvent]:
        """What is put aside, with its text."""
        with self.house.records.reading() as uow:
            return listing(uow, self.house.keyring, self.shop.shop_id, state=state, reveal=True, language=language)


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    """A house whose loader runs only when it is told to."""
    house = House.open(Settings.load({"REGULARS_HOME": str(home)}))
    caller = Caller.system("test", house.keyring)
    with house.records.unit() as uow:
        shop = shops.create(uow, caller, shop_id="tea", name="Tea House", timezone="Asia/Shanghai", currency="CNY")
        made = sources.create(uow, caller, shop_id="tea", name="Web shop", kind="browser")
    yield Desk(house, shop, made.source.source_id, caller)
    house.close()


def track(event: str, message_id: str, **more: Any) -> dict[str, Any]:
    """A track call."""
    return {"type": "track", "event": event, "messageId": message_id, "userId": "17850", **more}
