"""A real Chromium that visits a shop whose pages carry the tracker."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import launched
from tests.clients.recorder import Recorder, Shop, shop_and_recorder

#: `shop.test` is an origin without https, where browsers withhold Web Locks and `crypto.randomUUID`.
_MAPPED = "--host-resolver-rules=MAP shop.test 127.0.0.1"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched(_MAPPED) as browser:
        yield browser


@pytest.fixture
def shop() -> Iterator[Shop]:
    with shop_and_recorder() as opened:
        yield opened


@pytest.fixture
def recorder(shop: Shop) -> Recorder:
    return shop.recorder


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[BrowserContext]:
    """Somebody's browser, empty; errors of pages fail the test."""
    errors: list[str] = []
    context = chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1200, "height": 800})
    context.set_default_timeout(10_000)
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield context
    context.close()
    assert errors == []


@pytest.fixture
def visit(visitor: BrowserContext, shop: Shop) -> Callable[..., Page]:
    """`visit(path)`: open a page of the shop in a tab (a new one, or the one given)."""

    def go(path: str = "/", tab: Page | None = None, *, ready: bool = True) -> Page:
        page = tab or visitor.new_page()
        page.goto(shop.url + path)
        if ready:
            page.wait_for_function("window.regulars && window.regulars.ids")
        return page

    return go
