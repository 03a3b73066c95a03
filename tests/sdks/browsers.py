"""A shop's site in a real Chromium: pages on an address of their own, each with one SDK, that send to the server under test."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from playwright.sync_api import Browser, BrowserContext, Page, Response

from tests.browser.conftest import launched

PAGES = Path(__file__).parent / "pages"
#: What a customer's browser says; Chromium's own name without a window is that of a bot.
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
HEADLESS = AGENT.replace("Chrome/", "HeadlessChrome/")


class _Files(SimpleHTTPRequestHandler):
    """The pages, and under /sdks/ what npm installed."""

    def __init__(self, *told: Any, modules: Path, **more: Any) -> None:
        self.modules = modules
        super().__init__(*told, **more)

    def translate_path(self, path: str) -> str:
        plain = path.partition("?")[0]
        if plain.startswith("/sdks/"):
            return str(self.modules / plain.removeprefix("/sdks/"))
        return str(PAGES / plain.lstrip("/"))

    def log_message(self, *_told: Any) -> None:
        """Say nothing."""


@contextmanager
def site(modules: Path) -> Iterator[str]:
    """Serve the pages; gives the site's origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, modules=modules))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that says of itself what a customer's does."""
    with launched("--disable-blink-features=AutomationControlled") as browser:
        yield browser


@dataclass
class Visit:
    """One visitor on one page, the requests that were answered, and what the browser complained about."""

    context: BrowserContext
    page: Page
    answers: list[Response] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def tell(self, verb: str, *values: Any) -> Any:
        """Call the SDK as the page's own script would."""
        return self.page.evaluate("([verb, values]) => window.tell[verb](...values)", [verb, list(values)])

    def settle(self, count: int, seconds: float = 40) -> None:
        """Wait until so many requests with events were taken."""
        ends = time.monotonic() + seconds
        while len(self.taken()) < count:
            assert time.monotonic() < ends, f"{len(self.taken())} of {count}: {[(a.status, a.url) for a in self.answers]}"
            self.page.wait_for_timeout(50)

    def taken(self) -> list[Response]:
        """Answers to requests with events that took them."""
        return [one for one in self.answers if one.request.method == "POST" and "/flags" not in one.url and one.status == 200]

    def settle_events(self, count: int, seconds: float = 90) -> None:
        """Wait until requests with so many events were taken."""
        ends = time.monotonic() + seconds
        while (found := sum(_events_in(one.request.post_data_buffer) for one in self.taken())) < count:
            assert time.monotonic() < ends, f"{found} of {count}: {[(a.status, a.url) for a in self.answers]}"
            self.page.wait_for_timeout(100)

    def settle_flags(self, seconds: float = 40) -> None:
        """Wait until PostHog's flags were answered and read."""
        ends = time.monotonic() + seconds
        while not any("/flags" in one.url and one.status == 200 for one in self.answers):
            assert time.monotonic() < ends, f"no flags: {[(a.status, a.url) for a in self.answers]}"
            self.page.wait_for_timeout(50)
        self.page.wait_for_timeout(500)

    def settle_on(self, event: str, seconds: float = 40) -> None:
        """Wait until a request with an event of that name was taken."""
        ends = time.monotonic() + seconds
        while not any(event in _names_in(one.request.post_data_buffer) for one in self.taken()):
            assert time.monotonic() < ends, f"{event} was not sent: {[(a.status, a.url) for a in self.answers]}"
            self.page.wait_for_timeout(100)

    def leave(self) -> None:
        """Go elsewhere, as a visitor does: pages may send a last word."""
        self.page.goto("about:blank")


def _events_in(body: bytes | None) -> int:
    """How many events a request carried."""
    return len(_messages_in(body))


def _names_in(body: bytes | None) -> list[str | None]:
    """The names of the events a request carried."""
    return [one.get("event") for one in _messages_in(body)]


def _messages_in(body: bytes | None) -> list[dict[str, Any]]:
    plain = gzip.decompress(body) if body and body[:2] == b"\x1f\x8b" else body
    told = json.loads(plain or b"{}")
    found: list[dict[str, Any]] = told.get("batch", [told]) if isinstance(told, dict) else told
    return found


def visit(
    browser: Browser, origin: str, page: str, *, host: str, key: str, options: dict[str, Any] | None = None, agent: str = AGENT
) -> Visit:
    """Open a page; `options` are the SDK's own, beside host and key."""
    context = browser.new_context(user_agent=agent, locale="en-GB")
    made = Visit(context, context.new_page())
    made.page.on("response", lambda answer: made.answers.append(answer) if answer.url.startswith(host) else None)
    made.page.on("console", lambda said: made.complaints.append(said.text) if said.type == "error" else None)
    made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
    told = urlencode({"host": host, "key": key, "options": json.dumps(options or {})}, quote_via=quote)
    made.page.goto(f"{origin}/{page}.html?utm_source=weibo&utm_medium=social#{told}")
    return made


def ready(made: Visit) -> Visit:
    """Wait until the SDK has its settings."""
    made.page.wait_for_function("window.is_ready === true", timeout=30_000)
    return made
