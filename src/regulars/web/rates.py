"""How often one key, or one network without a key, may ask.

Counted in this process: these limits protect the process. Limits that protect accounts are kept in records (`access/guessing.py`).
"""

from __future__ import annotations

import ipaddress
import threading
import time
from typing import NoReturn

from regulars.errors import NotAllowed
from regulars.web.options import WebOptions

_MINUTE = 60.0


class Window:
    """How often each subject asked in the last minute: this minute's count, and the share of the last one's that still counts."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._minute = 0
        self._counts: dict[str, int] = {}
        self._before: dict[str, int] = {}

    def hit(self, subject: str) -> bool:
        """Count a request, unless that is one too many."""
        with self._lock:
            if self._asked(subject) >= self.most:
                return False
            self._counts[subject] = self._counts.get(subject, 0) + 1
            return True

    def is_full(self, subject: str) -> bool:
        """Whether the next request would be one too many."""
        with self._lock:
            return self._asked(subject) >= self.most

    def refuse(self, sentence: str, *, mend: str = "slow down") -> NoReturn:
        """Answer 429 with when to go on."""
        raise NotAllowed(
            sentence,
            mend=f"{mend}; Retry-After says when to go on",
            code="too_many_requests",
            status=429,
            retry_after_s=max(1.0, _MINUTE - time.time() % _MINUTE),
        )

    def _asked(self, subject: str) -> float:
        now = time.time()
        minute = int(now // _MINUTE)
        if minute != self._minute:  # what is older than the minute before counts no more, whoever it was
            self._before = self._counts if minute == self._minute + 1 else {}
            self._counts, self._minute = {}, minute
        return self._counts.get(subject, 0) + self._before.get(subject, 0) * (1 - now % _MINUTE / _MINUTE)


class Rates:
    """Sliding one-minute windows per API key and per network."""

    def __init__(self, options: WebOptions) -> None:
        self._key = Window(options.requests_per_minute_key)
        self._network = Window(options.requests_per_minute_network)

    def count_key(self, key_id: str) -> None:
        """Count a request of a key; refuse with 429 beyond its limit."""
        if not self._key.hit(key_id):
            self._refuse(self._key, "this API key")

    def count_network(self, address: str) -> None:
        """Count a request from a network; refuse with 429 beyond its limit."""
        if not self._network.hit(neighbourhood(address)):
            self._refuse(self._network, "this network")

    def check_network(self, address: str) -> None:
        """Refuse with 429 where a network has used up its limit."""
        if self._network.is_full(neighbourhood(address)):
            self._refuse(self._network, "this network")

    @staticmethod
    def _refuse(window: Window, who: str) -> NoReturn:
        window.refuse(f"{who} sent more than {window.most} requests in a minute")


def neighbourhood(address: str) -> str:
    """The part of an address one sender is likely to hold whole: an IPv4 address, or an IPv6 /64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
