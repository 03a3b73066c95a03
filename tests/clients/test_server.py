"""The tracker against the real server: what a visitor did is in the warehouse, each event once, in its columns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from regulars.app import House
from regulars.settings import Settings
from tests.clients.recorder import Shop
from tests.support.senders import new_source
from tests.support.server import initialised, serving

pytestmark = pytest.mark.browser


def test_a_visit_is_in_the_warehouse_once(visit: Callable[..., Page], shop: Shop, tmp_path: Path) -> None:
    """Three hasty pages: what goes by beacon and is confirmed by the next page counts once."""
    home = tmp_path / "home"
    initialised(home, "--shop", "tea", "--timezone", "Asia/Shanghai", "--currency", "CNY")
    source_id, key = new_source(home, kind="browser")
    shop.pages["/p"] = """<script type="application/ld+json">{"@type": "Product", "sku": "LJ", "name": "龙井", "brand": "狮峰",
      "offers": {"price": "128.50", "priceCurrency": "CNY"}}</script>"""
    with serving(home) as server:
        shop.snippet = f'<script async src="/t.js" data-key="{key}" data-host="{server.url}"></script>'
        tab = visit("/?utm_source=weibo&utm_medium=social&gclid=x")
        visit("/find?q=tea", tab)
        visit("/p", tab)
        tab.evaluate(
            "regulars.identify('customer-17'); regulars.track('Product Added', {product_id: 'LJ', quantity: 2, price: 128.5, currency: 'CNY'})"
        )
        tab.wait_for_function("!Object.keys(localStorage).some((name) => name.startsWith('rg_q_'))")
        tab.goto("about:blank")
        tab.wait_for_timeout(1000)

    house = House.open(Settings.load({"REGULARS_HOME": str(home)}))
    house.loader.run_once()
    rows = house.warehouse.rows(house.warehouse.table("events"))
    house.close()

    told = [
        *["Page Viewed", "Page Left", "Page Performance"] * 3,
        "Products Searched",
        "Product Viewed",
        "Product Added",
        "Customer Identified",
    ]
    assert sorted(row["event"] for row in rows) == sorted(told)
    by = {row["event"]: row for row in rows}
    assert {row["source_id"] for row in rows} == {source_id} and len({row["message_id"] for row in rows}) == len(rows)
    assert len({row["anonymous_id"] for row in rows}) == len({row["session_id"] for row in rows}) == 1
    viewed, added, searched = by["Product Viewed"], by["Product Added"], by["Products Searched"]
    assert (viewed["product_id"], viewed["product_name"], viewed["brand"], float(viewed["price"]), viewed["currency"]) == (
        "LJ", "龙井", "狮峰", 128.5, "CNY",
    )  # fmt: skip
    assert (added["product_id"], float(added["quantity"])) == ("LJ", 2) and searched["query"] == "tea"
    landing = next(row for row in rows if row["event"] == "Page Viewed" and row["path"] == "/")
    assert (landing["utm_source"], landing["click_id"], landing["channel"], landing["locale"]) == (
        "weibo",
        "gclid",
        "paid",
        "zh-CN",
    )
    assert all(row["duration_ms"] is not None for row in rows if row["event"] == "Page Left")
    assert all(row["schema_problems"] is None for row in rows), [row["schema_problems"] for row in rows]
