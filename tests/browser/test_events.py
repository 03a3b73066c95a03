"""What operators do with events: make a source, see the first events arrive, repair and replay what was put aside, watch and ask."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import TWO_LOOKS, Look, Seat

pytestmark = pytest.mark.browser

ROGUE = "<img src=x onerror=alert(1)>"


def make_source(here: Seat, name: str) -> tuple[Page, str]:
    """Make a source in the console; its page and its key."""
    page = here.open("/events/sources")
    page.get_by_role("button", name="Make a source").click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make the source").click()
    page.wait_for_url("**/events/sources/source_*")
    here.settle()
    return page, page.locator("[data-write-key] pre").inner_text()


def send(here: Seat, key: str, *messages: dict[str, Any]) -> None:
    """Send as a shop's server does."""
    basic = base64.b64encode(f"{key}:".encode()).decode()
    answer = httpx.post(here.server.url + "/v1/batch", json={"batch": messages}, headers={"authorization": f"Basic {basic}"})
    assert answer.status_code == 200, answer.text


def track(event: str, message_id: str, **more: Any) -> dict[str, Any]:
    """A track call of a known customer."""
    return {"type": "track", "event": event, "messageId": f"{message_id}-{time.time_ns()}", "userId": "14646", **more}


def test_a_new_source_shows_its_lines_and_the_first_events_arrive_by_themselves(seat: Callable[..., Seat]) -> None:
    here = seat()

    page, key = make_source(here, "Tea site")
    expect(page.get_by_text("Waiting for the first event")).to_be_visible()
    assert key in page.locator("[data-lines] pre").inner_text()
    page.get_by_role("button", name="curl", exact=True).click()
    expect(page.locator("[data-lines] pre")).to_contain_text(here.server.url + "/v1/track")
    send(
        here,
        key,
        track("Product Viewed", "first", properties={"product_id": "p1", "name": ROGUE, "price": 19.9, "currency": "CNY"}),
    )

    expect(page.locator(".rg-sheet tbody tr")).to_have_count(1, timeout=10_000)
    expect(page.locator(".rg-head .rg-badge")).to_have_text("Sending")
    page.locator(".rg-sheet tbody tr td").nth(1).click()
    dialog = page.locator(".rg-dialog")
    expect(dialog).to_contain_text('"product_id": "p1"')
    expect(dialog).to_contain_text(ROGUE)
    assert here.complaints == []


@pytest.mark.parametrize("look", TWO_LOOKS, ids=str)
def test_what_consent_kept_out_is_named_on_the_live_page_and_on_that_of_its_source(seat: Callable[..., Seat], look: Look) -> None:
    page, key = make_source(seat(), f"Shy site {look}")
    source = page.url.rsplit("/", 1)[-1].split("?")[0]
    here, zh = seat(look), look.language == "zh"
    refusals = ({"consent": {"analytics": False}}, {"consent": {"analytics": False}}, {"gpc": True})
    shy = {"userId": None, "anonymousId": f"shy {look}"}  # a refusal counts from then on, so somebody else for each look
    messages = [track("Secret", f"shy{number}", context=told, **shy) for number, told in enumerate(refusals)]
    send(here, key, track("Open", "open"), *messages)

    live = here.open("/events")
    kept_out = live.get_by_text("近 30 天因未取得同意而未采集" if zh else "Not collected for lack of consent in the last 30 days")
    expect(kept_out).to_contain_text("浏览器拒绝跟踪" if zh else "the browser's own refusal", timeout=10_000)
    assert here.wider_than_the_window() == []
    one = here.open(f"/events/sources/{source}")
    fact = one.locator("dt", has_text="因未取得同意而未采集" if zh else "Not collected for lack of consent").locator("+ dd")
    expect(fact).to_have_text("3", timeout=10_000)
    assert here.wider_than_the_window() == []
    assert here.complaints == []


def test_what_was_put_aside_is_repaired_replayed_and_appears(seat: Callable[..., Seat]) -> None:
    here = seat()
    page, key = make_source(here, "Leaky site")
    source = page.url.rsplit("/", 1)[-1].split("?")[0]
    send(here, key, track("", "aside", properties={"product_id": "p9"}))

    expect(page.get_by_role("link", name="What was put aside")).to_be_visible(timeout=10_000)
    page.get_by_role("link", name="What was put aside").click()
    page.wait_for_url("**/events/quarantine**")
    here.settle()
    page.locator(".rg-sheet tbody tr td").first.click()
    message = page.locator("textarea[data-message]")
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".rg-dialog .rg-notice.warn")).to_contain_text("It would not be taken")
    message.fill(message.input_value().replace('"event": ""', '"event": "Product Viewed"'))
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".rg-dialog .rg-notice.good")).to_contain_text("It would be taken as Product Viewed")
    page.get_by_role("button", name="Replay", exact=True).click()
    expect(page.get_by_text("Nothing passes")).to_be_visible()

    here.open(f"/events?source={source}")
    expect(page.locator(".rg-sheet[class*=cards]").last.locator("tbody tr")).to_have_count(1, timeout=10_000)
    expect(page.locator(".rg-page")).to_contain_text("p9")
    assert here.complaints == []


