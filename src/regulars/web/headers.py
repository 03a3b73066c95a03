"""What browsers are told about every answer, so that stored text cannot become a script and no other site can frame us."""

from __future__ import annotations

from regulars.web.options import WebOptions

BROWSER_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
)

#: Answers of the API are data: nothing in them may run or load.
DATA_POLICY = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

#: Pages that set no policy of their own load our files and run nothing inline (the console's bring one with a nonce).
PAGE_POLICY = (
    b"default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


def browser_headers(path: str, content_type: bytes, *, https: bool, options: WebOptions) -> list[tuple[bytes, bytes]]:
    """The headers of one answer."""
    page = content_type.startswith(b"text/html")
    headers = [*BROWSER_HEADERS, (b"content-security-policy", PAGE_POLICY if page else DATA_POLICY)]
    if path.startswith("/v1/") or page:
        headers.append((b"cache-control", b"no-store"))
    if https:
        headers.append((b"strict-transport-security", b"max-age=31536000"))
    return headers
