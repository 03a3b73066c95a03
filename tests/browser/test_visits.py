"""What people see of visits: the page with its figures, why bots are left out, how a customer came."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import TWO_LOOKS, Look, Seat
from tests.browser.test_events import make_source, send

pytestmark = pytest.mark.browser

_PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
_DESK = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605.1 Version/17.0 Safari/605.1"
_CAME = (
    ("?utm_source=newsletter&utm_medium=email&utm_campaign=autumn", ""),
    ("?gclid=1&utm_source=google&utm_medium=cpc&utm_campaign=oolong", ""),
    ("", "https://www.baidu.com/"),
    ("", "https://weibo.com/"),
    ("", ""),
    ("", ""),
)
_PAGES = ("/", "/oolong", "/green-tea", "/pots/yixing", "/black-tea/keemun")
_NUMBER = count()
_PEOPLE = ("14646", "12347", "12431", "device-1", "device-2", "device-3", "device-4")


def visits(days: int, a_day: int) -> Iterator[dict[str, Any]]:
    """Messages of visits as a browser tells them, over some days up to now."""
    dice = random.Random(7)
    for day in range(days):
        for _ in range(a_day):
            at = datetime.now(UTC) - timedelta(days=day, minutes=dice.randrange(40, 1200))
            who = dice.choice(_PEOPLE)
            ids = {"userId": who} if who.isdigit() else {"anonymousId": who}
            query, referrer = dice.choice(_CAME)
            told = partial(message, ids, dice.choice((_PHONE, _DESK)), at)
            landing = dice.choice(_PAGES)
            yield told("page", landing + query, 0, referrer=referrer)
            speed = {"lcp_ms": dice.randrange(900, 5200), "inp_ms": dice.randrange(40, 420), "cls": round(dice.random() / 6, 3)}
            yield told("track", landing, 5, event="Page Performance", properties=speed)
            for step in range(dice.choice((0, 0, 1, 3))):
                yield told("page", dice.choice(_PAGES), 60 * step + 40)
            if dice.random() < 0.12:
                order = {"order_id": f"visit-{next(_NUMBER)}", "total": dice.randrange(20, 200), "currency": "GBP"}
                yield told("track", "/checkout", 300, event="Order Completed", properties=order)


def message(
    ids: dict[str, str],
    agent: str,
    at: datetime,
    kind: str,
    path: str,
    later: float,
    referrer: str = "https://tea.example/",
    **more: Any,
) -> dict[str, Any]:
    """One message of a visit, some seconds after its beginning."""
    page = {"url": f"https://tea.example{path}", "referrer": referrer}
    moment = (at + timedelta(seconds=later)).isoformat().replace("+00:00", "Z")
    return {
        "type": kind, "messageId": f"v{next(_NUMBER)}", "timestamp": moment, "context": {"page": page, "userAgent": agent}, **ids, **more,
    }  # fmt: skip


def robot() -> Iterator[dict[str, Any]]:
    """More pages in a minute than anybody looks at."""
    minute = (datetime.now(UTC) - timedelta(hours=2)).replace(second=0)
    for n in range(90):
        at = (minute + timedelta(seconds=n / 2)).isoformat().replace("+00:00", "Z")
        page = {"page": {"url": f"https://tea.example/p/{n}"}, "userAgent": _DESK}
        yield {"type": "page", "anonymousId": "robot", "messageId": f"r{n}", "timestamp": at, "context": page}


@pytest.fixture(scope="module")
def filled() -> list[str]:
    """Whether the visits were sent already."""
    return []


@pytest.fixture
def shop(seat: Callable[..., Seat], filled: list[str]) -> Callable[..., Seat]:
    """A seat in a shop that has had visits."""
    if not filled:
        here = seat()
        _, key = make_source(here, "Visited site")
        told = [*visits(40, 12), *robot()]
        for start in range(0, len(told), 400):
            send(here, key, *told[start : start + 400])
        for _ in range(30):
            here.page.wait_for_timeout(2_000)
            shown = here.open("/visits?period=30d")
            if shown.locator(".rg-chart").count() and shown.get_by_text("The quickest made", exact=False).count():
                break
        filled.append(key)
    return seat


@pytest.mark.parametrize("look", TWO_LOOKS, ids=str)
def test_the_page_of_visits_is_whole_in_every_look(shop: Callable[..., Seat], look: Look) -> None:
    here = shop(look)

    page = here.open("/visits?period=30d")

    assert here.complaints == []
    assert here.wider_than_the_window() == []
    assert here.empty_charts() == []
    assert page.locator(".rg-chart").count() == 1
    shown = page.locator(".rg-page").inner_text()
    assert "/oolong" in shown
    assert "LCP" in shown
    assert page.locator(".rg-notice.bad").count() == 0


def test_the_sources_are_grouped_as_asked_and_bots_are_named_with_why(shop: Callable[..., Seat]) -> None:
    here = shop()
    page = here.open("/visits?period=30d")
    expect(page.get_by_text("More pages in a minute than a person looks at.")).to_be_visible()
    expect(page.get_by_text("The quickest made", exact=False)).to_be_visible()

    page.locator("select[aria-label='What brought them']").select_option("campaign")
    page.wait_for_url("**by=campaign*")
    here.settle()

    expect(page.locator(".rg-sheet").first).to_contain_text("autumn")


def test_a_customers_page_tells_how_they_came(shop: Callable[..., Seat]) -> None:
    here = shop()

    page = here.open("/customers/14646")

    expect(page.get_by_text("How they came")).to_be_visible()
    expect(page.get_by_text("First touch", exact=True)).to_be_visible()
    expect(page.locator(".rg-visit").first).to_be_visible()
    assert here.complaints == []
