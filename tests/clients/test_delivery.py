"""Nothing is lost on the way and nothing counts twice: batches, answers, being offline, pages that go, several tabs."""

from __future__ import annotations

import contextlib
import itertools
import json
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page

from tests.browser.conftest import CHROMIUM
from tests.clients.recorder import KEY, Recorder, Shop

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]

KEPT = "Object.keys(localStorage).filter((name) => name.startsWith('rg_q_')).flatMap((name) => localStorage[name].split('\\n').slice(1))"
ALONE = 'data-auto="none"'


def kept(tab: Page) -> list[str]:
    """The events in the browser's queues."""
    found: list[str] = tab.evaluate(KEPT)
    return [json.loads(message).get("event") for message in found]


def all_settled(tab: Page) -> None:
    """Wait until the browser has heard the answers and keeps nothing any more."""
    tab.wait_for_function(f"{KEPT}.length === 0")


def tell(tab: Page, *events: str) -> None:
    tab.evaluate("(names) => names.forEach((name) => regulars.track(name))", list(events))


def sent(recorder: Recorder) -> list[list[str]]:
    return [[message["event"] for message in request.messages] for request in recorder.requests]


@pytest.fixture(autouse=True)
def _nothing_by_itself(shop: Shop) -> None:
    shop.attributes = ALONE


def test_messages_go_in_batches_of_twenty_or_every_two_seconds(visit: Visit, recorder: Recorder) -> None:
    tab = visit()
    began = time.monotonic()
    tell(tab, *(f"n{n}" for n in range(45)))
    recorder.until(lambda: len(recorder.deliveries()) == 45)
    tell(tab, "a")
    tab.wait_for_timeout(500)
    tell(tab, "b")
    recorder.wait("b")

    assert [len(batch) for batch in sent(recorder)] == [20, 20, 5, 2]
    assert recorder.requests[0].at - began < 1.9  # at once, not after the two seconds
    assert recorder.requests[3].at - recorder.requests[2].at > 1.5
    assert [message["event"] for message in recorder.deliveries()] == [*(f"n{n}" for n in range(45)), "a", "b"]
    all_settled(tab)


@pytest.mark.parametrize("status", [503, 429, 500, 408])
def test_what_may_succeed_later_is_sent_again_as_the_same_messages(visit: Visit, recorder: Recorder, status: int) -> None:
    recorder.answers = [(status, {"Retry-After": "3"})]
    tab = visit()
    tell(tab, "A", "B")
    recorder.until(lambda: len(recorder.requests) == 1)
    tell(tab, *(f"n{n}" for n in range(20)))  # a full batch does not hasten it

    recorder.until(lambda: len(recorder.deliveries()) == 22)

    first, second = recorder.requests[:2]
    assert [message["messageId"] for message in first.messages] == [message["messageId"] for message in second.messages[:2]]
    assert first.messages == second.messages[:2] and first.body["sentAt"] < second.body["sentAt"]
    assert second.at - first.at >= 2.9
    assert len(recorder.events()) == 22
    all_settled(tab)


def test_without_word_from_the_server_the_pauses_grow(visit: Visit, recorder: Recorder) -> None:
    recorder.answers = [(503, {})] * 3
    tab = visit()
    tell(tab, "A")

    recorder.wait("A", seconds=30)

    times = [request.at for request in recorder.requests]
    first, second, third = (later - earlier for earlier, later in itertools.pairwise(times))
    assert first >= 0.9 and second >= 1.9 and third >= 3.9


@pytest.mark.parametrize("status", [400, 401, 403, 413])
def test_what_will_never_be_taken_is_dropped(visit: Visit, recorder: Recorder, status: int) -> None:
    recorder.answers = [(status, {})]
    tab = visit()
    tell(tab, "Bad")
    recorder.until(lambda: len(recorder.requests) == 1)
    tell(tab, "Good")

    recorder.wait("Good")

    assert sent(recorder) == [["Bad"], ["Good"]]
    all_settled(tab)


