"""Reports as people use them: build a question, see who is behind a figure, keep it, put it on a board, set a goal."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from regulars.access import Caller, shops
from regulars.app import House
from regulars.collect import sessions
from regulars.settings import Settings
from regulars.understand import profiles
from tests.browser.conftest import LOOKS, TWO_LOOKS, Look, Seat, join, signed_in, watched
from tests.support.happenings import happened
from tests.support.server import RunningServer, serving
from tests.understand.metrics.small_store import SmallStore

pytestmark = pytest.mark.browser

PAGES = (
    "/reports",
    "/reports/trend",
    "/reports/week_hours",
    "/reports/funnel",
    "/reports/retention",
    "/reports/paths",
    "/reports/metric",
    "/reports/lifecycle",
    "/dashboards",
    "/dashboards/behaviour",
    "/dashboards/sales",
    "/dashboards/competition",
    "/goals",
)


def _happenings() -> list[dict[str, Any]]:
    """Sixty days of two hundred people who look, some of whom order."""
    chance = random.Random(7)
    end = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
    found: list[dict[str, Any]] = []
    for number in range(200):
        who = f"c{number:03d}" if number % 3 else f"v_{number:020d}"
        at = end - timedelta(days=chance.random() * 60)
        for event, likely in (("Product Viewed", 1.0), ("Product Added", 0.6), ("Checkout Started", 0.7), ("Order Completed", 0.8)):
            if chance.random() > likely:
                break
            at += timedelta(seconds=chance.randint(20, 900))
            props = (
                {"order_id": f"o{number}", "total": 50}
                if event == "Order Completed"
                else {"category": chance.choice(["Tea", "Cups"])}
            )
            found.append({"customer": who, "event": event, "ts": at.isoformat().replace("+00:00", "Z"), "props": props})
    return found


@pytest.fixture(scope="module")
def shop_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with orders and events, and its one-time link."""
    home: Path = tmp_path_factory.mktemp("reports")
    house = House.open(Settings.load({"REGULARS_HOME": str(home)}))
    with house.records.unit() as uow:
        shop = shops.create(
            uow, Caller.system("shell", house.keyring), shop_id="tea", name="Tea House", timezone="Asia/Shanghai", currency="CNY"
        )
    events = _happenings()
    happened(house.warehouse, shop, events)
    sessions.rebuild(house.warehouse, "tea")
    store = SmallStore(shop)
    for one in events:
        if one["event"] == "Order Completed":
            moment = one["ts"][:16].replace("T", " ")
            store.order(one["props"]["order_id"], one["customer"], moment, 5_000, items=[("green", "Tea", 1, 5_000)], channel="web")
    store.load(house.warehouse)
    profiles.refresh(house.warehouse, shop)
    house.work_off()
    house.close()
    with serving(home) as running:
        yield running


@pytest.fixture(scope="module")
def cookies(shop_server: RunningServer, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = tmp_path_factory.mktemp("state") / "state.json"
    join(chromium, shop_server, kept)
    return kept


@pytest.fixture
def sit(shop_server: RunningServer, chromium: Browser, cookies: Path) -> Iterator[Callable[..., Seat]]:
    opened: list[BrowserContext] = []

    def seat(look: Look = LOOKS[0]) -> Seat:
        context = signed_in(chromium, shop_server, cookies, look)
        opened.append(context)
        return watched(context, shop_server)

    yield seat
    for context in opened:
        context.close()


@pytest.mark.parametrize("look", TWO_LOOKS, ids=str)
def test_every_page_fits_draws_and_complains_of_nothing(sit: Callable[..., Seat], look: Look) -> None:
    seat = sit(look)
    for path in PAGES:
        seat.open(path)

        assert seat.wider_than_the_window() == [], path
        assert seat.empty_charts() == [], path
        assert seat.complaints == [], path


def test_a_question_is_built_opened_kept_and_put_on_a_board(sit: Callable[..., Seat]) -> None:
    seat = sit()
    page = seat.open("/reports/funnel")
    page.get_by_label("Event", exact=True).first.select_option("Product Added")
    page.wait_for_timeout(1_000)  # the form is drawn anew with the properties of that event
    page.get_by_role("button", name="Show", exact=True).click()
    seat.settle()
    page.wait_for_url("**/reports/funnel?q=**Added**")

    chart = page.locator(".rg-chart canvas").first
    box = chart.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.16, box["y"] + box["height"] * 0.8)
    page.get_by_role("dialog").get_by_text("customers and visitors").wait_for(timeout=20_000)
    page.get_by_role("dialog").get_by_role("button", name="Close").click()

    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("dialog").get_by_label("Name").fill("My funnel")
    page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/reports/saved/**")
    seat.settle()

    page = seat.open("/dashboards")
    page.get_by_role("button", name="New dashboard").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Weekly")
    page.get_by_role("dialog").get_by_role("button", name="Make").click()
    page.wait_for_url("**/dashboards/dashboard_**")
    seat.settle()
    page.get_by_role("button", name="Arrange").click()
    page.get_by_label("Add a saved report …").select_option(label="My funnel")
    page.get_by_role("dialog").get_by_text("My funnel", exact=True).first.wait_for()
    page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    page.locator(".rg-chart canvas").first.wait_for(timeout=20_000)
    assert seat.complaints == []


def test_a_figure_can_be_read_as_a_table_and_a_goal_is_set(sit: Callable[..., Seat]) -> None:
    seat = sit()
    page = seat.open("/reports/metric")
    page.get_by_role("button", name="Show as table").first.click()
    page.locator("table caption", has_text="Net revenue").first.wait_for(state="attached")

    page = seat.open("/goals")
    page.get_by_role("button", name="Set a goal").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Quarter")
    dialog.get_by_label("Target").fill("100000")
    dialog.get_by_role("button", name="Set", exact=True).click()
    page.wait_for_url("**/goals/goal_**")
    seat.settle()
    page.get_by_text("Expected at the end").first.wait_for()
    assert seat.empty_charts() == []
    assert seat.complaints == []


def test_a_triangle_opens_the_customers_of_a_cell(sit: Callable[..., Seat]) -> None:
    seat = sit()
    page = seat.open(
        "/reports/retention?q="
        '{"cohort_event":{"event":"Product Viewed"},"return_event":{"event":null},"cohort_type":"recurring","mode":"on_or_after","interval":"week","intervals":6}'
    )
    cells = page.locator("td.heat button")
    if cells.count():
        cells.first.click()
        page.get_by_role("dialog").get_by_text("customer").first.wait_for(timeout=20_000)
    assert seat.complaints == []
