"""A real server with the demo's real data, a real Chromium, and an owner who joined by the printed link."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.access.people import PASSWORD
from tests.support.server import RunningServer, command, serving

CHROMIUM = os.environ.get("REGULARS_TEST_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
SIZES = {"desk": (1366, 820), "phone": (390, 844)}
EMAIL = "wang.ling@example.com"


@dataclass(frozen=True)
class Look:
    """How somebody looks at the console: language, theme and window."""

    language: str
    theme: str
    size: str

    def __str__(self) -> str:
        return f"{self.language}-{self.theme}-{self.size}"


#: Nothing in the page changed for 150 ms and every chart has a canvas; at the latest after 600 ms, as live pages never rest.
_QUIET = """() => new Promise((done) => {
  const begun = performance.now();
  let changed = begun;
  const watcher = new MutationObserver(() => { changed = performance.now(); });
  watcher.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  const look = () => {
    const now = performance.now();
    const drawn = [...document.querySelectorAll('.rg-chart')].every((box) => box.querySelector('canvas')?.width);
    if (now - begun > 600 || (drawn && now - changed > 150)) { watcher.disconnect(); done(); } else requestAnimationFrame(look);
  };
  look();
})"""

#: Each language and each theme, on a window that can be made as narrow as a phone's.
LOOKS = (Look("en", "light", "desk"), Look("zh", "dark", "desk"))
#: Each language, theme and window once, for pages that are in all four looks without data elsewhere.
TWO_LOOKS = (Look("zh", "light", "desk"), Look("en", "dark", "phone"))


@dataclass
class Seat:
    """One browser window, and what its console complained about."""

    page: Page
    server: RunningServer
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a page and wait until nothing is loading any more."""
        self.page.goto(self.server.url + path)
        self.settle()
        return self.page

    def resize(self, size: str) -> None:
        """Make the window as wide as a desk's or a phone's, and wait until everything found its place."""
        width, height = SIZES[size]
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.evaluate(_QUIET)

    def settle(self) -> None:
        """Wait until skeletons are gone and charts are drawn."""
        self.page.wait_for_function("window.did_handshake === true", timeout=60_000)
        self.page.wait_for_function("!document.querySelector('.rg-skeleton, .rg-waiting')", timeout=60_000)
        self.page.evaluate(_QUIET)

    def wider_than_the_window(self) -> list[str]:
        """What makes the page scroll sideways."""
        found: list[str] = self.page.evaluate(
            """() => {
                 if (document.documentElement.scrollWidth <= window.innerWidth) return [];
                 const beyond = (e) => e.getBoundingClientRect().right > window.innerWidth + 1;
                 const scrolls = (e) => e.closest('.rg-sheet-scroll, .rg-seg, .rg-tabs, .rg-side');
                 const found = [...document.querySelectorAll('body *')].filter((e) => beyond(e) && !scrolls(e));
                 return found.slice(0, 5).map((e) => e.tagName + '.' + e.className);
               }"""
        )
        return found

    def controls_without_a_name(self) -> list[str]:
        """Buttons, links and fields that a screen reader could not name."""
        found: list[str] = self.page.evaluate(
            """() => [...document.querySelectorAll('button, a, input, select')].filter((e) => e.offsetParent &&
               !(e.innerText || '').trim() && !e.getAttribute('aria-label') && !e.title && !e.closest('label'))
               .map((e) => e.outerHTML.slice(0, 120))"""
        )
        return found

    def empty_charts(self) -> list[str]:
        """Charts on which nothing is drawn."""
        found: list[str] = self.page.evaluate(
            """() => [...document.querySelectorAll('.rg-chart')].filter((box) => {
                 const canvas = box.querySelector('canvas');
                 if (!canvas || !canvas.width) return true;
                 const copy = new OffscreenCanvas(canvas.width, canvas.height);  // one that was read before complains
                 const pen = copy.getContext('2d', { willReadFrequently: true });
                 pen.drawImage(canvas, 0, 0);
                 const data = pen.getImageData(0, 0, canvas.width, canvas.height).data;
                 const seen = new Set();
                 for (let i = 0; i < data.length; i += 4 * 97) seen.add([0, 1, 2, 3].map((at) => data[i + at] >> 5).join());
                 return seen.size < 3;
               }).map((box) => box.getAttribute('aria-label') || 'chart')"""
        )
        return found


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`regulars demo --no-serve` and what is learned from it, made once for all processes of the run."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    home = shared / "demo"
    with (shared / "demo.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not (shared / "demo.made").exists():
            for asked in (["demo", "--no-serve"], ["run", "churn"], ["run", "values"]):
                done = command(home, *asked)
                assert done.returncode == 0, done.stdout + done.stderr
            (shared / "demo.made").touch()
    return home


@pytest.fixture(scope="module")
def server(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """`regulars serve` on a copy of the demo, so that no file of tests sees what another one did."""
    home = shutil.copytree(demo, tmp_path_factory.mktemp("server") / "home")
    with serving(home) as running:
        yield running


@contextmanager
def launched(*arguments: str) -> Iterator[Browser]:
    """A real browser, without a window. Its driver runs an event loop in this thread, so it is closed before tests of another file begin."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *arguments])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser of a file's tests."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def owner_cookies(server: RunningServer, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Join by the one-time link, as a person does; the browser's state is kept for the other tests."""
    kept: Path = tmp_path_factory.mktemp("browser") / "state.json"
    join(chromium, server, kept)
    return kept


def join(chromium: Browser, server: RunningServer, kept: Path) -> None:
    """Become the owner, so that pages can be opened."""
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(server.owner_link)
    page.get_by_label("Name").fill("Wang Ling")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    page.wait_for_url(server.url + "/")
    context.storage_state(path=kept)
    context.close()


@pytest.fixture
def seat(server: RunningServer, chromium: Browser, owner_cookies: Path) -> Iterator[Callable[..., Seat]]:
    """`seat(look)`: a signed-in window in that look."""
    opened: list[BrowserContext] = []

    def sit(look: Look = LOOKS[0]) -> Seat:
        context = signed_in(chromium, server, owner_cookies, look)
        opened.append(context)
        return watched(context, server)

    yield sit
    for context in opened:
        context.close()


def signed_in(chromium: Browser, server: RunningServer, cookies: Path, look: Look) -> BrowserContext:
    """A browser with the owner's session in one look."""
    width, height = SIZES[look.size]
    context = chromium.new_context(storage_state=cookies, viewport={"width": width, "height": height}, reduced_motion="reduce")
    chosen = {"regulars_language": look.language, "regulars_theme": look.theme}
    context.add_cookies([{"name": name, "value": value, "url": server.url} for name, value in chosen.items()])
    return context


def watched(context: BrowserContext, server: RunningServer) -> Seat:
    """A window whose complaints are noted."""
    page = context.new_page()
    made = Seat(page, server)

    def complain(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            made.complaints.append(f"{message.type}: {message.text}")

    page.on("console", complain)
    page.on("pageerror", lambda error: made.complaints.append(f"page error: {error}"))
    page.on("dialog", lambda dialog: (made.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    return made
