"""A relay before the server that writes down when an SDK tried and what it was answered, and can answer `busy` as the server does."""

from __future__ import annotations

import asyncio
import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from regulars.collect.track import answers
from regulars.collect.track.domain.addresses import address_of

#: How long a sender is asked to wait when the server is busy.
BUSY_SECONDS = 2


@dataclass
class Try:
    """One request with events: when it came, and what it was answered."""

    at: float
    status: int


@dataclass
class Relay:
    """The relay of one SDK."""

    url: str
    busy: int = 0  # so many requests with events are told from now on that the server is busy
    tries: list[Try] = field(default_factory=list)

    def gaps(self, *statuses: int) -> list[float]:
        """Seconds between a try with such an answer and the next one."""
        pairs = zip(self.tries, self.tries[1:], strict=False)
        return [after.at - before.at for before, after in pairs if before.status in statuses]


@contextmanager
def relay(port: int) -> Iterator[Relay]:
    """Pass requests on to the server at `port`."""
    found = Relay("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._pass()

        def do_OPTIONS(self) -> None:
            self._pass()

        def do_POST(self) -> None:
            at = time.monotonic()
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if "/flags" in self.path:
                self._pass(body)
                return
            if found.busy > 0:
                found.busy -= 1
                status = self._say_busy()
            else:
                status = self._pass(body)
            found.tries.append(Try(at, status))

        def _pass(self, body: bytes = b"") -> int:
            upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            upstream.request(self.command, self.path, body or None, dict(self.headers.items()))
            answer = upstream.getresponse()
            self._give(answer.status, answer.getheaders(), answer.read())
            upstream.close()
            return answer.status

        def _say_busy(self) -> int:
            told: list[Any] = []

            async def keep(message: Any) -> None:
                told.append(message)

            address = address_of(self.path.partition("?")[0])
            assert address is not None
            busy = answers.busy(address.dialect, "too_busy", "too many requests", "send it again", retry_after_s=BUSY_SECONDS)
            asyncio.run(answers.give(keep, busy, self.headers.get("origin", "")))
            headers = [(name.decode(), value.decode()) for name, value in told[0]["headers"]]
            self._give(busy.status, headers, told[1]["body"])
            return busy.status

        def _give(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                    self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_told: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
