"""Each page in both languages, light and dark, on a desk and on a phone: complete, in one width, without a complaint."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.browser.conftest import LOOKS, Look, Seat

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/metrics",
    "/metrics/definitions",
    "/retention",
    "/rfm",
    "/lifecycle",
    "/customers",
    "/customers/14646",
    "/traits",
    "/tags",
    "/act-on",
    "/search",
    "/promotions",
    "/promotions/new",
    "/churn",
    "/churn/views",
    "/churn/quality",
    "/forecast",
    "/next-products",
    "/values",
    "/anomalies",
    "/root-cause",
    "/recommendations",
    "/storefront",
    "/recommendations/performance",
    "/flash-sales",
    "/group-buys",
    "/referrals",
    "/segments",
    "/points",
    "/points/rules",
    "/points/tiers",
    "/points/rewards",
    "/points/corrections",
    "/segments/library",
    "/segments/new",
    "/segments/compare",
    "/events",
    "/events/sources",
    "/events/plan",
    "/events/quarantine",
    "/data",
    "/data/load",
    "/identity",
    "/privacy",
    "/privacy/policy",
    "/privacy/wordings",
    "/privacy/register",
    "/privacy/retention",
    "/privacy/requests",
    "/data/connections",
    "/data/connections/webhook",
    "/data/connections/database",
    "/data/connections/stream",
    "/settings/shop",
    "/settings/operators",
    "/settings/keys",
    "/settings/audit",
    "/profile",
)
_CHARTS = {"/": 1, "/metrics": 1, "/retention": 3, "/rfm": 1, "/lifecycle": 2, "/traits": 1, "/forecast": 1, "/values": 1}


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_is_whole_in_every_look(seat: Callable[..., Seat], look: Look) -> None:
    here = seat(look)

    for path in PAGES:
        here.resize("desk")
        page = here.open(path)
        assert page.locator(".rg-chart").count() == _CHARTS.get(path, 0), path
        assert here.wider_than_the_window() == [], path
        assert here.empty_charts() == [], path
        assert here.controls_without_a_name() == [], path
        assert page.locator(".rg-notice.bad").count() == 0, path
        shown = page.locator(".rg-page").inner_text()
        assert len(shown) > 80, path
        if path != "/metrics/definitions":
            icons = {name for name in page.locator(".rg-page .rg-i").all_inner_texts() if name}
            assert [word for word in re.findall(r"\b[a-z]+_[a-z_]+\b(?!\.)", shown) if word not in icons] == [], path
        assert page.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en-GB"}[look.language]
        dark = page.evaluate("document.body.classList.contains('body--dark')")
        assert dark == (look.theme == "dark")

        here.resize("phone")
        assert here.wider_than_the_window() == [], f"{path} on a phone"
        assert here.empty_charts() == [], f"{path} on a phone"
        assert here.complaints == [], path


def test_no_text_lacked_its_translation(seat: Callable[..., Seat]) -> None:
    here = seat(Look("zh", "light", "desk"))

    here.open("/")

    assert [line for line in here.server.lines if "no translation" in line] == []


def test_the_drawer_of_a_phone_opens_and_closes_by_keyboard(seat: Callable[..., Seat]) -> None:
    page = seat(Look("en", "light", "phone")).open("/")

    page.get_by_role("button", name="Open the navigation").click()
    page.get_by_role("link", name="Retention").wait_for(state="visible")
    page.keyboard.press("Escape")

    page.wait_for_function("!document.body.classList.contains('rg-side-open')")
    page.get_by_role("button", name="Open the navigation").click()
    page.get_by_role("link", name="Retention").click()
    page.wait_for_url("**/retention*")
