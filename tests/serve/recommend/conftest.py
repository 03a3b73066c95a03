"""A house with a tea shop: a catalogue, visits and orders, and a source whose events are loaded by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from regulars.access import shops
from regulars.access.domain import Caller, Shop
from regulars.app import House
from regulars.collect.track import accept, sources
from regulars.serve import recommend as room
from regulars.serve.recommend.domain.lists import ExplainedList, RecommendationList
from regulars.settings import Settings
from regulars.values import clock
from tests.support.rows import put

#: product: category, brand, stock
PRODUCTS = {
    "longjing": ("Green tea", "Xihu", 9),
    "biluochun": ("Green tea", "Dongting", 9),
    "maofeng": ("Green tea", "Huangshan", 9),
    "dahongpao": ("Oolong", "Wuyi", 9),
    "tieguanyin": ("Oolong", "Anxi", 9),
    "teapot": ("Ware", "Yixing", 9),
    "cup": ("Ware", "Yixing", 9),
    "sold-out": ("Green tea", "Xihu", 0),
    "hidden": ("Green tea", "Xihu", 9),
}


@dataclass
class Tea:
    """The house, its shop, and ways to act in it."""

    house: House
    shop: Shop
    source_id: str
    caller: Caller

    def ask(self, placement: str, **more: Any) -> RecommendationList:
        """A list."""
        return self.explain(placement, **more).recommendation

    def explain(self, placement: str, *, language: str = "en", **more: Any) -> ExplainedList:
        """A list with what was left out."""
        wanted = room.Wanted(placement=placement, **more)
        house = self.house
        with house.records.reading() as uow:
            return room.explain(
                uow, house.records, house.warehouse, house.home, house.keyring, self.shop, wanted, language=language
            )

    def send(self, event: str, message_id: str, *, load: bool = False, **more: Any) -> None:
        """Let collect take an event; it is in the journal, and in the warehouse only when `load` says so."""
        message = {"type": "track", "event": event, "messageId": message_id, "timestamp": clock.now().isoformat(), **more}
        accept(self.house.journal, self.shop.shop_id, self.source_id, [message])
        if load:
            self.house.loader.run_once()

    def view(self, visitor: str, product_id: str, message_id: str, *, load: bool = False) -> None:
        """Somebody looks at a product."""
        self.send("Product Viewed", message_id, load=load, anonymousId=visitor, properties={"product_id": product_id})


def ids(found: RecommendationList) -> list[str]:
    """The products of a list."""
    return [one.product_id for one in found.items]


def rows_of_history(shop_id: str, now: datetime) -> Mapping[str, list[dict[str, Any]]]:
    """Visits in which green teas are looked at one after another and the pot goes with the cup; orders that repeat longjing."""
    at = now.replace(tzinfo=None, microsecond=0)
    visits = [["longjing", "biluochun"], ["longjing", "biluochun", "maofeng"], ["dahongpao", "tieguanyin"], ["teapot", "cup"]] * 3
    visits += [["longjing", "sold-out"], ["longjing", "hidden"]] * 3
    events = []
    for number, visit in enumerate(visits):
        for step, product_id in enumerate(visit):
            moment = at - timedelta(days=20 - number, minutes=-step)
            events.append(
                {
                    "shop_id": shop_id, "source_id": "s", "message_id": f"h{number}-{step}", "event_key": 1000 * number + step, "type": "track",
                    "event": "Product Viewed", "customer_id": f"v_{number:020d}", "timestamp": moment, "received_at": moment,
                    "product_id": product_id, "properties": "{}", "part_id": "p",
                }
            )  # fmt: skip
    lines = []
    for buyer in range(15):
        baskets = [["longjing", "cup"], ["longjing"], ["longjing", "cup"]] if buyer < 3 else [["teapot"], ["dahongpao"]]
        for place, basket in enumerate(baskets):
            for line, product_id in enumerate(basket):
                lines.append(
                    {
                        "shop_id": shop_id, "order_id": f"o{buyer}-{place}", "line_key": line, "customer_id": f"c{buyer}",
                        "ordered_at": at - timedelta(days=30 - 7 * place), "status": "placed", "kind": "product", "product_id": product_id,
                        "quantity": Decimal(1), "unit_price": Decimal(9), "amount_minor": 900, "currency": "CNY", "load_id": "l",
                    }
                )  # fmt: skip
    products = [
        {
            "shop_id": shop_id, "product_id": one, "name": one.title(), "category": category, "brand": brand, "stock": stock,
            "price_minor": 9_900, "currency": "CNY", "status": "hidden" if one == "hidden" else None, "load_id": "l",
        }
        for one, (category, brand, stock) in PRODUCTS.items()
    ]  # fmt: skip
    return {"events": events, "order_lines": lines, "products": products}


@pytest.fixture
def tea(home: Path) -> Iterator[Tea]:
    """A shop with a history; its loader runs only when it is told to."""
    house = House.open(Settings.load({"REGULARS_HOME": str(home)}))
    caller = Caller.system("test", house.keyring)
    with house.records.unit() as uow:
        shop = shops.create(uow, caller, shop_id="tea", name="Tea House", timezone="Asia/Shanghai", currency="CNY")
        made = sources.create(uow, caller, shop_id="tea", name="Web shop", kind="browser")
    for table, rows in rows_of_history("tea", clock.now().astimezone(UTC)).items():
        put(house.warehouse, table, rows)
    yield Tea(house, shop, made.source.source_id, caller)
    house.close()