def test_what_is_told_offline_arrives_once_when_online(visit: Visit, visitor: BrowserContext, recorder: Recorder) -> None:
    tab = visit()
    visitor.set_offline(True)
    tell(tab, "A", "B")
    tab.wait_for_timeout(2500)
    assert recorder.requests == [] and kept(tab) == ["A", "B"]

    visitor.set_offline(False)

    recorder.wait("B", seconds=5)
    assert sent(recorder) == [["A", "B"]]
    all_settled(tab)


def test_a_dead_network_is_tried_again(visit: Visit, visitor: BrowserContext, recorder: Recorder) -> None:
    tab = visit()
    visitor.route("**/v1/batch*", lambda route: route.abort())
    tell(tab, "A")
    tab.wait_for_timeout(2500)
    visitor.unroute("**/v1/batch*")

    recorder.wait("A")

    assert sent(recorder) == [["A"]]


def test_what_was_not_taken_outlives_the_page_and_its_tab(visit: Visit, recorder: Recorder) -> None:
    recorder.always = (503, {"Retry-After": "4"})
    tab = visit("/one")
    tell(tab, "A", "B")
    recorder.until(lambda: len(recorder.requests) == 1)
    refused = recorder.requests[0]
    tab.close()
    recorder.always = (200, {})

    other = visit("/two")
    tell(other, "C")

    recorder.until(lambda: len(recorder.deliveries()) == 3)
    assert recorder.requests[1].at - refused.at > 3.9  # the new page keeps the pause too
    assert [message["messageId"] for message in recorder.deliveries()[:2]] == [message["messageId"] for message in refused.messages]
    all_settled(other)


def test_at_most_200_messages_are_kept_the_newest(visit: Visit, recorder: Recorder) -> None:
    recorder.always = (503, {"Retry-After": "3600"})
    tab = visit()
    tell(tab, "first")
    recorder.until(lambda: len(recorder.requests) == 1)

    tell(tab, *(f"n{n}" for n in range(250)))

    assert kept(tab) == [f"n{n}" for n in range(50, 250)]


@pytest.mark.parametrize("ending", ["closed", "left"])
def test_a_page_that_goes_sends_what_it_has(visit: Visit, recorder: Recorder, ending: str) -> None:
    tab = visit()
    tell(tab, "A")

    if ending == "closed":
        tab.close(run_before_unload=True)
    else:
        tab.goto("about:blank")

    recorder.wait("A")
    request = recorder.requests[0]
    assert request.query == {"writeKey": [KEY]} and request.headers["Content-Type"].startswith("text/plain")


def test_what_a_beacon_carried_is_confirmed_by_the_next_page(visit: Visit, recorder: Recorder) -> None:
    """A beacon has no answer. Here it was refused: the next page sends the same message again."""
    recorder.answers = [(503, {})]
    tab = visit("/one")
    tell(tab, "A")
    visit("/two", tab)
    tell(tab, "B")

    recorder.wait("B")

    assert sent(recorder)[0] == ["A"] and recorder.requests[0].status == 503
    assert recorder.requests[0].messages[0]["messageId"] == recorder.only("A")["messageId"]
    all_settled(tab)


def test_a_hasty_visitor_sends_no_message_more_than_twice(visit: Visit, recorder: Recorder) -> None:
    """Once as a beacon, once to be confirmed; what pages in between took over is not handed on again and again."""
    tab = visit("/0")
    for n in range(1, 6):
        tell(tab, f"n{n}")
        visit(f"/{n}", tab)

    recorder.until(lambda: len(recorder.events()) == 5)
    all_settled(tab)

    told = [message["messageId"] for message in recorder.deliveries()]
    assert max(told.count(message) for message in told) <= 2


