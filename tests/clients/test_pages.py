"""Page views with their circumstances, pages changed without loading, time looked at, searches, and page speed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.clients.recorder import KEY, Recorder, Shop

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_a_page_view_tells_page_visitor_session_and_browser(visit: Visit, recorder: Recorder, shop: Shop) -> None:
    shop.pages["/tea"] = "<title>茶 · Tea</title><p>x"

    visit("/tea?color=green#top")

    view = recorder.only("page")
    request = recorder.requests[0]
    assert request.query == {"writeKey": [KEY]} and request.body["writeKey"] == KEY and request.body["sentAt"]
    assert request.headers["Content-Type"].startswith("text/plain") and recorder.preflights == []
    page = {"url": f"{shop.url}/tea?color=green", "path": "/tea", "search": "?color=green", "title": "茶 · Tea", "referrer": ""}
    assert view["properties"] == page and view["context"]["page"] == page
    for uuid in (view["messageId"], view["anonymousId"], view["context"]["sessionId"]):
        assert UUID.fullmatch(uuid)
    assert "userId" not in view and "timestamp" not in view
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", view["originalTimestamp"])
    context = view["context"]
    assert (context["locale"], context["timezone"]) == ("zh-CN", "Asia/Shanghai")
    assert context["screen"]["width"] == 1200 and "Chrome" in context["userAgent"]
    assert context["library"] == {"name": "regulars.js", "version": "0.1.0"}
    assert "consent" not in context and "campaign" not in context and "clickIds" not in context


def test_campaign_click_ids_and_the_referrer_are_told(visitor: BrowserContext, recorder: Recorder, shop: Shop) -> None:
    tab = visitor.new_page()
    query = "utm_source=weibo&utm_medium=social&utm_campaign=double11&utm_term=%E8%8C%B6&utm_content=a&gclid=G1&bd_vid=B2"
    tab.goto(f"{shop.url}/sale?{query}", referer="https://m.weibo.cn/u/1?x=me%40example.com")

    context = recorder.only("page")["context"]
    assert context["campaign"] == {"source": "weibo", "medium": "social", "name": "double11", "term": "茶", "content": "a"}
    assert context["clickIds"] == {"gclid": "G1", "bd_vid": "B2"}
    assert context["referrer"] == {"url": "https://m.weibo.cn/"} or context["referrer"]["url"].startswith("https://m.weibo.cn/")


def test_addresses_that_name_a_person_are_never_sent(visit: Visit, recorder: Recorder) -> None:
    """As typed, encoded once and twice, in path, query, nested address and search; and a Chinese mobile number."""
    nested = "next=%2Faccount%3Fmail%3Dli%2540example.com"
    visit(
        f"/u/wang@example.com/x?email=wang%40example.com&q=li@example.com&utm_term=li%40example.com&{nested}&tel=13812345678&ok=1"
    )

    view = recorder.wait("page")[0]
    recorder.wait("page")
    assert "example.com" not in str(view) and "13812345678" not in str(view) and "li@" not in str(view)
    assert view["context"]["page"]["search"].startswith("?email=&q=&utm_term=&next=")
    assert view["context"]["page"]["search"].endswith("&tel=&ok=1")
    assert view["context"]["page"]["path"] == "/u//x"
    assert recorder.events("Products Searched") == []


def test_a_site_that_changes_pages_without_loading_has_page_views(visit: Visit, recorder: Recorder, shop: Shop) -> None:
    tab = visit("/one")
    recorder.wait("page")

    tab.evaluate("history.pushState({}, '', '/two'); document.title = 'Two'")
    recorder.wait("page", 2)
    tab.evaluate("history.replaceState({}, '', '/two'); location.hash = 'part'")  # the same page
    tab.evaluate("history.replaceState({}, '', '/three?a=1')")
    recorder.wait("page", 3)
    tab.go_back()  # from #part to /two
    views = recorder.wait("page", 4)

    assert [(view["properties"]["path"], view["properties"]["referrer"].removeprefix(shop.url)) for view in views] == [
        ("/one", ""),
        ("/two", "/one"),
        ("/three", "/two"),
        ("/two", "/three?a=1"),
    ]
    assert views[1]["properties"]["title"] == "Two"
    left = recorder.events("Page Left")
    assert [one["context"]["page"]["path"] for one in left] == ["/one", "/two", "/three"]


def test_addresses_behind_a_hash_are_pages_where_a_router_uses_them(visit: Visit, recorder: Recorder) -> None:
    tab = visit("/#/home")
    tab.evaluate("location.hash = '#/cart'")

    views = recorder.wait("page", 2)

    assert [view["properties"]["url"].partition("#")[2] for view in views] == ["/home", "/cart"]


def test_the_time_looked_at_leaves_out_when_the_page_was_hidden(visit: Visit, visitor: BrowserContext, recorder: Recorder) -> None:
    visitor.add_init_script(
        """let hidden = false;
           Object.defineProperty(document, 'hidden', {get: () => hidden});
           window.hide = (is) => { hidden = is; document.dispatchEvent(new Event('visibilitychange')) }"""
    )
    begun = time.monotonic()
    tab = visit("/long")
    tab.wait_for_timeout(700)
    tab.evaluate("hide(true)")
    tab.wait_for_timeout(1500)
    tab.evaluate("hide(false)")
    tab.wait_for_timeout(500)
    tab.goto("about:blank")
    whole = 1000 * (time.monotonic() - begun)

    left = recorder.only("Page Left")

    assert 1100 <= left["properties"]["duration_ms"] <= whole - 1400
    assert left["context"]["page"]["path"] == "/long"


@pytest.mark.parametrize("name", ["q", "query", "s", "search", "keyword", "wd"])
def test_a_search_is_seen_in_the_address(visit: Visit, recorder: Recorder, name: str) -> None:
    visit(f"/find?{name}=%E9%BE%99%E4%BA%95+%E8%8C%B6&page=2")

    assert recorder.only("Products Searched")["properties"] == {"query": "龙井 茶"}


def test_no_search_without_words_and_none_twice_for_the_same_words(visit: Visit, recorder: Recorder) -> None:
    tab = visit("/find?q=%20")
    for query in ("tea", "tea&page=2", "pot"):
        tab.evaluate(f"history.pushState({{}}, '', '/find?q={query}')")
        tab.wait_for_timeout(300)

    found = recorder.wait("Products Searched", 2)

    assert [one["properties"]["query"] for one in found] == ["tea", "pot"]


def test_page_speed_is_told_once_when_the_page_is_hidden(visit: Visit, recorder: Recorder, shop: Shop) -> None:
    shop.pages["/fast"] = """<body><h1 id=top>A large heading of the shop</h1><p>text</p><button>Buy</button><script>
      document.querySelector('button').onclick = () => { const end = performance.now() + 120; while (performance.now() < end); };
      setTimeout(() => { const box = document.createElement('div'); box.style.height = '300px'; document.body.prepend(box) }, 300);
    </script>"""
    tab = visit("/fast")
    tab.wait_for_timeout(900)
    tab.click("button")
    tab.wait_for_timeout(400)

    tab.goto("about:blank")

    told = recorder.only("Page Performance")
    speed = told["properties"]
    assert set(speed) == {"lcp_ms", "fcp_ms", "ttfb_ms", "inp_ms", "cls"}
    assert 0 < speed["fcp_ms"] <= speed["lcp_ms"] < 10_000
    assert 0 <= speed["ttfb_ms"] <= speed["fcp_ms"]
    assert 0.05 < speed["cls"] < 1
    assert 100 <= speed["inp_ms"] < 2_000
    assert told["context"]["page"]["path"] == "/fast"


def test_what_is_noticed_by_itself_can_be_chosen(visit: Visit, recorder: Recorder, shop: Shop) -> None:
    shop.attributes = 'data-auto="searches"'
    tab = visit("/find?q=tea")
    tab.evaluate("regulars.page('Search', {results: 3})")
    recorder.wait("page")

    tab.goto("about:blank")

    recorder.wait("Products Searched")
    view = recorder.only("page")
    assert view["name"] == "Search" and view["properties"]["results"] == 3 and view["properties"]["path"] == "/find"
    assert {message.get("event") for message in recorder.events()} == {None, "Products Searched"}
