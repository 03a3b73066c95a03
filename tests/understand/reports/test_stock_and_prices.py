"""Bands of prices and what lies in stock, counted by hand in the tea shop of these tests."""

from __future__ import annotations

from typing import Any

import pytest

from regulars.app import House
from regulars.errors import NotEnoughData
from regulars.understand import reports
from regulars.understand.questions import Desk
from regulars.warehouse import TABLES
from regulars.warehouse.arrow import arrow_rows
from tests.understand.metrics.small_store import SmallStore

MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


def products(house: House, desk: Desk, *rows: dict[str, Any]) -> None:
    shared = {"shop_id": desk.shop.shop_id, "currency": "CNY", "load_id": "l"}
    house.warehouse.append("products", arrow_rows(TABLES["products"], [shared | row for row in rows]))


def test_bands_are_cut_by_what_products_cost(house: House, desk: Desk) -> None:
    """Usual prices 10, 20, 30, 40: two bands are cut at 25. A line of c at 26 counts in the dearer band; among pots alone, cut at 35, in the cheaper."""
    store = SmallStore(desk.shop)
    store.order(
        "p1", "ann", "2026-03-10 03:00", 13_000, items=[("a", "Tea", 2, 1_000), ("b", "Tea", 1, 2_000), ("d", "Pots", 1, 4_000)]
    )
    store.order("p2", "ben", "2026-03-11 03:00", 2_600, items=[("c", "Pots", 1, 3_400), ("c", "Pots", 1, 2_600)])
    store.order("p3", None, "2026-05-11 03:00", 100, items=[("z", "Tea", 1, 100)])
    store.load(house.warehouse)
    question = {"bands": 2, "range": {"from": "2026-03-10", "to": "2026-03-31"}}

    found = reports.ask(desk, "price_bands", question).answer

    low, high = found.bands
    assert (low.up_to.minor, high.above.minor, low.above, high.up_to) == (2_500, 2_500, None, None)
    assert (low.products, low.orders, low.units, low.revenue.minor) == (2, 1, 3, 4_000)
    assert (high.products, high.orders, high.units, high.revenue.minor, high.share) == (2, 2, 3, 10_000, 0.7143)
    by = reports.ask(desk, "price_bands", question | {"by": "category"}).answer
    assert [(one.category, one.band, one.revenue.minor) for one in by.bands] == [
        ("Pots", 1, 6_000), ("Pots", 2, 4_000), ("Tea", 1, 2_000), ("Tea", 2, 2_000),
    ]  # fmt: skip
    behind = reports.customers(desk, "price_bands", question, {"band": 1})
    assert [one.customer_id for one in behind.customers] == ["ann"]


def test_without_stock_it_is_said_how_to_provide_it(desk: Desk) -> None:
    with pytest.raises(NotEnoughData) as refused:
        reports.ask(desk, "inventory", {})
    assert refused.value.code == "no_stock"


def test_stock_lasts_is_sold_out_or_lies(house: House, desk: Desk) -> None:
    """Up to 5 March: 4 green teas in 28 days, so 14 in stock last 98 days; the cups sold 1 in the 28 days to 20 January, at 20.00."""
    products(
        house,
        desk,
        {"product_id": "green", "name": "Green tea", "stock": 14, "price_minor": 3_000, "cost_minor": 1_000},
        {"product_id": "cup", "name": "杯子", "stock": 0, "price_minor": 2_800},
        {"product_id": "pot", "stock": 3, "price_minor": 9_000},
        {"product_id": "mat", "stock": None, "price_minor": 100},
    )

    found = reports.ask(desk, "inventory", {}).answer

    rows = {one.product_id: one for one in found.products}
    assert (rows["green"].state, rows["green"].days_of_cover, rows["green"].value.minor) == ("enough", 98.0, 14_000)
    assert (rows["cup"].state, rows["cup"].lost_a_day.minor, rows["cup"].days_of_cover) == ("out", 100, None)
    assert (rows["pot"].state, rows["pot"].days_of_cover) == ("slow", None)
    assert (found.stock, found.value.minor, found.days_of_cover, found.without_stock) == (17, 41_000, 119.0, 1)
    assert [(one.state, one.products) for one in found.states] == [("out", 1), ("low", 0), ("enough", 1), ("slow", 1)]
    low = reports.ask(desk, "inventory", {"state": "low", "low_days": 100}).answer
    assert [one.product_id for one in low.products] == ["green"]
    behind = reports.customers(desk, "inventory", {}, {"state": "out"})
    assert [one.customer_id for one in behind.customers] == ["ben"]
