"""How often one key or one network may ask.

Counted in this process: these limits protect the process. Limits that protect accounts are kept in records (`access/guessing.py`).
"""

from __future__ import annotations

import ipaddress
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from regulars.errors import NotAllowed
from regulars.web.options import WebOptions


class Rates:
    """Sliding one-minute windows per API key and per network."""

    def __init__(self, options: WebOptions) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._key = RateLimitItemPerMinute(options.requests_per_minute_key, namespace="key")
        self._network = RateLimitItemPerMinute(options.requests_per_minute_network, namespace="network")

    def count_key(self, key_id: str) -> None:
        """Count a request of a key; refuse with 429 beyond its limit."""
        self._count(self._key, key_id, "this API key")

    def count_network(self, address: str) -> None:
        """Count a request from a network; refuse with 429 beyond its limit."""
        self._count(self._network, neighbourhood(address), "this network")

    def _count(self, limit: RateLimitItemPerMinute, subject: str, who: str) -> None:
        if not self._limiter.hit(limit, subject):
            window = self._limiter.get_window_stats(limit, subject)
            raise NotAllowed(
                f"{who} sent more than {limit.amount} requests in a minute",
                mend="slow down; Retry-After says when to go on",
                code="too_many_requests",
                status=429,
                retry_after_s=max(1.0, window.reset_time - time.time()),
            )


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
