"""Consent first: nothing is stored or sent before it where it is required, and nothing any more after it was withdrawn."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.clients.recorder import Recorder, Shop

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
STORED = "Object.keys(localStorage).sort()"
ALL = {"analytics": True, "personalisation": True, "marketing": False}
SIGNALS = {
    "Global Privacy Control": "Object.defineProperty(navigator, 'globalPrivacyControl', {get: () => true})",
    "Do Not Track": "Object.defineProperty(navigator, 'doNotTrack', {get: () => '1'})",
    "Do Not Track of the window": "Object.defineProperty(window, 'doNotTrack', {get: () => '1'})",
}


def stored(tab: Page) -> list[str]:
    found: list[str] = tab.evaluate(STORED)
    return found


def test_where_consent_is_required_nothing_is_stored_or_sent_before_it(
    visit: Visit, visitor: BrowserContext, recorder: Recorder, shop: Shop
) -> None:
    shop.attributes = 'data-consent="required"'
    tab = visit("/one?q=tea")
    tab.evaluate("regulars.identify('u1'); regulars.track('A'); regulars.flush()")
    tab.wait_for_timeout(2500)
    told = tab.evaluate("[regulars.ids(), regulars.consent()]")
    visit("/two", tab)
    tab.wait_for_timeout(500)

    assert told == [{}, None]
    assert recorder.requests == [] and stored(tab) == [] and visitor.cookies() == []


def test_with_consent_what_waited_is_sent_and_the_choice_first(visit: Visit, recorder: Recorder, shop: Shop) -> None:
    shop.attributes = 'data-consent="required"'
    tab = visit("/one?q=tea")
    tab.evaluate("regulars.track('A'); regulars.identify('u1'); regulars.track('B'); history.pushState({}, '', '/later')")
    tab.wait_for_timeout(400)

    tab.evaluate("(given) => regulars.consent(given, {wording_version: 3})", ALL)

    changed = recorder.only("Consent Changed")
    assert changed["properties"] == {"purposes": ALL, "wording_version": 3}
    sent = recorder.events()
    assert [message.get("event", message["type"]) for message in sent[:6]] == [
        "Consent Changed",
        "page",
        "Products Searched",
        "A",
        "identify",
        "B",
    ]
    assert [message.get("userId") for message in sent[:6]] == [None, None, None, None, "u1", "u1"]
    assert all(message["context"]["consent"] == ALL for message in sent)
    assert sent[1]["context"]["page"]["path"] == "/one"
    assert len({message["anonymousId"] for message in sent}) == 1


def test_consent_holds_on_later_pages(visit: Visit, recorder: Recorder, shop: Shop) -> None:
    shop.attributes = 'data-consent="required"'
    tab = visit("/one")
    tab.evaluate("(given) => regulars.consent(given)", ALL)
    visit("/two", tab)

    views = recorder.wait("page", 2)

    assert [view["context"]["page"]["path"] for view in views] == ["/one", "/two"]
    assert tab.evaluate("regulars.consent()") == ALL


def test_a_refusal_is_remembered_and_nothing_else(visit: Visit, recorder: Recorder, shop: Shop) -> None:
    shop.attributes = 'data-consent="required"'
    tab = visit("/one")
    tab.evaluate("regulars.track('A'); regulars.consent({analytics: false}); regulars.track('B')")
    tab.wait_for_timeout(300)
    visit("/two", tab)
    tab.evaluate("regulars.track('C'); regulars.flush()")
    tab.wait_for_timeout(500)

    assert recorder.requests == [] and stored(tab) == ["rg_consent"]


@pytest.mark.parametrize("attributes", ["", 'data-consent="required"'])
def test_a_withdrawal_is_told_last_and_clears_what_was_kept(visit: Visit, recorder: Recorder, shop: Shop, attributes: str) -> None:
    shop.attributes = attributes
    tab = visit("/one")
    tab.evaluate("regulars.consent({analytics: true}); regulars.identify('u1')")
    ids = tab.evaluate("regulars.ids()")
    recorder.wait("identify")

    tab.evaluate("regulars.track('Unsent'); regulars.consent({analytics: false}); regulars.track('After'); regulars.identify('u2')")

    changed = recorder.wait("Consent Changed", 2)[1]
    visit("/two", tab)
    tab.wait_for_timeout(2500)
    assert changed["properties"]["purposes"] == {"analytics": False}
    assert (changed["anonymousId"], changed["userId"]) == (ids["anonymousId"], "u1")
    assert recorder.events()[-1] == changed and recorder.events("Unsent") == []
    assert stored(tab) == ["rg_consent"]
    assert tab.evaluate("regulars.ids()") == {}


def test_a_withdrawal_reaches_the_server_also_when_it_was_away(visit: Visit, recorder: Recorder) -> None:
    tab = visit("/one")
    recorder.wait("page")
    recorder.always = (503, {"Retry-After": "1"})
    tab.evaluate("regulars.consent({analytics: false})")
    recorder.until(lambda: len(recorder.requests) == 2)
    tab.close()
    recorder.always = (200, {})

    other = visit("/two")

    assert recorder.only("Consent Changed")["messageId"] == recorder.requests[1].messages[0]["messageId"]
    recorder.until(lambda: stored(other) == ["rg_consent"])


def test_consent_given_again_is_given_by_somebody_new(visit: Visit, recorder: Recorder) -> None:
    tab = visit("/one")
    before = tab.evaluate("regulars.ids()")
    tab.evaluate("regulars.consent({analytics: false}); regulars.consent({analytics: true}); regulars.track('A')")

    assert recorder.only("A")["anonymousId"] != before["anonymousId"]


def test_other_tabs_follow_the_choice(visit: Visit, recorder: Recorder, shop: Shop) -> None:
    shop.attributes = 'data-consent="required"'
    one, two = visit("/one"), visit("/two")
    two.evaluate("regulars.track('Waited')")
    one.evaluate("regulars.consent({analytics: true})")
    recorder.only("Waited")
    two.evaluate("regulars.track('Unsent')")

    one.evaluate("regulars.consent({analytics: false})")
    recorder.wait("Consent Changed", 2)
    two.wait_for_timeout(2500)
    two.evaluate("regulars.track('After')")
    two.wait_for_timeout(2500)

    assert recorder.events("Unsent") == recorder.events("After") == []
    assert stored(one) == ["rg_consent"]


def test_a_choice_is_told_when_it_changes_and_adds_to_the_one_before(visit: Visit, recorder: Recorder) -> None:
    tab = visit()
    tab.evaluate(
        """regulars.consent({marketing: true}); regulars.consent({marketing: true}); regulars.track('A');
           regulars.consent({personalisation: 0}); regulars.track('B')"""
    )

    recorder.wait("B")

    assert [one["properties"]["purposes"] for one in recorder.events("Consent Changed")] == [
        {"marketing": True},
        {"marketing": True, "personalisation": False},
    ]
    assert recorder.only("A")["context"]["consent"] == {"marketing": True}


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_browser_that_asks_for_privacy_is_left_alone_unless_consent_was_given(
    visit: Visit, visitor: BrowserContext, recorder: Recorder, signal: str
) -> None:
    visitor.add_init_script(SIGNALS[signal])
    tab = visit("/one")
    tab.evaluate("regulars.track('A'); regulars.flush()")
    tab.wait_for_timeout(1000)
    visit("/two", tab)
    tab.wait_for_timeout(500)
    assert recorder.requests == [] and stored(tab) == [] and visitor.cookies() == []

    tab.evaluate("regulars.consent({analytics: true}); regulars.track('B')")

    recorder.only("B")
    assert recorder.only("page")["context"]["page"]["path"] == "/two"
