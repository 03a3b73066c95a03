"""The session cookie: `__Host-` and Secure wherever a browser takes it, a plain name only for plain http beyond this machine.

Over https, and over http to this machine (browsers treat loopback as safe), the cookie is `__Host-regulars`: Secure, HttpOnly,
SameSite=Lax, bound to this host. Over plain http to another machine browsers drop Secure cookies, so it is then `regulars`
without Secure; `regulars serve` warns, because anybody on that network can read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.types import Scope

from regulars.web.options import WebOptions
from regulars.web.origins import is_loopback, scheme_of

SAFE_NAME = "__Host-regulars"
PLAIN_NAME = "regulars"


def is_safe(scope: Scope, headers: Mapping[str, str], options: WebOptions) -> bool:
    """Whether the browser will take a Secure cookie from this address."""
    host = urlsplit("//" + headers.get("host", "")).hostname or ""
    return scheme_of(scope, headers, options) == "https" or is_loopback(host)


def cookie_name(scope: Scope, headers: Mapping[str, str], options: WebOptions) -> str:
    """What the session cookie is called at this address."""
    return SAFE_NAME if is_safe(scope, headers, options) else PLAIN_NAME


def session_cookie(scope: Scope, headers: Mapping[str, str], options: WebOptions, token: str, *, seconds: int) -> str:
    """The Set-Cookie value that begins a session; `seconds` 0 ends it."""
    secure = "; Secure" if is_safe(scope, headers, options) else ""
    return f"{cookie_name(scope, headers, options)}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def token_in(headers: Mapping[str, str], name: str) -> str | None:
    """The cookie's value, if it was sent exactly once."""
    found = [
        pair.partition("=")[2].strip()
        for pair in headers.get("cookie", "").replace(",", ";").split(";")
        if pair.partition("=")[0].strip() == name
    ]
    return found[0] if len(found) == 1 and found[0] else None