def test_the_live_list_follows_filters_live_in_the_address_and_it_can_be_paused(seat: Callable[..., Seat]) -> None:
    here = seat()
    _, key = make_source(here, "Busy site")
    mark = f"Busy {time.time_ns()}"
    page = here.open("/events")
    events = page.locator("table", has=page.locator("caption", has_text="Events")).locator("tbody tr")

    send(here, key, track(mark, "a", properties={"colour": "teal"}), track(mark, "b"))
    expect(events.filter(has_text=mark)).to_have_count(2, timeout=10_000)
    page.get_by_placeholder("Event, customer, product or property").fill("teal")
    page.wait_for_url("**q=teal**")
    expect(events).to_have_count(1, timeout=10_000)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused")).to_be_visible()
    send(here, key, track(mark, "c", properties={"colour": "teal"}))
    page.wait_for_timeout(2500)
    expect(events).to_have_count(1)
    page.get_by_role("button", name="Go on").click()
    expect(events).to_have_count(2, timeout=10_000)

    theirs = seat().open(page.url.removeprefix(here.server.url))
    expect(theirs.locator("table", has=theirs.locator("caption", has_text="Events")).locator("tbody tr")).to_have_count(2)
    assert here.complaints == []


def test_the_plan_names_what_was_meant_otherwise_and_a_source_is_told_to_enforce(seat: Callable[..., Seat]) -> None:
    here = seat()
    _, key = make_source(here, "Plan site")
    send(here, key, track("product_viewed", "p", properties={"product_id": "p1", "price": "19.9"}), track("Product Viewed", "q"))
    time.sleep(2)

    page = here.open("/events/plan")
    row = page.locator(".rg-sheet tbody tr", has_text="product_viewed")
    expect(row).to_contain_text("Nearly “Product Viewed”")
    group = page.get_by_role("group", name="What breaks its schema: Plan site")
    group.get_by_role("button", name="Enforce").click()
    here.settle()
    expect(
        page.get_by_role("group", name="What breaks its schema: Plan site").get_by_role("button", name="Enforce")
    ).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="product_viewed").click()
    page.wait_for_url("**/events/plan/product_viewed*")
    here.settle()
    expect(page.locator(".rg-page")).to_contain_text("Number as text")
    assert here.complaints == []


def test_a_key_is_rotated_and_a_source_disabled_and_enabled(seat: Callable[..., Seat]) -> None:
    here = seat()
    page, key = make_source(here, "Old site")

    page.get_by_role("button", name="Rotate the key").click()
    page.locator(".rg-dialog").get_by_role("button", name="Rotate the key").click()
    expect(page.get_by_text("Two keys are live")).to_be_visible()
    here.settle()
    assert page.locator("[data-write-key] pre").inner_text() != key
    send(here, key, track("A", "old key"))
    page.get_by_role("button", name="Disable").click()
    page.locator(".rg-dialog").get_by_role("button", name="Disable").click()
    expect(page.get_by_role("button", name="Enable")).to_be_visible()
    time.sleep(2.2)  # the door remembers a key for two seconds
    assert httpx.post(here.server.url + "/v1/batch", json={"batch": [track("A", "x")], "writeKey": key}).status_code == 401
    page.get_by_role("button", name="Enable").click()
    expect(page.get_by_role("button", name="Disable")).to_be_visible()
    assert here.complaints == []


def test_visits_stand_on_a_customers_page_and_a_visitor_has_one_of_its_own(seat: Callable[..., Seat]) -> None:
    here = seat()
    _, key = make_source(here, "Visited site")
    send(
        here,
        key,
        track("Cart Viewed", "v"),
        {"type": "page", "anonymousId": "device-1", "messageId": f"pg-{time.time_ns()}", "name": "Home"},
    )
    time.sleep(2)

    page = here.open("/customers/14646")
    expect(page.locator("section[aria-label='Visits and events']")).to_contain_text("Cart Viewed")
    send(here, key, track("Cart Viewed", "w") | {"userId": "99887766"})
    time.sleep(2)
    here.open("/customers/99887766")
    expect(page.get_by_text("No order or profile of this customer was loaded yet.")).to_be_visible()
    expect(page.locator("section[aria-label='Visits and events']")).to_contain_text("Cart Viewed")
    here.open("/events?type=page&who=visitors")
    page.locator(".rg-sheet td a[href^='/visitors/v_']").first.click()
    page.wait_for_url("**/visitors/v_*")
    here.settle()
    expect(page.locator(".rg-visit").first).to_contain_text("Page Viewed")
    assert here.complaints == []


@pytest.mark.parametrize("look", TWO_LOOKS, ids=str)
def test_pages_with_events_are_whole_in_every_look(seat: Callable[..., Seat], look: Look) -> None:
    maker = seat()
    made, key = make_source(maker, f"Site {look}")
    source = made.url.removeprefix(maker.server.url)
    send(
        maker, key, track("Product Viewed", "a", properties={"product_id": "p1", "name": "茶" * 80, "price": 19.9}), track("", "b")
    )
    here = seat(look)

    for path in ("/events", source, "/events/plan", "/events/plan/Product%20Viewed", "/events/quarantine"):
        page = here.open(path)
        page.locator("tbody tr").first.wait_for(timeout=15_000)  # events arrive a second or two after they were sent

        assert here.complaints == [], path
        assert here.wider_than_the_window() == [], path
        assert page.locator(".rg-notice.bad").count() == 0, path