def test_a_page_brought_back_from_memory_goes_on(chromium: Browser, recorder: Recorder, shop: Shop) -> None:
    """Browsers keep a page for the way back only if it holds no lock when it goes."""
    shop.attributes = ""
    browser = chromium.browser_type.launch(
        executable_path=CHROMIUM, args=["--no-sandbox"], ignore_default_args=["--disable-back-forward-cache"]
    )
    tab = browser.new_page()
    tab.goto(f"{shop.url}/one")
    tab.evaluate("window.mark = 1")
    tab.goto(f"{shop.url}/two")
    tab.wait_for_timeout(300)

    tab.go_back(wait_until="commit")
    tab.wait_for_timeout(500)
    assert tab.evaluate("window.mark") == 1, "the page was loaded anew"
    tell(tab, "Back")

    recorder.wait("Back")
    views = recorder.wait("page", 3)
    browser.close()
    assert [view["context"]["page"]["path"] for view in views] == ["/one", "/two", "/one"]
    assert [left["context"]["page"]["path"] for left in recorder.wait("Page Left", 2)][:2] == ["/one", "/two"]


def test_what_the_page_tells_while_it_goes_is_sent(visit: Visit, recorder: Recorder) -> None:
    tab = visit()
    tab.evaluate("addEventListener('pagehide', () => { regulars.track('Bye'); regulars.track('Bye too') })")

    tab.goto("about:blank")

    recorder.wait("Bye too")
    recorder.only("Bye")


def test_tabs_send_each_message_once(visit: Visit, recorder: Recorder) -> None:
    tabs = [visit(f"/{n}") for n in range(3)]
    for turn in range(4):
        for n, tab in enumerate(tabs):
            tell(tab, *(f"{turn}.{n}.{i}" for i in range(7)))
    visit("/another")

    recorder.until(lambda: len(recorder.events()) == 84)

    tabs[0].wait_for_timeout(2500)
    assert len(recorder.deliveries()) == 84
    assert len({message["anonymousId"] for message in recorder.events()}) == 1
    assert len({message["context"]["sessionId"] for message in recorder.events()}) == 1


def test_a_tab_that_lives_keeps_its_messages_and_one_that_crashed_is_inherited(visit: Visit, recorder: Recorder) -> None:
    first = visit("/first")
    first.route("**/v1/batch*", lambda route: route.abort())
    tell(first, "A")
    second = visit("/second")
    second.evaluate("dispatchEvent(new Event('online'))")
    second.wait_for_timeout(2500)
    assert recorder.requests == [] and kept(second) == ["A"]

    with contextlib.suppress(Error):
        first.goto("chrome://crash")
    second.wait_for_timeout(1000)
    second.evaluate("dispatchEvent(new Event('online'))")

    recorder.only("A")
    all_settled(second)


def test_without_locks_a_crashed_tab_is_inherited_after_ten_minutes(
    visitor: BrowserContext, recorder: Recorder, shop: Shop
) -> None:
    visitor.clock.set_fixed_time("2026-11-25T10:00:00Z")
    shop.attributes = ALONE
    address = f"http://shop.test:{shop.port}/"
    stuck = json.dumps({"type": "track", "event": "A", "messageId": "a"})
    tab = visitor.new_page()
    tab.goto(address)
    tab.evaluate("(text) => localStorage.setItem('rg_q_gone', Date.now() + '\\n' + text)", stuck)
    tab.wait_for_function("window.regulars && window.regulars.ids")

    for minute in ("09:59.999", "10:00.000"):
        assert recorder.requests == []
        visitor.clock.set_fixed_time(f"2026-11-25T10:{minute}Z")
        tab.reload()
        tab.wait_for_timeout(500)

    recorder.only("A")


def test_without_locks_the_next_page_takes_over_at_once(visitor: BrowserContext, recorder: Recorder, shop: Shop) -> None:
    recorder.answers = [(503, {})]
    tab = visitor.new_page()
    for path in ("one", "two"):
        tab.goto(f"http://shop.test:{shop.port}/{path}")
        tab.wait_for_function("window.regulars && window.regulars.ids")
        tell(tab, path)

    recorder.wait("one")
    recorder.wait("two")
    assert sent(recorder)[0] == ["one"]


def test_large_messages_are_sent_too(visit: Visit, recorder: Recorder) -> None:
    """Browsers refuse more than 64 KB to requests that may outlive their page."""
    tab = visit()
    tab.evaluate("regulars.track('Large', {text: '茶'.repeat(30000)})")

    assert len(recorder.only("Large")["properties"]["text"]) == 30_000
