"""What a page tells by calls and by markup, who it is told of, and that the tracker never disturbs the page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.clients.recorder import KEY, Recorder, Shop

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]


def test_every_call_becomes_its_message(visit: Visit, recorder: Recorder) -> None:
    tab = visit()
    tab.evaluate(
        """regulars.track('Product Added', {product_id: 'p1', quantity: 2, price: 19.9, currency: 'CNY'});
           regulars.identify('u1', {email: 'a@example.com', vip: true});
           regulars.identify({city: '杭州'});
           regulars.group('g1', {name: 'Store A'});
           regulars.alias('u2');
           regulars.page('Shop', 'Home', {level: 3});
           regulars.track('Order Completed', {order_id: 'o1'}, {messageId: 'm-1', timestamp: '2026-11-01T00:00:00Z', context: {pos: 7}})"""
    )

    order = recorder.only("Order Completed")
    added, (first, second), group, alias = (
        recorder.only("Product Added"),
        recorder.wait("identify", 2),
        recorder.only("group"),
        recorder.only("alias"),
    )
    page = recorder.wait("page", 2)[1]
    assert added["type"] == "track" and added["properties"] == {"product_id": "p1", "quantity": 2, "price": 19.9, "currency": "CNY"}
    assert "userId" not in added
    assert (first["userId"], first["traits"]) == ("u1", {"email": "a@example.com", "vip": True})
    assert (second["userId"], second["traits"]) == ("u1", {"city": "杭州"})
    assert (group["groupId"], group["traits"], group["userId"]) == ("g1", {"name": "Store A"}, "u1")
    assert (alias["userId"], alias["previousId"]) == ("u2", "u1")
    assert (page["category"], page["name"], page["properties"]["level"]) == ("Shop", "Home", 3)
    assert (order["messageId"], order["timestamp"], order["context"]["pos"]) == ("m-1", "2026-11-01T00:00:00Z", 7)
    assert len({message["anonymousId"] for message in recorder.events()}) == 1


@pytest.mark.parametrize("early", ["push", "methods"])
def test_calls_before_the_script_has_loaded_are_kept_in_order(visit: Visit, recorder: Recorder, shop: Shop, early: str) -> None:
    stub = "window.regulars = window.regulars || [];"
    calls = "regulars.push(['identify', 'u1'], ['track', 'A', {n: 1}]); window.held = regulars;"
    if early == "methods":
        stub += "['track','page','identify','group','alias','reset','consent'].forEach(function(m){regulars[m]=function(){regulars.push([m].concat([].slice.call(arguments)))}});"
        calls = "regulars.identify('u1'); regulars.track('A', {n: 1}); window.held = regulars;"
    shop.snippet = f'<script>{stub}{calls}</script><script async src="{recorder.url}/t.js" data-key="{KEY}"></script>'
    tab = visit()

    tab.evaluate("held.push(['track', 'B']); held.track('C')")

    recorder.wait("C")
    assert [message.get("event", message["type"]) for message in recorder.events() if message["type"] != "page"] == [
        "identify",
        "A",
        "B",
        "C",
    ]
    assert {message["userId"] for message in recorder.events()} == {"u1"}


def test_ids_last_over_pages_until_reset(visit: Visit, recorder: Recorder) -> None:
    tab = visit("/one")
    ids = tab.evaluate("regulars.identify('u1'); regulars.ids()")
    visit("/two", tab)
    again = tab.evaluate("regulars.ids()")

    tab.evaluate("regulars.reset(); regulars.track('After')")

    after = recorder.only("After")
    assert again == ids and ids["userId"] == "u1"
    assert "userId" not in after
    assert after["anonymousId"] != ids["anonymousId"] and after["context"]["sessionId"] != ids["sessionId"]


def test_two_customers_on_one_device_share_no_visitor(visit: Visit, recorder: Recorder) -> None:
    tab = visit()
    tab.evaluate("regulars.identify('u1'); regulars.identify('u1'); regulars.identify('u2')")

    one, same, other = recorder.wait("identify", 3)

    assert one["anonymousId"] == same["anonymousId"] != other["anonymousId"]


def test_a_pause_of_exactly_thirty_minutes_starts_a_session(visit: Visit, visitor: BrowserContext, recorder: Recorder) -> None:
    visitor.clock.set_fixed_time("2026-11-25T10:00:00Z")
    tab = visit()
    for at in ("10:29:59.999", "10:59:59.998", "11:29:59.998"):
        visitor.clock.set_fixed_time(f"2026-11-25T{at}Z")
        tab.evaluate("regulars.track('Tick')")

    first, second, third = [tick["context"]["sessionId"] for tick in recorder.wait("Tick", 3)]

    assert recorder.wait("page")[0]["context"]["sessionId"] == first == second != third


def test_clicks_on_marked_elements_are_told(visit: Visit, recorder: Recorder, shop: Shop) -> None:
    shop.pages["/list"] = """<body><article data-rg-product_id="007" data-rg-name="龙井" data-rg-price="19.90">
      <a href="#x" data-rg-event="Product Clicked" data-rg-position="3" data-rg-list_id="green"><b>open</b></a>
      <button data-rg-event="Product Added" data-rg-quantity="2" data-rg-json='{"gift": true}'>add</button></article>
      <button id=plain>plain</button><button id=broken data-rg-event="Broken" data-rg-json="{">broken</button>"""
    tab = visit("/list")

    for selector in ("b", "text=add", "#plain", "#broken"):
        tab.click(selector)

    clicked, added = recorder.only("Product Clicked"), recorder.only("Product Added")
    assert clicked["properties"] == {"product_id": "007", "name": "龙井", "price": 19.9, "position": 3, "list_id": "green"}
    assert added["properties"] == {"product_id": "007", "name": "龙井", "price": 19.9, "quantity": 2, "gift": True}
    assert {message.get("event") for message in recorder.events()} == {None, "Product Clicked", "Product Added"}


def test_a_marked_form_is_told_when_sent_with_the_fields_it_names(visit: Visit, recorder: Recorder, shop: Shop) -> None:
    shop.pages["/form"] = """<body><form action="/thanks" method="post" data-rg-event="Products Searched" data-rg-list_id="head">
      <input name="q" data-rg-field="query"><input name="mail" value="a@example.com"><input type="password" data-rg-field="secret" value="x">
      <input type="checkbox" data-rg-field="in_stock" value="yes" checked><input type="checkbox" data-rg-field="sale" value="yes">
      <button>go</button></form>"""
    tab = visit("/form")
    tab.fill("[name=q]", "pu'er 茶")

    tab.click("button")

    told = recorder.only("Products Searched")
    assert told["properties"] == {"list_id": "head", "query": "pu'er 茶", "in_stock": "yes"}
    assert told["context"]["page"]["path"] == "/form"


def test_marked_elements_can_be_told_when_shown(visit: Visit, recorder: Recorder, shop: Shop) -> None:
    shop.pages["/thanks"] = """<body><div data-rg-on="view" data-rg-event="Broken" data-rg-json="{"></div>
      <div data-rg-on="view" data-rg-event="Order Completed"
      data-rg-json='{"order_id": "o1", "total": 47.8, "products": [{"product_id": "p1", "quantity": 1}]}'>Thank you</div>"""
    tab = visit("/thanks")

    tab.click("text=Thank you")

    order = recorder.only("Order Completed")
    assert order["properties"] == {"order_id": "o1", "total": 47.8, "products": [{"product_id": "p1", "quantity": 1}]}


def test_nothing_is_thrown_into_the_page(visit: Visit, recorder: Recorder) -> None:
    """Objects that are no JSON, missing arguments, a page that breaks the browser's own functions: the next call still works."""
    tab = visit()
    threw = tab.evaluate(
        """() => { try {
             const circle = {}; circle.self = circle;
             regulars.track('Circle', circle); regulars.track('Big', {n: 10n}); regulars.track(); regulars.identify(); regulars.group();
             regulars.alias(); regulars.page(null, undefined); regulars.consent('x'); regulars.push(['nothing'], ['track'], []);
             regulars.push(undefined, null, 3);
             const own = Intl.DateTimeFormat; Intl.DateTimeFormat = () => { throw new Error('x') }; regulars.track('Lost'); Intl.DateTimeFormat = own;
             history.pushState({}, '', '/next'); regulars.track('Last');
           } catch (error) { return String(error) } }"""
    )

    recorder.wait("Last")
    assert threw is None
    assert recorder.events("Circle") == recorder.events("Big") == []


