"""Registered forecasts: every metric written down with its backtest, held against the days that came, and replaced when they are over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from regulars import registry
from regulars.access import Caller, Keyring, Shop, shops
from regulars.predict.forecast.registered import AHEAD, MODEL, keep_up
from regulars.predict.models import service as cards
from regulars.records import Records
from regulars.values.money import Money
from regulars.warehouse import Warehouse
from tests.understand.metrics.small_store import SmallStore

FIRST = date(2025, 3, 3)
LEARNED = 84


@pytest.fixture
def shop(records: Records, home: Path) -> Shop:
    with records.unit() as uow:
        return shops.create(
            uow, Caller.system("test", Keyring.open(home)), shop_id="tea", name="Tea", timezone="UTC", currency="CNY"
        )


@pytest.fixture
def trade(shop: Shop, warehouse: Warehouse) -> Callable[..., None]:
    """Sell so many orders of 20.00 a day, more on Saturdays, on days counted from the first."""

    def sell(days: range, many: int = 4) -> None:
        store = SmallStore(shop)
        for i in days:
            day = FIRST + timedelta(days=i)
            for k in range(many + (3 if day.weekday() == 5 else 0) + i * i % 3):
                store.order(f"o{i}-{k}", f"c{(3 * i + k) % 40}", f"{day} 0{k % 9}:00", 2_000, items=[("green", "Tea", 1, 2_000)])
        store.load(warehouse)

    return sell


def card(records: Records) -> Any:
    with records.reading() as uow:
        return cards.card(uow, "tea", MODEL)


def test_a_forecast_stands_until_its_days_are_over_and_is_held_against_them(
    shop: Shop, records: Records, warehouse: Warehouse, trade: Callable[..., None]
) -> None:
    assert keep_up(records, warehouse, shop) is None  # nothing sold yet
    trade(range(LEARNED))
    first = keep_up(records, warehouse, shop)
    again = keep_up(records, warehouse, shop)
    assert first is not None
    assert first == again
    answer = card(records)
    assert {fold["metric"] for fold in answer.folds} >= {"gmv", "orders", "aov"}
    assert answer.card.version.scores[0].name == "mase"
    assert answer.checks == []

    trade(range(LEARNED, LEARNED + 10))
    standing = keep_up(records, warehouse, shop)
    check = card(records).checks[0]
    assert standing is not None
    assert standing.number == first.number
    assert check.realised is not None
    assert (check.realised.customers, check.realised.forecast, check.judgement) == (10, 0.8, "steady")
    gmv = {one.metric: one for one in check.metrics}["gmv"]
    assert gmv.title == "GMV"
    assert gmv.days == 10
    assert gmv.inside >= 0.6
    assert isinstance(gmv.came, Money)
    assert gmv.came.minor == 2_000 * sum(4 + 3 * (i % 7 == 5) + i * i % 3 for i in range(LEARNED, LEARNED + 10)) / 10
    assert gmv.off is not None
    assert gmv.off < 0.3


def test_a_shop_that_halves_is_seen_and_the_next_forecast_takes_over(
    shop: Shop, records: Records, warehouse: Warehouse, trade: Callable[..., None]
) -> None:
    trade(range(LEARNED))
    first = keep_up(records, warehouse, shop)
    trade(range(LEARNED, LEARNED + AHEAD), many=1)

    next_one = keep_up(records, warehouse, shop)

    assert first is not None
    assert next_one is not None
    assert (next_one.number, next_one.state) == (first.number + 1, "champion")
    found = card(records)
    assert [one.number for one in found.checks] == [2, 1]
    assert {one.judgement for one in found.checks} == {"watch"}
    assert found.checks[0].realised.came < 0.6
    with records.reading() as uow:
        assert registry.champion(uow, "tea", MODEL) == next_one
