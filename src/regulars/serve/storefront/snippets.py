"""What is put into a shop's pages and server: the components, what stands there without scripts, and the token in three languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True, kw_only=True)
class StorefrontSnippets:
    """Lines to copy. `scripts` stand once on every page; `component` where it shall be seen; the rest is for the shop's server."""

    scripts: str
    component: str
    without_scripts: str
    python: str
    php: str
    node: str


def scripts(base: str, key: str) -> str:
    """The tracker and the components."""
    return (
        f'<script async src="{base}/t.js" data-key="{key}"></script>\n<script async src="{base}/v1/storefront/widgets.js"></script>'
    )


def carousel(placement: str, *, items: Sequence[str] = (), title: str = "") -> str:
    """The component of a list."""
    more = f' item="{escape(" ".join(items))}"' if items else ""
    more += f' title="{escape(title)}"' if title else ""
    return f'<regulars-carousel placement="{escape(placement)}"{more}></regulars-carousel>'


def box(base: str, key: str) -> str:
    """The component of a search with a form inside, which works where scripts do not."""
    return (
        "<regulars-search>\n"
        f'  <form action="{base}/v1/storefront/search.html">\n'
        f'    <input type="hidden" name="key" value="{key}">\n'
        '    <input type="search" name="q">\n'
        "  </form>\n"
        "</regulars-search>"
    )


def fragment_address(
    base: str, key: str, placement: str, *, items: Sequence[str] = (), title: str = "", whole: bool = False
) -> str:
    """Where a list is had as HTML."""
    asked: list[tuple[str, str]] = [("key", key), ("placement", placement), *(("item", one) for one in items)]
    asked += [("title", title)] if title else []
    asked += [("whole", "true")] if whole else []
    return f"{base}/v1/storefront/recommendations.html?{urlencode(asked)}"


def page_snippets(base: str, key: str, *, placement: str | None, items: Sequence[str] = (), title: str = "") -> StorefrontSnippets:
    """Everything for a list of a placement, or for the search where no placement is given."""
    address = fragment_address(base, key, placement, items=items, title=title, whole=True) if placement else ""
    return StorefrontSnippets(
        scripts=scripts(base, key),
        component=carousel(placement, items=items, title=title) if placement else box(base, key),
        without_scripts=f'<noscript><iframe src="{escape(address)}" width="100%" height="360" loading="lazy"></iframe></noscript>'
        if address
        else "",
        python=PYTHON,
        php=PHP,
        node=NODE,
    )


PYTHON = """\
import base64, hashlib, hmac, time

def customer_token(secret: str, customer_id: str) -> str:
    name = base64.urlsafe_b64encode(customer_id.encode()).decode().rstrip("=")
    told = f"v1.{int(time.time()) + 900}.{name}"
    return told + "." + hmac.new(secret.encode(), told.encode(), hashlib.sha256).hexdigest()"""
PHP = """\
function customer_token(string $secret, string $customerId): string {
    $name = rtrim(strtr(base64_encode($customerId), '+/', '-_'), '=');
    $told = 'v1.' . (time() + 900) . '.' . $name;
    return $told . '.' . hash_hmac('sha256', $told, $secret);
}"""
NODE = """\
import { createHmac } from 'node:crypto';

export function customerToken(secret, customerId) {
  const told = `v1.${Math.floor(Date.now() / 1000) + 900}.${Buffer.from(customerId).toString('base64url')}`;
  return `${told}.${createHmac('sha256', secret).update(told).digest('hex')}`;
}"""
