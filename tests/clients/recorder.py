"""Two small HTTP servers for the tracker's tests: a shop with pages, and a collector on another origin that writes down what it is sent."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

BUILT = Path(__file__).parents[2] / "src" / "regulars" / "collect" / "track" / "static" / "t.js"
SOURCES = Path(__file__).parents[2] / "clients" / "js"
KEY = "rg_write_test"

Message = dict[str, Any]


@dataclass
class Request:
    """One batch as it arrived, and how it was answered."""

    at: float
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: dict[str, Any]
    status: int

    @property
    def messages(self) -> list[Message]:
        return self.body["batch"]


@dataclass
class Recorder:
    """The collector: answers 200 unless told otherwise."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    preflights: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    always: tuple[int, dict[str, str]] = (200, {})

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def answer(self) -> tuple[int, dict[str, str]]:
        return self.answers.pop(0) if self.answers else self.always

    def deliveries(self, event: str | None = None) -> list[Message]:
        """Every message of every request answered 200, as often as it came; of one event or type."""
        told = [message for request in list(self.requests) if request.status == 200 for message in request.messages]
        return [message for message in told if event is None or event in (message.get("event"), message["type"])]

    def events(self, event: str | None = None) -> list[Message]:
        """What a server would count: each messageId once."""
        return list({message["messageId"]: message for message in reversed(self.deliveries(event))}.values())[::-1]

    def wait(self, event: str, count: int = 1, seconds: float = 10) -> list[Message]:
        """The messages of an event, as soon as there are so many."""
        self.until(lambda: len(self.events(event)) >= count, seconds, event)
        return self.events(event)

    def only(self, event: str) -> Message:
        """The one message of an event."""
        found = self.wait(event)
        assert len(found) == 1, found
        return found[0]

    def until(self, holds: Callable[[], bool], seconds: float = 10, what: str = "it") -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            named = [message.get("event", message["type"]) for message in self.deliveries()]
            assert time.monotonic() < deadline, f"{what} did not come; came: {named}"
            time.sleep(0.05)


@dataclass
class Shop:
    """The shop's own pages by path; every page carries the snippet."""

    recorder: Recorder
    port: int = 0
    pages: dict[str, str] = field(default_factory=dict)
    attributes: str = ""
    snippet: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def html(self, path: str) -> str:
        page = self.pages.get(path, "")
        head = page if "<title>" in page else f"<title>Shop {path}</title>{page}"
        tag = self.snippet or f'<script async src="{self.recorder.url}/t.js" data-key="{KEY}" {self.attributes}></script>'
        return f"<!doctype html><html><head><meta charset=utf-8><link rel=icon href='data:,'>{tag}{head}"


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Tests print nothing."""

    def give(self, status: int, content: bytes = b"", kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def _collecting(recorder: Recorder) -> type[_Quiet]:
    cors = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}

    class Collecting(_Quiet):
        def do_GET(self) -> None:
            recorder.fetched.append(self.path)
            file = BUILT if self.path == "/t.js" else SOURCES / self.path.removeprefix("/js/")
            self.give(200, file.read_bytes(), "text/javascript; charset=utf-8", **cors)

        def do_OPTIONS(self) -> None:
            recorder.preflights.append(self.path)
            self.give(204, **cors, **{"Access-Control-Allow-Headers": "*"})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, headers = recorder.answer()
            address = urlsplit(self.path)
            recorder.fetched.append(address.path)
            recorder.requests.append(Request(time.monotonic(), parse_qs(address.query), dict(self.headers), body, status))
            self.give(status, b'{"code":"test"}', **cors, **headers)

    return Collecting


def _selling(shop: Shop) -> type[_Quiet]:
    class Selling(_Quiet):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path == "/t.js":
                self.give(200, BUILT.read_bytes(), "text/javascript")
            else:
                self.give(200, shop.html(path).encode(), "text/html; charset=utf-8", **shop.headers)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

    return Selling


@contextmanager
def _serving(handler: type[_Quiet]) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def shop_and_recorder() -> Iterator[Shop]:
    """A shop and a collector, on two origins."""
    recorder = Recorder()
    shop = Shop(recorder)
    with _serving(_collecting(recorder)) as recorder.port, _serving(_selling(shop)) as shop.port:
        yield shop
