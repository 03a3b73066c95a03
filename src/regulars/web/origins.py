"""Where a request comes from: its network address, our own address, and whether a browser was led here by a foreign site."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from starlette.types import Scope

from regulars.web.options import WebOptions

_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def headers_of(scope: Scope) -> dict[str, str]:
    """The request's headers by lower-case name; repeated ones joined by commas."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def network_of(scope: Scope, headers: Mapping[str, str], options: WebOptions) -> str:
    """The client's address. `X-Forwarded-For` counts only where the peer is a configured proxy, read from the right past them."""
    peer = str((scope.get("client") or ("", 0))[0])
    if not _is_proxy(peer, options.proxies):
        return peer
    for hop in reversed([part.strip() for part in headers.get("x-forwarded-for", "").split(",") if part.strip()]):
        if not _is_proxy(hop, options.proxies):
            return hop if _address(hop) else peer
    return peer


def scheme_of(scope: Scope, headers: Mapping[str, str], options: WebOptions) -> str:
    """`http` or `https` as the client sees it."""
    if options.public_url:
        return urlsplit(options.public_url).scheme
    if _is_proxy(str((scope.get("client") or ("", 0))[0]), options.proxies):
        told = headers.get("x-forwarded-proto", "").split(",")[-1].strip().lower()
        if told in ("http", "https"):
            return told
    return {"ws": "http", "wss": "https"}.get(scope["scheme"], str(scope["scheme"]))


def is_foreign(scope: Scope, headers: Mapping[str, str], options: WebOptions, *, cookie: bool) -> bool:
    """Whether another site may have caused this request.

    An `Origin` must be ours. Without one, `Sec-Fetch-Site` must say same-origin or none. A request that shows neither cannot
    come from a current browser; it passes unless it brings a session cookie, which only browsers have.
    """
    origin = headers.get("origin")
    if origin is not None:
        return _place(origin) not in _ours(scope, headers, options)
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    return cookie


def is_loopback(name: str) -> bool:
    """Whether the host name means this machine."""
    bare = name.strip("[]").lower()
    address = _address(bare)
    return bare == "localhost" or bare.endswith(".localhost") or (address is not None and address.is_loopback)


def _ours(scope: Scope, headers: Mapping[str, str], options: WebOptions) -> Iterable[tuple[str, str, int] | None]:
    if options.public_url:
        return (_place(options.public_url),)
    scheme = scheme_of(scope, headers, options)
    return (_place(f"{scheme}://{headers.get('host', '')}") or ("", "", 0),)


def _place(url: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(url.strip())
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname.lower(), port) if parts.hostname and parts.scheme in ("http", "https") else None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _is_proxy(peer: str, proxies: Iterable[str]) -> bool:
    address = _address(peer)
    if address is None:
        return False
    return any(address in ipaddress.ip_network(proxy, strict=False) for proxy in proxies)
