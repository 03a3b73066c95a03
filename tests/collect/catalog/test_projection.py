"""Products as messages tell them: the last of each field holds, in any order, once, and again after a rebuild."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from regulars.app import House, rebuild_warehouse
from regulars.settings import Settings
from tests.collect.track.conftest import Desk, desk

__all__ = ["desk"]


def updated(number: int, day: int, **properties: Any) -> dict[str, Any]:
    """One message of the catalogue."""
    return {
        "type": "track",
        "event": "Product Updated",
        "messageId": f"m{number}",
        "anonymousId": "regulars-catalogue",
        "timestamp": f"2026-03-{day:02d}T08:00:00Z",
        "properties": {"product_id": "tea-1", **properties},
        "context": {"userAgent": "regulars catalogue bot"},
    }


STORY = [
    updated(1, 1, name="Black tea", category="Tea", price="12.50", currency="CNY", stock=7, status="active"),
    updated(2, 2, price="13.00", currency="CNY", stock=5),
    updated(3, 3, name="Finest black tea", brand="Hill"),
    updated(4, 4, status="deleted"),
]


def products(house: House) -> list[dict[str, Any]]:
    return house.warehouse.rows(house.warehouse.table("products"))


@pytest.mark.parametrize("seed", range(4))
def test_a_product_is_the_same_whatever_order_its_messages_came_in(desk: Desk, seed: int) -> None:
    story = list(STORY)
    random.Random(seed).shuffle(story)

    for message in story:
        desk.take(message)
    desk.take(*STORY)

    (product,) = products(desk.house)
    assert product == {
        "shop_id": "tea",
        "product_id": "tea-1",
        "name": "Finest black tea",
        "category": "Tea",
        "brand": "Hill",
        "seller_id": None,
        "price_minor": 1300,
        "cost_minor": None,
        "currency": "CNY",
        "stock": 5,
        "status": "deleted",
        "observed_at": datetime(2026, 3, 4, 8),
        "load_id": "events",
    }


def test_a_price_without_a_currency_is_in_the_shops_own(desk: Desk) -> None:
    desk.take(updated(1, 1, price=3))

    assert [(row["price_minor"], row["currency"]) for row in products(desk.house)] == [(300, "CNY")]


def test_looking_at_a_product_changes_nothing_of_the_catalogue(desk: Desk) -> None:
    desk.take({**updated(1, 1, price=3), "event": "Product Viewed"})

    assert products(desk.house) == []


def test_products_are_there_again_after_a_rebuild(desk: Desk, home: Path) -> None:
    desk.take(*STORY)
    before = products(desk.house)
    desk.house.loader.empty()
    desk.house.close()

    rebuild_warehouse(Settings.load({"REGULARS_HOME": str(home)}))
    house = House.open(Settings.load({"REGULARS_HOME": str(home)}))
    after = products(house)
    house.close()

    assert after == before