@pytest.mark.parametrize("broken", ["localStorage", "localStorage and cookies"])
def test_a_browser_that_keeps_nothing_is_tracked_within_the_page(
    visit: Visit, visitor: BrowserContext, recorder: Recorder, broken: str
) -> None:
    visitor.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('denied', 'SecurityError') }})"
    )
    if "cookies" in broken:
        visitor.add_init_script(
            "Object.defineProperty(document, 'cookie', {get() { throw new Error('denied') }, set() { throw new Error('denied') }})"
        )
    tab = visit("/one")
    tab.evaluate("regulars.identify('u1'); regulars.track('A')")
    recorder.wait("A")
    visit("/two", tab)
    tab.evaluate("regulars.track('B')")

    a, b = recorder.only("A"), recorder.only("B")

    assert a["userId"] == "u1" and a["anonymousId"] == recorder.wait("page")[0]["anonymousId"]
    if broken == "localStorage":
        assert (b["userId"], b["anonymousId"]) == ("u1", a["anonymousId"])
        cookies = {cookie["name"]: cookie for cookie in visitor.cookies()}
        assert set(cookies) == {"rg_anon", "rg_user", "rg_session"} and {cookie["sameSite"] for cookie in cookies.values()} == {
            "Lax"
        }
    else:
        assert b["anonymousId"] != a["anonymousId"] and visitor.cookies() == []


