"""The pieces for a shop's pages in a real Chromium against a real server: seen, chosen and searched by keyboard, each told once; and without scripts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from regulars.access import shops
from regulars.access.domain import Caller
from regulars.app import House
from regulars.collect.track import accept, sources
from regulars.serve.storefront.domain.tokens import customer_of
from regulars.settings import Settings
from regulars.values import clock
from tests.clients.recorder import Shop
from tests.serve.recommend.conftest import PRODUCTS, rows_of_history
from tests.support.rows import put
from tests.support.server import command, serving

pytestmark = pytest.mark.browser

_SENT = "!Object.keys(localStorage).some((name) => name.startsWith('rg_q_'))"
_NOTED = """(list) => Object.entries(localStorage).some(([name, text]) =>
  name.startsWith('rg_q_') && text.split('\\n').some((one) => one.includes('Product List Viewed') && one.includes(list)))"""
_NAME = "<b>Longjing</b>"


def opened(home: Path) -> House:
    return House.open(Settings.load({"REGULARS_HOME": str(home)}))


def window(home: Path, shop: Shop) -> str:
    """A shop with a history and products that have pages; returns its browser key."""
    house = opened(home)
    caller = Caller.system("test", house.keyring)
    with house.records.unit() as uow:
        shops.create(uow, caller, shop_id="tea", name="Tea House", timezone="Asia/Shanghai", currency="CNY")
        made = sources.create(uow, caller, shop_id="tea", name="Web shop", kind="browser", origins=[shop.url])
    for table, rows in rows_of_history("tea", clock.now()).items():
        put(house.warehouse, table, rows)
    told = []
    for one in PRODUCTS:
        properties = {"product_id": one, "url": f"/p/{one}", "image_url": f"{shop.url}/missing.png"}
        properties |= {"name": _NAME} if one == "longjing" else {}
        message = {"type": "track", "event": "Product Updated", "messageId": f"u-{one}", "anonymousId": "shop"}
        told.append({**message, "timestamp": clock.now().isoformat(), "properties": properties})
    accept(house.journal, "tea", made.source.source_id, told)
    house.loader.run_once()
    house.close()
    return made.write_key


def rows_of(home: Path, event: str) -> list[dict[str, Any]]:
    house = opened(home)
    house.loader.run_once()
    found = [row for row in house.warehouse.rows(house.warehouse.table("events")) if row["event"] == event]
    house.close()
    return [{**row, **json.loads(row["properties"] or "{}")} for row in sorted(found, key=lambda row: row["timestamp"])]


def test_a_shopper_sees_chooses_and_searches_and_each_is_told_once(
    chromium: Browser, visit: Callable[..., Page], shop: Shop, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    key = window(home, shop)
    shop.pages["/"] = (
        '<regulars-search></regulars-search><div style="height:300px"></div>'
        '<regulars-carousel placement="popular" size="7"><p id=inside>Server</p></regulars-carousel>'
        '<div style="height:3000px"></div><regulars-carousel id=far placement="new_arrivals" title="Far away"></regulars-carousel>'
    )
    with serving(home) as server:
        scripts = (
            f'<script async src="{server.url}/t.js" data-key="{key}"></script>'
            f'<script async src="{server.url}/v1/storefront/widgets.js"></script>'
        )
        shop.snippet = scripts
        tab = visit("/")
        region = tab.get_by_role("region", name="畅销商品")
        cards = region.get_by_role("link")
        expect(cards).to_have_count(7)
        expect(tab.locator("#inside")).not_to_be_visible()
        expect(region.get_by_role("link", name=_NAME)).to_be_visible()  # as text
        assert tab.locator("regulars-carousel b").count() == 0

        tab.wait_for_function(_NOTED, arg="rec_")

        # the row scrolls by its buttons, which the keyboard reaches
        after = region.get_by_role("button", name="下一组商品")
        row = region.get_by_role("list")
        after.focus()
        tab.keyboard.press("Enter")
        tab.wait_for_function("(row) => row.scrollLeft > 0", arg=row.element_handle())
        expect(region.get_by_role("button", name="上一组商品")).to_have_attribute("aria-disabled", "false")

        # suggestions: typed, chosen, put away and searched by keyboard alone
        box = tab.get_by_role("combobox", name="搜索商品")
        box.focus()
        tab.keyboard.type("tea")
        options = tab.get_by_role("option")
        expect(options.first).to_be_visible()
        expect(box).to_have_attribute("aria-expanded", "true")
        expect(tab.get_by_role("status")).to_have_text(f"{options.count()} 条建议")
        tab.keyboard.press("ArrowDown")
        expect(options.first).to_have_attribute("aria-selected", "true")
        expect(box).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "")
        tab.keyboard.press("Escape")
        expect(tab.get_by_role("listbox")).not_to_be_visible()
        box.fill("teapot")
        tab.keyboard.press("Enter")
        finds = tab.locator("regulars-search").get_by_role("link")
        expect(finds.first).to_be_visible()
        expect(tab.get_by_role("status")).to_contain_text("件商品")
        finds.first.click()
        tab.wait_for_url("**/p/teapot")
        with tab.expect_response("**/v1/storefront/recommendations?*") as answered:
            tab.go_back()
        expect(cards).to_have_count(7)
        tab.wait_for_function(_NOTED, arg=answered.value.json()["impression_id"])
        cards.first.focus()
        chosen = cards.first.get_attribute("href") or ""
        tab.keyboard.press("Enter")
        tab.wait_for_url(chosen)
        tab.wait_for_function(_SENT)
        tab.close()

        # a page of another site gets nothing, and is not disturbed
        shop.pages["/foreign"] = (
            '<script>addEventListener("regulars-list", (event) => { window.had = event.detail.items }, true)</script>'
            '<regulars-carousel placement="popular"></regulars-carousel>'
        )
        foreign = chromium.new_context().new_page()
        foreign.goto(f"http://shop.test:{shop.port}/foreign")
        foreign.wait_for_function("window.had === 0")
        assert foreign.locator("regulars-carousel li").count() == 0
        foreign.context.close()

        # what the server put inside works without scripts
        asked = {"key": key, "placement": "popular"}
        fragment = httpx.get(f"{server.url}/v1/storefront/recommendations.html", params=asked).text
        shop.pages["/plain"] = (
            f"<regulars-carousel>{fragment}</regulars-carousel><regulars-search><form action='{server.url}/v1/storefront/search.html'>"
            f"<input type=hidden name=key value='{key}'><input type=search name=q></form></regulars-search>"
        )
        plain = chromium.new_context(java_script_enabled=False).new_page()
        plain.goto(f"{shop.url}/plain")
        plain.get_by_role("link", name="Dahongpao").click()
        plain.wait_for_url(f"{shop.url}/p/dahongpao")
        plain.go_back()
        plain.get_by_role("searchbox").fill("teapot")
        plain.get_by_role("searchbox").press("Enter")
        plain.get_by_role("link", name="Teapot").click()
        plain.wait_for_url(f"{shop.url}/p/teapot")
        plain.context.close()

    seen = rows_of(home, "Product List Viewed")
    told = [(row["list_id"], one["product_id"]) for row in seen for one in row["products"]]
    assert told, "nothing was seen"
    assert len(set(told)) == len(told)  # each product of a list once
    assert {row["placement"] for row in seen} == {"popular"}  # the one far below was never in view
    search, plainly = rows_of(home, "Products Searched")
    assert [(row["query"], row["results"]) for row in (search, plainly)] == [("teapot", 1)] * 2
    clicks = rows_of(home, "Product Clicked")
    assert [(row["product_id"], row["list_id"][:4]) for row in clicks] == [
        ("teapot", "sear"),
        (chosen.rpartition("/")[2], "rec_"),
        ("dahongpao", "rec_"),
        ("teapot", "sear"),
    ]
    assert [clicks[0]["search_id"], clicks[3]["search_id"]] == [search["search_id"], plainly["search_id"]]
    assert clicks[1]["list_id"] in {row["list_id"] for row in seen}
    assert len({row["anonymous_id"] for row in (*seen, search, *clicks[:2])}) == 1
    assert all(row["schema_problems"] is None for row in (*seen, search, *clicks))

    printed = command(home, "storefront", "snippet", "similar", "--item", "longjing")
    assert '<regulars-carousel placement="similar" item="longjing"></regulars-carousel>' in printed.stdout, printed.stderr
    token = command(home, "storefront", "token", "c0").stdout.strip()
    secret = command(home, "storefront", "secret").stdout.strip()
    assert customer_of(secret, token, clock.now()) == "c0"