def test_it_runs_under_a_strict_content_security_policy(
    visit: Visit, visitor: BrowserContext, recorder: Recorder, shop: Shop
) -> None:
    complaints: list[str] = []
    visitor.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    shop.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {recorder.url}; connect-src {recorder.url}; img-src data:; require-trusted-types-for 'script'"
    )

    tab = visit("/safe")
    tab.goto("about:blank")

    recorder.wait("Page Left")
    recorder.only("page")
    assert complaints == []


def test_it_runs_without_https(visitor: BrowserContext, recorder: Recorder, shop: Shop) -> None:
    tab = visitor.new_page()
    tab.goto(f"http://shop.test:{shop.port}/one")
    tab.wait_for_function("window.regulars && window.regulars.ids")

    assert tab.evaluate("[typeof crypto.randomUUID, typeof navigator.locks]") == ["undefined", "undefined"]
    assert re.fullmatch(r"[0-9a-f-]{36}", recorder.only("page")["anonymousId"])


def test_the_script_twice_on_a_page_tracks_once(visit: Visit, recorder: Recorder, shop: Shop) -> None:
    shop.snippet = f'<script async src="{recorder.url}/t.js" data-key="{KEY}"></script>' * 2
    tab = visit()
    tab.evaluate("regulars.track('A')")

    recorder.only("A")
    recorder.only("page")


def test_the_sender_can_be_another_host_than_the_scripts(visit: Visit, recorder: Recorder, shop: Shop) -> None:
    shop.snippet = f'<script async src="/t.js" data-key="{KEY}" data-host="{recorder.url}/collect"></script>'

    visit()

    recorder.only("page")
    assert "/collect/v1/batch" in recorder.fetched


def test_the_modules_work_as_they_are(visit: Visit, visitor: BrowserContext, recorder: Recorder, shop: Shop) -> None:
    """Without a build: `createTracker` imported from the sources."""
    shop.snippet = f"""<script type="module">
      import {{ createTracker }} from '{recorder.url}/js/src/tracker.js';
      window.regulars = createTracker({{ url: '{recorder.url}/v1/batch', key: '{KEY}' }});
      regulars.track('Imported');</script>"""

    visit()

    assert recorder.only("Imported")["context"]["library"]["name"] == "regulars.js"
